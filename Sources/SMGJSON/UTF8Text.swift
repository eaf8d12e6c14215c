/// UTF-8 as RFC 3629 defines it: shortest forms only, no surrogates, nothing above U+10FFFF.
enum UTF8Text {
    /// U+FFFD, which stands for what cannot be text.
    static let replacement: UInt32 = 0xfffd

    /// Walks over well-formed multi-byte sequences from `start`; stops at the first ASCII byte, at the first byte of
    /// an ill-formed sequence, or at `count`.
    @inline(__always)
    static func skipSequences(_ base: UnsafeRawPointer, from start: Int, count: Int) -> Int {
        var at = start
        while at < count {
            let length = sequenceLength(word(base, at, count))
            if length == 0 { return at }
            at &+= length
        }
        return at
    }

    /// Four bytes from `at`, which is inside, the first lowest; zeros, which continue no sequence, stand for bytes
    /// past the end.
    @inline(__always)
    private static func word(_ base: UnsafeRawPointer, _ at: Int, _ count: Int) -> UInt32 {
        if at &+ 4 <= count { return base.loadUnaligned(fromByteOffset: at, as: UInt32.self).littleEndian }
        var word = UInt32(base.load(fromByteOffset: at, as: UInt8.self))
        if at &+ 1 < count { word |= UInt32(base.load(fromByteOffset: at &+ 1, as: UInt8.self)) &<< 8 }
        if at &+ 2 < count { word |= UInt32(base.load(fromByteOffset: at &+ 2, as: UInt8.self)) &<< 16 }
        return word
    }

    /// Bytes of the well-formed multi-byte sequence at the start of `word`; 0 for ASCII and for anything ill-formed.
    @inline(__always)
    private static func sequenceLength(_ word: UInt32) -> Int {
        if word & 0x00c0_c0f0 == 0x0080_80e0 {
            // The lead's low nibble and bit 5 of the second byte: E0 80…9F is too long, ED A0…BF is a surrogate.
            let range = word & 0x200f
            return range == 0 || range == 0x200d ? 0 : 3
        }
        if word & 0xc0e0 == 0x80c0 { return word & 0x1e == 0 ? 0 : 2 }
        if word & 0xc0c0_c0f8 == 0x8080_80f0 {
            // The lead's low bits and bits 4-5 of the second byte: F0 80…8F is too long, above F4 8F is no scalar.
            let lead = word & 7
            let second = word & 0x3000
            if lead == 0 { return second == 0 ? 0 : 4 }
            return lead < 4 || (lead == 4 && second == 0) ? 4 : 0
        }
        return 0
    }

    /// Bytes of the ill-formed sequence at `at` that one U+FFFD replaces: the longest start of a well-formed sequence,
    /// at least one byte (Unicode 15, section 3.9).
    static func illFormedLength(_ base: UnsafeRawPointer, at: Int, count: Int) -> Int {
        func byte(_ i: Int) -> UInt8 { at + i < count ? base.load(fromByteOffset: at + i, as: UInt8.self) : 0 }
        let wanted: Int
        let second: ClosedRange<UInt8>
        switch byte(0) {
        case 0xe0: (wanted, second) = (3, 0xa0...0xbf)
        case 0xed: (wanted, second) = (3, 0x80...0x9f)
        case 0xe1...0xef: (wanted, second) = (3, 0x80...0xbf)
        case 0xf0: (wanted, second) = (4, 0x90...0xbf)
        case 0xf1...0xf3: (wanted, second) = (4, 0x80...0xbf)
        case 0xf4: (wanted, second) = (4, 0x80...0x8f)
        default: return 1
        }
        guard second.contains(byte(1)) else { return 1 }
        return wanted == 4 && byte(2) & 0xc0 == 0x80 ? 3 : 2
    }

    /// Where to cut `base[..<limit]` so that no sequence is split: `limit` or up to three bytes before it.
    static func boundary(_ base: UnsafeRawPointer, at limit: Int, count: Int, from start: Int) -> Int {
        guard limit < count else { return count }
        var at = limit
        while at > start, limit - at < 3, base.load(fromByteOffset: at, as: UInt8.self) & 0xc0 == 0x80 { at &-= 1 }
        return at
    }

    /// Bytes `scalar` takes.
    @inline(__always)
    static func width(_ scalar: UInt32) -> Int {
        scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
    }

    /// Writes `scalar`, a valid one, at `out`, which has room for its `width`.
    @inline(__always)
    static func encode(_ scalar: UInt32, to out: UnsafeMutableRawPointer) {
        func put(_ value: UInt32, _ offset: Int) {
            out.storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: offset, as: UInt8.self)
        }
        if scalar < 0x80 { return put(scalar, 0) }
        if scalar < 0x800 {
            put(0xc0 | scalar &>> 6, 0)
        } else {
            if scalar < 0x10000 {
                put(0xe0 | scalar &>> 12, 0)
            } else {
                put(0xf0 | scalar &>> 18, 0)
                put(0x80 | scalar &>> 12 & 0x3f, width(scalar) &- 3)
            }
            put(0x80 | scalar &>> 6 & 0x3f, width(scalar) &- 2)
        }
        put(0x80 | scalar & 0x3f, width(scalar) &- 1)
    }
}
