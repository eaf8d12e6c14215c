internal import SMGBase
internal import SMGJSON

/// SGLang's `/generate`: each event of a stream carries the text so far.
struct GenerateFormat: AnswerFormat {
    private func object(_ answer: Answer, _ count: Int, isEnd: Bool, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("text")
        answer.string(0..<count, to: &writer)
        writer.key("output_ids")
        writer.beginArray()
        for index in 0..<count { writer.int(answer.words.id(index)) }
        writer.endArray()
        writer.key("meta_info")
        writer.beginObject()
        writer.key("id")
        writer.string(answer.id)
        writer.key("finish_reason")
        if isEnd {
            writer.beginObject()
            writer.key("type")
            writer.string(answer.finishReason)
            if answer.isCut {
                writer.key("length")
                writer.int(answer.tokens)
            }
            writer.endObject()
        } else {
            writer.null()
        }
        writer.key("prompt_tokens")
        writer.int(answer.schedule.promptTokens)
        writer.key("completion_tokens")
        writer.int(count)
        writer.key("cached_tokens")
        writer.int(answer.schedule.cachedTokens)
        writer.key("e2e_latency")
        writer.double((answer.schedule.lastTokenAt - answer.schedule.admittedAt).seconds)
        writer.endObject()
        writer.endObject()
    }

    func begin(_ answer: Answer, to out: ByteBuffer) {}

    func token(_ index: Int, _ answer: Answer, to out: ByteBuffer) {
        event(to: out) { object(answer, index + 1, isEnd: index + 1 == answer.tokens, to: &$0) }
    }

    func end(_ answer: Answer, to out: ByteBuffer) {
        if answer.tokens == 0 { event(to: out) { object(answer, 0, isEnd: true, to: &$0) } }
        out.append("data: [DONE]\n\n")
    }

    func whole(_ answer: Answer, to out: ByteBuffer) {
        var writer = JSONWriter(out)
        object(answer, answer.tokens, isEnd: true, to: &writer)
    }
}
