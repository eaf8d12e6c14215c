extension MarkupFormat {
    /// GLM-4.5, 4.6, 4.7 and 5, one call a section:
    ///
    ///     <tool_call>get_weather
    ///     <arg_key>city</arg_key>
    ///     <arg_value>Berlin</arg_value>
    ///     </tool_call>
    ///
    /// From 4.7 on the models leave out the newlines. They are layout between the tags and belong to the value inside
    /// `arg_value`, as vLLM and SGLang read them, so one format serves both. No entities.
    ///
    /// A function's name has no whitespace and is followed by `<arg_key>` or `</tool_call>`; anything else behind
    /// `<tool_call>` is content.
    static let glm = MarkupFormat(
        section: ("<tool_call>", "</tool_call>"), call: .line(followers: ["<arg_key>", "</tool_call>"]),
        callClose: "</tool_call>",
        parameter: .element(open: "<arg_key>", close: "</arg_key>", value: "<arg_value>"),
        valueClose: "</arg_value>")
}
