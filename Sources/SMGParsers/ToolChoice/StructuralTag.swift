internal import SMGBase
internal import SMGJSON

/// Writes a structural tag of xgrammar: `{"type":"structural_tag","format":…}`.
struct StructuralTag {
    private var writer: JSONWriter

    init(_ buffer: ByteBuffer) {
        writer = JSONWriter(buffer)
        writer.beginObject()
        writer.key("type")
        writer.string("structural_tag")
        writer.key("format")
    }

    /// Call once, behind the one format.
    mutating func end() { writer.endObject() }

    /// Free text, and tags where a trigger begins one; at least one of them.
    mutating func triggered(
        by triggers: [String], stopsAfterFirst: Bool, _ tags: (inout StructuralTag) -> Void
    ) {
        begin("triggered_tags")
        writer.key("triggers")
        writer.beginArray()
        for trigger in triggers { writer.string(trigger) }
        writer.endArray()
        list("tags", tags)
        counts(stopsAfterFirst)
    }

    /// Tags with a separator between them; at least one.
    mutating func separated(by separator: String, stopsAfterFirst: Bool, _ tags: (inout StructuralTag) -> Void) {
        begin("tags_with_separator")
        list("tags", tags)
        writer.key("separator")
        writer.string(separator)
        counts(stopsAfterFirst)
    }

    mutating func tag(_ begin: String, _ end: String, _ content: (inout StructuralTag) -> Void) {
        self.begin("tag")
        writer.key("begin")
        writer.string(begin)
        writer.key("content")
        content(&self)
        writer.key("end")
        writer.string(end)
        writer.endObject()
    }

    mutating func sequence(_ elements: (inout StructuralTag) -> Void) {
        begin("sequence")
        list("elements", elements)
        writer.endObject()
    }

    mutating func regex(_ pattern: String) {
        begin("regex")
        writer.key("pattern")
        writer.string(pattern)
        writer.endObject()
    }

    mutating func constant(_ text: String) {
        begin("const_string")
        writer.key("value")
        writer.string(text)
        writer.endObject()
    }

    mutating func anyText() {
        begin("any_text")
        writer.endObject()
    }

    /// Values that fit the schema of a function's arguments.
    mutating func schema(_ tool: FunctionTool, style: StaticString? = nil) {
        begin("json_schema")
        writer.key("json_schema")
        writer.schema(tool)
        if let style {
            writer.key("style")
            writer.string(style)
        }
        writer.endObject()
    }

    /// Values that fit a schema.
    mutating func schema(_ json: JSONSlice) {
        begin("json_schema")
        writer.key("json_schema")
        writer.raw(json.bytes)
        writer.endObject()
    }

    private mutating func begin(_ type: StaticString) {
        writer.beginObject()
        writer.key("type")
        writer.string(type)
    }

    private mutating func list(_ key: StaticString, _ elements: (inout StructuralTag) -> Void) {
        writer.key(key)
        writer.beginArray()
        elements(&self)
        writer.endArray()
    }

    private mutating func counts(_ stopsAfterFirst: Bool) {
        writer.key("at_least_one")
        writer.bool(true)
        writer.key("stop_after_first")
        writer.bool(stopsAfterFirst)
        writer.endObject()
    }
}
