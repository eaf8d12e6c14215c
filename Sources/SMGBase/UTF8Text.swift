/// UTF-8 as RFC 3629 defines it: shortest forms only, no surrogates, nothing above U+10FFFF.
///
/// Offsets that are handed in are inside the text unless said otherwise; nothing is read outside of it.
public enum UTF8Text {
    /// U+FFFD, which stands for what cannot be text.
    @inlinable @inline(__always)
    public static var replacement: UInt32 { 0xfffd }

    /// Walks over well-formed multi-byte sequences from `start`; stops at the first ASCII byte, at the first byte of
    /// an ill-formed sequence, or at `count`.
    @inlinable @inline(__always)
    public static func skipSequences(_ base: UnsafeRawPointer, from start: Int, count: Int) -> Int {
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
    @inlinable @inline(__always)
    static func word(_ base: UnsafeRawPointer, _ at: Int, _ count: Int) -> UInt32 {
        if at &+ 4 <= count { return base.loadUnaligned(fromByteOffset: at, as: UInt32.self).littleEndian }
        var word = UInt32(base.load(fromByteOffset: at, as: UInt8.self))
        if at &+ 1 < count { word |= UInt32(base.load(fromByteOffset: at &+ 1, as: UInt8.self)) &<< 8 }
        if at &+ 2 < count { word |= UInt32(base.load(fromByteOffset: at &+ 2, as: UInt8.self)) &<< 16 }
        return word
    }

    /// Bytes of the well-formed multi-byte sequence at the start of `word`; 0 for ASCII and for anything ill-formed.
    @inlinable @inline(__always)
    static func sequenceLength(_ word: UInt32) -> Int {
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
    public static func illFormedLength(_ base: UnsafeRawPointer, at: Int, count: Int) -> Int {
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

    /// One character, or what stands for an ill-formed sequence.
    public struct Decoded {
        /// The scalar; U+FFFD for an ill-formed sequence.
        public let scalar: UInt32
        /// Bytes it takes, at least one: of an ill-formed sequence what one U+FFFD replaces.
        public let length: Int

        @inlinable @inline(__always)
        public init(scalar: UInt32, length: Int) {
            self.scalar = scalar
            self.length = length
        }
    }

    /// Reads the character at `at`.
    @inlinable @inline(__always)
    public static func decode(_ base: UnsafeRawPointer, at: Int, count: Int) -> Decoded {
        let bits = word(base, at, count)
        if bits & 0x80 == 0 { return Decoded(scalar: bits & 0x7f, length: 1) }
        switch sequenceLength(bits) {
        case 3:
            return Decoded(scalar: (bits & 0xf) &<< 12 | (bits &>> 2) & 0xfc0 | (bits &>> 16) & 0x3f, length: 3)
        case 2: return Decoded(scalar: (bits & 0x1f) &<< 6 | (bits &>> 8) & 0x3f, length: 2)
        case 4:
            let upper = (bits & 7) &<< 18 | (bits &<< 4) & 0x3f000
            return Decoded(scalar: upper | (bits &>> 10) & 0xfc0 | (bits &>> 24) & 0x3f, length: 4)
        default: return Decoded(scalar: replacement, length: illFormedLength(base, at: at, count: count))
        }
    }

    /// Where the character that ends before `end` begins, by its bytes' form alone; `end` is above `start`.
    @inlinable @inline(__always)
    public static func previous(_ base: UnsafeRawPointer, before end: Int, from start: Int) -> Int {
        var at = end &- 1
        while at > start, end &- at < 4, base.load(fromByteOffset: at, as: UInt8.self) & 0xc0 == 0x80 { at &-= 1 }
        return at
    }

    /// Where the first ill-formed sequence at or after `start` begins; `count` when there is none.
    package static func wellFormedEnd(_ base: UnsafeRawPointer, from start: Int, count: Int) -> Int {
        var at = start
        while true {
            at = asciiEnd(base, from: at, count: count)
            guard at < count else { return count }
            let end = skipSequences(base, from: at, count: count)
            if end == at { return at }
            at = end
        }
    }

    /// Where the first byte of 0x80 or more at or after `start` is; `count` when there is none.
    @inlinable
    public static func asciiEnd(_ base: UnsafeRawPointer, from start: Int, count: Int) -> Int {
        var at = start
        while at &+ 64 <= count {
            // Eight words at once: the compiler makes vectors of them.
            var high: UInt64 = 0
            for i in 0..<8 { high |= base.loadUnaligned(fromByteOffset: at &+ 8 &* i, as: UInt64.self) }
            if high & 0x8080_8080_8080_8080 != 0 { break }
            at &+= 64
        }
        while at &+ 8 <= count {
            let high = base.loadUnaligned(fromByteOffset: at, as: UInt64.self).littleEndian & 0x8080_8080_8080_8080
            if high != 0 { return at &+ high.trailingZeroBitCount &>> 3 }
            at &+= 8
        }
        while at < count, base.load(fromByteOffset: at, as: UInt8.self) < 0x80 { at &+= 1 }
        return at
    }

    /// How many bytes at the end begin a character that further bytes could complete: 0 to 3.
    package static func incompleteTail(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return 0 }
        let at = previous(base, before: bytes.count, from: 0)
        let lead = base.load(fromByteOffset: at, as: UInt8.self)
        let wanted = lead >= 0xf5 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1
        let rest = bytes.count - at
        // All of the rest has the form of one sequence's start.
        return rest < wanted && illFormedLength(base, at: at, count: bytes.count) == rest ? rest : 0
    }

    /// Where to cut `base[..<limit]` so that no sequence is split: `limit` or up to three bytes before it.
    package static func boundary(_ base: UnsafeRawPointer, at limit: Int, count: Int, from start: Int) -> Int {
        guard limit < count else { return count }
        var at = limit
        while at > start, limit - at < 3, base.load(fromByteOffset: at, as: UInt8.self) & 0xc0 == 0x80 { at &-= 1 }
        return at
    }

    /// Bytes `scalar` takes.
    @inlinable @inline(__always)
    public static func width(_ scalar: UInt32) -> Int {
        scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
    }

    /// Writes `scalar`, a valid one, at `out`, which has room for its `width`.
    @inlinable @inline(__always)
    public static func encode(_ scalar: UInt32, to out: UnsafeMutableRawPointer) {
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
