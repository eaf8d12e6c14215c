/// A token that stands outside of the model: it is found in the text before anything else.
package struct AddedToken: Hashable, Sendable {
    /// Its bytes, UTF-8.
    package var content: [UInt8]
    /// Found only where no word character is next to it.
    package var isSingleWord = false
    /// Takes white space in front of it.
    package var stripsLeft = false
    /// Takes white space behind it.
    package var stripsRight = false
    /// Sought in the normalised text, in its own normalised form.
    package var isNormalized = false
    /// Left out by a decoder that skips special tokens.
    package var isSpecial = false

    package init(content: [UInt8]) { self.content = content }

    package var text: String { String(decoding: content, as: UTF8.self) }
}
