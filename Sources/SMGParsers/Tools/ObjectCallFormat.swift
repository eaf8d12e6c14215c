internal import SMGBase

/// How a format writes its calls when each is a JSON object with the function's name and arguments in it.
struct ObjectCallFormat: Sendable {
    /// Where an object is a call although no marker stands before it.
    enum BareCalls: Sendable {
        case nowhere
        /// Only as the first thing of the answer.
        case atStart
        case anywhere
    }

    /// Markers before a call or a list of calls.
    var opening: [StaticString] = []
    /// Markers behind it.
    var closing: [StaticString] = []
    /// Markers that are no text, wherever they stand outside calls.
    var dropped: [StaticString] = []
    var bare = BareCalls.nowhere
    /// Whether calls may stand in `[…]`, with commas between them.
    var hasLists = true
    /// Between calls outside of lists, besides whitespace.
    var separator: UInt8?
    /// Whether `name{…}` or `name[ARGS]{…}` may stand behind an opening marker.
    var hasNamedCalls = false
    var keys = CallKeys.usual

    /// One object or a list anywhere in the text.
    static let json = ObjectCallFormat(bare: .anywhere)

    /// Qwen and Hermes: every call in a `<tool_call>` of its own.
    static let qwen = ObjectCallFormat(opening: ["<tool_call>"], closing: ["</tool_call>"])

    /// Mistral: a list behind a marker; later models write name and arguments apart.
    static let mistral = ObjectCallFormat(opening: ["[TOOL_CALLS]"], hasNamedCalls: true)

    /// Llama 3: a marker, or nothing at all.
    static let llama = ObjectCallFormat(
        opening: ["<|python_tag|>"], bare: .atStart, hasLists: false, separator: UInt8(ascii: ";"))

    /// Cohere Command: a list between markers; text for the reader stands between others.
    static let cohere = ObjectCallFormat(
        opening: ["<|START_ACTION|>"], closing: ["<|END_ACTION|>"],
        dropped: ["<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>"])
}
