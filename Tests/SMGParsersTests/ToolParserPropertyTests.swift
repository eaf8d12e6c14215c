import SMGBase
import SMGJSON
import SMGParsers
import Testing

@Suite struct ToolParserPropertyTests {
    private static let corpus = "Fuzz/corpus/toolparsers"

    @Test func corpusIsThere() { #expect(TestFiles.names(in: Self.corpus).count >= 10) }

    @Test(arguments: TestFiles.names(in: corpus)) func replays(file: String) throws {
        #expect(try ToolParserProperties.violation(TestFiles.bytes("\(Self.corpus)/\(file)")) == nil)
    }

    /// Texts put together from pieces of the formats, in every parser.
    @Test func heldForRandomTexts() {
        let pieces =
            ToolParserFixtureTests.fixtures.map { Array($0.input.utf8.prefix(80)) }
            + [
                "<tool_call>", "</tool_call>", "[TOOL_CALLS]", "[ARGS]", "<|python_tag|>", "{\"name\": \"f\"", "}", "]",
                "[",
                "\"arguments\": {\"a\": [1, \"x\\u00e9\"]}", ", ", "null", "[f(a='x', ", "b=1)", "\n", "漢", "<", "```",
                "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>",
                "<|tool_call_begin|>", "functions.f:0", "<|tool_call_argument_begin|>", "<|tool_call_end|>", "\\", "\"",
                "'",
            ].map { Array($0.utf8) }
        var random = FastRandom(seed: 7)
        for _ in 0..<3000 {
            var input = [UInt8(truncatingIfNeeded: random.next()), UInt8(truncatingIfNeeded: random.next())]
            for _ in 0..<(1 + random.below(6)) {
                let piece = pieces[random.below(pieces.count)]
                let from = random.below(4) == 0 ? random.below(piece.count + 1) : 0
                let to = random.below(4) == 0 ? from + random.below(piece.count - from + 1) : piece.count
                input += piece[from..<to]
            }
            let violation = ToolParserProperties.violation(input)
            #expect(violation == nil, "\(String(decoding: input.dropFirst(2), as: UTF8.self))")
            if violation != nil { return }
        }
    }
}
