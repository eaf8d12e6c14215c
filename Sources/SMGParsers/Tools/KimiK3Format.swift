extension MarkupFormat {
    /// Kimi K3, whose answer is made of channels:
    ///
    ///     <|open|>response<|sep|>Let me look.<|close|>response<|sep|>
    ///     <|open|>tools<|sep|><|open|>call tool="get_weather" index="1"<|sep|>
    ///     <|open|>argument key="city" type="string"<|sep|>Berlin<|close|>argument<|sep|>
    ///     <|close|>call<|sep|><|close|>tools<|sep|><|close|>message<|sep|>
    ///
    /// A value of type `string` is the text as it stands, every newline included; others are JSON. In attributes `&quot;`
    /// and `&amp;` are decoded, in values nothing. The markers around the response are left out of the content; those
    /// of the reasoning belong to the reasoning parser.
    static let kimiK3 = MarkupFormat(
        section: ("<|open|>tools<|sep|>", "<|close|>tools<|sep|>"),
        call: .attributes(open: "<|open|>call", end: "<|sep|>", name: "tool", flag: nil),
        callClose: "<|close|>call<|sep|>",
        parameter: .attributes(open: "<|open|>argument", end: "<|sep|>", name: "key", flag: "type"),
        valueClose: "<|close|>argument<|sep|>",
        ignored: ["<|open|>response<|sep|>", "<|close|>response<|sep|>", "<|close|>message<|sep|>", "<|end_of_msg|>"],
        textFlag: "string", entities: .inAttributes)
}
