internal import SMGBase
internal import SMGJSON

/// `/v1/completions`.
struct CompletionsFormat: AnswerFormat {
    private func object(
        _ answer: Answer, to writer: inout JSONWriter, text: Range<Int>?, finish: Bool, usage: Bool
    ) {
        writer.beginObject()
        writer.key("id")
        writer.string(answer.id)
        writer.key("object")
        writer.string("text_completion")
        writer.key("created")
        writer.int(answer.created)
        writer.key("model")
        writer.string(answer.model)
        writer.key("choices")
        writer.beginArray()
        if let text {
            writer.beginObject()
            writer.key("index")
            writer.int(0)
            writer.key("text")
            answer.string(text, to: &writer)
            writer.key("logprobs")
            writer.null()
            writer.key("finish_reason")
            if finish { writer.string(answer.finishReason) } else { writer.null() }
            writer.endObject()
        }
        writer.endArray()
        if usage {
            writer.key("usage")
            answer.usage(to: &writer)
        }
        writer.endObject()
    }

    func begin(_ answer: Answer, to out: ByteBuffer) {}

    func token(_ index: Int, _ answer: Answer, to out: ByteBuffer) {
        event(to: out) { object(answer, to: &$0, text: index..<index + 1, finish: false, usage: false) }
    }

    func end(_ answer: Answer, to out: ByteBuffer) {
        event(to: out) { object(answer, to: &$0, text: 0..<0, finish: true, usage: false) }
        if answer.includesUsage { event(to: out) { object(answer, to: &$0, text: nil, finish: false, usage: true) } }
        out.append("data: [DONE]\n\n")
    }

    func whole(_ answer: Answer, to out: ByteBuffer) {
        var writer = JSONWriter(out)
        object(answer, to: &writer, text: 0..<answer.tokens, finish: true, usage: true)
    }
}
