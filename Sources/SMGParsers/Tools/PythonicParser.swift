internal import SMGBase

/// Parses calls that are written as a list of Python calls: `[f(a=1, b="x"), g()]`.
///
/// A call is known by its name, its parenthesis and the first keyword behind it; what leads to it is held until then.
/// Each argument is written as JSON while it comes. Positional arguments are none: such a list is content.
final class PythonicParser: StreamParser {
    private enum State {
        /// Text, up to a bracket or a marker.
        case text
        /// A bracket, or a comma between calls, stands at the beginning of the input.
        case lead
        case value
        /// Behind an argument.
        case afterValue
        /// Behind a call, in its list.
        case afterCall
        /// A call whose arguments are not Python, up to a marker or the end.
        case broken
    }

    /// The markers around lists, which are no text; and brackets.
    private static let texts = MarkerScanner("<|python_start|>", "<|python_end|>", "[")
    private static let bracket = 2
    private static let ends = MarkerScanner("<|python_end|>", "<|python_start|>")

    private let options: ToolParserOptions
    private var state = State.text
    private var call = 0
    private var value = PythonStream()
    /// Whether a list has just ended: whitespace behind it is a separator.
    private var isAfterList = false

    init(_ options: ToolParserOptions) { self.options = options }

    override func advance(_ input: UnsafeRawBufferPointer, last: Bool, _ output: ParserOutput) -> Int {
        var at = 0
        var goesOn = true
        while goesOn, at < input.count {
            switch state {
            case .text: goesOn = text(input, &at, last, output)
            case .lead: goesOn = lead(input, &at, last, output)
            case .value:
                at = value.consume(input, from: at, to: output, call: call)
                if value.status == .complete { state = .afterValue }
                if value.status == .invalid {
                    value.abandon(to: output, call: call)
                    state = .broken
                }
            case .afterValue: goesOn = afterValue(input, &at, output)
            case .afterCall: goesOn = afterCall(input, &at, last, output)
            case .broken: goesOn = broken(input, &at, last, output)
            }
        }
        if last { end(input, &at, output) }
        return at
    }

    override var isInCall: Bool {
        switch state {
        case .value, .afterValue, .broken: true
        default: false
        }
    }

    /// The answer is over; from `at` on it was not dealt with.
    private func end(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ output: ParserOutput) {
        switch state {
        case .value, .afterValue, .broken:
            if case .value = state { value.abandon(to: output, call: call) }
            output.arguments(call, input.slice(at..<input.count))
            output.endCall(call, complete: false)
            at = input.count
        default: break
        }
        state = .text
    }
}

// MARK: - Outside calls

extension PythonicParser {
    private func text(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput) -> Bool {
        if isAfterList {
            let next = whitespaceEnd(input, at)
            if next == input.count, next - at <= ParserLimits.maximumSeparatorBytes {
                if last { at = next }
                return false
            }
            switch Self.texts.marker(in: input, at: next, last: last) {
            case .open: return false
            case .whole(Self.bracket): return lead(input, &at, last, output)
            case .whole: at = next
            case .no: break
            }
            isAfterList = false
        }
        guard let (index, range) = Self.texts.passContent(input, &at, last, output) else { return false }
        if index == Self.bracket { state = .lead } else { at = range.upperBound }
        return true
    }

    /// Something that may lead to a call, from its bracket or comma on, with the whitespace before it.
    private func lead(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput) -> Bool {
        state = .lead
        var cursor = whitespaceEnd(input, at)
        guard cursor < input.count else { return false }
        let isFirst = input[cursor] == UInt8(ascii: "[")
        cursor = whitespaceEnd(input, cursor + 1)
        if !isFirst, cursor < input.count, input[cursor] == UInt8(ascii: "]") { return endList(cursor + 1, &at) }
        guard let name = identifier(input, &cursor, dotted: true) else { return undecided(input, cursor, &at, output) }
        cursor = whitespaceEnd(input, cursor)
        guard cursor < input.count, input[cursor] == UInt8(ascii: "(") else {
            return undecided(input, cursor, &at, output)
        }
        cursor = whitespaceEnd(input, cursor + 1)
        guard cursor < input.count else { return false }
        let hasArguments = input[cursor] != UInt8(ascii: ")")
        var first = 0..<0
        if hasArguments {
            guard let keyword = keyword(input, &cursor) else { return undecided(input, cursor, &at, output) }
            first = keyword
        } else {
            cursor += 1
        }
        let text = input.slice(name)
        // Without arguments only the name tells that this is a call.
        guard options.accepts(text), hasArguments || options.tools.knows(text) else {
            return giveUp(input, cursor, &at, output)
        }
        call = beginCall(output, name: text)
        at = cursor
        if hasArguments {
            begin(input.slice(first), isFirst: true, output)
        } else {
            output.arguments(call, "{}")
            endCall(output)
        }
        return true
    }

