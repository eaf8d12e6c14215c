internal import SMGBase
internal import SMGJSON

/// Reads one call that is an object, `{"name": …, "arguments": …}`, in pieces.
///
/// At first the object may be anything, and nothing of it is dealt with: `read` is given all of it each time, and goes
/// on where it stopped. Once it is known to be a call, what has been seen of it becomes events, and from then on each
/// piece is dealt with as it comes.
struct CallObjectReader: Sendable {
    /// What a piece has come to. Offsets are into the bytes of the last `read`.
    enum Outcome {
        /// Not known to be a call yet. Nothing is dealt with.
        case undecided
        /// No call, and its end is not here: what is before the offset is content.
        case passing(Int)
        /// No call: what is before the offset is content, and the object is over.
        case content(Int)
        /// A call, dealt with up to the offset; more is to come.
        case open(Int)
        /// The call ended before the offset.
        case ended(Int)
        /// The call is open, and what stands at the offset is no JSON.
        case broken(Int)
    }

    private enum State: Sendable {
        case start, keyOrEnd, key, keyString, colon, value, name, arguments, other, after, closed
    }

    private enum Kind: Sendable { case undecided, call, noCall }

    private let keys: CallKeys
    /// Whether nothing but its members tells that the object is a call. Then a name alone is not enough.
    private let isBare: Bool

    private var kind = Kind.undecided
    private var state = State.start
    private var scanned = 0
    private var key = CallKeyText()
    private var member = CallMember.other
    /// The key, name or other value that is being read, and where it began.
    private var stream = JSONStream()
    private var valueStart = 0
    /// Where the name and the arguments stand, while nothing is decided.
    private var name: Range<Int>?
    private var heldArguments: Range<Int>?

    private var index = 0
    private var hasArguments = false
    private var arguments: ArgumentsReader?

    init(keys: CallKeys = .usual, isBare: Bool) {
        self.keys = keys
        self.isBare = isBare
    }

    /// The open call; nil while there is none.
    var call: Int? { kind == .call ? index : nil }

    /// Whether the object is a call or may be one.
    var mayBeCall: Bool { kind != .noCall }

    /// Reads on. Until it is decided `bytes` are all from the opening brace, afterwards what comes next.
    mutating func read(
        _ bytes: UnsafeRawBufferPointer, _ parser: StreamParser, _ options: ToolParserOptions, _ output: ParserOutput
    ) -> Outcome {
        var at = kind == .undecided ? scanned : 0
        // What is held is bounded by the text, not by the piece: the bound stops a long piece too.
        let bound = bytes.slice(0..<min(bytes.count, ParserLimits.maximumHeldBytes))
        while true {
            let visible = kind == .undecided ? bound : bytes
            guard at < visible.count else { break }
            guard step(visible, &at, parser, options, output) else { return fail(at, output) }
            if state == .closed { return close(bytes, at, parser, options, output) }
        }
        switch kind {
        case .undecided:
            scanned = at
            return at < ParserLimits.maximumHeldBytes ? .undecided : .content(at)
        case .call: return .open(at)
        case .noCall: return .passing(at)
        }
    }

    /// Reads on from `at`, behind `lead` bytes that led to the object, and moves `at` behind what is dealt with. Those
    /// bytes are dropped before a call and content before anything else.
    mutating func read(
        _ input: UnsafeRawBufferPointer, _ at: inout Int, lead: inout Int, _ parser: StreamParser,
        _ options: ToolParserOptions, _ output: ParserOutput
    ) -> Outcome {
        let start = at + lead
        let outcome = read(input.slice(start..<input.count), parser, options, output)
        let count: Int
        switch outcome {
        case .undecided: return outcome
        case .passing(let end), .content(let end):
            output.content(input.slice(at..<start + end))
            count = end
        case .open(let end), .ended(let end), .broken(let end): count = end
        }
        at = start + count
        lead = 0
        return outcome
    }

    /// The answer is over, or something else stands where the call went on: an open call ends.
    mutating func finish(_ output: ParserOutput) {
        guard kind == .call else { return }
        arguments?.finish(output)
        output.endCall(index, complete: false)
    }
}

// MARK: - Grammar

extension CallObjectReader {
    /// Reads one token or what there is of it; false when the byte at `at` is not JSON.
    private mutating func step(
        _ bytes: UnsafeRawBufferPointer, _ at: inout Int, _ parser: StreamParser, _ options: ToolParserOptions,
        _ output: ParserOutput
    ) -> Bool {
        switch state {
        case .keyString: return readKey(bytes, &at)
        case .name, .other:
            at = stream.consume(bytes, from: at)
            if stream.status == .complete { endValue(bytes, at, parser, options, output) }
            return stream.status != .invalid
        case .arguments:
            at = arguments?.consume(bytes, from: at, to: output) ?? at
            if arguments?.status == .complete { state = .after }
            return arguments?.status != .invalid
        case .value:
            guard !JSONStream.isWhitespace(bytes[at]) else { break }
            beginValue(bytes, at, parser, options, output)
            return true
        default:
            guard !JSONStream.isWhitespace(bytes[at]) else { break }
            return structure(bytes[at], &at)
        }
        at += 1
        return true
    }

