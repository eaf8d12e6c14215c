internal import SMGBase

/// HF's WordLevel model: a word is one token, or the unknown token.
package final class WordLevelModel: Sendable {
    package let vocabulary: Vocabulary
    /// Id of the unknown token; nil when the vocabulary does not have it.
    package let unknownID: UInt32?

    /// `unknownToken` is the spelling of the token for words that are none.
    package init(vocabulary: Vocabulary, unknownToken: UnsafeRawBufferPointer) {
        self.vocabulary = vocabulary
        unknownID = vocabulary.id(of: unknownToken)
    }

    /// Appends the id of `word` to `ids`. Fails with `cannotEncode` for a word that is no token when there is no unknown
    /// token.
    package func encode(_ word: UnsafeRawBufferPointer, into ids: TokenBuffer) throws(TokenizerError) {
        guard let id = vocabulary.id(of: word) ?? unknownID else {
            throw TokenizerError(.cannotEncode, "a word is no token, and there is no unknown token")
        }
        ids.append(id)
    }
}
