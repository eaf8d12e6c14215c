internal import SMGBase

/// Parses the formats whose calls are JSON objects; `ObjectCallFormat` says how they are marked.
///
/// What leads to a call (a marker, a bracket, a comma, whitespace) is held until the call's name is known: then it is
/// dropped, otherwise it is content with everything behind it up to where it could be no call. Whitespace alone between
/// two calls, and behind the last, is their separator.
final class ObjectCallParser: StreamParser {
    private enum State {
        /// Text, up to a marker.
        case text
        /// The start of the answer, where an object needs no marker.
        case start
        /// An opening marker stands at the beginning of the input.
        case opened
        /// An object that `reader` reads; the first `lead` bytes of the input lead to it.
        case object
        /// The arguments of a call whose name stood before them.
        case named
        /// Behind a call.
        case after
        /// A call whose JSON is broken, up to the next marker.
        case broken
    }

    /// What stands between a place and the next call.
    private enum Lead {
        case more
        case object(Int)
        case name(Int)
        /// Nothing leads to a call; what is before the offset is certain to be content.
        case none(Int)
    }

    private let format: ObjectCallFormat
    private let options: ToolParserOptions
    /// Opening markers first, then those to drop.
    private let markers: MarkerScanner?
    /// The same and the closing ones, for text in which a call's closing marker is still to come.
    private let owing: MarkerScanner?
    /// Closing markers first, then opening ones.
    private let ends: MarkerScanner?
    private let brackets = ByteSearch([UInt8(ascii: "{"), UInt8(ascii: "[")])

    private var state: State
    private var reader: CallObjectReader
    private var arguments = ArgumentsReader(call: 0)
    /// The call that is open in the states `named` and `broken`.
    private var call = 0
    private var lead = 0
    private var inList = false
    /// Whether an opening marker has not been closed: an object needs no other before it.
    private var inBlock = false
    /// Whether a call's block has not been closed: its closing marker is no text, whatever stands before it.
    private var owesClose = false

    init(_ format: ObjectCallFormat, _ options: ToolParserOptions) {
        self.format = format
        self.options = options
        let markers = format.opening + format.dropped
        self.markers = markers.isEmpty ? nil : MarkerScanner(markers)
        owing = markers.isEmpty ? nil : MarkerScanner(markers + format.closing)
        let ends = format.closing + format.opening
        self.ends = ends.isEmpty ? nil : MarkerScanner(ends)
        reader = CallObjectReader(keys: format.keys, isBare: true)
        state = format.bare == .atStart ? .start : .text

    }

    override func advance(_ input: UnsafeRawBufferPointer, last: Bool, _ output: ParserOutput) -> Int {
        var at = 0
        var goesOn = true
        while goesOn, at < input.count {
            switch state {
            case .text: goesOn = text(input, &at, last, output)
            case .start, .opened, .after: goesOn = between(input, &at, last, output)
            case .object: goesOn = object(input, &at, output)
            case .named: goesOn = named(input, &at, output)
            case .broken: goesOn = broken(input, &at, last, output)
            }
        }
        if last { end(output) }
        return at
    }

    override var isInCall: Bool {
        switch state {
        case .object: reader.mayBeCall
        case .named, .broken: true
        default: false
        }
    }

    /// The answer is over.
    private func end(_ output: ParserOutput) {
        switch state {
        case .object: reader.finish(output)
        case .named:
            arguments.finish(output)
            output.endCall(call, complete: false)
        case .broken: output.endCall(call, complete: false)
        default: break
        }
        state = .text
    }
}

// MARK: - Text

extension ObjectCallParser {
    /// Passes text on, up to what may lead to a call. False when nothing more can be done with this input.
    private func text(
        _ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput
    ) -> Bool {
        inBlock = false
        inList = false
        guard let markers = owesClose ? owing : markers else { return bareText(input, &at, output) }
        guard let (index, range) = markers.passContent(input, &at, last, output) else { return false }
        if index < format.opening.count {
            owesClose = false
            state = .opened
        } else {
            at = range.upperBound
            if index >= format.opening.count + format.dropped.count {
                owesClose = false
                state = .after
            }
        }
        return true
    }

