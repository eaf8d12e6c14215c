extension ToolParserRegistry {
    /// Formats whose calls are written in tags, one parameter after the other.
    static let markupEntries: [ToolParserEntry] = [
        markup(
            "qwen_coder", aliases: ["qwen_xml", "qwen3_coder", "qwen3_xml"],
            models: [
                "Qwen3-Coder", "Qwen/Qwen3-Coder", "qwen3-coder", "qwen/qwen3-coder", "Qwen3.5", "Qwen/Qwen3.5",
                "qwen3.5", "qwen/qwen3.5",
            ], .qwenCoder),
        markup("deepseek32", aliases: ["deepseek_v32"], models: deepSeek("V3.2"), .deepSeek32),
        markup("deepseek_v4", aliases: ["deepseek4", "deepseekv4"], models: deepSeek("V4"), .deepSeek4),
        markup("glm45_moe", aliases: ["glm4_moe", "glm45"], models: glm("4.5") + glm("4.6"), .glm),
        markup("glm47_moe", aliases: ["glm47"], models: glm("4.7") + glm("5"), .glm),
        markup("step3", models: ["step3", "Step-3", "step-3", "stepfun-ai/step3", "stepfun-ai/Step-3"], .step3),
        markup(
            "minimax_m2", aliases: ["minimax-m2"], models: ["minimax", "MiniMax", "MiniMaxAI/MiniMax"], .minimaxM2),
        markup(
            "kimi_k3",
            models: ["kimi-k3", "kimi_k3", "Kimi-K3", "moonshotai/Kimi-K3", "moonshot/Kimi-K3"], .kimiK3),
        ToolParserEntry("inkling", models: ["inkling", "Inkling"]) { InklingParser($0) },
    ]

    private static func markup(
        _ name: String, aliases: [String] = [], models: [String], _ format: MarkupFormat
    ) -> ToolParserEntry {
        ToolParserEntry(name, aliases: aliases, models: models) { MarkupParser(format, $0) }
    }

    private static func deepSeek(_ version: String) -> [String] {
        let lower = "v\(version.dropFirst())"
        return ["deepseek-\(lower)", "DeepSeek-\(version)", "deepseek-ai/DeepSeek-\(version)"]
    }

    private static func glm(_ version: String) -> [String] {
        ["glm-\(version)", "GLM-\(version)", "zai-org/GLM-\(version)", "THUDM/GLM-\(version)"]
    }
}
