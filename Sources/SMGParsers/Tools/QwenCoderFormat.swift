extension MarkupFormat {
    /// Qwen3-Coder and Qwen3.5:
    ///
    ///     <tool_call>
    ///     <function=get_weather>
    ///     <parameter=city>
    ///     Berlin
    ///     </parameter>
    ///     </function>
    ///     </tool_call>
    ///
    /// One newline behind `<parameter=city>` and one before `</parameter>` belong to the layout, as the model's template
    /// writes them and as vLLM and SGLang read them; further ones are the value's. No entities.
    static let qwenCoder = MarkupFormat(
        section: ("<tool_call>", "</tool_call>"), call: .equals(open: "<function="), callClose: "</function>",
        parameter: .equals(open: "<parameter="), valueClose: "</parameter>", trimsNewlines: true)
}
