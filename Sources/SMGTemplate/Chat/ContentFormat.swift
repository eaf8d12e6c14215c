/// How a template wants the content of messages.
package enum ContentFormat: String, Sendable {
    /// As one string.
    case string
    /// As an array of parts, the way the OpenAI API has them.
    case openai

    /// Looks for signs that a template walks over parts: a loop over content, an index into it or its length in a
    /// condition or an output, or a macro that tests what it is given and loops.
    init(of statements: [Statement]) {
        var detector = ContentFormatDetector()
        detector.visit(statements)
        self = detector.usesParts ? .openai : .string
    }
}

private struct ContentFormatDetector {
    var usesParts = false
    /// Variables of loops over the messages.
    private var messageNames: Set<String> = []

    mutating func visit(_ statements: [Statement]) {
        for statement in statements where !usesParts { visit(statement) }
    }

    private mutating func visit(_ statement: Statement) {
        switch statement.kind {
        case .output(let pieces):
            for case .expression(let expression) in pieces { visit(expression) }
        case .branch(let branches, let otherwise):
            for branch in branches {
                visit(branch.test)
                visit(branch.body)
            }
            visit(otherwise)
        case .loop(let loop):
            if isContent(loop.source) { usesParts = true }
            if case .name("messages") = loop.source.kind, case .name(let name) = loop.target.kind {
                messageNames.insert(name)
            }
            visit(loop.body)
            visit(loop.otherwise)
        case .macro(_, _, let body):
            if testsDirectly(body), loops(body) { usesParts = true }
        case .generation(let body), .scope(let body): visit(body)
        default: break
        }
    }

    /// The variable `content`, or the content of a message, or something in it.
    private func isContent(_ expression: Expression) -> Bool {
        switch expression.kind {
        case .name(let name): return name == "content"
        case .attribute(let owner, let name): return (name == "content" && isMessage(owner)) || isContent(owner)
        case .item(let owner, let index):
            if case .literal(.string("content")) = index.kind, isMessage(owner) { return true }
            return isContent(owner)
        case .slice(let owner, _, _, _): return isContent(owner)
        case .filter(let input?, _, _): return isContent(input)
        default: return false
        }
    }

    private func isMessage(_ expression: Expression) -> Bool {
        if case .name(let name) = expression.kind { return messageNames.contains(name) }
        return false
    }

    private mutating func visit(_ expression: Expression) {
        switch expression.kind {
        case .item(let owner, let index):
            if case .literal(.int) = index.kind, isContent(owner) { usesParts = true }
        case .filter(let input?, "length", _), .filter(let input?, "count", _):
            if isContent(input) { usesParts = true }
        default: break
        }
        for part in expression.parts where !usesParts { visit(part) }
    }

    /// Whether an `if` in `body` asks only what something is.
    private func testsDirectly(_ body: [Statement]) -> Bool {
        contains(body) { statement in
            guard case .branch(let branches, _) = statement.kind else { return false }
            return branches.contains { branch in
                if case .test = branch.test.kind { return true }
                return false
            }
        }
    }

    private func loops(_ body: [Statement]) -> Bool {
        contains(body) { statement in
            if case .loop = statement.kind { return true }
            return false
        }
    }

    private func contains(_ body: [Statement], _ matches: (Statement) -> Bool) -> Bool {
        body.contains { statement in
            if matches(statement) { return true }
            switch statement.kind {
            case .branch(let branches, let otherwise):
                return branches.contains { contains($0.body, matches) } || contains(otherwise, matches)
            case .loop(let loop): return contains(loop.body, matches) || contains(loop.otherwise, matches)
            default: return false
            }
        }
    }
}
