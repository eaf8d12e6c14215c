internal import SMGBase

/// Cuts a template into tokens: text and tags, with Jinja's whitespace control as chat templates set it (`trim_blocks`
/// and `lstrip_blocks` on, the last newline of the source dropped).
struct Lexer {
    /// The source with `\n` as its only line end.
    let source: [UInt8]
    var at = 0
    var line = 1
    var tokens: [Token] = []
    /// Brackets open in the tag at hand, as the bytes that close them.
    var open: [UInt8] = []
    /// Whether the last piece ended with a newline, or nothing was read yet.
    private var lineStarting = true

    private init(_ source: [UInt8]) { self.source = source }

    /// All tokens of `source`, the end included.
    static func tokens(of source: [UInt8]) throws(TemplateError) -> [Token] {
        guard source.count <= TemplateLimits.maximumSourceBytes else {
            throw TemplateError(
                .limit, "the template is larger than \(TemplateLimits.maximumSourceBytes) bytes", line: 0)
        }
        var lexer = Lexer(normalized(source))
        try lexer.root()
        lexer.tokens.append(Token(kind: .end, text: "", line: lexer.line))
        return lexer.tokens
    }

    /// `\r\n` and `\r` become `\n`; one newline at the end goes.
    private static func normalized(_ source: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(source.count)
        var at = 0
        while at < source.count {
            let byte = source[at]
            at += 1
            if byte == 0x0d {
                if at < source.count, source[at] == 0x0a { at += 1 }
                out.append(0x0a)
            } else {
                out.append(byte)
            }
        }
        if out.last == 0x0a { out.removeLast() }
        return out
    }

    func byte(_ offset: Int) -> UInt8 { offset < source.count ? source[offset] : 0 }

    func fail(_ message: String) -> TemplateError { TemplateError(.syntax, message, line: line) }

    // MARK: - Text and tags

    /// What opens a tag.
    private enum Opening: UInt8 {
        case block = 0x25
        case variable = 0x7b
        case comment = 0x23
    }

    private mutating func root() throws(TemplateError) {
        while at < source.count {
            let start = at
            guard let (tag, opening) = nextTag(from: at) else {
                emitData(start..<source.count)
                at = source.count
                return
            }
            let sign = byte(tag + 2) == 0x2d || byte(tag + 2) == 0x2b ? byte(tag + 2) : 0
            let raw = opening == .block ? rawBegin(tag) : nil
            emitData(stripped(start..<tag, sign: sign, opening: opening))
            countLines(start..<tag)
            at = raw ?? (tag + (sign == 0 ? 2 : 3))
            lineStarting = source[at - 1] == 0x0a
            if raw != nil {
                countLines(tag..<at)
                try rawBlock()
                continue
            }
            switch opening {
            case .comment: try comment()
            case .block:
                tokens.append(Token(kind: .blockBegin, text: "", line: line))
                try insideTag(end: UInt8(ascii: "%"), kind: .blockEnd)
            case .variable:
                tokens.append(Token(kind: .variableBegin, text: "", line: line))
                try insideTag(end: UInt8(ascii: "}"), kind: .variableEnd)
            }
        }
    }

    private func nextTag(from start: Int) -> (Int, Opening)? {
        var offset = start
        while offset + 1 < source.count {
            if source[offset] == UInt8(ascii: "{"), let opening = Opening(rawValue: source[offset + 1]) {
                return (offset, opening)
            }
            offset += 1
        }
        return nil
    }

    /// The offset behind `{% raw %}` at `tag`; nil when something else stands there.
    private func rawBegin(_ tag: Int) -> Int? {
        var offset = tag + 2
        if byte(offset) == 0x2d || byte(offset) == 0x2b { offset += 1 }
        offset = PythonText.skipSpace(source, offset)
        guard hasWord("raw", offset) else { return nil }
        offset = PythonText.skipSpace(source, offset + 3)
        if hasWord("-%}", offset) { return PythonText.skipSpace(source, offset + 3) }
        return hasWord("%}", offset) ? offset + 2 : nil
    }

