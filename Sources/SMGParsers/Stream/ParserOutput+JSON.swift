package import SMGJSON

extension ParserOutput {
    /// Writes the events as an array of objects: `type` and what belongs to it. The form that the command line and the
    /// C interface show.
    package func write(to writer: inout JSONWriter) {
        writer.beginArray()
        for record in records { write(record, to: &writer) }
        writer.endArray()
    }

    /// Writes one event.
    package func write(_ record: Record, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("type")
        switch record.kind {
        case .content:
            writer.string("content")
            writer.key("text")
            writer.string(utf8: text(record))
        case .reasoning:
            writer.string("reasoning")
            writer.key("text")
            writer.string(utf8: text(record))
        case .callBegin:
            writer.string("tool_call")
            index(record, &writer)
            writer.key("id")
            if let id = id(record) { writer.string(utf8: id) } else { writer.null() }
            writer.key("name")
            writer.string(utf8: text(record))
        case .arguments:
            writer.string("tool_arguments")
            index(record, &writer)
            writer.key("json")
            writer.string(utf8: text(record))
        case .callComplete, .callIncomplete:
            writer.string("tool_call_end")
            index(record, &writer)
            writer.key("complete")
            writer.bool(record.kind == .callComplete)
        }
        writer.endObject()
    }

    private func index(_ record: Record, _ writer: inout JSONWriter) {
        writer.key("index")
        writer.int(record.index)
    }
}