    /// What leads to no call: waits for more at the end of the input, otherwise gives up.
    private func undecided(
        _ input: UnsafeRawBufferPointer, _ cursor: Int, _ at: inout Int, _ output: ParserOutput
    ) -> Bool {
        cursor < input.count ? giveUp(input, cursor, &at, output) : false
    }

    /// What is before `cursor` is content.
    private func giveUp(
        _ input: UnsafeRawBufferPointer, _ cursor: Int, _ at: inout Int, _ output: ParserOutput
    ) -> Bool {
        output.content(input.slice(at..<cursor))
        at = cursor
        state = .text
        isAfterList = false
        return true
    }

    private func endList(_ end: Int, _ at: inout Int) -> Bool {
        at = end
        state = .text
        isAfterList = true
        return true
    }

    /// Behind a call: a comma and another one, or the end of the list.
    private func afterCall(
        _ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput
    ) -> Bool {
        let next = whitespaceEnd(input, at)
        if next == input.count, next - at <= ParserLimits.maximumSeparatorBytes {
            if last { at = next }
            return false
        }
        if input[next] == UInt8(ascii: ",") { return lead(input, &at, last, output) }
        if input[next] == UInt8(ascii: "]") { return endList(next + 1, &at) }
        state = .text
        isAfterList = true
        return true
    }
}

// MARK: - Arguments

extension PythonicParser {
    private func begin(_ keyword: UnsafeRawBufferPointer, isFirst: Bool, _ output: ParserOutput) {
        output.arguments(call, isFirst ? "{\"" : ",\"")
        output.arguments(call, keyword)
        output.arguments(call, "\":")
        value = PythonStream()
        state = .value
    }

    private func endCall(_ output: ParserOutput) {
        output.endCall(call, complete: true)
        state = .afterCall
    }

    private func afterValue(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ output: ParserOutput) -> Bool {
        var cursor = whitespaceEnd(input, at)
        guard cursor < input.count else { return false }
        if input[cursor] == UInt8(ascii: ",") {
            cursor = whitespaceEnd(input, cursor + 1)
            guard cursor < input.count else { return false }
            if input[cursor] != UInt8(ascii: ")") {
                if let keyword = keyword(input, &cursor) {
                    at = cursor
                    begin(input.slice(keyword), isFirst: false, output)
                    return true
                }
                guard cursor < input.count else { return false }
                state = .broken
                return true
            }
        }
        if input[cursor] == UInt8(ascii: ")") {
            at = cursor + 1
            output.arguments(call, "}")
            endCall(output)
        } else {
            state = .broken
        }
        return true
    }

    /// Passes a broken call's text on as arguments, up to a marker.
    private func broken(
        _ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput
    ) -> Bool {
        guard let end = Self.ends.passBroken(input, &at, last, call: call, output) else { return false }
        return endList(end.range.lowerBound, &at)
    }

    /// A keyword and the `=` behind it. Nil with `cursor` where it could not go on: the count, when more may come.
    private func keyword(_ input: UnsafeRawBufferPointer, _ cursor: inout Int) -> Range<Int>? {
        guard let name = identifier(input, &cursor, dotted: false) else { return nil }
        cursor = whitespaceEnd(input, cursor)
        guard cursor < input.count, input[cursor] == UInt8(ascii: "=") else { return nil }
        // Two of them compare.
        guard cursor + 1 < input.count else {
            cursor += 1
            return nil
        }
        guard input[cursor + 1] != UInt8(ascii: "=") else { return nil }
        cursor += 1
        return name
    }

    /// A name in Python, with dots in it or not. Nil when there is none or it may go on behind the input.
    private func identifier(_ input: UnsafeRawBufferPointer, _ cursor: inout Int, dotted: Bool) -> Range<Int>? {
        let start = cursor
        guard start < input.count, CallName.isIdentifierStart(input[start]) else { return nil }
        let bound = min(input.count, start + ParserLimits.maximumNameBytes)
        while cursor < bound, CallName.isIdentifierByte(input[cursor]) || dotted && input[cursor] == UInt8(ascii: ".") {
            cursor += 1
        }
        return cursor < bound ? start..<cursor : nil
    }

    private func whitespaceEnd(_ input: UnsafeRawBufferPointer, _ start: Int) -> Int {
        // Whitespace beyond the limit is not looked at, whatever the piece holds.
        let bound = min(input.count, start + ParserLimits.maximumSeparatorBytes)
        var at = start
        while at < bound, JSONStream.isWhitespace(input[at]) { at += 1 }
        return at
    }
}
