extension MarkupFormat {
    /// Step-3:
    ///
    ///     <｜tool_calls_begin｜>
    ///     <｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name="get_weather">
    ///     <steptml:parameter name="city">Berlin</steptml:parameter>
    ///     </steptml:invoke><｜tool_call_end｜>
    ///     <｜tool_calls_end｜>
    ///
    /// One newline at each end of a value is layout. Engines strip all whitespace there; we keep it, because it means
    /// something at the beginning of a program's line. No entities.
    static let step3 = MarkupFormat(
        section: ("<｜tool_calls_begin｜>", "<｜tool_calls_end｜>"),
        callPrefix: "<｜tool_call_begin｜>function<｜tool_sep｜>",
        call: .attributes(open: "<steptml:invoke", end: ">", name: "name", flag: nil),
        callClose: "</steptml:invoke>", callTrailer: "<｜tool_call_end｜>",
        parameter: .attributes(open: "<steptml:parameter", end: ">", name: "name", flag: nil),
        valueClose: "</steptml:parameter>", trimsNewlines: true)
}
