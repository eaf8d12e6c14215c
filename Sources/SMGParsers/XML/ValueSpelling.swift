internal import SMGBase
internal import SMGJSON

/// A whole parameter's value as the model spelled it; see `ParameterValue` for what it becomes.
struct ValueSpelling {
    /// The text, with the whitespace around it.
    let text: UnsafeRawBufferPointer
    /// Whether the text is one valid JSON value, whitespace around it aside.
    let isJSON: Bool

    private var trimmed: UnsafeRawBufferPointer {
        text.slice(TagReader(bytes: text, at: 0).trimmed(0..<text.count))
    }

    /// Appends the JSON value to the arguments of `call`.
    func write(_ types: ParameterTypes, to output: ParserOutput, _ call: Int) {
        if types == .string {
            // A literal is one in quotes and nothing around them.
            isJSON && text.first == UInt8(ascii: "\"") && text.last == UInt8(ascii: "\"")
                ? output.arguments(call, text) : writeString(to: output, call)
            return
        }
        let text = trimmed
        if writeDeclared(text, types, to: output, call) { return }
        if types.contains(.string), !(isJSON && text.first == UInt8(ascii: "\"")) {
            return writeString(to: output, call)
        }
        if isJSON {
            var compact = JSONStream()
            _ = compact.consume(text, to: output, call: call)
        } else if let word = Self.word(text) {
            output.arguments(call, word)
        } else {
            writeString(to: output, call)
        }
    }

    /// The text as one of the declared types that is not a string; false when it is none of them.
    private func writeDeclared(
        _ text: UnsafeRawBufferPointer, _ types: ParameterTypes, to output: ParserOutput, _ call: Int
    ) -> Bool {
        if types.isEmpty { return false }
        let word = Self.word(text, anyCase: true)
        // A parameter that takes no text has no other use for the word.
        if let word, word.equals("null"), types.contains(.null) || !types.contains(.string) {
            output.arguments(call, word)
            return true
        }
        if let word, !word.equals("null"), types.contains(.boolean) {
            output.arguments(call, word)
            return true
        }
        if !types.isDisjoint(with: [.integer, .number]), let number = NumberSpelling(text) {
            if number.isInteger || types.contains(.number) {
                number.write(to: output, call)
                return true
            }
        }
        let container: ParameterTypes =
            switch text.first {
            case UInt8(ascii: "{"): .object
            case UInt8(ascii: "["): .array
            default: []
            }
        if isJSON, !container.isEmpty, types.contains(container) {
            var compact = JSONStream()
            _ = compact.consume(text, to: output, call: call)
            return true
        }
        return false
    }

    private func writeString(to output: ParserOutput, _ call: Int) {
        output.arguments(call, "\"")
        output.argumentsEscaping(call, text)
        output.arguments(call, "\"")
    }

    /// The JSON word that `text` is, in JSON's spelling or Python's; nil when it is none.
    private static func word(_ text: UnsafeRawBufferPointer, anyCase: Bool = false) -> StaticString? {
        guard 4...5 ~= text.count else { return nil }
        if anyCase {
            if text.equalsIgnoringCase("true") { return "true" }
            if text.equalsIgnoringCase("false") { return "false" }
            return text.equalsIgnoringCase("null") || text.equalsIgnoringCase("none") ? "null" : nil
        }
        if text.equals("True") { return "true" }
        if text.equals("False") { return "false" }
        return text.equals("None") ? "null" : nil
    }
}

extension StaticString {
    fileprivate func equals(_ other: StaticString) -> Bool {
        UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount).equals(other)
    }
}

/// A decimal number in JSON's spelling or Python's: a plus sign, zeros in front, no digit before or behind the point.
/// Its digits are kept, so no precision is lost.
struct NumberSpelling {
    private let isNegative: Bool
    /// Without zeros in front; empty for zero.
    private let whole: UnsafeRawBufferPointer
    private let fraction: UnsafeRawBufferPointer
    /// Sign and digits behind the `e`.
    private let exponent: UnsafeRawBufferPointer
    /// Whether the text has neither point nor exponent.
    let isInteger: Bool

    /// Nil when `text` is no number.
    init?(_ text: UnsafeRawBufferPointer) {
        var at = 0
        func digits() -> Range<Int> {
            let start = at
            while at < text.count, ASCII.isDigit(text[at]) { at += 1 }
            return start..<at
        }
        isNegative = text.first == UInt8(ascii: "-")
        if isNegative || text.first == UInt8(ascii: "+") { at = 1 }
        let before = digits()
        var behind = at..<at
        let hasPoint = at < text.count && text[at] == UInt8(ascii: ".")
        if hasPoint {
            at += 1
            behind = digits()
        }
        guard before.count + behind.count > 0 else { return nil }
        var power = at..<at
        if at < text.count, text[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            let start = at
            if at < text.count, text[at] == UInt8(ascii: "-") || text[at] == UInt8(ascii: "+") { at += 1 }
            guard !digits().isEmpty else { return nil }
            power = start..<at
        }
        guard at == text.count else { return nil }
        let zeros = text.slice(before).prefix { $0 == UInt8(ascii: "0") }.count
        whole = text.slice(before.lowerBound + zeros..<before.upperBound)
        fraction = text.slice(behind)
        exponent = text.slice(power)
        isInteger = !hasPoint && power.isEmpty
    }

    /// Appends the number in JSON's spelling.
    func write(to output: ParserOutput, _ call: Int) {
        if isNegative { output.arguments(call, "-") }
        if whole.isEmpty { output.arguments(call, "0") }
        output.arguments(call, whole)
        if !fraction.isEmpty {
            output.arguments(call, ".")
            output.arguments(call, fraction)
        }
        if !exponent.isEmpty {
            output.arguments(call, "e")
            output.arguments(call, exponent)
        }
    }
}