    func hasWord(_ word: StaticString, _ offset: Int) -> Bool {
        guard offset + word.utf8CodeUnitCount <= source.count else { return false }
        for i in 0..<word.utf8CodeUnitCount where source[offset + i] != word.utf8Start[i] { return false }
        return true
    }

    /// The text before a tag, without what the tag's sign or `lstrip_blocks` takes away.
    private func stripped(_ text: Range<Int>, sign: UInt8, opening: Opening) -> Range<Int> {
        if sign == UInt8(ascii: "-") { return text.lowerBound..<PythonText.trimmedEnd(source, text) }
        guard sign != UInt8(ascii: "+"), opening != .variable else { return text }
        let start = source[text].lastIndex(of: 0x0a).map { $0 + 1 } ?? text.lowerBound
        guard start > text.lowerBound || lineStarting else { return text }
        return PythonText.skipSpace(source, start, upTo: text.upperBound) == text.upperBound
            ? text.lowerBound..<start : text
    }

    private mutating func emitData(_ text: Range<Int>) {
        guard !text.isEmpty else { return }
        tokens.append(Token(kind: .data, text: String(decoding: source[text], as: UTF8.self), line: line))
    }

    mutating func countLines(_ text: Range<Int>) {
        for offset in text where source[offset] == 0x0a { line += 1 }
    }

    private mutating func comment() throws(TemplateError) {
        var offset = at
        while offset < source.count {
            if let end = tagEnd(offset, UInt8(ascii: "#"), plus: true) {
                countLines(at..<end)
                at = end
                lineStarting = source[at - 1] == 0x0a
                return
            }
            offset += 1
        }
        throw fail("missing end of comment tag")
    }

    private mutating func rawBlock() throws(TemplateError) {
        var offset = at
        while offset < source.count {
            if let (end, sign) = rawEnd(offset) {
                emitData(stripped(at..<offset, sign: sign, opening: .block))
                countLines(at..<end)
                at = end
                lineStarting = source[at - 1] == 0x0a
                return
            }
            offset += 1
        }
        throw fail("missing end of raw directive")
    }

    private func rawEnd(_ tag: Int) -> (Int, UInt8)? {
        guard hasWord("{%", tag) else { return nil }
        var offset = tag + 2
        let sign = byte(offset) == 0x2d || byte(offset) == 0x2b ? byte(offset) : 0
        if sign != 0 { offset += 1 }
        offset = PythonText.skipSpace(source, offset)
        guard hasWord("endraw", offset) else { return nil }
        offset = PythonText.skipSpace(source, offset + 6)
        return tagEnd(offset, UInt8(ascii: "%"), plus: true).map { ($0, sign) }
    }

    /// The offset behind a tag's end at `offset` and the whitespace it swallows; nil when no end stands there.
    private func tagEnd(_ offset: Int, _ mark: UInt8, plus: Bool) -> Int? {
        if byte(offset) == UInt8(ascii: "-"), byte(offset + 1) == mark, byte(offset + 2) == UInt8(ascii: "}") {
            return PythonText.skipSpace(source, offset + 3)
        }
        if plus, byte(offset) == UInt8(ascii: "+"), byte(offset + 1) == mark, byte(offset + 2) == UInt8(ascii: "}") {
            return offset + 3
        }
        guard byte(offset) == mark, byte(offset + 1) == UInt8(ascii: "}") else { return nil }
        return plus && byte(offset + 2) == 0x0a ? offset + 3 : offset + 2
    }

    // MARK: - Inside a tag

    private mutating func insideTag(end mark: UInt8, kind: Token.Kind) throws(TemplateError) {
        open.removeAll(keepingCapacity: true)
        while at < source.count {
            if open.isEmpty, let end = tagEnd(at, mark, plus: kind == .blockEnd) {
                tokens.append(Token(kind: kind, text: "", line: line))
                countLines(at..<end)
                at = end
                lineStarting = source[at - 1] == 0x0a
                return
            }
            let next = PythonText.skipSpace(source, at)
            if next > at {
                countLines(at..<next)
                at = next
            } else {
                try expressionToken()
            }
        }
    }
}
