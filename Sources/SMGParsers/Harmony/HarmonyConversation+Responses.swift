internal import SMGBase
package import SMGJSON

extension HarmonyConversation {
    /// The messages of a Responses request: system, developer when there are instructions or tools, and the items.
    ///
    /// - `history`: the items of earlier responses that this one continues, in their order.
    /// - `input`: a string or an array of items.
    /// - `tools`: the function tools the model is shown. Of two with one name the first counts.
    /// - `date`: today, as `YYYY-MM-DD`.
    package static func responses(
        history: [JSONSlice] = [], input: JSONSlice, instructions: JSONSlice?, tools: [FunctionTool],
        effort: JSONSlice?, date: String
    ) throws(HarmonyError) -> [HarmonyMessage] {
        var result = [system(hasTools: !tools.isEmpty, effort, date)]
        let instructions = instructions?.text
        if instructions != nil || !tools.isEmpty {
            let content = HarmonyDeveloper(instructions: instructions.map { .json($0) }, tools: unique(tools))
            result.append(HarmonyMessage(.developer, .developer(content)))
        }
        var items = ResponseItems()
        for (index, item) in history.enumerated() { try items.append(item, index, to: &result) }
        if let text = input.text {
            result.append(HarmonyMessage(.user, .text(.json(text))))
        } else if input.kind == .array {
            for (index, item) in input.elements.enumerated() { try items.append(item, index, to: &result) }
        } else {
            throw HarmonyError(code: .invalidMessages, index: 0)
        }
        return result
    }
}

/// Turns items of the Responses API into messages, one after the other.
private struct ResponseItems {
    /// Names of the functions called so far, by the id of the call.
    private var names: [String: String] = [:]

    mutating func append(_ item: JSONSlice, _ index: Int, to result: inout [HarmonyMessage]) throws(HarmonyError) {
        guard item.kind == .object else { throw HarmonyError(code: .invalidMessages, index: index) }
        let type = item["type"]
        if type == nil || type?.isNull == true || type?.isEqual(to: "message") == true {
            try appendMessage(item, index, to: &result)
        } else if type?.isEqual(to: "reasoning") == true {
            try appendReasoning(item, index, to: &result)
        } else if type?.isEqual(to: "function_call") == true {
            try appendCall(item, index, to: &result)
        } else if type?.isEqual(to: "function_call_output") == true {
            guard let name = item["call_id"]?.string.flatMap({ names[$0] }) else {
                throw HarmonyError(code: .unknownCallID, index: index)
            }
            result.append(HarmonyConversation.result(of: name, try output(item["output"], index)))
        } else {
            throw HarmonyError(code: .unsupportedItem, index: index)
        }
    }

    private func appendMessage(
        _ item: JSONSlice, _ index: Int, to result: inout [HarmonyMessage]
    ) throws(HarmonyError) {
        let text = try HarmonyConversation.text(item["content"], index)
        guard let role = item["role"] else { throw HarmonyError(code: .unknownRole, index: index) }
        if role.isEqual(to: "assistant") {
            result.append(HarmonyMessage(.assistant, channel: "final", .text(text)))
        } else if role.isEqual(to: "system") {
            result.append(HarmonyMessage(.system, .text(text)))
        } else if role.isEqual(to: "developer") {
            result.append(HarmonyMessage(.developer, .text(text)))
        } else {
            // Whoever else speaks is a user to the model.
            result.append(HarmonyMessage(.user, .text(text)))
        }
    }

    /// The reasoning itself, or its summary when that is all there is. One that is neither, being encrypted, says
    /// nothing.
    private func appendReasoning(
        _ item: JSONSlice, _ index: Int, to result: inout [HarmonyMessage]
    ) throws(HarmonyError) {
        var text = try HarmonyConversation.text(item["content"], index)
        if text.isEmpty { text = try HarmonyConversation.text(item["summary"], index) }
        if !text.isEmpty { result.append(HarmonyMessage(.assistant, channel: "analysis", .text(text))) }
    }

    /// The call, and its result when the item has it.
    private mutating func appendCall(
        _ item: JSONSlice, _ index: Int, to result: inout [HarmonyMessage]
    ) throws(HarmonyError) {
        guard let name = item["name"]?.string else { throw HarmonyError(code: .invalidMessages, index: index) }
        if let id = item["call_id"]?.string { names[id] = name }
        let arguments = item["arguments"]?.text.map { HarmonyText.json($0) } ?? .string("")
        result.append(HarmonyConversation.call(name, arguments))
        guard let output = item["output"], !output.isNull else { return }
        result.append(HarmonyConversation.result(of: name, try self.output(output, index)))
    }

    /// A string, text parts, or whatever JSON a tool gave.
    private func output(_ output: JSONSlice?, _ index: Int) throws(HarmonyError) -> HarmonyText {
        guard let output else { return .string("") }
        if output.kind == .string || output.kind == .array || output.isNull {
            return try HarmonyConversation.text(output, index)
        }
        return .string(output.bytes.string)
    }
}
