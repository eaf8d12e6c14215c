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
}
