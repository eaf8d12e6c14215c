internal import SMGBase

/// The formats behind one face.
extension Tokenizer.Engine {
    @inline(__always)
    func encode(
        _ text: UnsafeRawBufferPointer, addSpecialTokens: Bool, into ids: TokenBuffer
    ) throws(TokenizerError) {
        switch self {
        case .pipeline(let pipeline): try pipeline.encode(text, addSpecialTokens: addSpecialTokens, into: ids)
        case .sentencePiece(let model): try model.encode(text, addSpecialTokens: addSpecialTokens, into: ids)
        case .ranked(let engine): try engine.encode(text, addSpecialTokens: addSpecialTokens, into: ids)
        }
    }

    func count(_ text: UnsafeRawBufferPointer, addSpecialTokens: Bool) throws(TokenizerError) -> Int {
        switch self {
        case .pipeline(let pipeline): return try pipeline.count(text, addSpecialTokens: addSpecialTokens)
        case .sentencePiece, .ranked:
            let ids = TokenBuffer(capacity: text.count / 3)
            try encode(text, addSpecialTokens: addSpecialTokens, into: ids)
            return ids.count
        }
    }

    var vocabularySize: Int {
        switch self {
        case .pipeline(let pipeline): pipeline.table.vocabulary.count
        case .sentencePiece(let model): model.model.vocabulary.idLimit
        case .ranked(let engine): engine.vocabularySize
        }
    }

    var idLimit: Int {
        switch self {
        case .pipeline(let pipeline): pipeline.table.idLimit
        case .sentencePiece(let model): model.model.vocabulary.idLimit
        case .ranked(let engine): engine.idLimit
        }
    }

    func withToken<Result>(_ id: UInt32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        switch self {
        case .pipeline(let pipeline): pipeline.table.withToken(id, body)
        case .sentencePiece(let model): model.model.vocabulary.token(id).map(body)
        case .ranked(let engine): engine.withToken(id, body)
        }
    }

    func id(of token: String) -> UInt32? {
        switch self {
        case .pipeline(let pipeline): pipeline.table.id(of: Array(token.utf8))
        case .sentencePiece(let model): model.model.vocabulary.id(of: token)
        case .ranked(let engine): engine.id(of: token)
        }
    }

    func isAdded(_ id: UInt32) -> Bool {
        switch self {
        case .pipeline(let pipeline): pipeline.table.isAdded(id)
        case .sentencePiece: false
        case .ranked(let engine): engine.isSpecial(id)
        }
    }

    /// Added tokens that are special, by id.
    var specialTokens: [SpecialTokens.Token] {
        switch self {
        case .pipeline(let pipeline):
            let added = pipeline.table.added
            return added.tokens.filter { added.isSpecial($0.value.content) }.sorted { $0.key < $1.key }
                .map { SpecialTokens.Token(text: $0.value.text, id: $0.key) }
        case .ranked(let engine): return engine.specialTokens
        case .sentencePiece(let model):
            return (0..<UInt32(model.model.vocabulary.idLimit)).filter { model.model.kind($0) == .control }
                .compactMap { id in
                    model.model.vocabulary.token(id).map { SpecialTokens.Token(text: $0.string, id: id) }
                }
        }
    }
}