    private func bareText(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ output: ParserOutput) -> Bool {
        let hit = brackets.first(in: input, from: at)
        output.content(input.slice(at..<hit))
        at = hit
        // Not at the end of a piece: whitespace at the beginning of the next would count as leading to a call.
        guard hit < input.count else { return false }
        state = .opened
        return true
    }
}

// MARK: - Between calls

extension ObjectCallParser {
    /// The start of the answer, an opening marker, or what is behind a call.
    private func between(
        _ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput
    ) -> Bool {
        let start = at
        var isAfter = false
        if case .after = state { isAfter = true }
        if isAfter, skipEnds(input, &at, last) { return true }
        switch findLead(input, start, isAfter, last) {
        case .more:
            if last, isAfter, input.slice(start..<input.count).allSatisfy(JSONStream.isWhitespace) { at = input.count }
            return false
        case .object(let offset):
            lead = offset - start
            reader = CallObjectReader(keys: format.keys, isBare: !inBlock)
            state = .object
            return true
        case .name(let offset): return beginNamed(input, start, offset, &at, last, output)
        case .none(let offset):
            output.content(input.slice(start..<offset))
            at = offset
            state = .text
            return true
        }
    }

    /// Behind a call: takes the end of a list, or a closing marker, with the whitespace before it.
    private func skipEnds(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool) -> Bool {
        let next = whitespaceEnd(input, at)
        guard next < input.count, next - at <= ParserLimits.maximumSeparatorBytes else { return false }
        if inList, input[next] == UInt8(ascii: "]") {
            inList = false
            at = next + 1
            return true
        }
        guard let ends, case .whole(let index) = ends.marker(in: input, at: next, last: last),
            index < format.closing.count
        else { return false }
        inBlock = false
        inList = false
        owesClose = false
        at = next + format.closing[index].utf8CodeUnitCount
        return true
    }

    /// What stands at `start`, where something that leads to a call may.
    private func findLead(_ input: UnsafeRawBufferPointer, _ start: Int, _ isAfter: Bool, _ last: Bool) -> Lead {
        var at = whitespaceEnd(input, start)
        guard at - start <= ParserLimits.maximumSeparatorBytes else { return .none(at) }
        guard at < input.count else { return .more }
        if isAfter, input[at] == (inList ? UInt8(ascii: ",") : format.separator) {
            let next = whitespaceEnd(input, at + 1)
            guard next - start <= ParserLimits.maximumSeparatorBytes else { return .none(next) }
            guard next < input.count else { return .more }
            if input[next] == UInt8(ascii: "{") { return .object(next) }
            if inList { return .none(next) }
            at = next
        }
        switch ends?.marker(in: input, at: at, last: last) {
        case .open: return .more
        case .whole(let index) where index >= format.closing.count:
            inBlock = true
            inList = false
            at += format.opening[index - format.closing.count].utf8CodeUnitCount
            return opened(input, at, allowsName: format.hasNamedCalls)
        default: break
        }
        let isBareHere = format.bare == .anywhere || format.bare == .atStart && !isAfter
        guard isBareHere || inBlock, !inList else { return .none(at) }
        return opened(input, at, allowsName: false)
    }

    /// What stands at `start`, behind an opening marker or where none is needed.
    private func opened(_ input: UnsafeRawBufferPointer, _ start: Int, allowsName: Bool) -> Lead {
        let at = whitespaceEnd(input, start)
        guard at - start <= ParserLimits.maximumSeparatorBytes else { return .none(at) }
        guard at < input.count else { return .more }
        if input[at] == UInt8(ascii: "{") { return .object(at) }
        if input[at] == UInt8(ascii: "["), format.hasLists {
            let next = whitespaceEnd(input, at + 1)
            guard next - at <= ParserLimits.maximumSeparatorBytes else { return .none(next) }
            guard next < input.count else { return .more }
            guard input[next] == UInt8(ascii: "{") else { return .none(next) }
            inList = true
            return .object(next)
        }
        return allowsName ? .name(at) : .none(at)
    }

