import SMGBase
import SMGJSON
import SMGParsers

/// What holds of every tool-call parser for every input. The fuzzer and the tests look for a violation.
enum ToolParserProperties {
    /// Markers that a parser drops although no call stands beside them.
    private static let dropped: [String: [String]] = [
        "cohere": ["<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>"],
        "deepseek": ["<｜end▁of▁sentence｜>"], "deepseek31": ["<｜end▁of▁sentence｜>"],
        "deepseek32": ["<｜end▁of▁sentence｜>"], "deepseek_v4": ["<｜end▁of▁sentence｜>"],
        "pythonic": ["<|python_start|>", "<|python_end|>"],
        "kimi_k3": [
            "<|open|>response<|sep|>", "<|close|>response<|sep|>", "<|close|>message<|sep|>", "<|end_of_msg|>",
        ],
        // Every token that frames a message.
        "inkling": [
            "<|message_", "<|content_", "<|end_message|>", "<|audio_end|>", "<|model_trigger", "<|endoftext|>",
        ],
    ]

    /// The first property that does not hold for `input`; nil when all do. The first byte chooses the parser, the second
    /// what it is told of its request.
    static func violation(_ input: [UInt8]) -> String? {
        guard input.count > 2 else { return nil }
        let entry = ToolParserRegistry.entries[Int(input[0]) % ToolParserRegistry.entries.count]
        let options = ToolParserOptions(
            tools: input[1] & 1 == 0 ? .none : tools, unknownTools: input[1] & 2 == 0 ? .forward : .asContent)
        let make: () -> StreamParser = { entry.make(options) }
        let raw = Array(input[2...])
        // What is not UTF-8 must do no harm; what comes of it is not said.
        _ = SplitCheck.events(raw, cuts: [raw.count / 3, raw.count / 2], make)
        let text = String(decoding: raw, as: UTF8.self)
        return violation(text, entry.name, make).map { "\(entry.name): \($0)" }
    }

    private static let tools = ToolSet(["f", "get_weather"].map { .init(name: $0, parameters: [:]) })

    private static func violation(_ text: String, _ name: String, _ make: @escaping () -> StreamParser) -> String? {
        let bytes = Array(text.utf8)
        let whole = SplitCheck.events(bytes, make)
        guard let answer = ParsedAnswer(whole) else { return "events out of order: \(whole)" }
        if answer.calls.isEmpty, answer.reasoning.isEmpty {
            if let lost = lost(text, answer.content, dropped[name] ?? []) { return lost }
        }
        for call in answer.calls where call.complete {
            let isObject = Array(call.arguments.utf8).withUnsafeBytes {
                (try? JSONSlice(parsing: $0))?.kind == .object
            }
            guard isObject else { return "complete, but no object: \(call.arguments)" }
        }
        for step in [1, 2, 3, 7] {
            let pieces = SplitCheck.events(bytes, cuts: Array(stride(from: 0, to: bytes.count, by: step)), make)
            guard pieces == whole else { return "pieces of \(step): \(pieces)\nwhole: \(whole)" }
        }
        var random = FastRandom(seed: UInt64(bytes.count))
        for _ in 0..<4 {
            let cuts = (0..<3).map { _ in random.below(bytes.count + 1) }.sorted()
            let pieces = SplitCheck.events(bytes, cuts: cuts, make)
            guard pieces == whole else { return "cut at \(cuts): \(pieces)\nwhole: \(whole)" }
        }
        return nil
    }

    /// Without a call the content is the text, except for markers that are none.
    private static func lost(_ text: String, _ content: String, _ dropped: [String]) -> String? {
        if content.utf8.elementsEqual(text.utf8) { return nil }
        let found = dropped.contains { marker in
            let marker = Array(marker.utf8)
            let text = Array(text.utf8)
            return text.count >= marker.count
                && (0...text.count - marker.count).contains { text[$0...].starts(with: marker) }
        }
        return found ? nil : "content differs from the text: \(content)"
    }
}
