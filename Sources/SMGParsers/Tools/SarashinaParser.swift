internal import SMGBase
internal import SMGJSON

/// Parses Sarashina's calls: a list of Python dictionaries with `name` and `arguments`, behind a marker or without one.
///
/// The list becomes events when it is whole: only then is it known to be one. Until then it is held.
final class SarashinaParser: StreamParser {
    private enum State {
        case text
        /// A marker or a bracket stands at the beginning of the input.
        case lead
        /// The first `lead` bytes of the input lead to a list.
        case list
        /// Behind a list.
        case after
    }

    private static let texts = MarkerScanner("<|tool_calls|>", "[")

    private let options: ToolParserOptions
    private var state = State.text
    private var lead = 0
    /// The list as far as it was read, and what it is in JSON.
    private var list = PythonStream()
    private var scanned = 0
    private let json = ParserOutput()

    init(_ options: ToolParserOptions) { self.options = options }

    override func advance(_ input: UnsafeRawBufferPointer, last: Bool, _ output: ParserOutput) -> Int {
        var at = 0
        var goesOn = true
        while goesOn, at < input.count {
            switch state {
            case .text: goesOn = text(input, &at, last, output)
            case .lead: goesOn = findList(input, &at, output)
            case .list: goesOn = readList(input, &at, output)
            case .after: goesOn = after(input, &at, last)
            }
        }
        return at
    }

    override var isInCall: Bool { state == .list }

    private func text(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput) -> Bool {
        guard Self.texts.passContent(input, &at, last, output) != nil else { return false }
        state = .lead
        return true
    }

    /// A marker, if there is one, a bracket and a brace.
    private func findList(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ output: ParserOutput) -> Bool {
        var cursor = whitespaceEnd(input, at)
        if cursor < input.count, input[cursor] == UInt8(ascii: "<") { cursor = whitespaceEnd(input, cursor + 14) }
        guard cursor < input.count else { return false }
        if input[cursor] == UInt8(ascii: "[") {
            let brace = whitespaceEnd(input, cursor + 1)
            guard brace < input.count else { return false }
            if input[brace] == UInt8(ascii: "{") {
                lead = cursor - at
                list = PythonStream()
                scanned = 0
                json.clear()
                state = .list
                return true
            }
            cursor = brace
        }
        return giveUp(input, cursor, &at, output)
    }

    private func giveUp(
        _ input: UnsafeRawBufferPointer, _ end: Int, _ at: inout Int, _ output: ParserOutput
    ) -> Bool {
        output.content(input.slice(at..<end))
        at = end
        state = .text
        return true
    }

    private func readList(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ output: ParserOutput) -> Bool {
        let start = at + lead
        let bound = min(input.count - start, ParserLimits.maximumHeldBytes)
        scanned = list.consume(input.slice(start..<start + bound), from: scanned, to: json, call: 0)
        switch list.status {
        case .open:
            return scanned < ParserLimits.maximumHeldBytes ? false : giveUp(input, start + scanned, &at, output)
        case .invalid: return giveUp(input, start + scanned, &at, output)
        case .complete:
            guard emit(output) else { return giveUp(input, start + scanned, &at, output) }
            at = start + scanned
            state = .after
            return true
        }
    }

    /// One element of the list.
    private struct Call {
        var name: String
        var arguments: JSONSlice?

        /// Reads the element under `cursor`; nil when it names no function. Repeated keys count as in Python: the last one.
        init?(_ cursor: inout JSONCursor) {
            guard cursor.kind == .object, cursor.enter() else { return nil }
            var name: String?
            var parameters: JSONSlice?
            while let key = cursor.nextKey() {
                let value = cursor.takeValue()
                if key.isEqual(to: "name") { name = value.string }
                if key.isEqual(to: "arguments") { arguments = value }
                if key.isEqual(to: "parameters") { parameters = value }
            }
            guard let name, 1...ParserLimits.maximumNameBytes ~= name.utf8.count else { return nil }
            self.name = name
            arguments = arguments ?? parameters
        }
    }

    /// The calls of the whole list; false when one of its elements is none.
    private func emit(_ output: ParserOutput) -> Bool {
        guard let record = json.records.first else { return false }
        // Written by `PythonStream`: valid, and without whitespace.
        var cursor = JSONCursor(json.text(record))
        guard cursor.kind == .array, cursor.enter() else { return false }
        var calls: [Call] = []
        while cursor.nextElement() {
            guard var call = Call(&cursor), call.name.withUTF8({ options.accepts(UnsafeRawBufferPointer($0)) }) else {
                return false
            }
            calls.append(call)
        }
        for var found in calls {
            let call = found.name.withUTF8 { beginCall(output, name: UnsafeRawBufferPointer($0)) }
            guard let value = found.arguments else {
                output.arguments(call, "{}")
                output.endCall(call, complete: true)
                continue
            }
            if value.kind == .object {
                output.arguments(call, value.bytes)
                output.endCall(call, complete: true)
                continue
            }
            var reader = ArgumentsReader(call: call)
            _ = reader.consume(value.bytes, from: 0, to: output)
            reader.finish(output)
            output.endCall(call, complete: reader.isComplete)
        }
        return true
    }

    /// Behind a list: another one, or text.
    private func after(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool) -> Bool {
        let next = whitespaceEnd(input, at)
        guard next < input.count else {
            if last { at = next }
            return false
        }
        switch Self.texts.marker(in: input, at: next, last: last) {
        case .open: return false
        case .whole: state = .lead
        case .no: state = .text
        }
        return true
    }

    private func whitespaceEnd(_ input: UnsafeRawBufferPointer, _ start: Int) -> Int {
        // Whitespace beyond the limit is not looked at, whatever the piece holds.
        let bound = min(input.count, start + ParserLimits.maximumSeparatorBytes)
        var at = start
        while at < bound, JSONStream.isWhitespace(input[at]) { at += 1 }
        return at
    }
}