    private func whitespaceEnd(_ input: UnsafeRawBufferPointer, _ start: Int) -> Int {
        // Whitespace beyond the limit is not looked at, whatever the piece holds.
        let bound = min(input.count, start + ParserLimits.maximumSeparatorBytes + 1)
        var at = start
        while at < bound, JSONStream.isWhitespace(input[at]) { at += 1 }
        return at
    }
}

// MARK: - Calls

extension ObjectCallParser {
    private func object(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ output: ParserOutput) -> Bool {
        switch reader.read(input, &at, lead: &lead, self, options, output) {
        case .undecided: return false
        case .passing, .open: break
        case .content: state = .text
        case .ended:
            owesClose = inBlock
            state = .after
        case .broken:
            call = reader.call ?? 0
            state = .broken
        }
        return true
    }

    /// Passes a broken call's text on as arguments, up to a marker.
    private func broken(
        _ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput
    ) -> Bool {
        guard let ends else {
            output.arguments(call, input.slice(at..<input.count))
            at = input.count
            return false
        }
        guard ends.passBroken(input, &at, last, call: call, output) != nil else { return false }
        inList = false
        state = .after
        return true
    }

    /// The longest text behind a function's name that ends it.
    private static let nameEnds = MarkerScanner("[ARGS]", "[CALL_ID]", "{")

    /// `name{…}`, `name[ARGS]{…}` or `name[CALL_ID]id[ARGS]{…}`, whose name begins at `offset`.
    private func beginNamed(
        _ input: UnsafeRawBufferPointer, _ start: Int, _ offset: Int, _ at: inout Int, _ last: Bool,
        _ output: ParserOutput
    ) -> Bool {
        func giveUp(_ end: Int) -> Bool {
            output.content(input.slice(start..<end))
            at = end
            state = .text
            return true
        }
        var end = offset
        while end < input.count, CallName.isNameByte(input[end]) {
            end += 1
            if end - offset > ParserLimits.maximumNameBytes { return giveUp(end) }
        }
        if end == input.count { return last ? giveUp(end) : false }
        let name = input.slice(offset..<end)
        var next = end
        var id: UnsafeRawBufferPointer?
        switch Self.nameEnds.marker(in: input, at: end, last: last) {
        case .open: return false
        case .no: return giveUp(end)
        case .whole(0): next += 6
        case .whole(1):
            let from = end + 9
            var to = from
            while to < input.count, CallName.isNameByte(input[to]) {
                to += 1
                if to - from > ParserLimits.maximumNameBytes { return giveUp(to) }
            }
            if to == input.count { return last ? giveUp(to) : false }
            switch Self.nameEnds.marker(in: input, at: to, last: last) {
            case .open: return false
            case .whole(0): next = to + 6
            case .whole(2): next = to
            default: return giveUp(to)
            }
            id = input.slice(from..<to)
        default: break
        }
        guard !name.isEmpty, options.accepts(name) else { return giveUp(next) }
        call = beginCall(output, name: name, id: id?.isEmpty == true ? nil : id)
        at = next
        arguments = ArgumentsReader(call: call)
        state = .named
        return true
    }

    private func named(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ output: ParserOutput) -> Bool {
        at = arguments.consume(input, from: at, to: output)
        switch arguments.status {
        case .open: break
        case .complete:
            output.endCall(call, complete: arguments.isComplete)
            state = .after
        case .invalid:
            arguments.finish(output)
            state = .broken
        }
        return true
    }
}
