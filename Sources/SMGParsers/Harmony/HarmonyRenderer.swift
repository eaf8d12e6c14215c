internal import SMGBase
internal import SMGJSON

/// Writes conversations the way gpt-oss was trained on them.
package enum HarmonyRenderer {
    /// Appends `messages`, and with `forCompletion` the beginning of the assistant's next message, to `prompt`.
    ///
    /// Reasoning from before the first final answer is left out when the last thing the assistant said was a final
    /// answer: it is of no more use then.
    package static func render(
        _ messages: [HarmonyMessage], forCompletion: Bool = true, dropsOldAnalysis: Bool = true,
        into prompt: HarmonyPrompt
    ) {
        let hasFunctions = messages.contains {
            if case .developer(let content) = $0.content { !content.tools.isEmpty } else { false }
        }
        let lastAssistant = messages.last { $0.role == .assistant }
        let firstFinal = messages.firstIndex { $0.channel == "final" } ?? 0
        let drops = dropsOldAnalysis && lastAssistant?.channel == "final"
        for (i, message) in messages.enumerated() {
            if drops, i < firstFinal, message.channel == "analysis" { continue }
            render(message, hasFunctions, prompt)
        }
        if forCompletion {
            prompt.append(.start)
            prompt.text("assistant")
        }
    }

    private static func render(_ message: HarmonyMessage, _ hasFunctions: Bool, _ prompt: HarmonyPrompt) {
        prompt.append(.start)
        if message.role == .tool {
            prompt.text(message.name ?? "tool")
        } else {
            prompt.text(message.role.rawValue)
            if let name = message.name { prompt.text(":\(name)") }
        }
        if let recipient = message.recipient, recipient != "all" { prompt.text(" to=\(recipient)") }
        if let channel = message.channel {
            prompt.append(.channel)
            prompt.text(channel)
        }
        if let type = message.contentType { render(contentType: type, prompt) }
        prompt.append(.message)
        switch message.content {
        case .text(let text): prompt.text { text.append(to: $0) }
        case .system(let content): prompt.text { append(content, hasFunctions, to: $0) }
        case .developer(let content): prompt.text { append(content, to: $0) }
        }
        prompt.append(message.role == .assistant && message.recipient != nil ? .call : .end)
    }

    private static func render(contentType: String, _ prompt: HarmonyPrompt) {
        let marker = "<|constrain|>"
        guard contentType.hasPrefix(marker) else { return prompt.text(" \(contentType)") }
        prompt.text(" ")
        prompt.append(.constrain)
        prompt.text(String(contentType.dropFirst(marker.count)))
    }
}

// MARK: - System and developer

extension HarmonyRenderer {
    private static func append(_ system: HarmonySystem, _ hasFunctions: Bool, to buffer: ByteBuffer) {
        var sections: [String] = []
        let head = [
            system.identity, system.knowledgeCutoff.map { "Knowledge cutoff: \($0)" },
            system.date.map { "Current date: \($0)" },
        ].compactMap { $0 }
        if !head.isEmpty { sections.append(head.joined(separator: "\n")) }
        if let effort = system.effort { sections.append("Reasoning: \(effort.rawValue)") }
        if !system.channels.isEmpty {
            var text = "# Valid channels: \(system.channels.joined(separator: ", "))."
            if system.channelRequired { text += " Channel must be included for every message." }
            if hasFunctions { text += "\nCalls to these tools must go to the commentary channel: 'functions'." }
            sections.append(text)
        }
        buffer.append(string: sections.joined(separator: "\n\n"))
    }

    private static func append(_ developer: HarmonyDeveloper, to buffer: ByteBuffer) {
        if let instructions = developer.instructions {
            buffer.append("# Instructions\n\n" as StaticString)
            instructions.append(to: buffer)
        }
        guard !developer.tools.isEmpty else { return }
        if developer.instructions != nil { buffer.append("\n\n" as StaticString) }
        buffer.append("# Tools\n\n## functions\n\nnamespace functions {\n" as StaticString)
        for tool in developer.tools { append(tool, to: buffer) }
        buffer.append("\n} // namespace functions" as StaticString)
    }

    private static func append(_ tool: FunctionTool, to buffer: ByteBuffer) {
        buffer.append(UInt8(ascii: "\n"))
        if let description = tool.description { HarmonyTypes.appendComment(description.string, to: buffer) }
        buffer.append("type " as StaticString)
        buffer.append(string: tool.name)
        if let parameters = tool.parameters {
            buffer.append(" = (_: " as StaticString)
            HarmonyTypes.append(parameters, indent: 0, depth: 0, to: buffer)
            buffer.append(") => any;\n" as StaticString)
        } else {
            buffer.append(" = () => any;\n" as StaticString)
        }
    }
}
