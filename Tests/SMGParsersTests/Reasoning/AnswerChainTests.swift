import SMGBase
import SMGParsers
import Testing

/// Reasoning parsers in front of real tool-call parsers.
@Suite struct AnswerChainTests {
    private static let arguments = #"{"city":"Paris <think> 世","days":[1,2]}"#

    /// Reasoning parser, tool-call parser, answer with a call behind its reasoning, and the text before the call.
    private static let answers: [(String, String, String, String)] = [
        (
            "qwen3", "qwen",
            "<think>R</think>Well.<tool_call>\n{\"name\": \"f\", \"arguments\": \(arguments)}\n</tool_call>",
            "Well."
        ),
        (
            "deepseek_r1", "llama",
            "R<|python_tag|>{}</think>Well.<|python_tag|>{\"name\": \"f\", \"parameters\": \(arguments)}", "Well."
        ),
        (
            "mistral", "mistral",
            "[THINK]R[/THINK]Well.[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": \(arguments)}]", "Well."
        ),
        (
            "cohere_cmd", "cohere",
            "<|START_THINKING|>R<|END_THINKING|><|START_ACTION|>[{\"tool_name\": \"f\", \"parameters\": \(arguments)}]<|END_ACTION|>",
            ""
        ),
    ]

    @Test(arguments: 0..<answers.count) func callsBehindTheReasoningAreCalls(_ number: Int) throws {
        let (reasoning, tools, text, content) = Self.answers[number]
        let answer = try parse(text, reasoning, tools)
        #expect(answer.calls == [.init(name: "f", arguments: Self.arguments, id: nil, complete: true)])
        #expect(answer.content == content)
        #expect(answer.reasoning.hasPrefix("R"))
    }

    private func parse(_ text: String, _ reasoning: String, _ tools: String, started: Bool = false) throws
        -> ParsedAnswer
    {
        let make = {
            AnswerParser.make(
                reasoning: ReasoningRegistry.entry(named: reasoning)!.make(ReasoningOptions(started: started)),
                tools: ToolParserRegistry.entry(named: tools)!.make(ToolParserOptions()))
        }
        #expect(SplitCheck.violation(Array(text.utf8), make) == nil)
        return try #require(ParsedAnswer(SplitCheck.events(Array(text.utf8), make)))
    }

    /// Reasoning parser, tool-call parser and a call `f` with the argument `a`.
    private static let interruptions: [(String, String, String)] = [
        ("qwen3", "qwen", "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"x\"}}\n</tool_call>"),
        ("qwen3", "qwen_coder", "<tool_call>\n<function=f>\n<parameter=a>\nx\n</parameter>\n</function>\n</tool_call>"),
        ("qwen3_thinking", "qwen", "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"x\"}}\n</tool_call>"),
        ("nano_v3", "qwen", "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"x\"}}\n</tool_call>"),
        ("glm45", "glm45_moe", "<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>x</arg_value>\n</tool_call>"),
        (
            "minimax", "minimax_m2",
            "<minimax:tool_call><invoke name=\"f\"><parameter name=\"a\">x</parameter></invoke></minimax:tool_call>"
        ),
        ("mistral", "mistral", "[TOOL_CALLS]f{\"a\": \"x\"}"),
        (
            "cohere_cmd", "cohere",
            "<|START_ACTION|>[{\"tool_name\": \"f\", \"parameters\": {\"a\": \"x\"}}]<|END_ACTION|>"
        ),
        (
            "inkling", "inkling",
            "<|message_model|>f<|content_invoke_tool_json|>{\"name\": \"f\", \"args\": {\"a\": \"x\"}}<|end_message|>"
        ),
        (
            "inkling", "inkling",
            "<|content_invoke_tool_json|>{\"name\": \"f\", \"args\": {\"a\": \"x\"}}<|end_message|>"
        ),
        (
            "kimi_k3", "kimi_k3",
            "<|open|>tools<|sep|><|open|>call tool=\"f\"<|sep|><|open|>argument key=\"a\" type=\"string\"<|sep|>x<|close|>argument<|sep|><|close|>call<|sep|><|close|>tools<|sep|>"
        ),
    ]

    @Test(arguments: 0..<interruptions.count) func aCallEndsTheReasoning(_ number: Int) throws {
        let (reasoning, tools, call) = Self.interruptions[number]
        let plain = try parse(call, "base", tools)
        #expect(plain.calls == [.init(name: "f", arguments: #"{"a":"x"}"#, id: nil, complete: true)])
        let answer = try parse("R\n\(call)", reasoning, tools, started: true)
        #expect(answer.reasoning == "R\n")
        #expect(answer.content == "")
        #expect(answer.calls == plain.calls)
    }

    @Test func kimiCallsEndTheReasoning() throws {
        let call =
            "<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>"
        for reasoning in ["kimi_thinking", "kimi_k25"] {
            let answer = try parse("R\(call)", reasoning, "kimik2", started: true)
            #expect(answer.calls == [.init(name: "f", arguments: "{}", id: "functions.f:0", complete: true)])
            #expect(answer.reasoning == "R")
            #expect(answer.content == "")
        }
    }

    @Test func theEndMarkerBehindACallInTheReasoningIsDropped() throws {
        let call = "<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>"
        let answer = try parse("<think>R\(call)\n</think>A</think>\(call)", "qwen3", "qwen")
        #expect(answer.reasoning == "R")
        #expect(answer.content == "\nA</think>")
        #expect(answer.calls.count == 2)
        let marker = try parse("<think>I could <tool_call> it.</think>Well.", "qwen3", "qwen")
        #expect(marker.reasoning == "I could ")
        #expect(marker.content == "<tool_call> it.Well.")
        let again = try parse("[THINK]a[TOOL_CALLS]f{}[THINK]b[/THINK]c", "mistral", "mistral")
        #expect(again.reasoning == "ab")
        #expect(again.content == "c")
    }

    /// Reasoning parser, tool-call parser, answer with a call `f` whose argument `a` is TEXT, and that text.
    private static let markers: [(String, String, String, String)] = [
        ("mistral", "mistral", "[TOOL_CALLS][{\"name\":\"f\",\"arguments\":{\"a\":\"TEXT\"}}]", "see [THINK]x[/THINK]"),
        ("mistral", "mistral", "[TOOL_CALLS]f{\"a\":\"TEXT\"}", "see [THINK]x"),
        ("qwen3", "qwen", "<tool_call>\n{\"name\":\"f\",\"arguments\":{\"a\":\"TEXT\"}}\n</tool_call>", "x <think> y"),
        ("qwen3", "qwen", "<tool_call>\n{\"arguments\":{\"a\":\"TEXT\"},\"name\":\"f\"}\n</tool_call>", "x <think> y"),
        (
            "qwen3", "qwen_coder",
            "<tool_call>\n<function=f>\n<parameter=a>\nTEXT\n</parameter>\n</function>\n</tool_call>", "<think>"
        ),
        (
            "deepseek_v31", "deepseek31",
            "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{\"a\":\"TEXT\"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            "a<think>b</think>"
        ),
        ("base", "pythonic", "[f(a=\"TEXT\")]", "a<think>b</think>"),
        ("base", "sarashina", "<|tool_calls|>[{'name': 'f', 'arguments': {'a': 'TEXT'}}]", "a<think>b</think>"),
        (
            "cohere_cmd", "cohere",
            "<|START_ACTION|>[{\"tool_name\":\"f\",\"parameters\":{\"a\":\"TEXT\"}}]<|END_ACTION|>",
            "<|END_ACTION|><|START_THINKING|>k<|START_TEXT|>"
        ),
        (
            "inkling", "inkling",
            "<|message_model|>f<|content_invoke_tool_json|>{\"name\":\"f\",\"args\":{\"a\":\"TEXT\"}}<|end_message|>",
            "<|end_message|><|content_thinking|>k<|content_text|>"
        ),
        (
            "kimi_k3", "kimi_k3",
            "<|open|>tools<|sep|><|open|>call tool=\"f\"<|sep|><|open|>argument key=\"a\" type=\"string\"<|sep|>TEXT<|close|>argument<|sep|><|close|>call<|sep|><|close|>tools<|sep|>",
            "<|close|>tools<|sep|><|open|>think<|sep|>k<|end_of_msg|>"
        ),
    ]

    @Test(arguments: 0..<markers.count) func markersInACallAreText(_ number: Int) throws {
        let (reasoning, tools, call, text) = Self.markers[number]
        let whole = call.replacing("TEXT", with: text)
        // Also where the call ended the reasoning.
        for started in [false, true] where !started || !["base", "deepseek_v31"].contains(reasoning) {
            let answer = try parse(whole, reasoning, tools, started: started)
            #expect(answer.calls == [.init(name: "f", arguments: "{\"a\":\"\(text)\"}", id: nil, complete: true)])
            #expect(answer.content == "")
            #expect(answer.reasoning == "")
        }
    }

    @Test func behindACallMarkersCountAgain() throws {
        let mistral = try parse(
            "[TOOL_CALLS][{\"name\":\"f\",\"arguments\":{\"a\":\"[THINK]\"}}] after [THINK]R[/THINK]b", "mistral",
            "mistral")
        #expect(mistral.content == " after b")
        #expect(mistral.reasoning == "R")
        let broken = try parse(
            "<|START_ACTION|>[{\"tool_name\":\"f\",\"parameters\":{x}}]<|END_ACTION|><|START_THINKING|>R<|END_THINKING|>b",
            "cohere_cmd", "cohere")
        #expect(broken.calls.map(\.complete) == [false])
        #expect(broken.reasoning == "R")
        #expect(broken.content == "b")
    }

    @Test func withoutToolsACallIsReasoning() throws {
        let text = "<think>R<tool_call>{}</tool_call></think>A"
        for tools in [nil, "passthrough"] {
            let make = {
                AnswerParser.make(
                    reasoning: ReasoningRegistry.entry(named: "qwen3")!.make(),
                    tools: tools.map { ToolParserRegistry.entry(named: $0)!.make(ToolParserOptions()) })
            }
            #expect(
                SplitCheck.events(Array(text.utf8), make) == [.reasoning("R<tool_call>{}</tool_call>"), .content("A")])
            #expect(SplitCheck.violation(Array(text.utf8), make) == nil)
        }
    }

    /// Markers of both thrown together: what comes out does not depend on the split, whatever the calls hold.
    @Test(arguments: MarkerSoupTests.markers.keys.sorted()) func soupsDoNotDependOnTheSplit(_ tools: String) throws {
        let markers = try #require(MarkerSoupTests.markers[tools])
        var random = FastRandom(seed: 11)
        for (reasoning, more) in [
            ("qwen3", ["<think>", "</think>", "<tool_call>"]), ("mistral", ["[THINK]", "[/THINK]"]),
            ("cohere_cmd", ["<|START_THINKING|>", "<|END_THINKING|>", "<|START_ACTION|>", "<|END_ACTION|>"]),
            ("inkling", ["<|content_thinking|>", "<|end_message|>", "<|message_model|>"]),
            ("kimi_k3", ["<|open|>think<|sep|>", "<|close|>think<|sep|>", "<|close|>tools<|sep|>"]),
        ] {
            for i in 0..<10 {
                let text = Array(
                    MarkerSoupTests.soup(
                        (0..<8).map { _ in random.below(2) == 0 ? more[random.below(more.count)] : "" } + markers
                            + [more[random.below(more.count)]] + markers, &random))
                let make = {
                    AnswerParser.make(
                        reasoning: ReasoningRegistry.entry(named: reasoning)!.make(
                            ReasoningOptions(started: i % 2 == 0, streams: i % 3 > 0)),
                        tools: ToolParserRegistry.entry(named: tools)!.make(ToolParserOptions()))
                }
                let whole = try #require(ParsedAnswer(SplitCheck.events(text, make)))
                for cuts in [Array(0..<text.count)] + (0..<text.count).map({ [$0] }) {
                    let found = try #require(ParsedAnswer(SplitCheck.events(text, cuts: cuts, make)))
                    let isSame =
                        found.content == whole.content && found.reasoning == whole.reasoning
                        && found.calls == whole.calls
                    #expect(isSame, "\(reasoning) \(String(decoding: text, as: UTF8.self)) \(cuts) \(found) \(whole)")
                    if !isSame { return }
                }
            }
        }
    }
}
