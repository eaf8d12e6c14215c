internal import SMGBase
internal import SMGJSON

/// What every format of an answer is made from.
struct Answer {
    let id: String
    /// Seconds since 1970.
    let created: Int
    let model: String
    let schedule: Schedule
    let words: AnswerTokens
    /// The request's limit ended the answer.
    let isCut: Bool
    let includesUsage: Bool
    /// The first word stands behind the prompt without a separator, so it brings its space.
    let leadingSpace: Bool

    var tokens: Int { schedule.completionTokens }
    var finishReason: StaticString { isCut ? "length" : "stop" }

    func append(_ range: Range<Int>, to buffer: ByteBuffer) {
        words.append(range, leadingSpace: leadingSpace, to: buffer)
    }

    /// The text of tokens `range` as a JSON string.
    func string(_ range: Range<Int>, to writer: inout JSONWriter) {
        let text = ByteBuffer(capacity: max(range.count * BlockChain.textTokenBytes, 1))
        append(range, to: text)
        writer.string(utf8: text.readable)
    }

    /// OpenAI's usage object.
    func usage(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("prompt_tokens")
        writer.int(schedule.promptTokens)
        writer.key("total_tokens")
        writer.int(schedule.promptTokens + tokens)
        writer.key("completion_tokens")
        writer.int(tokens)
        writer.key("prompt_tokens_details")
        writer.beginObject()
        writer.key("cached_tokens")
        writer.int(schedule.cachedTokens)
        writer.endObject()
        writer.endObject()
    }
}

/// One API's way to write an answer. Streams are `begin`, `tokens` for each token in order, `end`.
protocol AnswerFormat {
    /// Events before the first token.
    func begin(_ answer: Answer, to out: ByteBuffer)
    /// The event of token `index`.
    func token(_ index: Int, _ answer: Answer, to out: ByteBuffer)
    /// Events behind the last token.
    func end(_ answer: Answer, to out: ByteBuffer)
    /// The whole answer, when it is not streamed.
    func whole(_ answer: Answer, to out: ByteBuffer)
}

extension AnswerFormat {
    /// One `data:` event, with a type line if `type` is not empty.
    func event(_ type: StaticString = "", to out: ByteBuffer, _ write: (inout JSONWriter) -> Void) {
        if type.utf8CodeUnitCount > 0 {
            out.append("event: ")
            out.append(type)
            out.append("\n")
        }
        out.append("data: ")
        var writer = JSONWriter(out)
        write(&writer)
        out.append("\n\n")
    }
}
