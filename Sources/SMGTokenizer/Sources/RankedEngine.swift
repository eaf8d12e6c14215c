internal import SMGBase

/// A tokenizer of ranks (tiktoken, tekken) behind the face of `Tokenizer`: special tokens are always found in texts.
final class RankedEngine: Sendable {
    let tokenizer: RankedTokenizer
    /// Special tokens by id; where an id has two names, the first.
    private let specials: [UInt32: [UInt8]]
    private let ids: [[UInt8]: UInt32]
    /// The id in front of a text when special tokens are wanted; nil for formats that leave that to the prompt.
    private let bos: UInt32?
    /// What `vocab_size` shows.
    let vocabularySize: Int

    init(_ source: RankedSource, addsBOS: Bool, vocabularySize: Int? = nil) throws(TokenizerError) {
        tokenizer = try RankedTokenizer(source)
        specials = Dictionary(source.specials.map { ($0.id, $0.text) }) { first, _ in first }
        ids = Dictionary(source.specials.map { ($0.text, $0.id) }) { first, _ in first }
        bos = addsBOS ? source.bos.flatMap { [ids] in ids[Array($0.utf8)] } : nil
        self.vocabularySize = min(vocabularySize ?? source.idLimit, source.idLimit)
    }

    var idLimit: Int { tokenizer.source.idLimit }

    func encode(
        _ text: UnsafeRawBufferPointer, addSpecialTokens: Bool, into ids: TokenBuffer
    ) throws(TokenizerError) {
        guard text.count <= TokenizerLimits.textBytes else {
            throw TokenizerError(.limit, "a text of \(text.count) bytes, at most \(TokenizerLimits.textBytes)")
        }
        if addSpecialTokens, let bos { ids.append(bos) }
        guard let base = text.baseAddress, UTF8Text.wellFormedEnd(base, from: 0, count: text.count) < text.count else {
            return try tokenizer.encode(text, allowing: .all, into: ids)
        }
        let repaired = ByteBuffer(capacity: text.count + text.count / 2)
        var repair = LossyUTF8()
        repair.append(text, into: repaired)
        repair.finish(into: repaired)
        try tokenizer.encode(repaired.readable, allowing: .all, into: ids)
    }

    func withToken<Result>(_ id: UInt32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        if let special = specials[id] { return special.withUnsafeBytes(body) }
        return tokenizer.source.ranks.token(id).map(body)
    }

    func id(of token: String) -> UInt32? { ids[Array(token.utf8)] ?? tokenizer.source.ranks.id(of: token) }

    func isSpecial(_ id: UInt32) -> Bool { specials[id] != nil }

    /// Special tokens by id.
    var specialTokens: [SpecialTokens.Token] {
        specials.sorted { $0.key < $1.key }
            .map { SpecialTokens.Token(text: String(decoding: $0.value, as: UTF8.self), id: $0.key) }
    }

    /// Ids to text; ids without a token are errors.
    func makeDecoder() throws(TokenizerError) -> TokenDecoder {
        let arena = ByteBuffer(capacity: 16)
        return try TokenDecoder(idLimit: idLimit, isSpecial: isSpecial) { id in
            guard let special = specials[id] else { return tokenizer.source.ranks.token(id) }
            arena.clear()
            arena.append(contentsOf: special)
            return arena.readable
        }
    }
}
