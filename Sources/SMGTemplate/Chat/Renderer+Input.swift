internal import SMGBase
internal import SMGJSON

// What goes into a chat template, and what is cut off behind the message that is to be continued.
extension Renderer {
    /// The message that is to be continued: its text, which the template must print.
    struct Continuation {
        var text: UnsafeRawBufferPointer
    }

    /// Stands behind the text that is to be continued while the template runs, as in Hugging Face's code.
    private static let continuationTag: StaticString = "CONTINUE_FINAL_MESSAGE_TAG "

    /// Gives the program's outer variables their values.
    func bind(
        _ input: ChatTemplateInput, _ program: Program, mentionsContent: Bool
    ) throws(Stop) -> Continuation? {
        now = input.now
        let messages = try messages(input)
        let continuation =
            input.continueFinalMessage
            ? try continuation(input, messages, mentionsContent: mentionsContent) : nil
        guard let values = arena.values(program.globals.count) else { throw outOfMemory() }
        globals = values
        let kwargs = try input.kwargs.map { (slice) throws(Stop) in try wrap(slice) }
        if let kwargs, kwargs.tag != .dict { throw fail(.input, "the template's arguments must be an object") }
        for (at, place) in program.globals.enumerated() {
            let name = constants[Int(place)].text
            var value = Value.missing
            if let kwargs { value = try member(kwargs.dict, name) }
            if value.isMissing { value = try standard(name, input, messages) }
            (values + at).initialize(to: value)
        }
        return continuation
    }

    private func standard(
        _ name: UnsafeRawBufferPointer, _ input: ChatTemplateInput, _ messages: Value
    ) throws(Stop) -> Value {
        if name.equals("messages") { return messages }
        if name.equals("tools") { return try input.tools.map { (slice) throws(Stop) in try wrap(slice) } ?? .none }
        if name.equals("documents") {
            return try input.documents.map { (slice) throws(Stop) in try wrap(slice) } ?? .none
        }
        if name.equals("add_generation_prompt") { return .bool(input.addGenerationPrompt) }
        for token in input.specialTokens where name.string == token.name { return try string(token.text) }
        guard let function = GlobalFunction.named(name) else { return .missing }
        return Value(.function, aux: UInt32(function.rawValue))
    }

    // MARK: - Messages

    private func messages(_ input: ChatTemplateInput) throws(Stop) -> Value {
        let messages = try wrap(input.messages)
        guard messages.tag == .list else { throw fail(.input, "messages must be an array") }
        for message in try items(messages.list) {
            guard message.tag == .dict else { throw fail(.input, "each message must be an object") }
            try force(message.dict)
            if input.preparation.contains(.dropsNullMembers) { try dropNulls(message.dict) }
            if input.preparation.contains(.sharesReasoning) { try shareReasoning(message.dict) }
        }
        return messages
    }

    private func dropNulls(_ message: UnsafeMutablePointer<DictStorage>) throws(Stop) {
        guard let entries = message.pointee.entries else { return }
        guard (0..<message.pointee.count).contains(where: { entries[$0].value.tag == .none }) else { return }
        let kept = try newDict(capacity: message.pointee.count)
        for at in 0..<message.pointee.count where entries[at].value.tag != .none {
            try set(kept, entries[at].key, entries[at].value)
        }
        message.pointee = kept.pointee
    }

    private func shareReasoning(_ message: UnsafeMutablePointer<DictStorage>) throws(Stop) {
        let names: [StaticString] = ["reasoning_content", "thinking", "reasoning"]
        var reasoning = Value.missing
        for name in names {
            let value = try member(message, Value.string(name).text)
            if !value.isMissing, value.tag != .none {
                reasoning = value
                break
            }
        }
        if reasoning.isMissing { return }
        let hasThinking = !(try member(message, Value.string("thinking").text).isMissing)
        if !hasThinking, let entries = message.pointee.entries {
            // It goes to the front, where the reference has it; templates that print whole messages show it.
            let shared = try newDict(capacity: message.pointee.count + 2)
            try set(shared, .string("thinking"), reasoning)
            for at in 0..<message.pointee.count { try set(shared, entries[at].key, entries[at].value) }
            message.pointee = shared.pointee
        }
        try set(message, .string("reasoning_content"), reasoning)
    }

    // MARK: - Continuing

    private func continuation(
        _ input: ChatTemplateInput, _ messages: Value, mentionsContent: Bool
    ) throws(Stop) -> Continuation {
        guard !input.addGenerationPrompt else {
            throw fail(.input, "continue_final_message and add_generation_prompt exclude each other")
        }
        guard let final = try items(messages.list).last else {
            throw fail(.input, "continue_final_message is set but there are no messages")
        }
        let content = try member(final.dict, Value.string("content").text)
        guard !content.isMissing, content.tag != .none else {
            throw fail(.input, "continue_final_message is set but the final message has no content to continue")
        }
        guard mentionsContent else {
            throw fail(.input, "continue_final_message is set but the template does not use the content")
        }
        if content.isString {
            try set(final.dict, .string("content"), try tagged(content))
            return Continuation(text: content.text)
        }
        guard content.tag == .list else { throw fail(.input, "the final message's content cannot be continued") }
        for part in try items(content.list).reversed() where part.tag == .dict {
            let text = try member(part.dict, Value.string("text").text)
            if text.isMissing { continue }
            guard text.isString else { break }
            try set(part.dict, .string("text"), try tagged(text))
            return Continuation(text: text.text)
        }
        throw fail(.input, "continue_final_message is set but there is no text to continue in the final message")
    }

    private func tagged(_ text: Value) throws(Stop) -> Value {
        try capture { () throws(Stop) in
            out.append(text.text)
            out.append(Self.continuationTag)
        }
    }

    /// Cuts the output that starts at `start` behind the message that is to be continued.
    func cut(from start: Int, behind continuation: Continuation) throws(Stop) {
        let rendered = out.slice(start..<out.writerIndex)
        let tag = Value.string(Self.continuationTag).text
        let bare = PythonText.strip(tag)
        guard rendered.firstRange(of: PythonText.strip(continuation.text)) != nil,
            let at = rendered.lastRange(of: bare, upTo: rendered.count)
        else {
            throw fail(.input, "continue_final_message is set but the final message does not appear in the chat")
        }
        if rendered.slice(at..<rendered.count).starts(withBytes: tag) {
            out.writerIndex = start + at
        } else {
            // The template trims its messages, so the end of the text is trimmed too.
            out.writerIndex = start + PythonText.strip(rendered.slice(0..<at), start: false).count
        }
    }
}
