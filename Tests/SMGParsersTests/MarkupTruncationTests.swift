import SMGBase
import SMGJSON
import Testing

@testable import SMGParsers

/// Answers that end anywhere, and answers that never end.
@Suite struct MarkupTruncationTests {
    private func answer(_ text: [UInt8], _ name: String, _ options: ToolParserOptions) throws -> ParsedAnswer {
        let entry = try #require(ToolParserRegistry.entry(named: name))
        let events = SplitCheck.events(text) { entry.make(options) }
        return try #require(ParsedAnswer(events), "\(events)")
    }

    private func isJSONObject(_ text: String) -> Bool {
        Array(text.utf8).withUnsafeBytes { bytes in (try? JSONSlice(parsing: bytes))?.kind == .object }
    }

    /// Whatever came of the answer is a beginning of what would have come, and only what is whole says so.
    @Test(arguments: MarkupFormatTests.fixtures) func everyBeginning(_ fixture: ParserFixture) throws {
        let text = Array(fixture.input.utf8)
        for count in 0..<text.count where count == 0 || text[count] & 0xc0 != 0x80 {
            let part = try answer(Array(text[..<count]), fixture.parser, fixture.options)
            #expect(part.calls.count <= fixture.calls.count)
            for (found, whole) in zip(part.calls, fixture.calls) {
                #expect(found.name == whole.name)
                // A marker that was cut stands in a text, which then is longer than what came of it.
                if found.complete {
                    #expect(found.arguments == whole.arguments || !whole.complete, "\(count)")
                    #expect(isJSONObject(found.arguments), "\(count)")
                }
            }
            #expect(!part.calls.dropLast().contains { !$0.complete } || fixture.calls.contains { !$0.complete })
        }
    }

    static let openings: [(String, String)] = [
        ("qwen_coder", "<tool_call><function=f><parameter=a>"),
        ("minimax_m2", "<minimax:tool_call><invoke name=\"f\"><parameter name=\"a\">"),
        (
            "step3",
            "<｜tool_calls_begin｜><｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name=\"f\">"
                + "<steptml:parameter name=\"a\">"
        ),
        (
            "deepseek32",
            "<｜DSML｜function_calls><｜DSML｜invoke name=\"f\"><｜DSML｜parameter name=\"a\" string=\"true\">"
        ),
        (
            "deepseek_v4",
            "<｜DSML｜tool_calls><｜DSML｜invoke name=\"f\"><｜DSML｜parameter name=\"a\" string=\"true\">"
        ),
        ("glm45_moe", "<tool_call>f<arg_key>a</arg_key><arg_value>"),
        ("glm47_moe", "<tool_call>f<arg_key>a</arg_key><arg_value>"),
        (
            "kimi_k3",
            "<|open|>tools<|sep|><|open|>call tool=\"f\"<|sep|><|open|>argument key=\"a\" type=\"string\"<|sep|>"
        ),
    ]

    /// Pieces of four bytes without end: what is held stays small, and time does not grow with what has come.
    @Test(arguments: openings) func aValueWithoutAnEnd(_ name: String, _ opening: String) throws {
        let entry = try #require(ToolParserRegistry.entry(named: name))
        for filler in ["abcdefg\n", "<<</\n&lt", "    \n\n\n\n"] {
            let tools = ToolSet([.init(name: "f", parameters: ["a": .string])])
            let parser = entry.make(ToolParserOptions(tools: tools))
            let output = ParserOutput()
            let piece = Array(filler.utf8)
            Array(opening.utf8).withUnsafeBytes { parser.feed($0, into: output) }
            var bytes = 0
            for i in 0..<(1 << 18) / 4 {
                piece.withUnsafeBytes { parser.feed($0.slice(i % 2 * 4..<i % 2 * 4 + 4), into: output) }
                for record in output.records where record.kind == .arguments { bytes += output.text(record).count }
                output.clear()
            }
            parser.finish(into: output)
            for record in output.records where record.kind == .arguments { bytes += output.text(record).count }
            #expect(output.records.last?.kind == .callIncomplete)
            #expect(bytes >= 1 << 17)
        }
    }

