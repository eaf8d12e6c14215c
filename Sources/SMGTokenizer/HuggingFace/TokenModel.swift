internal import SMGBase

/// The model of a tokenizer.json: what turns a piece of text into ids.
enum TokenModel: Sendable {
    /// Pieces are bytes, spelled in the byte alphabet by the vocabulary, or characters.
    case bytePair(BytePairModel, Vocabulary)
    case wordPiece(WordPieceModel)
    case wordLevel(WordLevelModel)
    case unigram(UnigramModel)

    /// What one thread needs.
    enum Scratch {
        case none
        case bytePair(BytePairScratch)
        case unigram(UnigramModel.Scratch)
    }

    var vocabulary: Vocabulary {
        switch self {
        case .bytePair(_, let vocabulary): vocabulary
        case .wordPiece(let model): model.vocabulary
        case .wordLevel(let model): model.vocabulary
        case .unigram(let model): model.vocabulary
        }
    }

    /// Whether pieces are bytes rather than their spelling in the byte alphabet.
    var takesBytes: Bool {
        if case .bytePair(let model, _) = self { return model.options.alphabet != .characters }
        return false
    }

    func makeScratch() -> Scratch {
        switch self {
        case .bytePair: .bytePair(BytePairScratch())
        case .unigram: .unigram(UnigramModel.Scratch())
        case .wordPiece, .wordLevel: .none
        }
    }

    /// Appends the ids of `piece`, which is valid UTF-8 and not empty.
    @inline(__always)
    func encode(
        _ piece: UnsafeRawBufferPointer, into ids: TokenBuffer, _ scratch: Scratch
    ) throws(TokenizerError) {
        switch (self, scratch) {
        case (.bytePair(let model, _), .bytePair(let scratch)): model.encode(piece: piece, into: ids, scratch: scratch)
        case (.wordPiece(let model), _): try model.encode(piece, into: ids)
        case (.wordLevel(let model), _): try model.encode(piece, into: ids)
        case (.unigram(let model), .unigram(let scratch)): try model.encode(piece, into: ids, scratch: scratch)
        default: fatalError("a scratch of another model")
        }
    }
}
