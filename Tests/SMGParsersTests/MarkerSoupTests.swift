import SMGBase
import SMGJSON
import Testing

@testable import SMGParsers

/// Answers thrown together from markers, halves of markers and what stands between them, for every parser: no model
/// writes them, and the rules hold all the same.
@Suite struct MarkerSoupTests {
    /// The markers of a format, with names and values to fill them. Halves are cut from these.
    static let markers: [String: [String]] = [
        "qwen_coder": [
            "<tool_call>", "</tool_call>", "<function=f>", "<function=h>", "</function>", "<parameter=a>",
            "<parameter=n>", "<parameter=zz>", "</parameter>",
        ],
        "minimax_m2": [
            "<minimax:tool_call>", "</minimax:tool_call>", "<invoke name=\"f\">", "<invoke name=\"h\">", "</invoke>",
            "<parameter name=\"a\">", "<parameter name=\"n\">", "</parameter>", "&lt;", "&amp;", "&quot;",
        ],
        "step3": [
            "<｜tool_calls_begin｜>", "<｜tool_calls_end｜>", "<｜tool_call_begin｜>function<｜tool_sep｜>",
            "<steptml:invoke name=\"f\">", "</steptml:invoke>", "<｜tool_call_end｜>",
            "<steptml:parameter name=\"a\">", "<steptml:parameter name=\"n\">", "</steptml:parameter>",
        ],
        "deepseek32": [
            "<｜DSML｜function_calls>", "</｜DSML｜function_calls>", "<｜DSML｜invoke name=\"f\">", "</｜DSML｜invoke>",
            "<｜DSML｜parameter name=\"a\" string=\"true\">", "<｜DSML｜parameter name=\"n\" string=\"false\">",
            "</｜DSML｜parameter>", "{\"k\": \"</｜DSML｜invoke>\"}", "{",
        ],
        "deepseek_v4": [
            "<｜DSML｜tool_calls>", "</｜DSML｜tool_calls>", "<｜DSML｜invoke name=\"f\">", "</｜DSML｜invoke>",
            "<｜DSML｜parameter name=\"a\" string=\"true\">", "<｜DSML｜parameter name=\"n\">", "</｜DSML｜parameter>", "{}",
        ],
        "glm45_moe": [
            "<tool_call>", "</tool_call>", "f", "<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>", "a", "n",
        ],
        "kimi_k3": [
            "<|open|>tools<|sep|>", "<|close|>tools<|sep|>", "<|open|>call tool=\"f\" index=\"1\"<|sep|>",
            "<|close|>call<|sep|>", "<|open|>argument key=\"a\" type=\"string\"<|sep|>",
            "<|open|>argument key=\"n\" type=\"number\"<|sep|>", "<|close|>argument<|sep|>",
            "<|close|>response<|sep|>", "<|open|>response<|sep|>", "<|close|>message<|sep|>",
        ],
        "inkling": [
            "<|message_model|>", "f", "<|content_invoke_tool_json|>", "{\"name\":\"f\",\"args\":", "{\"a\":\"", "x",
            "\"}", "}", "<|end_message|>", "<|content_text|>", "{\"args\":{\"a\":1},\"name\":\"h\"}",
        ],
        "qwen": [
            "<tool_call>", "\n", "{\"name\":\"f\",", "\"arguments\":", "{\"a\":\"", "</tool_call>", "\"}", "}",
            "</tool_call>",
        ],
        "mistral": [
            "[TOOL_CALLS]", "[", "{\"name\":\"f\",", "\"arguments\":", "{\"a\":\"[TOOL_CALLS]\"}", "}", ",",
            "{\"arguments\":{\"b\":[1]},\"name\":\"h\"}", "]", "[TOOL_CALLS]", "f", "[ARGS]", "{\"k\":1}",
        ],
        "llama": [
            "<|python_tag|>", "{\"name\":\"f\",", "\"parameters\":", "{\"a\":\";\"}", "}", ";",
            "{\"function\":\"f\",\"arguments\":{}}",
        ],
        "json": [
            "[", "{\"name\":\"f\",", "\"parameters\":", "{\"a\":\"x\"}", "}", ",", "{\"parameters\":{},\"name\":\"f\"}",
            "]",
        ],
        "cohere": [
            "<|START_RESPONSE|>", "text", "<|END_RESPONSE|>", "<|START_ACTION|>", "[", "{\"tool_name\":\"f\",",
            "\"parameters\":", "{\"a\":\"x\"}", "}", ",", "]", "<|END_ACTION|>",
        ],
        "deepseek": [
            "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "function", "<｜tool▁sep｜>", "f\n", "```json\n", "{\"a\":1}",
            "\n```", "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>", "h", "[1]",
        ],
        "deepseek31": [
            "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "f", "<｜tool▁sep｜>", "{\"a\":\"<｜tool▁call▁end｜>\"}",
            "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>", "<｜end▁of▁sentence｜>",
        ],
        "kimik2": [
            "<|tool_calls_section_begin|>", "<|tool_call_begin|>", "functions.f:0", "<|tool_call_argument_begin|>",
            "{\"a\":[1, 2]}", "<|tool_call_end|>", "<|tool_call_begin|>", "h:1", "<|tool_call_argument_begin|>", "{}",
            "<|tool_call_end|>", "<|tool_calls_section_end|>",
        ],
        "pythonic": [
            "<|python_start|>", "[", "f", "(", "a", "=", "'x'", ", ", "n=", "{'k': (1, -2.5, None)}", ")", ", ",
            "h(b=[True])",
            "]", "<|python_end|>", "f(1)", "**k",
        ],
        "sarashina": [
            "<|tool_calls|>", "[", "{'name': 'f', ", "'arguments': ", "{'a': \"x\", 'n': -1}", "}", ", ",
            "{'arguments': {'b': (1,)}, 'name': 'h'}", "]",
        ],
    ]
    private static let fillings = [
        "", " ", "\n", "\n\n", "1", "12", "null", "True", "text ", "{\"a\": [1]}", "[", "\"q\"", "\"", "\\", "<", "é漢🙂",
        "\u{1}", "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m",
    ]

    /// A text of up to fourteen parts: mostly markers in a likely order, some halves, some fillings.
    static func soup(_ markers: [String], _ random: inout FastRandom) -> [UInt8] {
        var text: [UInt8] = []
        var next = random.below(markers.count)
        for _ in 0..<(2 + random.below(13)) {
            switch random.below(8) {
            case 0: next = random.below(markers.count)
            case 1:
                let half = Array(markers[next].utf8)
                text += half.prefix(random.below(half.count + 1))
            default: break
            }
            text += markers[next].utf8
            next = (next + 1) % markers.count
            if random.below(2) == 0 { text += fillings[random.below(fillings.count)].utf8 }
        }
        if random.below(3) == 0 { text.removeLast(min(text.count, random.below(9))) }
        return text
    }

    private static let tools = ToolSet([
        .init(name: "f", parameters: ["a": .string, "n": .integer, "zz": [.string, .null]]),
        .init(name: "get", parameters: [:]),
    ])

    /// The parsers that leave markers out of the content where there is no call.
    private static let dropping = ["kimi_k3", "inkling", "cohere", "pythonic", "deepseek31"]

    /// What is wrong with the parse of `text`; nil when nothing is.
    static func violation(_ text: [UInt8], _ entry: ToolParserEntry, _ options: ToolParserOptions) -> String? {
        if let difference = SplitCheck.violation(text, random: 3, { entry.make(options) }) { return difference }
        let events = SplitCheck.events(text) { entry.make(options) }
        guard let answer = ParsedAnswer(events) else { return "events out of order: \(events)" }
        if answer.calls.isEmpty, !dropping.contains(entry.name), let whole = String(validating: text, as: UTF8.self),
            answer.content != whole
        {
            return "lost: \(answer.content)"
        }
        for call in answer.calls {
            if call.name.isEmpty { return "a call without a name" }
            let isObject = Array(call.arguments.utf8).withUnsafeBytes { bytes in
                (try? JSONSlice(parsing: bytes))?.kind == .object
            }
            if call.complete, !isObject { return "complete, but \(call.arguments)" }
            if options.unknownTools == .asContent, call.name != "f", call.name != "get" {
                return "unknown \(call.name)"
            }
        }
        return nil
    }

    @Test(arguments: markers.keys.sorted()) func rulesHold(_ name: String) throws {
        let entry = try #require(ToolParserRegistry.entry(named: name))
        let markers = try #require(Self.markers[name])
        var random = FastRandom(seed: 7)
        for i in 0..<25 {
            let text = Self.soup(markers, &random)
            let options = ToolParserOptions(tools: Self.tools, unknownTools: i % 2 == 0 ? .forward : .asContent)
            let violation = Self.violation(text, entry, options)
            #expect(violation == nil, "\(String(decoding: text, as: UTF8.self))")
            if violation != nil { break }
        }
    }
}
