extension MarkupFormat {
    /// DeepSeek V3.2:
    ///
    ///     <｜DSML｜function_calls>
    ///     <｜DSML｜invoke name="get_weather">
    ///     <｜DSML｜parameter name="city" string="true">Berlin</｜DSML｜parameter>
    ///     <｜DSML｜parameter name="days" string="false">3</｜DSML｜parameter>
    ///     </｜DSML｜invoke>
    ///     </｜DSML｜function_calls>
    ///
    /// With `string="true"` the value is the text as it stands, every newline included; otherwise it is JSON. A call may
    /// hold one JSON object instead of parameters. No entities.
    static let deepSeek32 = deepSeek("<｜DSML｜function_calls>", "</｜DSML｜function_calls>")

    /// DeepSeek V4: that of V3.2 with another name for the section, `<｜DSML｜tool_calls>`.
    static let deepSeek4 = deepSeek("<｜DSML｜tool_calls>", "</｜DSML｜tool_calls>")

    private static func deepSeek(_ open: StaticString, _ close: StaticString) -> MarkupFormat {
        MarkupFormat(
            section: (open, close),
            call: .attributes(open: "<｜DSML｜invoke", end: ">", name: "name", flag: nil),
            callClose: "</｜DSML｜invoke>",
            parameter: .attributes(open: "<｜DSML｜parameter", end: ">", name: "name", flag: "string"),
            valueClose: "</｜DSML｜parameter>", ignored: ["<｜end▁of▁sentence｜>"], textFlag: "true", allowsJSONBody: true)
    }
}
