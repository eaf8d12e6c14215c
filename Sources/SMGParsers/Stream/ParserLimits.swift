/// The bounds of the parsers. Reaching one turns what was held back into content, or ends the call with
/// `complete: false`; it is never an error of the request.
///
/// Every bound counts bytes of the text from a place that the text itself fixes, never bytes of a chunk: the events are
/// the same however the text was split.
package enum ParserLimits {
    /// Bytes held back before a call's name is known: a header, or arguments that stand before the name. More than any
    /// answer of a model with a usual limit of output tokens.
    package static let maximumHeldBytes = 1 << 20

    /// Bytes of a function name or of a call's own id. OpenAI allows 64 for a name; engines do not check.
    package static let maximumNameBytes = 512

    /// Bytes of whitespace between calls that count as their separator; more is content.
    package static let maximumSeparatorBytes = 256

    /// Bytes that may be held before the first of `maximumHeldBytes`: separators and markers.
    static let maximumHeldLead = 4096

    /// Containers open at once in arguments, the outermost included. The same as for request bodies.
    package static let maximumDepth = 512

    /// Tools of one request. The largest real agents offer a few hundred.
    package static let maximumTools = 4096
}
