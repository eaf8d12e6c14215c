internal import SMGBase
internal import SMGJSON

/// Anthropic's `/v1/messages`.
struct MessagesFormat: AnswerFormat {
    private func stopReason(_ answer: Answer) -> StaticString { answer.isCut ? "max_tokens" : "end_turn" }

    private func message(_ answer: Answer, isDone: Bool, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("id")
        writer.string(answer.id)
        writer.key("type")
        writer.string("message")
        writer.key("role")
        writer.string("assistant")
        writer.key("model")
        writer.string(answer.model)
        writer.key("content")
        writer.beginArray()
        if isDone { block(answer, 0..<answer.tokens, to: &writer) }
        writer.endArray()
        writer.key("stop_reason")
        if isDone { writer.string(stopReason(answer)) } else { writer.null() }
        writer.key("stop_sequence")
        writer.null()
        writer.key("usage")
        writer.beginObject()
        writer.key("input_tokens")
        writer.int(answer.schedule.promptTokens - answer.schedule.cachedTokens)
        writer.key("cache_read_input_tokens")
        writer.int(answer.schedule.cachedTokens)
        writer.key("cache_creation_input_tokens")
        writer.int(0)
        writer.key("output_tokens")
        writer.int(isDone ? answer.tokens : 0)
        writer.endObject()
        writer.endObject()
    }

    private func block(_ answer: Answer, _ range: Range<Int>, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("type")
        writer.string("text")
        writer.key("text")
        answer.string(range, to: &writer)
        writer.endObject()
    }

    private func typed(_ type: StaticString, to out: ByteBuffer, _ members: (inout JSONWriter) -> Void) {
        event(type, to: out) { writer in
            writer.beginObject()
            writer.key("type")
            writer.string(type)
            members(&writer)
            writer.endObject()
        }
    }

    func begin(_ answer: Answer, to out: ByteBuffer) {
        typed("message_start", to: out) { writer in
            writer.key("message")
            message(answer, isDone: false, to: &writer)
        }
        typed("content_block_start", to: out) { writer in
            writer.key("index")
            writer.int(0)
            writer.key("content_block")
            block(answer, 0..<0, to: &writer)
        }
    }

    func token(_ index: Int, _ answer: Answer, to out: ByteBuffer) {
        typed("content_block_delta", to: out) { writer in
            writer.key("index")
            writer.int(0)
            writer.key("delta")
            writer.beginObject()
            writer.key("type")
            writer.string("text_delta")
            writer.key("text")
            answer.string(index..<index + 1, to: &writer)
            writer.endObject()
        }
    }

    func end(_ answer: Answer, to out: ByteBuffer) {
        typed("content_block_stop", to: out) { writer in
            writer.key("index")
            writer.int(0)
        }
        typed("message_delta", to: out) { writer in
            writer.key("delta")
            writer.beginObject()
            writer.key("stop_reason")
            writer.string(stopReason(answer))
            writer.key("stop_sequence")
            writer.null()
            writer.endObject()
            writer.key("usage")
            writer.beginObject()
            writer.key("output_tokens")
            writer.int(answer.tokens)
            writer.endObject()
        }
        typed("message_stop", to: out) { _ in }
    }

    func whole(_ answer: Answer, to out: ByteBuffer) {
        var writer = JSONWriter(out)
        message(answer, isDone: true, to: &writer)
    }
}
