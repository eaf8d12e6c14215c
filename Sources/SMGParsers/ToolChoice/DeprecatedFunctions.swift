internal import SMGBase
package import SMGJSON

/// The parameters `functions` and `function_call`, from before there were tools, in today's spelling.
package enum DeprecatedFunctions {
    /// Writes `functions` as `tools`.
    package static func writeTools(_ functions: JSONSlice, _ writer: inout JSONWriter) {
        writer.beginArray()
        for function in functions.elements.prefix(ParserLimits.maximumTools) {
            writer.beginObject()
            writer.key("type")
            writer.string("function")
            writer.key("function")
            writer.raw(function.bytes)
            writer.endObject()
        }
        writer.endArray()
    }

    /// Writes `function_call` as `tool_choice`: a string stays, an object with a name becomes the choice of that
    /// function.
    package static func writeChoice(_ choice: JSONSlice, _ writer: inout JSONWriter) {
        guard let name = choice["name"]?.text else { return writer.raw(choice.bytes) }
        writer.beginObject()
        writer.key("type")
        writer.string("function")
        writer.key("function")
        writer.beginObject()
        writer.key("name")
        writer.string(name.string)
        writer.endObject()
        writer.endObject()
    }
}
