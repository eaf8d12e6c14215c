internal import SMGBase

/// HF's WordPiece model: the longest token that a word begins with, then the longest continuing token ("##ing"), and so
/// on; a word that cannot be told so is the unknown token as a whole.
///
/// All tokens are in one trie. A word's first token is sought from the root, its others from the node of the prefix.
package final class WordPieceModel: Sendable {
    package let vocabulary: Vocabulary
    /// Id of the unknown token; nil when the vocabulary does not have it.
    package let unknownID: UInt32?
    /// What continuing tokens begin with.
    package let continuingPrefix: [UInt8]
    /// Words of more characters are unknown.
    package let maximumCharacters: Int

    private let trie: ByteTrie
    /// Node of `continuingPrefix`; nil when no token begins with it.
    private let continuingNode: Int?

    /// `unknownToken` is the spelling of the unknown token. Fails with `limit` for vocabularies of absurd size.
    package init(
        vocabulary: Vocabulary, unknownToken: UnsafeRawBufferPointer, continuingPrefix: [UInt8] = Array("##".utf8),
        maximumCharacters: Int = 100
    ) throws(TokenizerError) {
        self.vocabulary = vocabulary
        self.continuingPrefix = continuingPrefix
        self.maximumCharacters = maximumCharacters
        unknownID = vocabulary.id(of: unknownToken)
        var builder = ByteTrieBuilder(vocabulary)
        for id in 0..<UInt32(vocabulary.idLimit) { builder.add(id) }
        let trie = try builder.build { UInt64($0) }
        self.trie = trie
        continuingNode = continuingPrefix.withUnsafeBytes { trie.node(of: $0) }
    }

    /// Appends the ids of `word`, which is valid UTF-8, to `ids`. Fails with `cannotEncode` for an unknown word when
    /// there is no unknown token.
    package func encode(_ word: UnsafeRawBufferPointer, into ids: TokenBuffer) throws(TokenizerError) {
        guard let bytes = word.baseAddress, word.count > 0 else { return }
        let start = ids.count
        if word.count > maximumCharacters, UTF8Scan.characters(word) > maximumCharacters {
            return try appendUnknown(ids)
        }
        // At most one token for each byte.
        ids.reserve(word.count)
        let units = trie.units
        var from = ByteTrie.root
        var at = 0
        while at < word.count {
            var node = from
            var end = at
            var id: UInt32 = 0
            var next = at
            while next < word.count,
                let child = ByteTrie.child(units, of: node, bytes.load(fromByteOffset: next, as: UInt8.self))
            {
                node = child
                next &+= 1
                if units[node].isTerminal {
                    end = next
                    id = UInt32(truncatingIfNeeded: units[node].payload)
                }
            }
            guard end > at else {
                ids.count = start
                return try appendUnknown(ids)
            }
            ids.base[ids.count] = id
            ids.count &+= 1
            at = end
            guard at < word.count else { break }
            guard let continuing = continuingNode else {
                ids.count = start
                return try appendUnknown(ids)
            }
            from = continuing
        }
    }

    private func appendUnknown(_ ids: TokenBuffer) throws(TokenizerError) {
        guard let unknownID else {
            throw TokenizerError(.cannotEncode, "a word is unknown, and there is no unknown token")
        }
        ids.append(unknownID)
    }
}
