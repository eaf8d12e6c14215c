internal import SMGBase

/// Makes foreign bytes safe inside a log line.
///
/// Whatever could end the line, move a terminal's cursor or reorder what is read is escaped the way JSON does it, and
/// what is not UTF-8 becomes U+FFFD. So one request can never look like two lines, and every JSON line is valid.
enum LogEscape {
    /// Appends `bytes`; with `quotes`, quote and backslash are escaped too, for use between quotes. Only the first
    /// `LogLimits.valueBytes` are kept, and a cut is shown by an ellipsis.
    static func append(_ bytes: UnsafeRawBufferPointer, quotes: Bool, to out: ByteBuffer) {
        guard bytes.count > LogLimits.valueBytes else { return appendAll(bytes, quotes: quotes, to: out) }
        var end = LogLimits.valueBytes
        // Not in the middle of a character, if these are characters (then at most three bytes go back).
        while end > LogLimits.valueBytes - 4 && bytes[end] & 0xc0 == 0x80 { end -= 1 }
        appendAll(UnsafeRawBufferPointer(rebasing: bytes[..<end]), quotes: quotes, to: out)
        out.append("\u{2026}")
    }

    /// Whether a value can stand in a text line without quotes.
    static func isBare(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !bytes.isEmpty, bytes.count <= LogLimits.valueBytes else { return false }
        for byte in bytes {
            guard byte > 0x20, byte < 0x7f, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "="),
                byte != UInt8(ascii: "\\")
            else { return false }
        }
        return true
    }

    private static func appendAll(_ bytes: UnsafeRawBufferPointer, quotes: Bool, to out: ByteBuffer) {
        var plainFrom = 0
        var at = 0
        func flushPlain() { out.append(UnsafeRawBufferPointer(rebasing: bytes[plainFrom..<at])) }
        while at < bytes.count {
            let byte = bytes[at]
            if byte >= 0x80 {
                let length = sequenceLength(bytes, at)
                if length > 0, !isUnsafe(bytes, at) {
                    at += length
                    continue
                }
                flushPlain()
                if length > 0 { appendUnicode(scalar(bytes, at, length), to: out) } else { out.append("\u{FFFD}") }
                at += max(length, 1)
            } else if byte < 0x20 || byte == 0x7f
                || (quotes && (byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")))
            {
                flushPlain()
                appendASCII(byte, to: out)
                at += 1
            } else {
                at += 1
                continue
            }
            plainFrom = at
        }
        flushPlain()
    }

    private static func appendASCII(_ byte: UInt8, to out: ByteBuffer) {
        switch byte {
        case UInt8(ascii: "\n"): out.append("\\n")
        case UInt8(ascii: "\r"): out.append("\\r")
        case UInt8(ascii: "\t"): out.append("\\t")
        case UInt8(ascii: "\""): out.append("\\\"")
        case UInt8(ascii: "\\"): out.append("\\\\")
        default: appendUnicode(Int(byte), to: out)
        }
    }

    /// Appends `\u` and four hexadecimal digits; `value` lies in the basic plane.
    private static func appendUnicode(_ value: Int, to out: ByteBuffer) {
        out.append("\\u")
        for shift in [12, 8, 4, 0] { out.append(hex: value >> shift & 15) }
    }

    /// Length of the well-formed UTF-8 sequence of two to four bytes at `at`, or 0.
    private static func sequenceLength(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Int {
        let left = bytes.count - at
        guard left >= 2 else { return 0 }
        let first = bytes[at]
        let second = bytes[at + 1]
        let length: Int
        switch first {
        case 0xc2...0xdf: length = 2
        case 0xe0: length = second >= 0xa0 ? 3 : 0  // shorter forms exist below
        case 0xed: length = second < 0xa0 ? 3 : 0  // surrogates
        case 0xe1...0xef: length = 3
        case 0xf0: length = second >= 0x90 ? 4 : 0  // shorter forms exist below
        case 0xf1...0xf3: length = 4
        case 0xf4: length = second < 0x90 ? 4 : 0  // above U+10FFFF
        default: length = 0
        }
        guard length > 0, length <= left else { return 0 }
        for offset in 1..<length where bytes[at + offset] & 0xc0 != 0x80 { return 0 }
        return length
    }

    /// Whether the valid sequence at `at` is a C1 control, a line or paragraph separator, or a direction mark.
    private static func isUnsafe(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Bool {
        switch (bytes[at], bytes[at + 1]) {
        case (0xc2, 0x80...0x9f): true
        case (0xe2, 0x80): (0xa8...0xae).contains(bytes[at + 2])
        case (0xe2, 0x81): (0xa6...0xa9).contains(bytes[at + 2])
        default: false
        }
    }

    private static func scalar(_ bytes: UnsafeRawBufferPointer, _ at: Int, _ length: Int) -> Int {
        length == 2
            ? Int(bytes[at] & 0x1f) << 6 | Int(bytes[at + 1] & 0x3f)
            : Int(bytes[at] & 0x0f) << 12 | Int(bytes[at + 1] & 0x3f) << 6 | Int(bytes[at + 2] & 0x3f)
    }
}
