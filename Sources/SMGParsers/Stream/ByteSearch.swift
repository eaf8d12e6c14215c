/// The next of up to four bytes, sixteen at a time.
package struct ByteSearch: Sendable {
    /// Different bytes one search can look for.
    package static let maximumBytes = 4

    private let wanted: (UInt8, UInt8, UInt8, UInt8)
    private let isSingle: Bool

    /// Looks for any of `bytes`, of which there must be one to four different ones.
    package init(_ bytes: [UInt8]) {
        let distinct = Set(bytes).sorted()
        precondition(1...Self.maximumBytes ~= distinct.count, "one to four different bytes")
        isSingle = distinct.count == 1
        let first = distinct[0]
        wanted = (
            first, distinct.count > 1 ? distinct[1] : first, distinct.count > 2 ? distinct[2] : first,
            distinct.count > 3 ? distinct[3] : first
        )
    }

    /// The offset of the first hit at or after `start`, or the count.
    ///
    /// SAFETY: blocks are loaded while a whole one is left, the rest byte by byte.
    package func first(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        return isSingle ? single(base, start, bytes.count) : any(base, start, bytes.count)
    }

    @inline(__always)
    private func single(_ base: UnsafeRawPointer, _ start: Int, _ count: Int) -> Int {
        let a = SIMD16<UInt8>(repeating: wanted.0)
        var at = start
        while at &+ 16 <= count {
            let block = base.loadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self)
            if let lane = Self.firstLane(block .== a) { return at &+ lane }
            at &+= 16
        }
        while at < count, base.load(fromByteOffset: at, as: UInt8.self) != wanted.0 { at &+= 1 }
        return at
    }

    @inline(__always)
    private func any(_ base: UnsafeRawPointer, _ start: Int, _ count: Int) -> Int {
        let a = SIMD16<UInt8>(repeating: wanted.0)
        let b = SIMD16<UInt8>(repeating: wanted.1)
        let c = SIMD16<UInt8>(repeating: wanted.2)
        let d = SIMD16<UInt8>(repeating: wanted.3)
        var at = start
        while at &+ 16 <= count {
            let block = base.loadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self)
            let hits = (block .== a) .| (block .== b) .| (block .== c) .| (block .== d)
            if let lane = Self.firstLane(hits) { return at &+ lane }
            at &+= 16
        }
        while at < count {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte == wanted.0 || byte == wanted.1 || byte == wanted.2 || byte == wanted.3 { return at }
            at &+= 1
        }
        return at
    }

    /// The lane of the first hit.
    @inline(__always)
    static func firstLane(_ hits: SIMDMask<SIMD16<Int8>>) -> Int? {
        let words = unsafeBitCast(hits, to: SIMD2<UInt64>.self)
        let low = words.x.littleEndian
        let high = words.y.littleEndian
        if low | high == 0 { return nil }
        return low != 0 ? low.trailingZeroBitCount &>> 3 : 8 &+ (high.trailingZeroBitCount &>> 3)
    }
}
