internal import SMGBase
internal import SMGJSON

/// `/v1/responses`: one message item with one text part.
struct ResponsesFormat: AnswerFormat {
    private static let beginningEvents = 4

    private func itemID(_ answer: Answer) -> String { "msg_" + answer.id }

    /// The response object, before (`isDone` false) or behind its text.
    private func response(_ answer: Answer, isDone: Bool, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("id")
        writer.string(answer.id)
        writer.key("object")
        writer.string("response")
        writer.key("created_at")
        writer.int(answer.created)
        writer.key("model")
        writer.string(answer.model)
        writer.key("status")
        writer.string(isDone ? "completed" : "in_progress")
        writer.key("output")
        writer.beginArray()
        if isDone { item(answer, isDone: true, to: &writer) }
        writer.endArray()
        writer.key("usage")
        if isDone { usage(answer, to: &writer) } else { writer.null() }
        writer.endObject()
    }

    private func usage(_ answer: Answer, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("input_tokens")
        writer.int(answer.schedule.promptTokens)
        writer.key("input_tokens_details")
        writer.beginObject()
        writer.key("cached_tokens")
        writer.int(answer.schedule.cachedTokens)
        writer.endObject()
        writer.key("output_tokens")
        writer.int(answer.tokens)
        writer.key("output_tokens_details")
        writer.beginObject()
        writer.key("reasoning_tokens")
        writer.int(0)
        writer.endObject()
        writer.key("total_tokens")
        writer.int(answer.schedule.promptTokens + answer.tokens)
        writer.endObject()
    }

    private func item(_ answer: Answer, isDone: Bool, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("id")
        writer.string(itemID(answer))
        writer.key("type")
        writer.string("message")
        writer.key("role")
        writer.string("assistant")
        writer.key("status")
        writer.string(isDone ? "completed" : "in_progress")
        writer.key("content")
        writer.beginArray()
        if isDone { part(answer, 0..<answer.tokens, to: &writer) }
        writer.endArray()
        writer.endObject()
    }

    private func part(_ answer: Answer, _ range: Range<Int>, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("type")
        writer.string("output_text")
        writer.key("text")
        answer.string(range, to: &writer)
        writer.key("annotations")
        writer.beginArray()
        writer.endArray()
        writer.endObject()
    }

    /// One typed event; `number` counts the stream's events from 0.
    private func event(
        _ type: StaticString, _ number: Int, to out: ByteBuffer, _ members: (inout JSONWriter) -> Void
    ) {
        event(type, to: out) { writer in
            writer.beginObject()
            writer.key("type")
            writer.string(type)
            writer.key("sequence_number")
            writer.int(number)
            members(&writer)
            writer.endObject()
        }
    }

    /// Where in the output the text is.
    private func place(_ answer: Answer, to writer: inout JSONWriter) {
        writer.key("item_id")
        writer.string(itemID(answer))
        writer.key("output_index")
        writer.int(0)
        writer.key("content_index")
        writer.int(0)
    }

    func begin(_ answer: Answer, to out: ByteBuffer) {
        for (number, type) in ["response.created", "response.in_progress"].enumerated()
            as EnumeratedSequence<[StaticString]>
        {
            event(type, number, to: out) { writer in
                writer.key("response")
                response(answer, isDone: false, to: &writer)
            }
        }
        event("response.output_item.added", 2, to: out) { writer in
            writer.key("output_index")
            writer.int(0)
            writer.key("item")
            item(answer, isDone: false, to: &writer)
        }
        event("response.content_part.added", 3, to: out) { writer in
            place(answer, to: &writer)
            writer.key("part")
            part(answer, 0..<0, to: &writer)
        }
    }

    func token(_ index: Int, _ answer: Answer, to out: ByteBuffer) {
        event("response.output_text.delta", Self.beginningEvents + index, to: out) { writer in
            place(answer, to: &writer)
            writer.key("delta")
            answer.string(index..<index + 1, to: &writer)
        }
    }

    func end(_ answer: Answer, to out: ByteBuffer) {
        let next = Self.beginningEvents + answer.tokens
        event("response.output_text.done", next, to: out) { writer in
            place(answer, to: &writer)
            writer.key("text")
            answer.string(0..<answer.tokens, to: &writer)
        }
        event("response.content_part.done", next + 1, to: out) { writer in
            place(answer, to: &writer)
            writer.key("part")
            part(answer, 0..<answer.tokens, to: &writer)
        }
        event("response.output_item.done", next + 2, to: out) { writer in
            writer.key("output_index")
            writer.int(0)
            writer.key("item")
            item(answer, isDone: true, to: &writer)
        }
        event("response.completed", next + 3, to: out) { writer in
            writer.key("response")
            response(answer, isDone: true, to: &writer)
        }
    }

    func whole(_ answer: Answer, to out: ByteBuffer) {
        var writer = JSONWriter(out)
        response(answer, isDone: true, to: &writer)
    }
}
