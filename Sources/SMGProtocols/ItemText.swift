internal import SMGBase
internal import SMGJSON

/// The members of a message, part, tool call or response item that carry prompt text, kept until all are known.
struct ItemText {
    /// A member's place in the text. Two names of one slot are two dialects' words for one thing.
    enum Slot {
        static let text = 0  // parts of every dialect
        static let thinking = 1  // Anthropic's thinking parts
        static let reasoning = 2  // reasoning_content; reasoning
        static let summary = 3  // reasoning items of the Responses API
        static let toolCalls = 4  // tool_calls; function_call of old chat messages
        static let name = 5  // the function's name: counts only in a call
        static let arguments = 6  // arguments; input of Anthropic's calls
        static let output = 7  // results of the Responses API
        /// `content` of messages and tool results, `function` of tool calls: what comes first in its object, so it
        /// is taken as it passes by and never kept.
        static let leading = 8
    }

    /// The members' values by slot. A repeated member counts once, the last.
    private(set) var slots = InlineArray<8, JSONSlice?>(repeating: nil)
    /// The slots in use, as bits: most items have one or two.
    private(set) var used: UInt16 = 0

    /// Keeps `value`, unless it is null.
    mutating func keep(_ value: JSONSlice, in slot: Int) {
        guard !value.isNull else { return }
        slots[slot] = value
        used |= 1 << UInt16(slot)
    }

    /// Drops a `name` that belongs to no call: it says who speaks, or what a tool's result answers.
    mutating func dropStrayName() {
        if used >> UInt16(Slot.arguments) & 1 == 0 { used &= ~(1 << UInt16(Slot.name)) }
    }

    /// Whether `slot` may hold any JSON, which is then text as it is spelled.
    static func isJSON(slot: Int) -> Bool { slot == Slot.arguments || slot == Slot.output }

    /// The slot of the member named `key`; nil for a member that carries no text. A key spelled with escapes is not
    /// known here: no client writes one, and it would cost routing quality only.
    static func slot(_ key: JSONString) -> Int? {
        // By length first, so that most keys are told apart without a comparison.
        switch key.raw.count {
        case 4:
            if key.raw.equals("text") { return Slot.text }
            if key.raw.equals("name") { return Slot.name }
        case 5:
            if key.raw.equals("input") { return Slot.arguments }
        case 6:
            if key.raw.equals("output") { return Slot.output }
        case 7:
            if key.raw.equals("content") { return Slot.leading }
            if key.raw.equals("summary") { return Slot.summary }
        case 8:
            if key.raw.equals("thinking") { return Slot.thinking }
            if key.raw.equals("function") { return Slot.leading }
        case 9:
            if key.raw.equals("arguments") { return Slot.arguments }
            if key.raw.equals("reasoning") { return Slot.reasoning }
        case 10:
            if key.raw.equals("tool_calls") { return Slot.toolCalls }
        case 13:
            if key.raw.equals("function_call") { return Slot.toolCalls }
        case 17:
            if key.raw.equals("reasoning_content") { return Slot.reasoning }
        default:
            break
        }
        return nil
    }
}
