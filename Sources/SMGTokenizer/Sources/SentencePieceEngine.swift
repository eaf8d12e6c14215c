internal import SMGBase

/// A SentencePiece model with the tokens around a text.
final class SentencePieceEngine: Sendable {
    let model: SentencePieceModel
    /// Ids in front of a text and behind it when special tokens are wanted.
    private let bos: UInt32?
    private let eos: UInt32?
    private let pool = ScratchPool<SentencePieceModel.Scratch>()

    /// By the habit of models that come with such files a text gets bos and no eos, unless `configuration` says
    /// otherwise.
    init(_ model: SentencePieceModel, _ configuration: ModelConfiguration) {
        self.model = model
        bos = configuration.addsBOS ?? true ? model.bosID : nil
        eos = configuration.addsEOS ?? false ? model.eosID : nil
    }

    func encode(
        _ text: UnsafeRawBufferPointer, addSpecialTokens: Bool, into ids: TokenBuffer
    ) throws(TokenizerError) {
        if addSpecialTokens, let bos { ids.append(bos) }
        try pool.with {
            model.makeScratch()
        } _: { scratch throws(TokenizerError) in
            try model.encode(text, into: ids, scratch: scratch)
        }
        if addSpecialTokens, let eos { ids.append(eos) }
    }
}
