/// The HTTP-version of start lines.
enum StartLine {
    /// The version spelled by the eight bytes at `base`.
    @inline(__always)
    static func version(_ base: UnsafeRawPointer) -> HTTPVersion? {
        let word = UInt64(littleEndian: base.loadUnaligned(as: UInt64.self))
        // "HTTP/1." in little-endian order, the minor digit on top.
        guard word & 0x00ff_ffff_ffff_ffff == 0x002e_312f_5054_5448 else { return nil }
        switch UInt8(truncatingIfNeeded: word >> 56) {
        case UInt8(ascii: "1"): return .http11
        case UInt8(ascii: "0"): return .http10
        default: return nil
        }
    }

    /// Whether the eight bytes at `base` are some `HTTP/d.d`.
    static func looksLikeVersion(_ base: UnsafeRawPointer) -> Bool {
        let pattern: StaticString = "HTTP/0.0"
        for i in 0..<8 {
            let byte = base.load(fromByteOffset: i, as: UInt8.self)
            let isDigitPlace = i == 5 || i == 7
            guard isDigitPlace ? byte &- 48 < 10 : byte == pattern.utf8Start[i] else { return false }
        }
        return true
    }
}
