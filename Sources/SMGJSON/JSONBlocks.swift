/// Searches over 16-byte blocks. Each returns the offset of the first hit at or after `start`, or `count`.
///
/// Constants are vectors: the operators that take a scalar operand are not compiled into one instruction, and slow the
/// search down three hundred times.
///
/// SAFETY: every function reads only `base[start ..< count]`; blocks are loaded while a whole one is left, the rest
/// byte by byte.
enum JSONBlocks {
    private static let width = 16

    /// A string's next byte that needs a look: quote, backslash, control character or non-ASCII.
    @inline(__always)
    static func firstSpecial(_ base: UnsafeRawPointer, from start: Int, count: Int) -> Int {
        var at = start
        while at &+ width <= count {
            let block = base.loadUnaligned(fromByteOffset: at, as: SIMD16<Int8>.self)
            // Signed: bytes from 0x80 are negative, so one comparison finds control characters and non-ASCII.
            let hits =
                (block .< SIMD16<Int8>(repeating: 0x20)) .| (block .== SIMD16<Int8>(repeating: 0x22))
                .| (block .== SIMD16<Int8>(repeating: 0x5c))
            if let hit = firstLane(hits) { return at &+ hit }
            at &+= width
        }
        while at < count {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if isSpecial(byte) { return at }
            at &+= 1
        }
        return count
    }

    @inline(__always)
    static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// The next `byte`, which must be ASCII.
    @inline(__always)
    static func first(_ byte: UInt8, _ base: UnsafeRawPointer, from start: Int, count: Int) -> Int {
        let wanted = SIMD16(repeating: Int8(bitPattern: byte))
        var at = start
        while at &+ width <= count {
            let block = base.loadUnaligned(fromByteOffset: at, as: SIMD16<Int8>.self)
            if let hit = firstLane(block .== wanted) { return at &+ hit }
            at &+= width
        }
        while at < count, base.load(fromByteOffset: at, as: UInt8.self) != byte { at &+= 1 }
        return at
    }

    /// The next quote, brace or bracket: what decides where a container ends.
    @inline(__always)
    static func firstQuoteOrBracket(_ base: UnsafeRawPointer, from start: Int, count: Int) -> Int {
        var at = start
        while at &+ width <= count {
            let block = base.loadUnaligned(fromByteOffset: at, as: SIMD16<Int8>.self)
            // Bit 5 is all that tells '[' from '{' and ']' from '}'.
            let folded = block | SIMD16(repeating: 0x20)
            if let hit = firstLane(
                (block .== SIMD16<Int8>(repeating: 0x22)) .| (folded .== SIMD16<Int8>(repeating: 0x7b))
                    .| (folded .== SIMD16<Int8>(repeating: 0x7d)))
            {
                return at &+ hit
            }
            at &+= width
        }
        while at < count {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte == 0x22 || byte | 0x20 == 0x7b || byte | 0x20 == 0x7d { return at }
            at &+= 1
        }
        return count
    }

    /// The lane of the first hit.
    @inline(__always)
    private static func firstLane(_ hits: SIMDMask<SIMD16<Int8>>) -> Int? {
        let words = unsafeBitCast(hits, to: SIMD2<UInt64>.self)
        let low = words.x.littleEndian
        let high = words.y.littleEndian
        if low | high == 0 { return nil }
        return low != 0 ? low.trailingZeroBitCount &>> 3 : 8 &+ (high.trailingZeroBitCount &>> 3)
    }
}