    @Test(arguments: openings) func contentWithoutAnEnd(_ name: String, _ opening: String) throws {
        let entry = try #require(ToolParserRegistry.entry(named: name))
        let sectionOpening = opening.prefix { $0 != "\"" && $0 != "f" }
        for filler in ["  \n ", "<", "< <tool", "</", String(sectionOpening) + " "] {
            let text = Array(String(repeating: filler, count: (1 << 17) / filler.utf8.count).utf8)
            var content = 0
            for pieces in [4, 1 << 16] {
                let parser = entry.make(ToolParserOptions())
                let output = ParserOutput()
                content = 0
                text.withUnsafeBytes { bytes in
                    for start in stride(from: 0, to: bytes.count, by: pieces) {
                        parser.feed(bytes.slice(start..<min(start + pieces, bytes.count)), into: output)
                        for record in output.records { content += output.text(record).count }
                        output.clear()
                    }
                }
                parser.finish(into: output)
                for record in output.records { content += output.text(record).count }
                #expect(content == text.count, "\(filler)")
            }
        }
    }

    /// A megabyte of text, whole and in pieces: the arguments are the text.
    @Test(arguments: openings) func aMegabyteOfText(_ name: String, _ opening: String) throws {
        let fixture = try #require(MarkupFormatTests.fixtures.first { $0.parser == name && $0.name == "program" })
        let line = "let x = \"1\"; // 漢字 <b>\n"
        let written = name == "minimax_m2" ? "let x = \"1\"; // 漢字 &lt;b>\n" : line
        let start = try #require(fixture.input.range(of: "def f")).lowerBound
        let end = try #require(fixture.input.range(of: ": 1}]\n")).upperBound
        var text = Array(fixture.input[..<start].utf8)
        for _ in 0..<40_000 { text += written.utf8 }
        text += fixture.input[fixture.input.index(before: end)...].utf8
        let found = try answer(text, name, fixture.options)
        let json = String(repeating: #"let x = \"1\"; // 漢字 <b>\n"#, count: 40_000)
        #expect(found.calls.map(\.arguments) == ["{\"code\":\"\(json)\\n\",\"dry\":false}"])
        #expect(found.calls.map(\.complete) == [true])
    }

    @Test func longHeadersAreContent() throws {
        let spaces = String(repeating: " ", count: ParserLimits.maximumSeparatorBytes)
        for (text, isCall) in [
            ("<tool_call>\(spaces)<function=f></function></tool_call>", true),
            ("<tool_call> \(spaces)<function=f></function></tool_call>", false),
            ("<tool_call><function=\(String(repeating: "n", count: ParserLimits.maximumNameBytes))></function>", true),
            (
                "<tool_call><function=\(String(repeating: "n", count: ParserLimits.maximumNameBytes + 1))></function>",
                false
            ),
        ] {
            let found = try answer(Array(text.utf8), "qwen_coder", ToolParserOptions())
            #expect(found.calls.count == (isCall ? 1 : 0))
            #expect(isCall || found.content == text)
            let entry = try #require(ToolParserRegistry.entry(named: "qwen_coder"))
            #expect(SplitCheck.violation(Array(text.utf8), random: 5) { entry.make(ToolParserOptions()) } == nil)
        }
    }

    @Test func textThatIsNotUTF8IsPassedOn() throws {
        let text: [UInt8] =
            Array("<tool_call><function=f><parameter=a>".utf8) + [0xff, 0xe6, 0x41, 0xf0, 0x9f]
            + Array("</parameter></function></tool_call>".utf8) + [0xc3]
        let entry = try #require(ToolParserRegistry.entry(named: "qwen_coder"))
        #expect(SplitCheck.violation(text) { entry.make(ToolParserOptions()) } == nil)
        #expect(try answer(text, "qwen_coder", ToolParserOptions()).calls.map(\.complete) == [true])
    }
}

extension String {
    /// Where `part` first stands.
    fileprivate func range(of part: String) -> Range<String.Index>? {
        guard count >= part.count else { return nil }
        for start in indices where self[start...].hasPrefix(part) {
            return start..<index(start, offsetBy: part.count)
        }
        return nil
    }
}
