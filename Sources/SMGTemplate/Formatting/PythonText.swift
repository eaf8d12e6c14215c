internal import SMGBase

/// Python's view of text: code points, its whitespace, its spelling of strings.
enum PythonText {
    /// `str.isspace` of one code point.
    @inline(__always)
    static func isSpace(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return scalar == 0x20 || scalar &- 9 < 5 || scalar &- 0x1c < 4 }
        return isWideSpace(scalar)
    }

    private static func isWideSpace(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x85, 0xa0, 0x1680, 0x2000...0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000: true
        default: false
        }
    }

    /// Whether `str.splitlines` ends a line at `scalar`.
    static func isLineEnd(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x0a...0x0d, 0x1c...0x1e, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    // MARK: - Code points in UTF-8

    /// The code point at `offset`, which is inside, and its bytes. Ill-formed text yields U+FFFD, a byte at a time.
    @inline(__always)
    static func scalar(_ text: UnsafeRawBufferPointer, _ offset: Int) -> (value: UInt32, width: Int) {
        let first = text[offset]
        if first < 0x80 { return (UInt32(first), 1) }
        return wideScalar(text, offset)
    }

    private static func wideScalar(_ text: UnsafeRawBufferPointer, _ offset: Int) -> (value: UInt32, width: Int) {
        let first = UInt32(text[offset])
        let width = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1
        guard width > 1, offset + width <= text.count else { return (0xfffd, 1) }
        var value = first & (width == 2 ? 0x1f : width == 3 ? 0x0f : 0x07)
        for i in 1..<width {
            let next = UInt32(text[offset + i])
            guard next & 0xc0 == 0x80 else { return (0xfffd, 1) }
            value = value << 6 | (next & 0x3f)
        }
        return Unicode.Scalar(value) == nil ? (0xfffd, 1) : (value, width)
    }

    static func scalar(_ source: [UInt8], _ offset: Int) -> (Unicode.Scalar, Int) {
        let (value, width) = source.withUnsafeBytes { scalar($0, offset) }
        return (Unicode.Scalar(value) ?? "\u{fffd}", width)
    }

    /// Offset of the code point that ends at `end`, which is behind the start.
    @inline(__always)
    static func previous(_ text: UnsafeRawBufferPointer, _ end: Int) -> Int {
        var offset = end - 1
        while offset > 0, end - offset < 4, text[offset] & 0xc0 == 0x80 { offset -= 1 }
        return offset
    }

    /// Code points of `text`.
    static func count(_ text: UnsafeRawBufferPointer) -> Int {
        var count = 0
        for byte in text where byte & 0xc0 != 0x80 { count &+= 1 }
        return count
    }

    /// Offset of code point `index`, counted from 0; the end when there are not that many.
    static func offset(_ text: UnsafeRawBufferPointer, of index: Int) -> Int {
        var left = index
        var offset = 0
        while offset < text.count {
            if text[offset] & 0xc0 != 0x80 {
                if left == 0 { return offset }
                left -= 1
            }
            offset += 1
        }
        return text.count
    }

    // MARK: - Stripping

    /// `str.lstrip` and `str.rstrip` without arguments, as wanted.
    static func strip(_ text: UnsafeRawBufferPointer, start: Bool = true, end: Bool = true) -> UnsafeRawBufferPointer {
        var low = 0
        var high = text.count
        while start, low < high {
            let (value, width) = scalar(text, low)
            guard isSpace(value) else { break }
            low += width
        }
        while end, high > low {
            let last = previous(text, high)
            guard isSpace(scalar(text, last).value) else { break }
            high = last
        }
        return text.slice(low..<max(low, high))
    }

    // MARK: - Source text

    /// Offset of the first byte at or after `start` that is no whitespace.
    static func skipSpace(_ source: [UInt8], _ start: Int, upTo end: Int? = nil) -> Int {
        let end = end ?? source.count
        return source.withUnsafeBytes { bytes in
            var offset = start
            while offset < end {
                let (value, width) = scalar(bytes, offset)
                guard isSpace(value) else { break }
                offset += width
            }
            return min(offset, max(start, end))
        }
    }

    /// The end of `range` without the whitespace before it.
    static func trimmedEnd(_ source: [UInt8], _ range: Range<Int>) -> Int {
        source.withUnsafeBytes { bytes in
            let text = bytes.slice(range)
            return range.lowerBound + strip(text, start: false).count
        }
    }

    static func isNameByte(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte == 0x5f || byte &- 48 < 10 || (byte | 0x20) &- 97 < 26
    }

    static func isIdentifier(_ text: String) -> Bool {
        var first = true
        for scalar in text.unicodeScalars {
            let properties = scalar.properties
            let fits = scalar == "_" || (first ? properties.isXIDStart : properties.isXIDContinue)
            guard fits else { return false }
            first = false
        }
        return !first
    }

    // MARK: - Spelling

    /// `str.isprintable` of one code point.
    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7f { return scalar.value >= 0x20 }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    /// Appends `repr` of a string.
    static func appendQuoted(_ text: UnsafeRawBufferPointer, to out: ByteBuffer, asciiOnly: Bool = false) {
        let quote =
            text.contains(UInt8(ascii: "'")) && !text.contains(UInt8(ascii: "\""))
            ? UInt8(ascii: "\"") : UInt8(ascii: "'")
        out.append(quote)
        var offset = 0
        while offset < text.count {
            let (value, width) = scalar(text, offset)
            appendEscaped(value, text.slice(offset..<offset + width), quote: quote, asciiOnly: asciiOnly, to: out)
            offset += width
        }
        out.append(quote)
    }

    private static func appendEscaped(
        _ value: UInt32, _ bytes: UnsafeRawBufferPointer, quote: UInt8, asciiOnly: Bool, to out: ByteBuffer
    ) {
        switch value {
        case UInt32(quote), 0x5c:
            out.append(UInt8(ascii: "\\"))
            out.append(UInt8(value))
        case 0x0a: out.append("\\n" as StaticString)
        case 0x0d: out.append("\\r" as StaticString)
        case 0x09: out.append("\\t" as StaticString)
        default:
            let scalar = Unicode.Scalar(value) ?? "\u{fffd}"
            if asciiOnly ? value < 0x7f && value >= 0x20 : isPrintable(scalar) { return out.append(bytes) }
            let digits = value < 0x100 ? 2 : value < 0x10000 ? 4 : 8
            out.append(digits == 2 ? "\\x" : digits == 4 ? "\\u" : "\\U" as StaticString)
            appendHex(value, digits: digits, to: out)
        }
    }

    /// Appends `value` in lower-case hexadecimal with leading zeros.
    static func appendHex(_ value: UInt32, digits: Int, to out: ByteBuffer) {
        for position in (0..<digits).reversed() {
            let nibble = UInt8(truncatingIfNeeded: value >> (4 * UInt32(position))) & 15
            out.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
        }
    }

    /// `repr` of a string, for messages.
    static func quoted(_ text: String) -> String {
        let out = ByteBuffer(capacity: text.utf8.count + 2)
        var text = text
        text.withUTF8 { appendQuoted(UnsafeRawBufferPointer($0), to: out) }
        return out.readableString
    }
}
