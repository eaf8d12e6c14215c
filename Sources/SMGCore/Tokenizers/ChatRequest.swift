package import SMGBase
package import SMGJSON
internal import SMGTemplate
package import SMGTokenizer

/// A chat completion request as a chat template sees it.
package struct ChatRequest {
    private let request: JSONSlice

    /// The request's JSON object; its bytes must live until the rendering ends.
    package init(_ request: JSONSlice) { self.request = request }

    /// The prompt that an engine would make of it, by the template of `tokenizer`. Message content that is an array of
    /// parts is joined to one text where the template wants texts.
    package func render(with tokenizer: Tokenizer) throws(TokenizerError) -> ByteBuffer {
        guard let messages = request["messages"], messages.kind == .array else {
            throw TokenizerError(.chatTemplate, "'messages' must be an array")
        }
        let tools = request["tools"].flatMap { $0.isNull ? nil : $0 }
        guard case .success(let templates) = tokenizer.chatTemplates,
            let template = try? templates.template(hasTools: tools != nil), template.contentFormat == .string
        else { return try render(messages, tools, tokenizer) }
        let joined = ByteBuffer(capacity: messages.bytes.count)
        var writer = JSONWriter(joined)
        MessageContent.writeWithTextContent(messages, to: &writer)
        return try withExtendedLifetime(joined) { () throws(TokenizerError) in
            try render(JSONSlice(validated: joined.readable), tools, tokenizer)
        }
    }

    private func render(
        _ messages: JSONSlice, _ tools: JSONSlice?, _ tokenizer: Tokenizer
    ) throws(TokenizerError) -> ByteBuffer {
        let nanoseconds = WallClock.nanoseconds()
        let seconds = nanoseconds / 1_000_000_000
        let now = TemplateTime(
            seconds: seconds, offset: WallClock.utcOffset(at: seconds),
            microseconds: Int(nanoseconds % 1_000_000_000 / 1000))
        var input = ChatTemplateInput(messages: messages, now: now)
        input.tools = tools
        input.documents = request["documents"].flatMap { $0.isNull ? nil : $0 }
        input.continueFinalMessage = request["continue_final_message"]?.bool ?? false
        input.addGenerationPrompt = request["add_generation_prompt"]?.bool ?? !input.continueFinalMessage
        input.kwargs = request["chat_template_kwargs"].flatMap { $0.isNull ? nil : $0 }
        return try tokenizer.applyChatTemplate(input)
    }
}
