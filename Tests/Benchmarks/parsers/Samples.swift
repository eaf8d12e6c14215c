/// How one call is written in a format: what stands before its arguments and behind them, or before and behind the text
/// of one string parameter.
struct Sample {
    let parser: String
    let before: String
    let after: String
    /// Whether the arguments are one string in a tag, and not a JSON object.
    var isText = false

    static let all = [
        Sample(parser: "json", before: #"{"name": "f", "arguments": "#, after: "}"),
        Sample(parser: "mistral", before: #"[TOOL_CALLS] [{"name": "f", "arguments": "#, after: "}]"),
        Sample(parser: "qwen", before: "<tool_call>\n{\"name\": \"f\", \"arguments\": ", after: "}\n</tool_call>"),
        Sample(parser: "llama", before: #"<|python_tag|>{"name": "f", "parameters": "#, after: "}"),
        Sample(
            parser: "cohere", before: #"<|START_ACTION|>[{"tool_name": "f", "parameters": "#,
            after: "}]<|END_ACTION|>"),
        Sample(parser: "pythonic", before: "[f(a=", after: ")]"),
        Sample(
            parser: "deepseek",
            before: "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n",
            after: "\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>"),
        Sample(
            parser: "deepseek31", before: "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>",
            after: "<｜tool▁call▁end｜><｜tool▁calls▁end｜>"),
        Sample(
            parser: "kimik2",
            before: "<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>",
            after: "<|tool_call_end|><|tool_calls_section_end|>"),
        Sample(parser: "sarashina", before: "<|tool_calls|>[{'name': 'f', 'arguments': ", after: "}]"),
        Sample(
            parser: "qwen_coder", before: "<tool_call>\n<function=f>\n<parameter=q>\n",
            after: "\n</parameter>\n</function>\n</tool_call>", isText: true),
        Sample(
            parser: "deepseek32",
            before: "<｜DSML｜function_calls><｜DSML｜invoke name=\"f\"><｜DSML｜parameter name=\"q\" string=\"true\">",
            after: "</｜DSML｜parameter></｜DSML｜invoke></｜DSML｜function_calls>", isText: true),
        Sample(
            parser: "glm45_moe", before: "<tool_call>f\n<arg_key>q</arg_key>\n<arg_value>",
            after: "</arg_value>\n</tool_call>", isText: true),
        Sample(
            parser: "step3",
            before: "<｜tool_calls_begin｜><｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name=\"f\">"
                + "<steptml:parameter name=\"q\">",
            after: "</steptml:parameter></steptml:invoke><｜tool_call_end｜><｜tool_calls_end｜>", isText: true),
        Sample(
            parser: "minimax_m2", before: "<minimax:tool_call><invoke name=\"f\"><parameter name=\"q\">",
            after: "</parameter></invoke></minimax:tool_call>", isText: true),
    ]

    /// An answer whose arguments have about `size` bytes.
    func answer(size: Int) -> [UInt8] {
        var arguments = ""
        if isText {
            while arguments.utf8.count < size {
                arguments += "if (a < b) { print(\"Größe \\(x)\") }\n"
            }
        } else {
            arguments = #"{"items":["#
            while arguments.utf8.count < size {
                arguments += #"{"title": "A \"quoted\" word and some more text, 漢字", "n": [1, 22.5e3, true, null]}, "#
            }
            arguments += "0]}"
            if parser == "pythonic" || parser == "sarashina" {
                arguments = arguments.replacing("true", with: "True").replacing("null", with: "None")
            }
        }
        return Array((before + arguments + after).utf8)
    }
}
