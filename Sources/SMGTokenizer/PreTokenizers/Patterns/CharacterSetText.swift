/// A set of characters as PCRE2 text.
struct CharacterSetText {
    /// An expression that matches exactly one character of the set.
    let expression: String
    /// What stands between the brackets when the set is a plain class that is not negated.
    let plain: String?

    init(expression: String) {
        self.expression = expression
        plain = nil
    }

    init(plain: String, isNegated: Bool) {
        expression = isNegated ? "[^\(plain)]" : "[\(plain)]"
        self.plain = isNegated ? nil : plain
    }
}

// MARK: - Classes

extension PatternTranslator {
    /// One side of an intersection.
    private struct Operand {
        /// Characters, ranges and properties, as they stand between brackets.
        var plain = ""
        /// Sets that cannot stand there.
        var nested: [String] = []

        var isEmpty: Bool { plain.isEmpty && nested.isEmpty }

        mutating func add(_ set: CharacterSetText) {
            if let plain = set.plain { self.plain += plain } else { nested.append(set.expression) }
        }

        var expression: String {
            if nested.isEmpty { return "[\(plain)]" }
            if plain.isEmpty, nested.count == 1 { return nested[0] }
            return "(?:" + ((plain.isEmpty ? [] : ["[\(plain)]"]) + nested).joined(separator: "|") + ")"
        }
    }

    /// A class; the cursor is behind its `[` and moves behind its `]`.
    mutating func characterClass() throws(TokenizerError) -> CharacterSetText {
        try enter()
        defer { leave() }
        let isNegated = byte == UInt8(ascii: "^")
        if isNegated { at += 1 }
        var done: [Operand] = []
        var operand = Operand()
        // A bracket in the first place stands for itself.
        if byte == UInt8(ascii: "]") {
            at += 1
            operand.plain += Self.literal(0x5d)
        }
        while byte != UInt8(ascii: "]") {
            guard at < input.count else { throw malformed("a '[' without its ']'") }
            if starts(with: "&&") {
                at += 2
                done.append(operand)
                operand = Operand()
            } else {
                try member(of: &operand)
            }
        }
        at += 1
        done.append(operand)
        guard done.allSatisfy({ !$0.isEmpty }) else { throw unsupported("an empty class") }
        return Self.joined(done, isNegated)
    }

    /// The intersection of `operands`, or all characters but those.
    private static func joined(_ operands: [Operand], _ isNegated: Bool) -> CharacterSetText {
        if operands.count == 1, operands[0].nested.isEmpty {
            return CharacterSetText(plain: operands[0].plain, isNegated: isNegated)
        }
        var expression = operands[0].expression
        if operands.count > 1 {
            let conditions = operands.dropFirst().map { "(?=\($0.expression))" }.joined()
            expression = "(?:\(conditions)\(expression))"
        }
        return CharacterSetText(expression: isNegated ? "(?:(?!\(expression))(?s:.))" : expression)
    }

    /// A character, a range or a set inside a class.
    private mutating func member(of operand: inout Operand) throws(TokenizerError) {
        if starts(with: "[:"), let set = posixClass() { return operand.add(set) }
        if byte == UInt8(ascii: "[") {
            at += 1
            return operand.add(try characterClass())
        }
        if let set = try setEscape() { return operand.add(set) }
        let low = try classScalar()
        guard byte == UInt8(ascii: "-"), let next = byte(1), next != UInt8(ascii: "]"), next != UInt8(ascii: "["),
            !(next == UInt8(ascii: "&") && byte(2) == UInt8(ascii: "&")), !isSetEscape(at + 1)
        else {
            operand.plain += Self.literal(low)
            return
        }
        at += 1
        let high = try classScalar()
        guard low <= high else { throw malformed("a range that runs backwards") }
        operand.plain += Self.literal(low) + "-" + Self.literal(high)
    }

    private func isSetEscape(_ offset: Int) -> Bool {
        guard input[offset] == UInt8(ascii: "\\"), offset + 1 < input.count else { return false }
        return "sSdDwWhHpP".utf8.contains(input[offset + 1])
    }

    private mutating func classScalar() throws(TokenizerError) -> UInt32 {
        guard byte == UInt8(ascii: "\\") else { return takeScalar() }
        if byte(1) == UInt8(ascii: "b") {
            at += 2
            return 0x08
        }
        return try scalarEscape()
    }

    /// `[:name:]`; nil, without a step, when it is none.
    private mutating func posixClass() -> CharacterSetText? {
        var end = at + 2
        let isNegated = end < input.count && input[end] == UInt8(ascii: "^")
        if isNegated { end += 1 }
        let start = end
        while end < input.count, (input[end] | 0x20) &- 0x61 < 26 { end += 1 }
        guard end + 1 < input.count, input[end] == UInt8(ascii: ":"), input[end + 1] == UInt8(ascii: "]"),
            let content = PatternProperty.posix(String(decoding: input[start..<end], as: UTF8.self))
        else { return nil }
        at = end + 2
        return CharacterSetText(plain: content, isNegated: isNegated)
    }
}
