/// What the one who loads a tokenizer may say about it.
package struct TokenizerOptions: Sendable {
    /// Source of a chat template that goes before every template found beside the tokenizer.
    package var chatTemplate: String?
    /// Whether `truncation` and `padding` of a tokenizer.json are followed, as the reference does.
    package var honoursTruncationAndPadding = true

    package init() {}
}
