import SMGBase
import SMGParsers

/// An answer of about a megabyte for a format: reasoning and text, with what looks like a marker now and then.
private func answer(_ start: String, _ end: String) -> [UInt8] {
    let prose = "Now, the number of cases is small (a < b, say), so [we] look at each of them: 1, 2 and 3.\n"
    let body = String(repeating: prose, count: 5_600)
    return Array("\(start)\(body)\(end)\(body)".utf8)
}

/// One-shot throughput, and the cost of a delta of four bytes.
func measureReasoning() {
    print("reasoning               MB/s one-shot   ns per 4-byte delta")
    for (name, start, end) in [
        ("deepseek_r1", "", "</think>"), ("qwen3", "<think>", "</think>"), ("kimi", "◁think▷", "◁/think▷"),
        ("mistral", "[THINK]", "[/THINK]"), ("cohere_cmd", "<|START_THINKING|>", "<|END_THINKING|>"),
        ("kimi_k3", "<|open|>think<|sep|>", "<|close|>think<|sep|>"),
        ("inkling", "<|content_thinking|>", "<|end_message|>"), ("passthrough", "", ""),
    ] {
        guard let entry = ReasoningRegistry.entry(named: name) else { continue }
        let text = answer(start, end)
        report(name, text) { AnswerParser.make(reasoning: entry.make(), tools: nil) }
        guard name == "qwen3" else { continue }
        report("qwen3 + passthrough", text) {
            AnswerParser.make(
                reasoning: entry.make(), tools: ToolParserRegistry.passthrough.make(ToolParserOptions()))
        }
    }
}

private func report(_ name: String, _ text: [UInt8], _ make: () -> StreamParser) {
    let output = ParserOutput()
    var seen = 0
    let whole = fastest {
        let parser = make()
        text.withUnsafeBytes { parser.feed($0, into: output) }
        parser.finish(into: output)
        seen += output.records.count
        output.clear()
    }
    let streamed = fastest {
        let parser = make()
        text.withUnsafeBytes { bytes in
            var at = 0
            while at < bytes.count {
                parser.feed(bytes.slice(at..<min(at + 4, bytes.count)), into: output)
                seen += output.records.count
                output.clear()
                at += 4
            }
        }
        parser.finish(into: output)
        output.clear()
    }
    precondition(seen > 0)
    let padding = String(repeating: " ", count: max(1, 22 - name.utf8.count))
    print(name, padding, padded(Double(text.count) * 1000 / whole), "     ", padded(streamed * 4 / Double(text.count)))
}
