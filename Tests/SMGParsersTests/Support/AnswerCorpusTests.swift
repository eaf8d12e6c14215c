import SMGBase
import Testing

/// Replays the fuzzer's inputs, and others made of the same parts.
@Suite struct AnswerCorpusTests {
    private func replay(_ name: String, _ violation: ([UInt8]) -> String?) throws {
        let files = TestFiles.names(in: "Fuzz/corpus/\(name)")
        #expect(!files.isEmpty)
        for file in files {
            #expect(violation(try TestFiles.bytes("Fuzz/corpus/\(name)/\(file)")) == nil, "\(name)/\(file)")
        }
    }

    @Test func reasoning() throws {
        try replay("reasoning", ReasoningProperties.violation)
        var random = FastRandom(seed: 11)
        let parts = [
            "<think>", "</think>", "<", "[THINK]", "[/THINK]", "◁think▷", "◁/think▷", "a", "世", "<|START_THINKING|>",
            "<|END_THINKING|>", "<|START_ACTION|>", "<|END_ACTION|>", "<|open|>think<|sep|>", "<|close|>think<|sep|>",
            "<|open|>tools<|sep|>", "<|close|>tools<|sep|>", "<|content_thinking|>", "<|end_message|>",
            "<|message_model|>", "<|content_text|>", "<|", "\u{25c1}", " ",
        ]
        for _ in 0..<4000 {
            var input = (0..<3).map { _ in UInt8(random.below(256)) }
            for _ in 0..<random.below(12) {
                let part = Array(parts[random.below(parts.count)].utf8)
                input += random.below(4) == 0 ? Array(part.prefix(random.below(part.count + 1))) : part
            }
            #expect(ReasoningProperties.violation(input) == nil, "\(input)")
        }
    }

    @Test func harmony() throws {
        try replay("harmony", HarmonyProperties.violation)
        var random = FastRandom(seed: 12)
        let words = [
            "assistant", " to=functions.f", "analysis", "final", "commentary", " ", "json", "{\"a\":1}", "ab", "世",
            "user", "\n", "python", "{",
        ]
        for _ in 0..<4000 {
            var input = [UInt8(random.below(256))]
            for _ in 0..<random.below(14) {
                if random.below(2) == 0 {
                    input.append(UInt8(1 + random.below(7)))
                } else {
                    input += Array(words[random.below(words.count)].utf8)
                }
            }
            #expect(HarmonyProperties.violation(input) == nil, "\(input)")
        }
    }
}
