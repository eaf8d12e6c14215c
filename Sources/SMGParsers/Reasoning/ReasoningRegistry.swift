internal import SMGBase

/// One row of the registry: a manner of reasoning, its names and the models that have it.
package struct ReasoningEntry: Sendable {
    /// The name `--reasoning-parser` takes. A hyphen counts as an underscore.
    package let name: String
    /// Other names it takes.
    package let aliases: [String]
    /// Parts of model ids, in lower case.
    package let models: [String]
    /// Nil for passthrough.
    package let format: ReasoningFormat?

    init(_ name: String, aliases: [String] = [], models: [String] = [], _ format: ReasoningFormat?) {
        self.name = name
        self.aliases = aliases
        self.models = models
        self.format = format
    }

    /// Whether the decoder must leave special tokens in the text.
    package var requiresSpecialTokens: Bool { format?.requiresSpecialTokens ?? false }

    /// The parser of one choice; nil for passthrough.
    package func make(_ options: ReasoningOptions = ReasoningOptions()) -> ReasoningParser? {
        format.map { ReasoningParser($0, options) }
    }
}

/// The reasoning parsers, by name and by model.
package enum ReasoningRegistry {
    /// Every row. The first one that fits a model counts, so the narrower stand before the wider.
    package static let entries: [ReasoningEntry] = [
        ReasoningEntry("deepseek_r1", models: ["deepseek-r1"], .think(startsInReasoning: true)),
        ReasoningEntry(
            "deepseek_v31", aliases: ["deepseek_v3"], models: ["deepseek-v3.1", "deepseek-v3-1"],
            .think(startsInReasoning: false)),
        ReasoningEntry(
            "qwen3_thinking", aliases: ["qwen_thinking"], models: ["qwen3-thinking", "qwen-thinking"],
            .think(startsInReasoning: true, calls: ["<tool_call>"])),
        ReasoningEntry(
            "qwen3", aliases: ["qwen"], models: ["qwen3", "qwen"],
            .think(startsInReasoning: false, calls: ["<tool_call>"])),
        ReasoningEntry(
            "glm45", aliases: ["glm47", "glm4_moe", "glm5"],
            models: ["glm45", "glm47", "glm-4.5", "glm-4.6", "glm-4.7", "glm-5"],
            .think(startsInReasoning: false, calls: ["<tool_call>"])),
        ReasoningEntry(
            "kimi_thinking", aliases: ["kimi_k2", "kimi_k2_thinking"], models: ["kimi-k2-thinking"],
            .think(startsInReasoning: true, calls: ["<|tool_calls_section_begin|>"])),
        ReasoningEntry(
            "kimi_k25", models: ["kimi-k2.5"], .think(startsInReasoning: false, calls: ["<|tool_calls_section_begin|>"])
        ),
        ReasoningEntry("kimi_k3", models: ["kimi-k3", "kimi_k3"], kimiK3),
        ReasoningEntry("kimi", models: ["kimi"], ReasoningFormat(starts: ["◁think▷"], ends: ["◁/think▷"])),
        ReasoningEntry("step3", models: ["step3", "step-3"], .think(startsInReasoning: true)),
        ReasoningEntry(
            "minimax", aliases: ["minimax_m2", "minimax_append_think"], models: ["minimax", "minimax-m2", "mm-m2"],
            .think(startsInReasoning: true, calls: ["<minimax:tool_call>"])),
        ReasoningEntry(
            "cohere_cmd", aliases: ["cohere", "command"], models: ["command-r", "command-a", "c4ai-command", "cohere"],
            cohere),
        ReasoningEntry(
            "nano_v3", aliases: ["nemotron"],
            models: ["nemotron-nano", "nemotron-super", "nemotron-3-nano", "nano-v3"],
            .think(startsInReasoning: false, calls: ["<tool_call>"])),
        ReasoningEntry("inkling", models: ["inkling"], inkling),
        ReasoningEntry("mistral", aliases: ["magistral"], models: ["magistral"], mistral),
        ReasoningEntry("base", .think(startsInReasoning: false)),
        passthrough,
    ]

    /// The row for models that no other row knows: the whole answer is content.
    package static let passthrough = ReasoningEntry("passthrough", nil)

    /// The row called `name`, its aliases included.
    package static func entry(named name: String) -> ReasoningEntry? {
        let name = String(name.map { $0 == "-" ? "_" : $0 })
        return entries.first { $0.name == name || $0.aliases.contains(name) }
    }

    /// The first row with a pattern that stands in the model's id, ASCII letters without case; nil when there is none.
    package static func entry(forModel model: String) -> ReasoningEntry? {
        let id = model.utf8.map(ASCII.lowercased)
        return entries.first { entry in entry.models.contains { contains(id, Array($0.utf8)) } }
    }

    /// The row a request is parsed with: the configured name, else the model's, else passthrough.
    package static func entry(configured name: String?, model: String) -> ReasoningEntry {
        name.flatMap(entry(named:)) ?? entry(forModel: model) ?? passthrough
    }

    private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard text.count >= part.count else { return false }
        return (0...text.count - part.count).contains { text[$0...].starts(with: part) }
    }
}

// MARK: - Formats with special tokens

extension ReasoningRegistry {
    private static let mistral = ReasoningFormat(
        starts: ["[THINK]"], ends: ["[/THINK]"], calls: ["[TOOL_CALLS]"], repeats: true, requiresSpecialTokens: true)

    /// The answer stands in a frame of its own, and so do the calls.
    private static let cohere = ReasoningFormat(
        starts: ["<|START_THINKING|>"], ends: ["<|END_THINKING|>"],
        dropped: [
            "<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>",
        ],
        unchanged: (opens: ["<|START_ACTION|>"], closes: ["<|END_ACTION|>"]), calls: ["<|START_ACTION|>"], repeats: true
    )

    /// Channels: `think`, `response` and `tools`, in any number.
    private static let kimiK3 = ReasoningFormat(
        starts: ["<|open|>think<|sep|>"], ends: ["<|close|>think<|sep|>"],
        dropped: [
            "<|open|>response<|sep|>", "<|close|>response<|sep|>", "<|close|>message<|sep|>", "<|end_of_msg|>",
        ],
        unchanged: (opens: ["<|open|>tools<|sep|>"], closes: ["<|close|>tools<|sep|>"]),
        calls: ["<|open|>tools<|sep|>"], repeats: true, requiresSpecialTokens: true)

    /// Blocks that say what they hold, in any number. A call's block begins with the name of the function, which the
    /// tool-call parser needs: such a block passes unchanged.
    private static let inkling = ReasoningFormat(
        starts: ["<|message_model|><|content_thinking|>", "<|content_thinking|>"],
        ends: ["<|end_message|>", "<|content_model_end_sampling|>"],
        dropped: [
            "<|message_model|><|content_text|>", "<|content_text|>", "<|end_message|>",
            "<|content_model_end_sampling|>",
        ],
        unchanged: (
            opens: ["<|message_model|>", "<|content_invoke_tool_json|>"],
            closes: ["<|end_message|>", "<|content_model_end_sampling|>"]
        ), calls: ["<|message_model|>", "<|content_invoke_tool_json|>"], repeats: true, requiresSpecialTokens: true)
}
