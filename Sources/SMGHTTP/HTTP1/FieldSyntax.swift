/// Byte classes of RFC 9110 §5.6.2 and RFC 3986, as 128-bit sets: no table in memory, no lazy initialisation.
enum FieldSyntax {
    /// A set of ASCII bytes.
    struct ByteSet {
        let low: UInt64
        let high: UInt64

        @inline(__always)
        func contains(_ byte: UInt8) -> Bool {
            let word = byte & 0x40 == 0 ? low : high
            return byte < 0x80 && word >> UInt64(byte & 0x3f) & 1 == 1
        }
    }

    /// `tchar`: letters, digits and ``!#$%&'*+-.^_`|~``.
    @inline(__always) static var token: ByteSet { ByteSet(low: 0x03ff_6cfa_0000_0000, high: 0x57ff_ffff_c7ff_fffe) }

    /// `pchar`, "/", "[" and "]".
    @inline(__always) static var path: ByteSet { ByteSet(low: 0x2fff_fff2_0000_0000, high: 0x47ff_fffe_afff_ffff) }

    /// What browsers leave unescaped in a query: visible ASCII without `"`, `#`, `<` and `>`.
    @inline(__always) static var query: ByteSet { ByteSet(low: 0xafff_fff2_0000_0000, high: 0x7fff_ffff_ffff_ffff) }

    /// Bytes of a host name: unreserved and "%". The sub-delims RFC 3986 would also allow (";", ",", "&") never occur
    /// in real names and are used to confuse parsers that read lists.
    @inline(__always) static var host: ByteSet { ByteSet(low: 0x03ff_6020_0000_0000, high: 0x47ff_fffe_87ff_fffe) }

    /// Whether `count` bytes at `base` are one or more token bytes.
    @inline(__always)
    static func isToken(_ base: UnsafeRawPointer, _ count: Int) -> Bool {
        for i in 0..<count where !token.contains(base.load(fromByteOffset: i, as: UInt8.self)) { return false }
        return count > 0
    }

    /// Bit 7 of every byte that is a control character (below 0x20, or 0x7f); exact, no carry between bytes.
    @inline(__always)
    static func controls(in word: UInt64) -> UInt64 {
        let low7 = word & 0x7f7f_7f7f_7f7f_7f7f
        let notBelow = (low7 &+ 0x6060_6060_6060_6060) | word
        let notDelete = ((low7 ^ 0x7f7f_7f7f_7f7f_7f7f) &+ 0x7f7f_7f7f_7f7f_7f7f) | word
        return ~(notBelow & notDelete) & 0x8080_8080_8080_8080
    }

    /// Bit 7 of the first byte equal to `byte` (bits above it may be wrong).
    @inline(__always)
    static func firstMatch(of byte: UInt8, in word: UInt64) -> UInt64 {
        let difference = word ^ (0x0101_0101_0101_0101 &* UInt64(byte))
        return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
    }

    /// Whether `count` bytes at `base` spell `text` (lower-case letters, digits and "-" only), without regard to case.
    /// Setting bit 5 is exact here: no byte but a letter becomes a letter, and only CR becomes "-".
    @inline(__always)
    static func spells(_ base: UnsafeRawPointer, _ count: Int, _ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        let wanted = UnsafeRawPointer(text.utf8Start)
        var at = 0
        while at &+ 8 <= count {
            let word = base.loadUnaligned(fromByteOffset: at, as: UInt64.self) | 0x2020_2020_2020_2020
            if word != wanted.loadUnaligned(fromByteOffset: at, as: UInt64.self) { return false }
            at &+= 8
        }
        while at < count {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte | 0x20 != wanted.load(fromByteOffset: at, as: UInt8.self) || byte == 13 { return false }
            at &+= 1
        }
        return true
    }
}
