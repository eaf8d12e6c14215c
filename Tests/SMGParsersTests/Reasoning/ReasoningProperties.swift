import SMGBase
import SMGParsers

/// What must hold for any answer whatsoever. Checked over the fuzzing corpus in every test run, and by the fuzzer.
enum ReasoningProperties {
    /// A run of bytes of one kind.
    struct Run: Equatable {
        var isReasoning: Bool
        var bytes: [UInt8]
    }

    /// The first property `input` violates; nil when all hold. Its first byte chooses the parser, the second how it is
    /// used, the third where the rest, the answer, is split.
    static func violation(_ input: [UInt8]) -> String? {
        guard input.count >= 3 else { return nil }
        let entry = ReasoningRegistry.entries[Int(input[0]) % ReasoningRegistry.entries.count]
        let options = ReasoningOptions(started: input[1] & 1 == 1, streams: input[1] & 2 == 0)
        let chained = input[1] & 4 == 4
        let text = Array(input[3...])
        func runs(_ piece: Int) -> [Run] {
            let parser = AnswerParser.make(
                reasoning: entry.make(options),
                tools: chained ? ToolParserRegistry.passthrough.make(ToolParserOptions()) : nil)
            return self.runs(parser, text, piece)
        }
        let whole = runs(max(text.count, 1))
        if runs(1) != whole { return "\(entry.name): byte by byte differs" }
        if runs(2 + Int(input[2] % 61)) != whole { return "\(entry.name): split differs" }
        let out = whole.flatMap(\.bytes)
        // A tool-call parser keeps what may still become a marker, or a character, while reasoning passes by it: in a
        // chain each kind has its own order.
        let ordered =
            chained ? [true, false].map { kind in whole.filter { $0.isReasoning == kind }.flatMap(\.bytes) } : [out]
        guard ordered.allSatisfy({ isSubsequence($0, of: text) }) else {
            return "\(entry.name): text that was not in the answer"
        }
        if entry.format == nil || !text.contains(where: { "<[◁".utf8.contains($0) }), out != text {
            return "\(entry.name): text is lost"
        }
        return nil
    }

    private static func runs(_ parser: StreamParser, _ text: [UInt8], _ piece: Int) -> [Run] {
        let output = ParserOutput(capacity: 64)
        var runs: [Run] = []
        func collect() {
            for record in output.records {
                let isReasoning = record.kind == .reasoning
                if runs.last?.isReasoning != isReasoning { runs.append(Run(isReasoning: isReasoning, bytes: [])) }
                runs[runs.count - 1].bytes += output.text(record)
            }
            output.clear()
        }
        text.withUnsafeBytes { bytes in
            var at = 0
            while at < bytes.count {
                parser.feed(bytes.slice(at..<min(at + piece, bytes.count)), into: output)
                collect()
                at += piece
            }
        }
        parser.finish(into: output)
        collect()
        return runs
    }

    private static func isSubsequence(_ part: [UInt8], of whole: [UInt8]) -> Bool {
        var at = 0
        for byte in whole where at < part.count && part[at] == byte { at += 1 }
        return at == part.count
    }
}
