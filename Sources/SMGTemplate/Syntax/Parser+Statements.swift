extension Parser {
    /// The statement whose first token is the current one.
    mutating func statement() throws(TemplateError) -> [Statement] {
        guard current.kind == .name else { throw fail("tag name expected") }
        let tag = advance()
        let kind: Statement.Kind
        switch tag.text {
        case "for": kind = try loop()
        case "if": kind = try branch()
        case "set": kind = try set()
        case "macro": kind = try macro()
        case "call": kind = try callBlock(line: tag.line)
        case "filter":
            let filter = try filterChain(nil, inline: true)
            kind = .filterBlock(filter: filter, body: try wholeBody("endfilter"))
        case "with": kind = try with()
        case "print": kind = try printed()
        case "generation": kind = .generation(try wholeBody("endgeneration"))
        case "do": kind = .evaluate(try tuple())
        case "break": kind = .leave
        case "continue": kind = .next
        case "autoescape": kind = try autoescape(line: tag.line)
        case "block", "extends", "include", "import", "from":
            throw fail("'\(tag.text)' is not supported: a chat template stands alone", line: tag.line)
        default: throw unknownTag(tag.text, line: tag.line)
        }
        return [Statement(kind: kind, line: tag.line)]
    }

    private mutating func loop() throws(TemplateError) -> Statement.Kind {
        let target = try assignmentTarget(endingAt: ["in"])
        try expect(name: "in")
        let source = try tuple(withCondition: false, endingAt: ["recursive"])
        let filter = skip(name: "if") ? try expression() : nil
        let isRecursive = skip(name: "recursive")
        let body = try body(until: "endfor", "else")
        let otherwise = advance().text == "endfor" ? [] : try wholeBody("endfor")
        return .loop(
            Statement.Loop(
                target: target, source: source, filter: filter, isRecursive: isRecursive, body: body,
                otherwise: otherwise))
    }

    private mutating func branch() throws(TemplateError) -> Statement.Kind {
        var branches: [Statement.Branch] = []
        var otherwise: [Statement] = []
        while true {
            let test = try tuple(withCondition: false)
            branches.append(Statement.Branch(test: test, body: try body(until: "elif", "else", "endif")))
            let tag = advance().text
            if tag == "elif" { continue }
            if tag == "else" { otherwise = try wholeBody("endif") }
            break
        }
        return .branch(branches, otherwise: otherwise)
    }

    private mutating func set() throws(TemplateError) -> Statement.Kind {
        let target = try assignmentTarget(withNamespace: true)
        if skip(.assign) { return .set(target: target, value: try tuple()) }
        let filter = isSymbol(.pipe) ? try filterChain(nil) : nil
        return .setBlock(target: target, filter: filter, body: try wholeBody("endset"))
    }

    private mutating func macro() throws(TemplateError) -> Statement.Kind {
        let name = try expect(.name, "name").text
        let parameters = try parameters()
        return .macro(name: try assignable(name), parameters, body: try wholeBody("endmacro"))
    }

    private mutating func callBlock(line: Int) throws(TemplateError) -> Statement.Kind {
        let parameters = isSymbol(.leftParen) ? try parameters() : Parameters()
        let call = try expression()
        guard case .call = call.kind else { throw fail("expected call", line: line) }
        return .callBlock(call: call, parameters, body: try wholeBody("endcall"))
    }

    private mutating func parameters() throws(TemplateError) -> Parameters {
        var parameters = Parameters()
        try expect(.leftParen)
        while !isSymbol(.rightParen) {
            if !parameters.names.isEmpty { try expect(.comma) }
            let name = try assignable(try expect(.name, "name").text)
            if skip(.assign) {
                parameters.defaults.append(try expression())
            } else if !parameters.defaults.isEmpty {
                throw fail("non-default argument follows default argument")
            }
            guard !parameters.names.contains(name) else { throw fail("duplicate argument '\(name)'") }
            parameters.names.append(name)
            guard parameters.names.count <= TemplateLimits.maximumArguments else { throw fail("too many arguments") }
        }
        try expect(.rightParen)
        return parameters
    }

    private mutating func with() throws(TemplateError) -> Statement.Kind {
        var targets: [Expression] = []
        var values: [Expression] = []
        while current.kind != .blockEnd {
            if !targets.isEmpty { try expect(.comma) }
            targets.append(try assignmentTarget())
            try expect(.assign)
            values.append(try expression())
        }
        return .with(targets: targets, values: values, body: try wholeBody("endwith"))
    }

    private mutating func printed() throws(TemplateError) -> Statement.Kind {
        var pieces: [Statement.Piece] = []
        while current.kind != .blockEnd {
            if !pieces.isEmpty { try expect(.comma) }
            pieces.append(.expression(try expression()))
        }
        return .output(pieces)
    }

    private mutating func autoescape(line: Int) throws(TemplateError) -> Statement.Kind {
        let option = try expression()
        guard case .literal(.bool(false)) = option.kind else {
            throw fail("only 'autoescape false' is supported", line: line)
        }
        return .scope(try wholeBody("endautoescape"))
    }

    // MARK: - Targets

    private mutating func assignmentTarget(
        endingAt ends: [String] = [], withNamespace: Bool = false
    ) throws(TemplateError) -> Expression {
        let line = current.line
        var parts: [Expression] = []
        var isTuple = false
        while true {
            if !parts.isEmpty { try expect(.comma) }
            if isTupleEnd(ends) { break }
            parts.append(try targetPart(withNamespace: withNamespace))
            guard isSymbol(.comma) else { break }
            isTuple = true
        }
        if parts.isEmpty { throw fail("expected an expression, got '\(current.description)'") }
        return isTuple ? try expression(.tuple(parts), line: line, parts) : parts[0]
    }

    /// A name, a namespace's attribute or a parenthesised tuple of names.
    private mutating func targetPart(withNamespace: Bool) throws(TemplateError) -> Expression {
        let token = current
        if token.kind == .name {
            advance()
            if withNamespace, Self.constant(token.text) == nil, skip(.dot) {
                let attribute = try expect(.name, "name").text
                return try expression(
                    .namespaceReference(token.text, attribute: attribute), line: token.line, [])
            }
            return try expression(.name(try assignable(token.text)), line: token.line, [])
        }
        let target = try primary()
        try checkAssignable(target)
        return target
    }

    private func checkAssignable(_ target: Expression) throws(TemplateError) {
        switch target.kind {
        case .name: return
        case .tuple(let parts): for part in parts { try checkAssignable(part) }
        default: throw fail("can't assign to this expression", line: target.line)
        }
    }

    private func assignable(_ name: String) throws(TemplateError) -> String {
        guard Self.constant(name) == nil else { throw fail("can't assign to '\(name)'") }
        return name
    }
}
