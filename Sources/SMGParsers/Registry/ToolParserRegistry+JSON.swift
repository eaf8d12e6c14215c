extension ToolParserRegistry {
    /// Formats whose calls are JSON, or Python literals.
    static let jsonEntries: [ToolParserEntry] = [
        ToolParserEntry(
            "json",
            models: [
                "gpt-4", "gpt-3.5", "gpt-4o", "claude-", "llama-", "meta-llama-", "glm-", "gemini-", "palm-", "gemma-",
            ]
        ) { ObjectCallParser(.json, $0) },
        ToolParserEntry("mistral", models: ["mistral-", "mixtral-"]) { ObjectCallParser(.mistral, $0) },
        ToolParserEntry("qwen", aliases: ["qwen25", "hermes"], models: ["qwen", "Qwen", "hermes-"]) {
            ObjectCallParser(.qwen, $0)
        },
        ToolParserEntry("llama", aliases: ["llama3", "llama3_json"], models: ["llama-3.2", "meta-llama-3.2"]) {
            ObjectCallParser(.llama, $0)
        },
        ToolParserEntry(
            "cohere", models: ["command-r", "command-a", "c4ai-command", "cohere", "CohereForAI"]
        ) { ObjectCallParser(.cohere, $0) },
        ToolParserEntry(
            "pythonic", aliases: ["llama4", "llama4_pythonic"], models: ["llama-4", "meta-llama-4", "deepseek-"]
        ) { PythonicParser($0) },
        ToolParserEntry(
            "deepseek", aliases: ["deepseekv3", "deepseek_v3"], models: ["deepseek-v3", "deepseek-ai/DeepSeek-V3"]
        ) { HeaderCallParser(.deepseek, $0) },
        ToolParserEntry(
            "deepseek31", aliases: ["deepseekv31", "deepseek_v31"],
            models: [
                "deepseek-v3.1", "deepseek-ai/DeepSeek-V3.1", "deepseek-v3.2-exp", "deepseek-ai/DeepSeek-V3.2-Exp",
            ]
        ) { HeaderCallParser(.deepseek31, $0) },
        ToolParserEntry("kimik2", aliases: ["kimi_k2"], models: ["kimi-k2", "Kimi-K2", "moonshotai/Kimi-K2"]) {
            HeaderCallParser(.kimiK2, $0)
        },
        ToolParserEntry("sarashina", models: ["sarashina"]) { SarashinaParser($0) },
    ]
}
