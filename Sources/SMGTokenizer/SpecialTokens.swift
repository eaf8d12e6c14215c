/// The tokens of a model that have a part to play, as its files name them.
package struct SpecialTokens: Sendable, Hashable {
    /// One token with a part.
    package struct Token: Sendable, Hashable {
        /// How it is written in a prompt.
        package let text: String
        /// Its id; nil when the files name a token that the vocabulary does not have.
        package let id: UInt32?

        package init(text: String, id: UInt32?) {
            self.text = text
            self.id = id
        }
    }

    /// Begins a text.
    package var bos: Token?
    /// Ends a text.
    package var eos: Token?
    /// Stands for what the vocabulary cannot express.
    package var unk: Token?
    /// Fills up a batch.
    package var pad: Token?
    /// Separates texts.
    package var sep: Token?
    /// Stands for a whole text.
    package var cls: Token?
    /// Hides a word.
    package var mask: Token?
    /// Every added token that is marked special, in the order of their ids; those above are among them where they are.
    package var additional: [Token] = []

    package init() {}
}
