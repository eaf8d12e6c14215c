import SMGBase
import Testing

@testable import SMGParsers

/// Answers made to hurt, for every parser of the registry.
@Suite struct HostileAnswerTests {
    /// What opens a call of each format, and what stands in it without ever ending.
    static let answers: [String] = [
        "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":\"", "<tool_call>{\"arguments\":{\"a\":\"",
        "<tool_call>[{\"x\":",
        "[TOOL_CALLS][{\"name\":\"f\",\"arguments\":", "[TOOL_CALLS]f[ARGS]", "{\"name\":\"f\",\"parameters\":{\"a\":[",
        "<|python_tag|>{\"name\":\"", "<|START_ACTION|>[{\"tool_name\":\"f\",\"parameters\":{",
        "<tool_call>\n<function=f>\n<parameter=o>\n{\"a\":", "<tool_call>f\n<arg_key>o</arg_key>\n<arg_value>[",
        "<minimax:tool_call><invoke name=\"f\"><parameter name=\"a\">",
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"a\":",
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{\"a\":",
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>{\"a\":\"",
        "[f(a=", "[f(a='", "<|python_start|>[f(a={", "<|tool_calls|>[{'name': 'f', 'arguments': {'a': ",
        "<|message_model|>f<|content_invoke_tool_json|>{\"name\":\"f\",\"args\":{\"a\":",
        "<|open|>tools<|sep|><|open|>call tool=\"f\"<|sep|><|open|>argument key=\"a\" type=\"x\"<|sep|>",
        "<｜DSML｜function_calls><｜DSML｜invoke name=\"f\">{\"a\":",
    ]
    static let fillers = ["[", "{\"a\":", "\\", "\"", "<", " ", "\n", "x", "1", "-", "&", "(", "[[]", "\u{7f}é漢"]

    /// What comes out of a kilobyte in pieces of 7 bytes is what comes out of it at once; nothing traps, nothing is held
    /// beyond the limits (a debug build checks that).
    @Test(arguments: ToolParserRegistry.entries.map(\.name)) func endlessAnswers(_ name: String) throws {
        let entry = try #require(ToolParserRegistry.entry(named: name))
        for opening in Self.answers {
            for filler in Self.fillers {
                let count = (1 << 10) / filler.utf8.count
                let text = Array((opening + String(repeating: filler, count: count)).utf8)
                let whole = SplitCheck.events(text) { entry.make(ToolParserOptions()) }
                let cuts = Array(stride(from: 7, to: text.count, by: 7))
                let pieces = SplitCheck.events(text, cuts: cuts) { entry.make(ToolParserOptions()) }
                #expect(whole == pieces, "\(opening) \(filler)")
                #expect(ParsedAnswer(whole) != nil, "\(opening) \(filler)")
            }
        }
    }

    /// Bytes that are no text.
    @Test(arguments: ToolParserRegistry.entries.map(\.name)) func bytesThatAreNoText(_ name: String) throws {
        let entry = try #require(ToolParserRegistry.entry(named: name))
        var random = FastRandom(seed: 3)
        for opening in Self.answers {
            var text = Array(opening.utf8)
            for _ in 0..<60 {
                text.append(UInt8(truncatingIfNeeded: random.next() | (random.below(2) == 0 ? 0x80 : 0)))
            }
            #expect(SplitCheck.violation(text, random: 4) { entry.make(ToolParserOptions()) } == nil)
        }
    }
}