    private mutating func structure(_ byte: UInt8, _ at: inout Int) -> Bool {
        switch (state, byte) {
        case (.start, UInt8(ascii: "{")): state = .keyOrEnd
        case (.keyOrEnd, UInt8(ascii: "}")), (.after, UInt8(ascii: "}")): state = .closed
        case (.after, UInt8(ascii: ",")): state = .key
        case (.colon, UInt8(ascii: ":")): state = .value
        case (.keyOrEnd, UInt8(ascii: "\"")), (.key, UInt8(ascii: "\"")):
            stream = JSONStream()
            key = CallKeyText()
            state = .keyString
            // The quote is the string's: read with it.
            return true
        default: return false
        }
        at += 1
        return true
    }

    private mutating func readKey(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> Bool {
        let end = stream.consume(bytes, from: at)
        key.append(bytes.slice(at..<end))
        at = end
        if stream.status == .complete {
            member = key.member(keys)
            state = .colon
        }
        return stream.status != .invalid
    }

    /// The first byte of a member's value.
    private mutating func beginValue(
        _ bytes: UnsafeRawBufferPointer, _ at: Int, _ parser: StreamParser, _ options: ToolParserOptions,
        _ output: ParserOutput
    ) {
        state = .other
        stream = JSONStream()
        valueStart = at
        if member == .name, kind == .undecided, name == nil, bytes[at] == UInt8(ascii: "\"") {
            state = .name
        } else if member == .arguments, !hasArguments {
            hasArguments = true
            if kind == .undecided, name != nil { decide(bytes, parser, options, output) }
            if kind == .call {
                arguments = ArgumentsReader(call: index)
                state = .arguments
            } else if kind == .undecided {
                heldArguments = at..<at
            }
        }
    }

    private mutating func endValue(
        _ bytes: UnsafeRawBufferPointer, _ at: Int, _ parser: StreamParser, _ options: ToolParserOptions,
        _ output: ParserOutput
    ) {
        if state == .name {
            name = valueStart + 1..<at - 1
            if !isBare || hasArguments { decide(bytes, parser, options, output) }
        } else if let held = heldArguments, held.isEmpty, held.lowerBound == valueStart {
            heldArguments = valueStart..<at
        }
        state = .after
    }
}

// MARK: - Decisions

extension CallObjectReader {
    /// The name is known: begins the call, or finds that it is none.
    private mutating func decide(
        _ bytes: UnsafeRawBufferPointer, _ parser: StreamParser, _ options: ToolParserOptions, _ output: ParserOutput
    ) {
        let isCall = withName(bytes) { name in
            guard 1...ParserLimits.maximumNameBytes ~= name.count, options.accepts(name) else { return false }
            index = parser.beginCall(output, name: name)
            return true
        }
        kind = isCall ? .call : .noCall
        if isCall, let held = heldArguments, !held.isEmpty {
            var reader = ArgumentsReader(call: index)
            _ = reader.consume(bytes.slice(held), from: 0, to: output)
            reader.finish(output)
            arguments = reader
        }
    }

    /// The object is whole.
    private mutating func close(
        _ bytes: UnsafeRawBufferPointer, _ at: Int, _ parser: StreamParser, _ options: ToolParserOptions,
        _ output: ParserOutput
    ) -> Outcome {
        if kind == .undecided, name != nil, withName(bytes, options.tools.knows) {
            decide(bytes, parser, options, output)
        }
        guard kind == .call else { return .content(at) }
        if !hasArguments { output.arguments(index, "{}") }
        output.endCall(index, complete: !hasArguments || arguments?.isComplete == true)
        return .ended(at)
    }

    /// The byte at `at` is not JSON.
    private mutating func fail(_ at: Int, _ output: ParserOutput) -> Outcome {
        guard kind == .call else { return .content(at) }
        guard arguments?.isComplete == true else {
            arguments?.finish(output)
            return .broken(at)
        }
        output.endCall(index, complete: true)
        return .ended(at)
    }

    private func withName<Result>(
        _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        guard let name else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        let text = JSONString(raw: bytes.slice(name))
        guard text.hasEscapes else { return body(text.raw) }
        let decoded = ByteBuffer(capacity: text.raw.count)
        text.append(to: decoded)
        return body(decoded.readable)
    }
}
