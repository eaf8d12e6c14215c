internal import SMGBase

/// Inkling, whose answer is made of messages that say what they hold; calls are JSON:
///
///     <|message_model|><|content_text|>Let me look.<|end_message|>
///     <|message_model|>get_weather<|content_invoke_tool_json|>{"name":"get_weather","args":{"city":"Berlin"}}
///     <|end_message|>
///
/// The name in the JSON counts; that before it belongs to the marker. The tokens that frame messages are left out of the
/// content, except where a call is malformed: then all of it is content as it stands. Reasoning is another parser's.
final class InklingParser: StreamParser {
    private enum State {
        case text
        /// An object that `reader` reads; the first `lead` bytes of the input lead to it.
        case object
        /// Behind a call.
        case after
        /// A call whose JSON is broken, up to the next token.
        case broken
    }

    /// The tokens that matter, and behind them those that are left out.
    private static let tokens = MarkerScanner(
        "<|content_invoke_tool_json|>", "<|message_model|>", "<|end_message|>", "<|content_text|>",
        "<|content_thinking|>", "<|content_model_end_sampling|>", "<|message_user|>", "<|message_system|>",
        "<|message_tool|>", "<|content_image|>", "<|content_audio_input|>", "<|content_tool_error|>",
        "<|content_xml|>", "<|content_invoke_tool_text|>", "<|content_invoke_tool|>", "<|audio_end|>",
        "<|model_trigger_generation|>", "<|endoftext|>")
    private static let invoke: StaticString = "<|content_invoke_tool_json|>"
    private static let keys = CallKeys(name: ["name"], arguments: ["args", "arguments", "parameters"])

    private let options: ToolParserOptions
    private var state = State.text
    private var reader = CallObjectReader(isBare: false)
    private var lead = 0
    private var call = 0

    init(_ options: ToolParserOptions) {
        self.options = options
        super.init()
    }

    override func advance(_ input: UnsafeRawBufferPointer, last: Bool, _ output: ParserOutput) -> Int {
        var at = 0
        var goesOn = true
        while goesOn, at < input.count {
            switch state {
            case .text: goesOn = text(input, &at, last, output)
            case .object: goesOn = object(input, &at, output)
            case .after: goesOn = after(input, &at, last)
            case .broken: goesOn = broken(input, &at, last, output)
            }
        }
        guard last else { return at }
        if case .object = state { reader.finish(output) }
        if case .broken = state { output.endCall(call, complete: false) }
        state = .text
        return at
    }

    override var isInCall: Bool {
        switch state {
        case .object: reader.mayBeCall
        case .broken: true
        default: false
        }
    }

    /// Passes text on, up to a call. False when more is needed.
    private func text(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput) -> Bool {
        guard let (index, range) = Self.tokens.passContent(input, &at, last, output) else { return false }
        if index > 1 {
            at = range.upperBound
            return true
        }
        var tag = TagReader(bytes: input, at: range.upperBound)
        do throws(TagMismatch) {
            if index == 1 {
                while try tag.next() != UInt8(ascii: "<") {
                    guard tag.at - range.upperBound < ParserLimits.maximumNameBytes else { throw .never }
                    tag.at += 1
                }
                try tag.literal(Self.invoke)
            }
            return try open(tag, input, &at, output)
        } catch {
            if error == .notYet, !last { return false }
            // A message that is no call.
            if index == 0 { output.content(input.slice(range)) }
            at = range.upperBound
            return true
        }
    }

    /// The tokens before a call are read: its object begins, or what stands there is content.
    private func open(
        _ tag: TagReader, _ input: UnsafeRawBufferPointer, _ at: inout Int, _ output: ParserOutput
    ) throws(TagMismatch) -> Bool {
        var tag = tag
        let start = tag.at
        do throws(TagMismatch) {
            _ = try tag.space()
            guard try tag.next() == UInt8(ascii: "{") else { throw .never }
        } catch {
            if error == .notYet { throw error }
            output.content(input.slice(at..<start))
            at = start
            return true
        }
        lead = tag.at - at
        reader = CallObjectReader(keys: Self.keys, isBare: false)
        state = .object
        return true
    }

    private func object(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ output: ParserOutput) -> Bool {
        switch reader.read(input, &at, lead: &lead, self, options, output) {
        case .undecided: return false
        // No call: what it is made of goes on as text.
        case .passing, .content: state = .text
        case .open: break
        case .ended: state = .after
        case .broken:
            call = reader.call ?? 0
            state = .broken
        }
        return true
    }

    /// Whitespace behind a call is layout when a token follows, or nothing.
    private func after(_ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool) -> Bool {
        let end = TagReader.spaceEnd(input, at)
        if end - at <= ParserLimits.maximumSeparatorBytes {
            switch Self.tokens.marker(in: input, at: end, last: false) {
            case .no: break
            case .whole(let index):
                at = end
                // A token that frames messages is layout too.
                if index > 1, case .marker(_, let range) = Self.tokens.first(in: input, from: end, last: false) {
                    at = range.upperBound
                    return true
                }
            case .open:
                if !last { return false }
                if end == input.count { at = end }
            }
        }
        state = .text
        return true
    }

    private func broken(
        _ input: UnsafeRawBufferPointer, _ at: inout Int, _ last: Bool, _ output: ParserOutput
    ) -> Bool {
        guard Self.tokens.passBroken(input, &at, last, call: call, output) != nil else { return false }
        state = .after
        return true
    }
}
