/// Finds places where one of a set of texts may begin, by their first two bytes.
struct ByteStarts: Sendable {
    /// Distinct first bytes, when there are at most eight: a vector comparison for each; missing ones repeat the first.
    private let firsts: SIMD8<UInt8>?
    /// Whether there are at most four.
    private let areFew: Bool
    /// For every first byte: 256 bits that tell which second bytes follow; all set where a text has only one byte.
    private let seconds: [SIMD4<UInt64>]
    /// Index in `seconds` for each byte, 0 for bytes that begin nothing.
    private let rows: [UInt8]

    init(_ texts: [[UInt8]]) {
        var rows = [UInt8](repeating: 0, count: 256)
        var seconds = [SIMD4<UInt64>(repeating: 0)]
        var firsts: [UInt8] = []
        for text in texts {
            guard let first = text.first else { continue }
            if rows[Int(first)] == 0, seconds.count <= 255 {
                rows[Int(first)] = UInt8(seconds.count)
                seconds.append(SIMD4(repeating: 0))
                firsts.append(first)
            }
            let row = Int(rows[Int(first)])
            if text.count == 1 {
                seconds[row] = SIMD4(repeating: .max)
            } else {
                seconds[row][Int(text[1] >> 6)] |= 1 << UInt64(text[1] & 63)
            }
        }
        self.rows = rows
        self.seconds = seconds
        areFew = firsts.count <= 4
        if let first = firsts.first, firsts.count <= 8 {
            var vector = SIMD8(repeating: first)
            for (i, byte) in firsts.enumerated() { vector[i] = byte }
            self.firsts = vector
        } else {
            self.firsts = nil
        }
    }

    /// The first place at or after `start` where a text may begin; `count` when there is none.
    ///
    /// SAFETY: reads only `base[start ..< count]`.
    @inline(__always)
    func first(_ base: UnsafeRawPointer, from start: Int, count: Int) -> Int {
        var at = start
        while true {
            at = candidate(base, from: at, count: count)
            if at >= count || mayBegin(base, at, count) { return min(at, count) }
            at &+= 1
        }
    }

    @inline(__always)
    private func mayBegin(_ base: UnsafeRawPointer, _ at: Int, _ count: Int) -> Bool {
        let row = Int(rows[Int(base.load(fromByteOffset: at, as: UInt8.self))])
        if row == 0 { return false }
        let second = at &+ 1 < count ? base.load(fromByteOffset: at &+ 1, as: UInt8.self) : 0
        if at &+ 1 == count { return seconds[row] == SIMD4(repeating: .max) }
        return seconds[row][Int(second >> 6)] &>> UInt64(second & 63) & 1 == 1
    }

    /// The next byte that begins a text.
    private func candidate(_ base: UnsafeRawPointer, from start: Int, count: Int) -> Int {
        var at = start
        if let firsts { at = areFew ? skipFew(firsts, base, at, count) : skipMore(firsts, base, at, count) }
        return rows.withUnsafeBufferPointer { rows in
            while at < count, rows[Int(base.load(fromByteOffset: at, as: UInt8.self))] == 0 { at &+= 1 }
            return at
        }
    }

    /// Passes over blocks of 32 bytes that have none of the first four of `firsts`.
    private func skipFew(_ firsts: SIMD8<UInt8>, _ base: UnsafeRawPointer, _ start: Int, _ count: Int) -> Int {
        let (a, b) = (SIMD16(repeating: firsts[0]), SIMD16(repeating: firsts[1]))
        let (c, d) = (SIMD16(repeating: firsts[2]), SIMD16(repeating: firsts[3]))
        var at = start
        while at &+ 32 <= count {
            let low = base.loadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self)
            let high = base.loadUnaligned(fromByteOffset: at &+ 16, as: SIMD16<UInt8>.self)
            let lowHits = (low .== a) .| (low .== b) .| (low .== c) .| (low .== d)
            let highHits = (high .== a) .| (high .== b) .| (high .== c) .| (high .== d)
            if Self.isAny(lowHits .| highHits) { break }
            at &+= 32
        }
        return at
    }

    /// Passes over blocks of 16 bytes that have none of `firsts`.
    private func skipMore(_ firsts: SIMD8<UInt8>, _ base: UnsafeRawPointer, _ start: Int, _ count: Int) -> Int {
        let (a, b) = (SIMD16(repeating: firsts[0]), SIMD16(repeating: firsts[1]))
        let (c, d) = (SIMD16(repeating: firsts[2]), SIMD16(repeating: firsts[3]))
        let (e, f) = (SIMD16(repeating: firsts[4]), SIMD16(repeating: firsts[5]))
        let (g, h) = (SIMD16(repeating: firsts[6]), SIMD16(repeating: firsts[7]))
        var at = start
        while at &+ 16 <= count {
            let block = base.loadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self)
            let hits = (block .== a) .| (block .== b) .| (block .== c) .| (block .== d)
            let more = (block .== e) .| (block .== f) .| (block .== g) .| (block .== h)
            if Self.isAny(hits .| more) { break }
            at &+= 16
        }
        return at
    }

    @inline(__always)
    private static func isAny(_ hits: SIMDMask<SIMD16<Int8>>) -> Bool {
        let words = unsafeBitCast(hits, to: SIMD2<UInt64>.self)
        return words.x | words.y != 0
    }
}
