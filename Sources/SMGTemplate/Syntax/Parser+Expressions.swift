extension Parser {
    /// An expression, with `a if b else c` unless told otherwise.
    mutating func expression(withCondition: Bool = true) throws(TemplateError) -> Expression {
        try nested { (parser) throws(TemplateError) in
            withCondition ? try parser.condition() : try parser.or()
        }
    }

    /// Whether a tuple without brackets ends here.
    func isTupleEnd(_ names: [String]) -> Bool {
        switch current.kind {
        case .variableEnd, .blockEnd, .symbol(.rightParen): true
        case .name: names.contains(current.text)
        default: false
        }
    }

    /// One expression, or several with commas between them as a tuple.
    mutating func tuple(
        withCondition: Bool = true, endingAt ends: [String] = [], inParentheses: Bool = false
    ) throws(TemplateError) -> Expression {
        let line = current.line
        var parts: [Expression] = []
        var isTuple = false
        while true {
            if !parts.isEmpty { try expect(.comma) }
            if isTupleEnd(ends) { break }
            parts.append(try expression(withCondition: withCondition))
            guard isSymbol(.comma) else { break }
            isTuple = true
        }
        if !isTuple, let only = parts.first { return only }
        if !isTuple, !inParentheses { throw fail("expected an expression, got '\(current.description)'") }
        return try expression(.tuple(parts), line: line, parts)
    }

    private mutating func condition() throws(TemplateError) -> Expression {
        let line = current.line
        var value = try or()
        while skip(name: "if") {
            let test = try or()
            let otherwise =
                skip(name: "else")
                ? try nested { (parser) throws(TemplateError) in try parser.condition() } : nil
            value = try expression(
                .condition(test: test, then: value, otherwise: otherwise), line: line,
                [test, value] + (otherwise.map { [$0] } ?? []))
        }
        return value
    }

    private mutating func or() throws(TemplateError) -> Expression {
        let line = current.line
        var left = try and()
        while skip(name: "or") {
            let right = try and()
            left = try expression(.or(left, right), line: line, [left, right])
        }
        return left
    }

    private mutating func and() throws(TemplateError) -> Expression {
        let line = current.line
        var left = try not()
        while skip(name: "and") {
            let right = try not()
            left = try expression(.and(left, right), line: line, [left, right])
        }
        return left
    }

    private mutating func not() throws(TemplateError) -> Expression {
        let line = current.line
        guard skip(name: "not") else { return try comparison() }
        let operand = try nested { (parser) throws(TemplateError) in try parser.not() }
        return try expression(.not(operand), line: line, [operand])
    }

    private mutating func comparison() throws(TemplateError) -> Expression {
        let line = current.line
        let left = try sum()
        var operands: [Expression.Comparison] = []
        while let comparison = comparisonOperator() {
            operands.append(Expression.Comparison(comparison: comparison, operand: try sum()))
        }
        guard !operands.isEmpty else { return left }
        return try expression(.compare(left, operands), line: line, [left] + operands.map(\.operand))
    }

    private mutating func comparisonOperator() -> ComparisonOperator? {
        let found: ComparisonOperator
        switch current.kind {
        case .symbol(.equal): found = .equal
        case .symbol(.notEqual): found = .notEqual
        case .symbol(.less): found = .less
        case .symbol(.lessEqual): found = .lessEqual
        case .symbol(.greater): found = .greater
        case .symbol(.greaterEqual): found = .greaterEqual
        case .name where current.text == "in": found = .contained
        case .name where current.text == "not" && following.kind == .name && following.text == "in":
            advance()
            found = .notContained
        default: return nil
        }
        advance()
        return found
    }

    private mutating func sum() throws(TemplateError) -> Expression {
        let line = current.line
        var left = try concatenation()
        while true {
            let binary: BinaryOperator
            if skip(.add) { binary = .add } else if skip(.sub) { binary = .sub } else { return left }
            let right = try concatenation()
            left = try expression(.binary(binary, left, right), line: line, [left, right])
        }
    }

    private mutating func concatenation() throws(TemplateError) -> Expression {
        let line = current.line
        var parts = [try product()]
        while skip(.tilde) { parts.append(try product()) }
        return parts.count == 1 ? parts[0] : try expression(.concat(parts), line: line, parts)
    }

    private mutating func product() throws(TemplateError) -> Expression {
        let line = current.line
        var left = try power()
        while true {
            let binary: BinaryOperator
            if skip(.mul) {
                binary = .mul
            } else if skip(.div) {
                binary = .div
            } else if skip(.floorDiv) {
                binary = .floorDiv
            } else if skip(.mod) {
                binary = .mod
            } else {
                return left
            }
            let right = try power()
            left = try expression(.binary(binary, left, right), line: line, [left, right])
        }
    }

    private mutating func power() throws(TemplateError) -> Expression {
        let line = current.line
        var left = try unary()
        while skip(.pow) {
            let right = try unary()
            left = try expression(.binary(.pow, left, right), line: line, [left, right])
        }
        return left
    }

    private mutating func unary(withFilter: Bool = true) throws(TemplateError) -> Expression {
        let line = current.line
        var node: Expression
        if isSymbol(.sub) || isSymbol(.add) {
            let sign: UnaryOperator = advance().kind == .symbol(.sub) ? .minus : .plus
            let operand = try nested { (parser) throws(TemplateError) in try parser.unary(withFilter: false) }
            node = try expression(.unary(sign, operand), line: line, [operand])
        } else {
            node = try primary()
        }
        node = try postfix(node)
        return withFilter ? try filtersAndTests(node) : node
    }

    /// The value of a name that stands for a constant.
    static func constant(_ name: String) -> Literal? {
        switch name {
        case "true", "True": .bool(true)
        case "false", "False": .bool(false)
        case "none", "None": Literal.none
        default: nil
        }
    }

    mutating func primary() throws(TemplateError) -> Expression {
        let token = current
        switch token.kind {
        case .name:
            advance()
            let kind = Self.constant(token.text).map { Expression.Kind.literal($0) } ?? .name(token.text)
            return try expression(kind, line: token.line, [])
        case .string:
            var text = advance().text
            while current.kind == .string { text += advance().text }
            return try expression(.literal(.string(text)), line: token.line, [])
        case .integer:
            advance()
            return try expression(.literal(.int(Int(token.text) ?? 0)), line: token.line, [])
        case .float:
            advance()
            return try expression(.literal(.float(Double(token.text) ?? 0)), line: token.line, [])
        case .symbol(.leftParen):
            advance()
            let inner = try tuple(inParentheses: true)
            try expect(.rightParen)
            return inner
        case .symbol(.leftBracket): return try list()
        case .symbol(.leftBrace): return try dict()
        default: throw fail("unexpected '\(token.description)'")
        }
    }

    private mutating func list() throws(TemplateError) -> Expression {
        let line = advance().line
        var items: [Expression] = []
        while !isSymbol(.rightBracket) {
            if !items.isEmpty { try expect(.comma) }
            if isSymbol(.rightBracket) { break }
            items.append(try expression())
        }
        try expect(.rightBracket)
        return try expression(.list(items), line: line, items)
    }

    private mutating func dict() throws(TemplateError) -> Expression {
        let line = advance().line
        var members: [Expression.Member] = []
        while !isSymbol(.rightBrace) {
            if !members.isEmpty { try expect(.comma) }
            if isSymbol(.rightBrace) { break }
            let key = try expression()
            try expect(.colon)
            members.append(Expression.Member(key: key, value: try expression()))
        }
        try expect(.rightBrace)
        return try expression(.dict(members), line: line, members.flatMap { [$0.key, $0.value] })
    }
}
