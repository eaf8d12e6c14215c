import SMGBase
import SMGParsers
import Testing

/// Reasoning parsers in front of real tool-call parsers.
@Suite struct AnswerChainTests {
    private static let arguments = #"{"city":"Paris <think> 世","days":[1,2]}"#

    /// Reasoning parser, tool-call parser, answer with a call in its reasoning too, and the text before the call.
    private static let answers: [(String, String, String, String)] = [
        (
            "qwen3", "qwen",
            "<think>I could <tool_call>\n{}\n</tool_call></think>Well.<tool_call>\n{\"name\": \"f\", \"arguments\": \(arguments)}\n</tool_call>",
            "Well."
        ),
        (
            "deepseek_r1", "llama",
            "<|python_tag|>{}</think>Well.<|python_tag|>{\"name\": \"f\", \"parameters\": \(arguments)}", "Well."
        ),
        (
            "mistral", "mistral",
            "[THINK][TOOL_CALLS] [{}][/THINK]Well.[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": \(arguments)}]",
            "Well."
        ),
        (
            "cohere_cmd", "cohere",
            "<|START_THINKING|><|START_ACTION|>{}<|END_ACTION|><|END_THINKING|><|START_ACTION|>[{\"tool_name\": \"f\", \"parameters\": \(arguments)}]<|END_ACTION|>",
            ""
        ),
    ]

    @Test(arguments: 0..<answers.count) func callsBehindTheReasoningAreCalls(_ number: Int) throws {
        let (reasoning, tools, text, content) = Self.answers[number]
        let make = {
            AnswerParser.make(
                reasoning: ReasoningRegistry.entry(named: reasoning)!.make(),
                tools: ToolParserRegistry.entry(named: tools)!.make(ToolParserOptions()))
        }
        let answer = try #require(ParsedAnswer(SplitCheck.events(Array(text.utf8), make)))
        #expect(answer.calls == [.init(name: "f", arguments: Self.arguments, id: nil, complete: true)])
        #expect(answer.content == content)
        #expect(answer.reasoning.contains("{}"))
        #expect(SplitCheck.violation(Array(text.utf8), make) == nil)
    }
}
