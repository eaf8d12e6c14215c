internal import SMGBase

/// Takes the spelling of a string apart: runs of plain bytes and decoded escapes.
///
/// SAFETY: reads only `base[..<count]`, whatever is there.
struct JSONUnescaper {
    /// A part of the text.
    enum Piece {
        /// Bytes that stand for themselves, never empty.
        case plain(Range<Int>)
        /// What an escape stands for.
        case scalar(UInt32)
    }

    private let base: UnsafeRawPointer
    private let count: Int
    private var at = 0

    init(base: UnsafeRawPointer, count: Int) {
        self.base = base
        self.count = count
    }

    @inline(__always)
    mutating func next() -> Piece? {
        guard at < count else { return nil }
        let start = at
        if byte(at) == UInt8(ascii: "\\") {
            if let scalar = escape() { return .scalar(scalar) }
            // Malformed: the backslash stands for itself.
            at &+= 1
        } else {
            at = JSONBlocks.first(UInt8(ascii: "\\"), base, from: at, count: count)
        }
        return .plain(start..<at)
    }

    /// The byte at `at`; 0, which continues no escape, behind the end.
    @inline(__always)
    private func byte(_ at: Int) -> UInt8 { at < count ? base.load(fromByteOffset: at, as: UInt8.self) : 0 }

    /// Decodes the escape at `at` and steps behind it; nil, without a step, when it is malformed.
    @inline(__always)
    private mutating func escape() -> UInt32? {
        let scalar: UInt32
        switch byte(at &+ 1) {
        case UInt8(ascii: "u"): return unicodeEscape()
        case UInt8(ascii: "n"): scalar = 0x0a
        case UInt8(ascii: "\""): scalar = 0x22
        case UInt8(ascii: "\\"): scalar = 0x5c
        case UInt8(ascii: "/"): scalar = 0x2f
        case UInt8(ascii: "t"): scalar = 0x09
        case UInt8(ascii: "r"): scalar = 0x0d
        case UInt8(ascii: "b"): scalar = 0x08
        case UInt8(ascii: "f"): scalar = 0x0c
        default: return nil
        }
        at &+= 2
        return scalar
    }

    /// A `\u` escape, or two that form a surrogate pair.
    @inline(__always)
    private mutating func unicodeEscape() -> UInt32? {
        guard let unit = codeUnit(at) else { return nil }
        at &+= 6
        guard unit & 0xf800 == 0xd800 else { return unit }
        guard unit < 0xdc00, let low = codeUnit(at), low & 0xfc00 == 0xdc00 else { return UTF8Text.replacement }
        at &+= 6
        return 0x10000 &+ (unit & 0x3ff) &<< 10 &+ (low & 0x3ff)
    }

    /// The UTF-16 code unit of the `\u` escape at `start`; nil when there is none.
    @inline(__always)
    private func codeUnit(_ start: Int) -> UInt32? {
        guard start &+ 6 <= count, byte(start) == UInt8(ascii: "\\"), byte(start &+ 1) == UInt8(ascii: "u") else {
            return nil
        }
        var unit: UInt32 = 0
        for i in (start &+ 2)..<(start &+ 6) {
            let byte = byte(i)
            let digit = byte &- 0x30
            let letter = (byte | 0x20) &- 0x61
            guard digit < 10 || letter < 6 else { return nil }
            unit = unit &<< 4 | UInt32(digit < 10 ? digit : letter &+ 10)
        }
        return unit
    }
}
