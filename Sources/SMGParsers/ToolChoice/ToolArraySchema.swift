internal import SMGBase
internal import SMGJSON

/// The JSON schema of an answer that is an array of calls, for models whose own format cannot be enforced.
enum ToolArraySchema {
    /// Appends it. Definitions that the tools' schemas bring along move to the top, where their references look for
    /// them.
    static func append(_ tools: [FunctionTool], isParallel: Bool, to buffer: ByteBuffer) throws(ToolChoiceError) {
        let definitions = try merged(tools)
        var writer = JSONWriter(buffer)
        writer.beginObject()
        writer.key("type")
        writer.string("array")
        writer.key("minItems")
        writer.int(1)
        if !isParallel {
            writer.key("maxItems")
            writer.int(1)
        }
        writer.key("items")
        writer.beginObject()
        writer.key("type")
        writer.string("object")
        writer.key("anyOf")
        writer.beginArray()
        for tool in tools { append(tool, &writer) }
        writer.endArray()
        writer.endObject()
        if !definitions.isEmpty {
            writer.key("$defs")
            writer.beginObject()
            for (name, schema) in definitions {
                writer.key(name)
                writer.raw(schema.bytes)
            }
            writer.endObject()
        }
        writer.endObject()
    }

    private static func append(_ tool: FunctionTool, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("properties")
        writer.beginObject()
        writer.key("name")
        writer.beginObject()
        writer.key("type")
        writer.string("string")
        writer.key("enum")
        writer.beginArray()
        writer.string(tool.name)
        writer.endArray()
        writer.endObject()
        writer.key("parameters")
        if let schema = tool.parameters, schema["$defs"]?.kind == .object {
            writer.beginObject()
            for (key, value) in schema.members where !key.isEqual(to: "$defs") {
                writer.key(key.string)
                writer.raw(value.bytes)
            }
            writer.endObject()
        } else {
            writer.schema(tool)
        }
        writer.endObject()
        writer.key("required")
        writer.beginArray()
        writer.string("name")
        writer.string("parameters")
        writer.endArray()
        writer.endObject()
    }

    /// Every definition once, in the order they come.
    private static func merged(_ tools: [FunctionTool]) throws(ToolChoiceError) -> [(name: String, schema: JSONSlice)] {
        var result: [(name: String, schema: JSONSlice)] = []
        var places: [String: Int] = [:]
        for tool in tools {
            guard let definitions = tool.parameters?["$defs"] else { continue }
            for (key, schema) in definitions.members {
                let name = key.string
                if let place = places[name] {
                    guard JSONText.equal(result[place].schema, schema) else {
                        throw ToolChoiceError(.conflictingDefinitions)
                    }
                } else {
                    places[name] = result.count
                    result.append((name, schema))
                }
            }
        }
        return result
    }
}
