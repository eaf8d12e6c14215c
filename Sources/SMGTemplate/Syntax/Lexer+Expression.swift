internal import SMGBase

// Tokens inside tags: numbers, names, strings and operators.
extension Lexer {
    mutating func expressionToken() throws(TemplateError) {
        let first = source[at]
        if ASCII.isDigit(first) { return try number() }
        if PythonText.isNameByte(first) { return try name() }
        if first == UInt8(ascii: "'") || first == UInt8(ascii: "\"") { return try string(first) }
        try symbol()
    }

    private mutating func emit(_ kind: Token.Kind, _ text: String, end: Int) {
        tokens.append(Token(kind: kind, text: text, line: line))
        countLines(at..<end)
        at = end
    }

    // MARK: - Numbers

    /// The offset behind a run of digits with single underscores between them; `start` when there is none.
    private func digits(_ start: Int, _ isDigit: (UInt8) -> Bool) -> Int {
        var offset = start
        while true {
            let next = byte(offset) == UInt8(ascii: "_") && offset > start ? offset + 1 : offset
            guard isDigit(byte(next)) else { return offset }
            offset = next + 1
        }
    }

    private mutating func number() throws(TemplateError) {
        if let end = floatEnd() {
            return emit(.float, String(decoding: source[at..<end].filter { $0 != 0x5f }, as: UTF8.self), end: end)
        }
        var end = at + 1
        var radix = 10
        if source[at] == UInt8(ascii: "0") {
            let prefixed: (Int, (UInt8) -> Bool)? =
                switch byte(at + 1) | 0x20 {
                case UInt8(ascii: "x"): (16, { ASCII.hexValue($0) != nil })
                case UInt8(ascii: "o"): (8, { $0 &- 48 < 8 })
                case UInt8(ascii: "b"): (2, { $0 &- 48 < 2 })
                default: nil
                }
            let start = byte(at + 2) == UInt8(ascii: "_") ? at + 3 : at + 2
            if let (base, isDigit) = prefixed, isDigit(byte(start)) {
                radix = base
                end = digits(start, isDigit)
            } else {
                end = digits(at) { $0 == UInt8(ascii: "0") }
            }
        } else {
            end = digits(at, ASCII.isDigit)
        }
        let spelled = String(decoding: source[at..<end].filter { $0 != 0x5f }, as: UTF8.self)
        let plain = radix == 10 ? Substring(spelled) : spelled.dropFirst(2)
        guard let value = Int(plain, radix: radix) else {
            throw TemplateError(.value, "integer \(spelled.prefix(40)) does not fit 64 bits", line: line)
        }
        emit(.integer, String(value), end: end)
    }

    /// The offset behind the float at hand; nil when it is none.
    private func floatEnd() -> Int? {
        if at > 0, source[at - 1] == UInt8(ascii: ".") { return nil }
        let whole = digits(at, ASCII.isDigit)
        var end = whole
        if byte(end) == UInt8(ascii: "."), ASCII.isDigit(byte(end + 1)) { end = digits(end + 1, ASCII.isDigit) }
        if byte(end) | 0x20 == UInt8(ascii: "e") {
            let signed = byte(end + 1) == UInt8(ascii: "+") || byte(end + 1) == UInt8(ascii: "-")
            let start = end + (signed ? 2 : 1)
            if ASCII.isDigit(byte(start)) { end = digits(start, ASCII.isDigit) }
        }
        return end > whole ? end : nil
    }

    // MARK: - Names and operators

    private mutating func name() throws(TemplateError) {
        var end = at
        while end < source.count, PythonText.isNameByte(source[end]) { end += 1 }
        let text = String(decoding: source[at..<end], as: UTF8.self)
        guard PythonText.isIdentifier(text) else { throw fail("invalid character in identifier") }
        emit(.name, text, end: end)
    }

    private mutating func symbol() throws(TemplateError) {
        let two = String(decoding: source[at..<Swift.min(at + 2, source.count)], as: UTF8.self)
        if two.utf8.count == 2, let symbol = Token.Symbol(rawValue: two) {
            return emit(.symbol(symbol), two, end: at + 2)
        }
        let one = String(decoding: source[at..<at + 1], as: UTF8.self)
        guard let symbol = Token.Symbol(rawValue: one) else {
            throw fail("unexpected character \(PythonText.quoted(one))")
        }
        switch symbol {
        case .leftBrace: open.append(UInt8(ascii: "}"))
        case .leftParen: open.append(UInt8(ascii: ")"))
        case .leftBracket: open.append(UInt8(ascii: "]"))
        case .rightBrace, .rightParen, .rightBracket:
            guard let expected = open.popLast() else { throw fail("unexpected '\(one)'") }
            guard expected == source[at] else {
                throw fail("unexpected '\(one)', expected '\(Unicode.Scalar(expected))'")
            }
        default: break
        }
        guard open.count <= TemplateLimits.maximumNesting else {
            throw TemplateError(.limit, "brackets nested too deeply", line: line)
        }
        emit(.symbol(symbol), one, end: at + 1)
    }

