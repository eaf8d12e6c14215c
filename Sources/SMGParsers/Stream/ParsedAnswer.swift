internal import SMGBase
package import SMGJSON

/// A whole answer, taken apart: what a stream's events add up to.
package struct ParsedAnswer: Hashable, Sendable {
    /// One tool call.
    package struct Call: Hashable, Sendable {
        /// The id the format gave it; nil when it has none.
        package var id: String?
        package var name: String
        /// JSON text, an object unless `isComplete` is false.
        package var arguments = ""
        /// False when the answer ended inside the call, or its arguments are not valid JSON.
        package var isComplete = false
    }

    /// Text for the reader.
    package var content = ""
    /// Text of the model's reasoning.
    package var reasoning = ""
    package var calls: [Call] = []

    package init() {}

    /// Parses `text` at once.
    package init(_ text: UnsafeRawBufferPointer, with parser: StreamParser) {
        let output = ParserOutput(capacity: text.count + 256)
        parser.feed(text, into: output)
        parser.finish(into: output)
        add(output)
    }

    /// Adds the events of a piece of the answer.
    package mutating func add(_ output: ParserOutput) {
        for record in output.records {
            let text = output.text(record)
            switch record.kind {
            case .content: content += text.string
            case .reasoning: reasoning += text.string
            case .callBegin: calls.append(Call(id: output.id(record)?.string, name: text.string))
            case .arguments: calls[record.index].arguments += text.string
            case .callComplete: calls[record.index].isComplete = true
            case .callIncomplete: calls[record.index].isComplete = false
            }
        }
    }

    /// Writes the calls as the OpenAI API has them in `tool_calls`. Calls without an id get one from `makeID`.
    package func writeCalls(to writer: inout JSONWriter, makeID: (Int, Call) -> String) {
        writer.beginArray()
        for (index, call) in calls.enumerated() {
            writer.beginObject()
            writer.key("id")
            writer.string(call.id ?? makeID(index, call))
            writer.key("type")
            writer.string("function")
            writer.key("function")
            writer.beginObject()
            writer.key("name")
            writer.string(call.name)
            writer.key("arguments")
            writer.string(call.arguments)
            writer.endObject()
            writer.endObject()
        }
        writer.endArray()
    }
}
