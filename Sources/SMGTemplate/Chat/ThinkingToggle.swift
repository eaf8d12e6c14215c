internal import SMGBase

/// Whether a template lets callers switch the model's thinking on and off.
package struct ThinkingToggle: Hashable, Sendable {
    /// The variable that switches.
    package enum Key: String, Sendable {
        case enableThinking = "enable_thinking"
        case thinking
    }

    /// The variable; nil when the template has no such switch.
    package let key: Key?
    /// Whether the model thinks when the caller says nothing.
    package let isOnByDefault: Bool
    /// Whether the prompt for an answer already opens the thought.
    package let opensThought: Bool

    init(source: String, statements: [Statement]) {
        var source = source
        let key: Key? = source.withUTF8 { text in
            let text = UnsafeRawBufferPointer(text)
            func has(_ word: StaticString) -> Bool { text.firstIndex(of: word) != nil }
            if has("enable_thinking") { return .enableThinking }
            let isUsed = has("if thinking ") || has("thinking is ") || has("thinking ==") || has("set thinking ")
            return isUsed ? .thinking : nil
        }
        self.key = key
        isOnByDefault = source.withUTF8 { text in
            let text = UnsafeRawBufferPointer(text)
            let off: [StaticString] = [
                "set thinking = false", "set thinking=false", "set enable_thinking = false",
                "set enable_thinking=false",
            ]
            return key != nil && !off.contains { text.firstIndex(of: $0) != nil }
        }
        opensThought = Self.opensThought(statements, inPrompt: false)
    }

    /// Whether text or a constant in what `add_generation_prompt` guards opens a thought.
    private static func opensThought(_ statements: [Statement], inPrompt: Bool) -> Bool {
        statements.contains { statement in
            switch statement.kind {
            case .output(let pieces):
                return inPrompt
                    && pieces.contains { piece in
                        switch piece {
                        case .text(let text): text.hasThoughtStart
                        case .expression(let expression): hasThoughtStart(expression)
                        }
                    }
            case .set(_, let value): return inPrompt && hasThoughtStart(value)
            case .branch(let branches, let otherwise):
                return branches.contains { branch in
                    opensThought(branch.body, inPrompt: inPrompt || mentionsPrompt(branch.test))
                } || opensThought(otherwise, inPrompt: inPrompt)
            case .loop(let loop):
                return opensThought(loop.body, inPrompt: inPrompt) || opensThought(loop.otherwise, inPrompt: inPrompt)
            case .setBlock(_, _, let body), .filterBlock(_, let body), .with(_, _, let body), .generation(let body),
                .scope(let body), .callBlock(_, _, let body):
                return opensThought(body, inPrompt: inPrompt)
            default: return false
            }
        }
    }

    private static func mentionsPrompt(_ expression: Expression) -> Bool {
        if case .name("add_generation_prompt") = expression.kind { return true }
        return expression.parts.contains(where: mentionsPrompt)
    }

    private static func hasThoughtStart(_ expression: Expression) -> Bool {
        if case .literal(.string(let text)) = expression.kind { return text.hasThoughtStart }
        return expression.parts.contains(where: hasThoughtStart)
    }
}

extension String {
    fileprivate var hasThoughtStart: Bool {
        var text = self
        return text.withUTF8 { UnsafeRawBufferPointer($0).firstIndex(of: "<think>" as StaticString) != nil }
    }
}