    // MARK: - Strings

    private mutating func string(_ quote: UInt8) throws(TemplateError) {
        var offset = at + 1
        while offset < source.count, source[offset] != quote {
            offset += source[offset] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard offset < source.count else { throw fail("unexpected character \(quote == 0x27 ? "\"'\"" : "'\"'")") }
        let text = try unescaped(at + 1..<offset)
        emit(.string, text, end: offset + 1)
    }

    /// A string literal's text: Python's escapes, unknown ones kept as they are.
    private func unescaped(_ range: Range<Int>) throws(TemplateError) -> String {
        guard source[range].contains(UInt8(ascii: "\\")) else { return String(decoding: source[range], as: UTF8.self) }
        var out: [UInt8] = []
        var offset = range.lowerBound
        while offset < range.upperBound {
            let byte = source[offset]
            offset += 1
            guard byte == UInt8(ascii: "\\"), offset < range.upperBound else {
                out.append(byte)
                continue
            }
            let escaped = source[offset]
            offset += 1
            switch escaped {
            case 0x0a: break
            case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): out.append(escaped)
            case UInt8(ascii: "a"): out.append(0x07)
            case UInt8(ascii: "b"): out.append(0x08)
            case UInt8(ascii: "f"): out.append(0x0c)
            case UInt8(ascii: "n"): out.append(0x0a)
            case UInt8(ascii: "r"): out.append(0x0d)
            case UInt8(ascii: "t"): out.append(0x09)
            case UInt8(ascii: "v"): out.append(0x0b)
            case UInt8(ascii: "0")...UInt8(ascii: "7"): appendOctal(&offset, range.upperBound, to: &out)
            case UInt8(ascii: "x"): try appendHex(&offset, range.upperBound, 2, to: &out)
            case UInt8(ascii: "u"): try appendHex(&offset, range.upperBound, 4, to: &out)
            case UInt8(ascii: "U"): try appendHex(&offset, range.upperBound, 8, to: &out)
            case UInt8(ascii: "N"): throw fail("named Unicode escapes are not supported")
            case 0x80...: appendSpelledOut(&offset, to: &out)
            default: out += [byte, escaped]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private func appendOctal(_ offset: inout Int, _ end: Int, to out: inout [UInt8]) {
        var value = UInt32(source[offset - 1] - 48)
        var count = 1
        while count < 3, offset < end, source[offset] &- 48 < 8 {
            value = value * 8 + UInt32(source[offset] - 48)
            offset += 1
            count += 1
        }
        append(value, to: &out)
    }

    private func appendHex(_ offset: inout Int, _ end: Int, _ digits: Int, to out: inout [UInt8]) throws(TemplateError)
    {
        var value = hex(offset, end, digits)
        guard var scalar = value else { throw fail("truncated escape in a string") }
        offset += digits
        // Python keeps the halves of a surrogate pair apart and cannot print them; here they join.
        if scalar & 0xffff_fc00 == 0xd800, hasWord("\\u", offset) {
            value = hex(offset + 2, end, 4)
            if let low = value, low & 0xfc00 == 0xdc00 {
                scalar = 0x10000 + (scalar & 0x3ff) << 10 + (low & 0x3ff)
                offset += 6
            }
        }
        guard scalar <= 0x10ffff else { throw fail("illegal Unicode character in a string") }
        append(scalar, to: &out)
    }

    private func hex(_ start: Int, _ end: Int, _ digits: Int) -> UInt32? {
        guard start + digits <= end else { return nil }
        var value: UInt32 = 0
        for offset in start..<start + digits {
            guard let digit = ASCII.hexValue(source[offset]) else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private func append(_ value: UInt32, to out: inout [UInt8]) {
        out += Array(String(Character(Unicode.Scalar(value) ?? "\u{fffd}")).utf8)
    }

    /// A backslash before a non-ASCII character: Jinja's way through an ASCII spelling leaves the character's escape
    /// spelled out.
    private func appendSpelledOut(_ offset: inout Int, to out: inout [UInt8]) {
        let (scalar, width) = PythonText.scalar(source, offset - 1)
        offset += width - 1
        let hex = String(scalar.value, radix: 16)
        let digits = scalar.value < 0x100 ? 2 : scalar.value < 0x10000 ? 4 : 8
        let mark = digits == 2 ? "x" : digits == 4 ? "u" : "U"
        out += Array(("\\" + mark + String(repeating: "0", count: digits - hex.utf8.count) + hex).utf8)
    }
}
