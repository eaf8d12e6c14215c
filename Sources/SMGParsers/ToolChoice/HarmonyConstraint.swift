package import SMGBase
package import SMGJSON

/// What a gpt-oss engine is held to when a request demands a call or an answer in JSON.
package enum HarmonyConstraint {
    /// Appends the structural tag a request needs; false, with nothing appended, when it needs none.
    ///
    /// - `plan`: made with the tags of `harmony`.
    /// - `format`: `response_format` of a chat completion, or `text.format` of a response.
    @discardableResult
    package static func append(
        _ plan: ToolPlan, format: JSONSlice?, to buffer: ByteBuffer
    ) throws(ToolChoiceError) -> Bool {
        let schema = format.flatMap(schema)
        if plan.choice.demandsCall {
            if schema != nil { throw ToolChoiceError(.conflictingConstraints) }
            try plan.appendConstraint(to: buffer)
            return true
        }
        guard let schema else { return false }
        var tag = StructuralTag(buffer)
        let final = "<|channel|>final"
        tag.triggered(by: ["<|channel|>analysis", final], stopsAfterFirst: false) { tag in
            tag.tag("<|channel|>analysis<|message|>", "<|end|>") { $0.anyText() }
            tag.tag("\(final)<|constrain|>json<|message|>", "") { $0.schema(schema) }
        }
        tag.end()
        return true
    }

    /// The schema a format demands: that of `json_schema`, any object for `json_object`, nil for text.
    private static func schema(_ format: JSONSlice) -> JSONSlice? {
        guard let type = format["type"] else { return nil }
        if type.isEqual(to: "json_object") { return anyObject }
        guard type.isEqual(to: "json_schema") else { return nil }
        // Chat completions have it inside an object of that name, responses have not.
        let schema = (format["json_schema"] ?? format)["schema"]
        return schema.flatMap { $0.isNull ? nil : $0 } ?? anyObject
    }

    private static var anyObject: JSONSlice {
        let text: StaticString = "{\"type\":\"object\"}"
        return JSONSlice(validated: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
