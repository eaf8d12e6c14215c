internal import SMGBase

/// Which models speak Harmony.
package enum HarmonyModel {
    /// Whether a model does, by what its engine says of it, or by its name: the architecture `GptOssForCausalLM`, the
    /// Hugging Face type `gpt_oss`, or `gpt-oss` in the id, letters without case.
    package static func isHarmony(id: String, architectures: [String] = [], modelType: String? = nil) -> Bool {
        if architectures.contains("GptOssForCausalLM") || modelType == "gpt_oss" { return true }
        let name = id.utf8.map(ASCII.lowercased)
        let part = Array("gpt-oss".utf8)
        guard name.count >= part.count else { return false }
        return (0...name.count - part.count).contains { name[$0...].starts(with: part) }
    }
}
