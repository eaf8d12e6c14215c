package import SMGBase
package import SMGJSON

/// The text of a request that routing compares: what the engine will put into its prompt, as far as the body tells,
/// in the engine's order.
///
/// | Endpoint | Text |
/// |---|---|
/// | chat | of each message: content (a string, or the texts of its parts), reasoning, tool calls |
/// | completions | `prompt`: a string, strings, or token ids |
/// | generate | `text`, or else `input_ids` |
/// | embeddings, classify | `input`: a string, strings, or token ids; or else `messages` as in chat |
/// | rerank | `query` |
/// | responses | `instructions`, then `input`: a string, or the texts of its items |
/// | messages | `system`, then the messages as in chat |
///
/// Texts are joined by one space, empty ones are left out, token ids are decimal. Where an object names its members in
/// another order, the text is the same.
package enum PromptText {
    /// Appends the text of the `body` that `scan` read to `buffer`, at most `limit` bytes of it, cut between scalars.
    package static func append(
        _ endpoint: Endpoint, scan: JSONObjectScan, body: UnsafeRawBufferPointer, to buffer: ByteBuffer, limit: Int
    ) {
        var builder = PromptTextBuilder(buffer: buffer, limit: limit)
        func add(_ key: StaticString) -> Bool {
            guard let value = scan.value(key, in: body), !value.isNull else { return false }
            builder.add(value)
            return true
        }
        switch endpoint {
        case .chatCompletions: _ = add("messages")
        case .completions: _ = add("prompt")
        case .generate: _ = add("text") || add("input_ids")
        case .embeddings, .classify: _ = add("input") || add("messages")
        case .rerank, .v1Rerank: _ = add("query")
        case .responses:
            _ = add("instructions")
            _ = add("input")
        case .messages:
            _ = add("system")
            _ = add("messages")
        }
    }
}
