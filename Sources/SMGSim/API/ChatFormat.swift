internal import SMGBase
internal import SMGJSON

/// `/v1/chat/completions`.
struct ChatFormat: AnswerFormat {
    private func chunk(_ answer: Answer, to out: ByteBuffer, _ choices: (inout JSONWriter) -> Void, usage: Bool = false)
    {
        event(to: out) { writer in
            writer.beginObject()
            Self.head(answer, "chat.completion.chunk", to: &writer)
            writer.key("choices")
            writer.beginArray()
            choices(&writer)
            writer.endArray()
            if usage {
                writer.key("usage")
                answer.usage(to: &writer)
            }
            writer.endObject()
        }
    }

    private static func head(_ answer: Answer, _ object: StaticString, to writer: inout JSONWriter) {
        writer.key("id")
        writer.string(answer.id)
        writer.key("object")
        writer.string(object)
        writer.key("created")
        writer.int(answer.created)
        writer.key("model")
        writer.string(answer.model)
    }

    private static func choice(
        _ key: StaticString, _ finishReason: StaticString?, to writer: inout JSONWriter,
        _ content: (inout JSONWriter) -> Void
    ) {
        writer.beginObject()
        writer.key("index")
        writer.int(0)
        writer.key(key)
        writer.beginObject()
        content(&writer)
        writer.endObject()
        writer.key("logprobs")
        writer.null()
        writer.key("finish_reason")
        if let finishReason { writer.string(finishReason) } else { writer.null() }
        writer.endObject()
    }

    func begin(_ answer: Answer, to out: ByteBuffer) {
        chunk(
            answer, to: out,
            { writer in
                Self.choice("delta", nil, to: &writer) { writer in
                    writer.key("role")
                    writer.string("assistant")
                    writer.key("content")
                    writer.string("")
                }
            })
    }

    func token(_ index: Int, _ answer: Answer, to out: ByteBuffer) {
        chunk(
            answer, to: out,
            { writer in
                Self.choice("delta", nil, to: &writer) { writer in
                    writer.key("content")
                    answer.string(index..<index + 1, to: &writer)
                }
            })
    }

    func end(_ answer: Answer, to out: ByteBuffer) {
        chunk(
            answer, to: out,
            { writer in
                Self.choice("delta", answer.finishReason, to: &writer) { _ in }
            })
        if answer.includesUsage { chunk(answer, to: out, { _ in }, usage: true) }
        out.append("data: [DONE]\n\n")
    }

    func whole(_ answer: Answer, to out: ByteBuffer) {
        var writer = JSONWriter(out)
        writer.beginObject()
        Self.head(answer, "chat.completion", to: &writer)
        writer.key("choices")
        writer.beginArray()
        Self.choice("message", answer.finishReason, to: &writer) { writer in
            writer.key("role")
            writer.string("assistant")
            writer.key("content")
            answer.string(0..<answer.tokens, to: &writer)
        }
        writer.endArray()
        writer.key("usage")
        answer.usage(to: &writer)
        writer.endObject()
    }
}
