package import SMGBase
package import SMGTemplate

/// A tokenizer of any supported format: text to ids and back. Immutable and usable from any number of threads.
///
/// Texts are UTF-8; what is not is read as if every ill-formed sequence were U+FFFD. A text may have up to
/// `TokenizerLimits.textBytes`. All functions are pure, so batches may be spread over threads by the caller.
package final class Tokenizer: Sendable {
    /// The format of the source.
    package enum Kind: String, Sendable, CaseIterable {
        case huggingFace = "huggingface"
        case tiktoken
        case tekken
        case sentencePiece = "sentencepiece"
    }

    package let kind: Kind
    /// The tokens with a part to play.
    package let specialTokens: SpecialTokens
    /// Ids that end a generation, ascending: those of config.json and generation_config.json beside the tokenizer.
    package let eosIDs: [UInt32]
    /// What `vocab_size` shows: tokens of the model without added ones for tokenizer.json, highest id + 1 otherwise.
    package let vocabularySize: Int
    /// One more than the highest id that has a token.
    package let idLimit: Int
    /// Turns ids into text, at once or one by one.
    package let decoder: TokenDecoder
    /// The templates of the model, or why they do not compile; nil when there are none.
    package let chatTemplates: Result<ChatTemplateSet, TokenizerError>?
    let engine: Engine

    /// What the tokenizer is made of, by format.
    enum Engine: Sendable {
        case pipeline(Pipeline)
        case sentencePiece(SentencePieceEngine)
        case ranked(RankedEngine)
    }

    init(
        kind: Kind, engine: Engine, decoder: TokenDecoder, configuration: ModelConfiguration, options: TokenizerOptions
    ) {
        self.kind = kind
        self.engine = engine
        self.decoder = decoder
        eosIDs = configuration.eosIDs
        vocabularySize = engine.vocabularySize
        idLimit = engine.idLimit
        specialTokens = SpecialTokens(configuration, additional: engine.specialTokens) { engine.id(of: $0) }
        chatTemplates = Self.compiled(configuration.templates, options.chatTemplate)
    }

    /// A template that does not compile must not keep the tokenizer from loading: most uses need none.
    private static func compiled(
        _ templates: [(name: String, source: String)], _ explicit: String?
    ) -> Result<ChatTemplateSet, TokenizerError>? {
        let templates = explicit.map { [("default", $0)] } ?? templates
        if templates.isEmpty { return nil }
        do throws(TemplateError) {
            var compiled: [(name: String, template: ChatTemplate)] = []
            for (name, source) in templates { compiled.append((name, try ChatTemplate(source: source))) }
            return .success(ChatTemplateSet(compiled))
        } catch {
            return .failure(TokenizerError(.chatTemplate, error.message))
        }
    }
}

// MARK: - Encoding

extension Tokenizer {
    /// Appends the ids of `text` to `ids`. With `addSpecialTokens` the post-processor adds its tokens (bos, `[CLS]`).
    package func encode(
        _ text: UnsafeRawBufferPointer, addSpecialTokens: Bool, into ids: TokenBuffer
    ) throws(TokenizerError) {
        try engine.encode(text, addSpecialTokens: addSpecialTokens, into: ids)
    }

    /// The ids of `text`.
    package func encode(_ text: String, addSpecialTokens: Bool = true) throws(TokenizerError) -> [UInt32] {
        let ids = TokenBuffer(capacity: text.utf8.count / 3)
        try Array(text.utf8).withBytes { text throws(TokenizerError) in
            try encode(text, addSpecialTokens: addSpecialTokens, into: ids)
        }
        return ids.array
    }

    /// How many ids `encode` gives, without building them where the model allows.
    package func countTokens(_ text: UnsafeRawBufferPointer, addSpecialTokens: Bool) throws(TokenizerError) -> Int {
        try engine.count(text, addSpecialTokens: addSpecialTokens)
    }

