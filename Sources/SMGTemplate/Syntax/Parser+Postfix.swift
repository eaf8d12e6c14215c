// What follows a value: attributes, subscripts, calls, filters and tests.
extension Parser {
    mutating func postfix(_ start: Expression) throws(TemplateError) -> Expression {
        var node = start
        while true {
            switch current.kind {
            case .symbol(.dot): node = try attribute(of: node)
            case .symbol(.leftBracket): node = try subscripted(node)
            case .symbol(.leftParen): node = try call(node)
            default: return node
            }
        }
    }

    mutating func filtersAndTests(_ start: Expression) throws(TemplateError) -> Expression {
        var node = start
        while true {
            if isSymbol(.pipe) {
                node = try filterChain(node)
            } else if isName("is") {
                node = try test(node)
            } else if isSymbol(.leftParen) {
                node = try call(node)
            } else {
                return node
            }
        }
    }

    private mutating func attribute(of node: Expression) throws(TemplateError) -> Expression {
        let line = advance().line
        let token = advance()
        switch token.kind {
        case .name: return try expression(.attribute(node, token.text), line: line, [node])
        case .integer:
            let index = try expression(.literal(.int(Int(token.text) ?? 0)), line: token.line, [])
            return try expression(.item(node, index), line: line, [node, index])
        default: throw fail("expected name or number", line: token.line)
        }
    }

    private mutating func subscripted(_ node: Expression) throws(TemplateError) -> Expression {
        let line = advance().line
        if isSymbol(.rightBracket) {
            advance()
            let empty = try expression(.tuple([]), line: line, [])
            return try expression(.item(node, empty), line: line, [node, empty])
        }
        if isSymbol(.colon) { return try slice(node, start: nil, line: line) }
        let first = try expression()
        if isSymbol(.colon) { return try slice(node, start: first, line: line) }
        var parts = [first]
        while skip(.comma) {
            guard !isSymbol(.rightBracket) else { throw fail("unexpected ']'") }
            parts.append(try expression())
        }
        try expect(.rightBracket)
        let index = parts.count == 1 ? first : try expression(.tuple(parts), line: line, parts)
        return try expression(.item(node, index), line: line, [node, index])
    }

    private mutating func slice(_ node: Expression, start: Expression?, line: Int) throws(TemplateError) -> Expression {
        func part(_ parser: inout Parser) throws(TemplateError) -> Expression? {
            parser.isSymbol(.colon) || parser.isSymbol(.rightBracket) ? nil : try parser.expression()
        }
        try expect(.colon)
        let stop = try part(&self)
        let step = skip(.colon) ? try part(&self) : nil
        try expect(.rightBracket)
        return try expression(
            .slice(node, start: start, stop: stop, step: step), line: line,
            [node] + [start, stop, step].compactMap { $0 })
    }

    private mutating func call(_ node: Expression) throws(TemplateError) -> Expression {
        let line = current.line
        let arguments = try arguments()
        return try expression(.call(node, arguments), line: line, [node] + arguments.all)
    }

    private mutating func arguments() throws(TemplateError) -> Arguments {
        var arguments = Arguments()
        try expect(.leftParen)
        var isFirst = true
        while !isSymbol(.rightParen) {
            if !isFirst {
                try expect(.comma)
                if isSymbol(.rightParen) { break }
            }
            isFirst = false
            try argument(into: &arguments)
            guard arguments.positional.count + arguments.named.count <= TemplateLimits.maximumArguments else {
                throw fail("too many arguments")
            }
        }
        try expect(.rightParen)
        return arguments
    }

    private mutating func argument(into arguments: inout Arguments) throws(TemplateError) {
        let invalid = fail("invalid syntax for function call expression")
        if skip(.mul) {
            guard arguments.rest == nil, arguments.namedRest == nil else { throw invalid }
            arguments.rest = try expression()
        } else if skip(.pow) {
            guard arguments.namedRest == nil else { throw invalid }
            arguments.namedRest = try expression()
        } else if current.kind == .name, following.kind == .symbol(.assign) {
            guard arguments.namedRest == nil else { throw invalid }
            let name = advance().text
            advance()
            guard !arguments.named.contains(where: { $0.name == name }) else {
                throw fail("keyword argument repeated: \(name)")
            }
            arguments.named.append((name, try expression()))
        } else {
            guard arguments.rest == nil, arguments.namedRest == nil, arguments.named.isEmpty else { throw invalid }
            arguments.positional.append(try expression())
        }
    }

    /// One or more filters; `inline` when the first one's name comes without a bar.
    mutating func filterChain(_ start: Expression?, inline: Bool = false) throws(TemplateError) -> Expression {
        var node = start
        var inline = inline
        while inline || isSymbol(.pipe) {
            if !inline { advance() }
            inline = false
            let line = current.line
            let name = try dottedName()
            let arguments = isSymbol(.leftParen) ? try arguments() : Arguments()
            node = try expression(
                .filter(node, name: name, arguments), line: line, (node.map { [$0] } ?? []) + arguments.all)
        }
        guard let node else { throw fail("expected a filter") }
        return node
    }

    private mutating func dottedName() throws(TemplateError) -> String {
        var name = try expect(.name, "name").text
        while skip(.dot) { name += "." + (try expect(.name, "name").text) }
        return name
    }

    private mutating func test(_ node: Expression) throws(TemplateError) -> Expression {
        let line = advance().line
        let isNegated = skip(name: "not")
        let name = try dottedName()
        var arguments = Arguments()
        switch current.kind {
        case .symbol(.leftParen): arguments = try self.arguments()
        case .name where ["else", "or", "and"].contains(current.text): break
        case .name where current.text == "is": throw fail("tests cannot be chained with is")
        case .name, .string, .integer, .float, .symbol(.leftBracket), .symbol(.leftBrace):
            let operand = try nested { (parser) throws(TemplateError) in try parser.postfix(try parser.primary()) }
            arguments.positional = [operand]
        default: break
        }
        let test = try expression(.test(node, name: name, arguments), line: line, [node] + arguments.all)
        return isNegated ? try expression(.not(test), line: line, [test]) : test
    }
}
