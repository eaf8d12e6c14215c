internal import SMGBase
package import SMGJSON

/// Conversations of the APIs as Harmony messages. They point into the request.
package enum HarmonyConversation {
    /// The messages of a chat completion: system, developer (always, if only to say nothing), and the conversation.
    ///
    /// - `tools`: those the model is shown. Of two with one name the first counts.
    /// - `date`: today, as `YYYY-MM-DD`.
    package static func chat(
        messages: JSONSlice, tools: [FunctionTool], effort: JSONSlice?, date: String
    ) throws(HarmonyError) -> [HarmonyMessage] {
        guard messages.kind == .array else { throw HarmonyError(code: .invalidMessages, index: 0) }
        var result = [system(hasTools: !tools.isEmpty, effort, date)]
        result.append(HarmonyMessage(.developer, .developer(HarmonyDeveloper(tools: unique(tools)))))
        var names: [String: String] = [:]
        for message in messages.elements {
            for call in message["tool_calls"]?.elements ?? HarmonyConversation.nothing.elements {
                guard let id = call["id"]?.string, let name = call["function"]?["name"]?.string else { continue }
                names[id] = name
            }
        }
        for (index, message) in messages.elements.enumerated() {
            guard message.kind == .object else { throw HarmonyError(code: .invalidMessages, index: index) }
            try appendChat(message, index, names, to: &result)
        }
        return result
    }

    /// What a request is routed by: the text of the last user message.
    package static func routingText(_ messages: [HarmonyMessage]) -> HarmonyText? {
        for message in messages.reversed() where message.role == .user {
            if case .text(let text) = message.content { return text }
        }
        return nil
    }

    static func system(hasTools: Bool, _ effort: JSONSlice?, _ date: String) -> HarmonyMessage {
        var system = HarmonySystem(date: date, effort: HarmonyEffort(effort))
        // Nothing is to be said in commentary when there are no functions to call there.
        if !hasTools { system.channels.removeAll { $0 == "commentary" } }
        return HarmonyMessage(.system, .system(system))
    }

    static func unique(_ tools: [FunctionTool]) -> [FunctionTool] {
        var seen: Set<String> = []
        return tools.filter { seen.insert($0.name).inserted }
    }

    /// A value without elements.
    static var nothing: JSONSlice { JSONSlice(validated: UnsafeRawBufferPointer(start: nil, count: 0)) }

    /// The text of `content`: a string, or the text parts of an array with line feeds between. Pictures and files are
    /// left out, the model has no eyes; audio is refused.
    static func text(_ content: JSONSlice?, _ index: Int) throws(HarmonyError) -> HarmonyText {
        guard let content, !content.isNull else { return .string("") }
        if let text = content.text { return .json(text) }
        guard content.kind == .array else { throw HarmonyError(code: .invalidMessages, index: index) }
        var lines: [JSONString] = []
        for part in content.elements {
            if let type = part["type"], type.isEqual(to: "input_audio") || type.isEqual(to: "audio_url") {
                throw HarmonyError(code: .unsupportedContent, index: index)
            }
            if let text = part.text ?? part["text"]?.text ?? part["refusal"]?.text { lines.append(text) }
        }
        return .lines(lines)
    }

    static func call(_ name: String, _ arguments: HarmonyText, author: String? = nil) -> HarmonyMessage {
        HarmonyMessage(
            .assistant, name: author, recipient: "functions.\(name)", channel: "commentary", contentType: "json",
            .text(arguments))
    }

    /// The result of a call. Without a channel: the model is not to learn to write such messages.
    static func result(of name: String, _ text: HarmonyText) -> HarmonyMessage {
        HarmonyMessage(.tool, name: "functions.\(name)", recipient: "assistant", .text(text))
    }
}

// MARK: - Chat

extension HarmonyConversation {
    private static func appendChat(
        _ message: JSONSlice, _ index: Int, _ names: [String: String], to result: inout [HarmonyMessage]
    ) throws(HarmonyError) {
        guard let role = message["role"] else { throw HarmonyError(code: .unknownRole, index: index) }
        let name = message["name"]?.string
        let text = try text(message["content"], index)
        if role.isEqual(to: "user") {
            result.append(HarmonyMessage(.user, name: name, .text(text)))
        } else if role.isEqual(to: "assistant") {
            appendAssistant(message, name, text, to: &result)
        } else if role.isEqual(to: "tool") {
            let id = message["tool_call_id"]?.string ?? ""
            result.append(self.result(of: names[id] ?? id, text))
        } else if role.isEqual(to: "function") {
            result.append(self.result(of: name ?? "", text))
        } else if role.isEqual(to: "system") {
            result.append(HarmonyMessage(.system, name: name, .text(text)))
        } else if role.isEqual(to: "developer") {
            result.append(HarmonyMessage(.developer, name: name, .text(text)))
        } else {
            throw HarmonyError(code: .unknownRole, index: index)
        }
    }

    /// An answer is final. With calls it is what led to them: reasoning, a word to the user, the calls. The reasoning
    /// behind a final answer is not told again, as the format demands.
    private static func appendAssistant(
        _ message: JSONSlice, _ name: String?, _ text: HarmonyText, to result: inout [HarmonyMessage]
    ) {
        var calls: [HarmonyMessage] = []
        for call in message["tool_calls"]?.elements ?? nothing.elements {
            guard let function = call["function"], let callee = function["name"]?.string else { continue }
            calls.append(self.call(callee, arguments(function["arguments"]), author: name))
        }
        if let function = message["function_call"], let callee = function["name"]?.string, calls.isEmpty {
            calls.append(call(callee, arguments(function["arguments"]), author: name))
        }
        if calls.isEmpty {
            return result.append(HarmonyMessage(.assistant, name: name, channel: "final", .text(text)))
        }
        let reasoning = message["reasoning_content"]?.text ?? message["reasoning"]?.text
        if let reasoning, !reasoning.raw.isEmpty {
            result.append(HarmonyMessage(.assistant, name: name, channel: "analysis", .text(.json(reasoning))))
        }
        if !text.isEmpty {
            result.append(HarmonyMessage(.assistant, name: name, channel: "commentary", .text(text)))
        }
        result += calls
    }

    private static func arguments(_ arguments: JSONSlice?) -> HarmonyText {
        guard let arguments, !arguments.isNull else { return .string("") }
        return arguments.text.map { .json($0) } ?? .string(arguments.bytes.string)
    }
}