    /// The ids of every text, padded to each other where the tokenizer says so.
    package func encodeBatch(_ texts: [String], addSpecialTokens: Bool = true) throws(TokenizerError) -> [[UInt32]] {
        var rows: [[UInt32]] = []
        rows.reserveCapacity(texts.count)
        for text in texts { rows.append(try encode(text, addSpecialTokens: addSpecialTokens)) }
        pad(&rows)
        return rows
    }

    /// Pads rows that `encode` gave to each other, in place; does nothing unless the tokenizer asks for it. For callers
    /// that spread a batch over threads.
    package func pad(_ rows: inout [[UInt32]]) {
        if case .pipeline(let pipeline) = engine { pipeline.padding?.apply(&rows) }
    }
}

// MARK: - Decoding and the vocabulary

extension Tokenizer {
    /// Appends the text of `ids` to `text`: always valid UTF-8. Ids without a token are left out by tokenizer.json
    /// models and are an error (`unknownToken`) in the other formats.
    package func decode(
        _ ids: UnsafeBufferPointer<UInt32>, skipSpecialTokens: Bool, into text: ByteBuffer
    ) throws(TokenizerError) {
        try decoder.decode(ids, skipSpecialTokens: skipSpecialTokens, into: text)
    }

    /// The text of `ids`.
    package func decode(_ ids: [UInt32], skipSpecialTokens: Bool = true) throws(TokenizerError) -> String {
        let text = ByteBuffer(capacity: 4 * ids.count)
        try ids.withUnsafeBufferPointer { ids throws(TokenizerError) in
            try decode(ids, skipSpecialTokens: skipSpecialTokens, into: text)
        }
        return text.readableString
    }

    /// The spelling of token `id` in the vocabulary ("Ġthe"), added tokens included; nil for an id that is not there.
    /// Bytes that are no text are shown as U+FFFD.
    package func token(_ id: UInt32) -> String? { engine.withToken(id) { $0.string } }

    /// The id of the token spelled `token`, added tokens first.
    package func id(of token: String) -> UInt32? { engine.id(of: token) }

    /// Whether `skipSpecialTokens` leaves `id` out.
    package func isSpecial(_ id: UInt32) -> Bool { decoder.isSpecial(id) }

    /// Calls `body` with every token in the order of ids; the bytes are its spelling, valid during the call.
    package func forEachToken(_ body: (_ id: UInt32, _ spelling: UnsafeRawBufferPointer, _ isAdded: Bool) -> Void) {
        for id in 0..<UInt32(idLimit) {
            _ = engine.withToken(id) { body(id, $0, engine.isAdded(id)) }
        }
    }
}

// MARK: - Chat templates

extension Tokenizer {
    /// Renders the chat template for `input`; the special tokens are filled in where `input` has none. Fails with
    /// `noChatTemplate`, or with `chatTemplate` and the template's own words.
    package func applyChatTemplate(_ input: ChatTemplateInput) throws(TokenizerError) -> ByteBuffer {
        guard let chatTemplates else {
            throw TokenizerError(
                .noChatTemplate, "the tokenizer has no chat template (tokenizer.chat_template is not set)")
        }
        var input = input
        if input.specialTokens.isEmpty { input.specialTokens = templateTokens }
        let templates = try chatTemplates.get()
        do throws(TemplateError) { return try templates.template(hasTools: input.tools != nil).render(input) } catch {
            throw TokenizerError(.chatTemplate, error.message)
        }
    }

    /// The special tokens by the names templates know them by.
    package var templateTokens: [(name: String, text: String)] {
        let tokens = specialTokens
        let named: [(String, SpecialTokens.Token?)] = [
            ("bos_token", tokens.bos), ("eos_token", tokens.eos), ("unk_token", tokens.unk), ("pad_token", tokens.pad),
            ("sep_token", tokens.sep), ("cls_token", tokens.cls), ("mask_token", tokens.mask),
        ]
        return named.compactMap { name, token in token.map { (name, $0.text) } }
    }
}
