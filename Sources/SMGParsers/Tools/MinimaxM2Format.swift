extension MarkupFormat {
    /// MiniMax M2, with any number of calls in one section:
    ///
    ///     <minimax:tool_call>
    ///     <invoke name="get_weather">
    ///     <parameter name="city">Berlin</parameter>
    ///     </invoke>
    ///     </minimax:tool_call>
    ///
    /// The five entities of XML are decoded in names and values. One newline at each end of a value is layout; engines
    /// strip all of them, so what is left of several differs.
    static let minimaxM2 = MarkupFormat(
        section: ("<minimax:tool_call>", "</minimax:tool_call>"),
        call: .attributes(open: "<invoke", end: ">", name: "name", flag: nil), callClose: "</invoke>",
        parameter: .attributes(open: "<parameter", end: ">", name: "name", flag: nil), valueClose: "</parameter>",
        entities: .everywhere, trimsNewlines: true)
}
