internal import SMGBase

/// How a format writes its calls when the function's name stands in a header, and its arguments behind it.
struct HeaderCallFormat: Sendable {
    /// What a header says.
    enum Header: Sendable {
        /// `function`, a separator, the name and a line feed; the arguments in a fence of backticks.
        case typedAndFenced
        /// The name.
        case name
        /// `functions.name:number`, which is the call's id too.
        case kimi
    }

    var header: Header
    /// Markers before and behind all calls. May be missing in the text.
    var sectionBegin: StaticString
    var sectionEnd: StaticString
    var callBegin: StaticString
    /// Between header and arguments; between type and name where there is a type.
    var separator: StaticString
    var callEnd: StaticString
    /// Markers that are no text, wherever they stand outside calls.
    var dropped: [StaticString] = []
    /// Whether arguments that are no object become `{"value":…}`.
    var wrapsValues = false

    /// DeepSeek V3 and R1.
    static let deepseek = HeaderCallFormat(
        header: .typedAndFenced, sectionBegin: "<｜tool▁calls▁begin｜>", sectionEnd: "<｜tool▁calls▁end｜>",
        callBegin: "<｜tool▁call▁begin｜>", separator: "<｜tool▁sep｜>", callEnd: "<｜tool▁call▁end｜>",
        dropped: ["<｜end▁of▁sentence｜>"], wrapsValues: true)

    /// DeepSeek V3.1.
    static let deepseek31 = HeaderCallFormat(
        header: .name, sectionBegin: "<｜tool▁calls▁begin｜>", sectionEnd: "<｜tool▁calls▁end｜>",
        callBegin: "<｜tool▁call▁begin｜>", separator: "<｜tool▁sep｜>", callEnd: "<｜tool▁call▁end｜>",
        dropped: ["<｜end▁of▁sentence｜>"], wrapsValues: true)

    /// Kimi K2.
    static let kimiK2 = HeaderCallFormat(
        header: .kimi, sectionBegin: "<|tool_calls_section_begin|>", sectionEnd: "<|tool_calls_section_end|>",
        callBegin: "<|tool_call_begin|>", separator: "<|tool_call_argument_begin|>", callEnd: "<|tool_call_end|>")
}
