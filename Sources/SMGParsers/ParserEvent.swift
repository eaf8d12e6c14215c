/// One step of a parsed answer. The events of a stream, concatenated, are the result: feeding an answer whole and
/// feeding it byte by byte give the same text in the same fields, whatever the split.
package enum ParserEvent: Hashable, Sendable {
    /// Text for the reader.
    case content(String)
    /// Text of the model's reasoning.
    case reasoning(String)
    /// A tool call begins. Calls are numbered from 0 in the order they begin. `id` is nil when the format has none of
    /// its own; the caller then makes one.
    case toolCall(index: Int, id: String?, name: String)
    /// More of the arguments of call `index`: a piece of JSON text.
    case toolArguments(index: Int, json: String)
    /// Call `index` has all its arguments. `complete` is false when the answer ended inside it, or its arguments are
    /// not valid JSON.
    case toolCallEnd(index: Int, complete: Bool)
}
