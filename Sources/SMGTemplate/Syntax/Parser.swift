/// Reads tokens into statements: Jinja's grammar with loop controls, `do` and `generation`. Recursive descent; its depth
/// is bounded by `TemplateLimits.maximumNesting`.
struct Parser {
    private let tokens: [Token]
    private var position = 0
    /// Tags that end the blocks around the place at hand, for messages.
    private var expectedEnds: [[String]] = []
    private var nesting = 0

    private init(_ tokens: [Token]) { self.tokens = tokens }

    /// The statements of a whole template.
    static func parse(_ source: [UInt8]) throws(TemplateError) -> [Statement] {
        var parser = Parser(try Lexer.tokens(of: source))
        return try parser.statements(until: [])
    }

    // MARK: - Tokens

    var current: Token { tokens[position] }
    var following: Token { tokens[min(position + 1, tokens.count - 1)] }

    @discardableResult
    mutating func advance() -> Token {
        let token = tokens[position]
        if position + 1 < tokens.count { position += 1 }
        return token
    }

    func fail(_ message: String, line: Int? = nil) -> TemplateError {
        TemplateError(.syntax, message, line: line ?? current.line)
    }

    func isName(_ name: String) -> Bool { current.kind == .name && current.text == name }

    func isSymbol(_ symbol: Token.Symbol) -> Bool { current.kind == .symbol(symbol) }

    mutating func skip(name: String) -> Bool {
        guard isName(name) else { return false }
        advance()
        return true
    }

    mutating func skip(_ symbol: Token.Symbol) -> Bool {
        guard isSymbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func expect(_ kind: Token.Kind, _ what: String) throws(TemplateError) -> Token {
        guard current.kind == kind else { throw unexpected(what) }
        return advance()
    }

    mutating func expect(_ symbol: Token.Symbol) throws(TemplateError) {
        guard skip(symbol) else { throw unexpected(symbol.rawValue) }
    }

    mutating func expect(name: String) throws(TemplateError) {
        guard skip(name: name) else { throw unexpected(name) }
    }

    private func unexpected(_ what: String) -> TemplateError {
        if current.kind == .end { return fail("unexpected end of template, expected '\(what)'") }
        return fail("expected token '\(what)', got '\(current.description)'")
    }

    /// Runs `body` one level deeper.
    mutating func nested<R>(_ body: (inout Parser) throws(TemplateError) -> R) throws(TemplateError) -> R {
        guard nesting < TemplateLimits.maximumNesting else {
            throw TemplateError(.limit, "the template is nested too deeply", line: current.line)
        }
        nesting += 1
        defer { nesting -= 1 }
        return try body(&self)
    }

    /// An expression of `parts`.
    func expression(_ kind: Expression.Kind, line: Int, _ parts: [Expression]) throws(TemplateError) -> Expression {
        var height = 0
        for part in parts { height = max(height, part.height) }
        guard height < TemplateLimits.maximumExpressionHeight else {
            throw TemplateError(.limit, "the expression is too complex", line: line)
        }
        return Expression(kind: kind, line: line, height: height + 1)
    }

    // MARK: - Bodies

    /// Statements up to one of the tags `ends`, which stays the current token; without any, up to the end.
    private mutating func statements(until ends: [String]) throws(TemplateError) -> [Statement] {
        expectedEnds.append(ends)
        defer { expectedEnds.removeLast() }
        var body: [Statement] = []
        var pieces: [Statement.Piece] = []
        var outputLine = current.line
        func flush() {
            if !pieces.isEmpty { body.append(Statement(kind: .output(pieces), line: outputLine)) }
            pieces = []
        }
        while current.kind != .end {
            if pieces.isEmpty { outputLine = current.line }
            switch current.kind {
            case .data: pieces.append(.text(advance().text))
            case .variableBegin:
                advance()
                pieces.append(.expression(try tuple()))
                _ = try expect(.variableEnd, "end of print statement")
            default:
                flush()
                advance()
                if current.kind == .name, ends.contains(current.text) { return body }
                body += try statement()
                _ = try expect(.blockEnd, "end of statement block")
            }
        }
        flush()
        if !ends.isEmpty { throw fail("unexpected end of template; expected \(ends.joined(separator: " or "))") }
        return body
    }

    /// The body of a block, up to one of the tags `ends`, which stays the current token.
    mutating func body(until ends: String...) throws(TemplateError) -> [Statement] {
        _ = skip(.colon)
        _ = try expect(.blockEnd, "end of statement block")
        return try nested { (parser) throws(TemplateError) in try parser.statements(until: ends) }
    }

    /// The body of a block that ends with the tag `end`.
    mutating func wholeBody(_ end: String) throws(TemplateError) -> [Statement] {
        let statements = try body(until: end)
        advance()
        return statements
    }

    /// What to say about a tag nobody knows.
    func unknownTag(_ name: String, line: Int) -> TemplateError {
        var message = "unknown tag '\(name)'"
        if let ends = expectedEnds.last, !ends.isEmpty {
            message += "; expected \(ends.joined(separator: " or "))"
        }
        return fail(message, line: line)
    }
}
