package import SMGBase

/// Ids to text, at once or one by one. Immutable and shared; every sequence has a `Stream` of its own.
///
/// What an id contributes is computed once at load as far as that does not depend on its neighbours. The rest of the
/// decoder is a chain of steps with a little state each, so a token costs the same however long the text is.
package final class TokenDecoder: Sendable {
    /// What is left to do with the pieces of ids.
    enum Tail: Sendable {
        /// Put them together: they are whole characters.
        case plain
        /// Put them together and repair the UTF-8: they are bytes.
        case bytes
        /// Send them through these steps.
        case steps([DecodeStep])
        /// The model decodes ids itself.
        case sentencePiece(SentencePieceModel)
    }

    let pieces: TokenPieces
    let tail: Tail
    /// Steps that are part of `pieces` and treat a first token differently.
    private let firstSteps: [DecodeStep]
    private let table: TokenTable?
    /// Whether an id without a token is an error; otherwise it is left out.
    private let isStrict: Bool

    /// The decoder of a tokenizer.json: `steps` over the tokens of `table`.
    init(_ steps: [DecodeStep], _ table: TokenTable) throws(TokenizerError) {
        let count = steps.firstIndex { !$0.isStatic } ?? steps.count
        let statics = Array(steps[..<count])
        let rest = Array(steps[count...])
        let isByteLevel = rest.count == 1 && rest[0].isByteLevel
        let scratch = PatternScratch()
        pieces = try TokenPieces(idLimit: table.idLimit, isSpecial: table.isSpecial) { id, out throws(TokenizerError) in
            let found: Void? = try table.withDecodedToken(id) { token throws(TokenizerError) in
                if statics.isEmpty, isByteLevel {
                    ByteLevelText.append(token, to: out)
                } else if statics.isEmpty {
                    out.append(token)
                } else {
                    let text = try Self.transformed(Array(token), statics, isFirst: false, scratch)
                    text.withUnsafeBytes { isByteLevel ? ByteLevelText.append($0, to: out) : out.append($0) }
                }
            }
            return found != nil
        }
        tail = rest.isEmpty ? .plain : isByteLevel ? .bytes : .steps(rest)
        firstSteps = isByteLevel && !statics.isEmpty ? statics + rest : statics
        self.table = table
        isStrict = false
    }

    /// The decoder of a format whose tokens are bytes: every id is `bytes(id)`, nil for one that is not there. Unknown
    /// ids are errors.
    init(
        idLimit: Int, isSpecial: (UInt32) -> Bool, bytes: (UInt32) -> UnsafeRawBufferPointer?
    ) throws(TokenizerError) {
        pieces = try TokenPieces(idLimit: idLimit, isSpecial: isSpecial) { id, out throws(TokenizerError) in
            guard let bytes = bytes(id) else { return false }
            out.append(bytes)
            return true
        }
        tail = .bytes
        firstSteps = []
        table = nil
        isStrict = true
    }

    /// The decoder of a SentencePiece model; control pieces are special, and have no text anyway.
    init(_ model: SentencePieceModel) throws(TokenizerError) {
        pieces = try TokenPieces(idLimit: 0, isSpecial: { _ in false }) { _, _ in false }
        tail = .sentencePiece(model)
        firstSteps = []
        table = nil
        isStrict = true
    }

    private static func transformed(
        _ token: [UInt8], _ steps: [DecodeStep], isFirst: Bool, _ scratch: PatternScratch
    ) throws(TokenizerError) -> [UInt8] {
        var text = token
        for step in steps {
            if step.isByteLevel {
                let out = ByteBuffer(capacity: text.count)
                text.withUnsafeBytes { ByteLevelText.append($0, to: out) }
                text = Array(out.readable)
            } else {
                text = try text.withBytes { bytes throws(TokenizerError) in
                    try step.transform(bytes, isFirst: isFirst, scratch)
                }
            }
            guard text.count <= TokenizerLimits.tokenBytes else {
                throw TokenizerError(.limit, "a decoded token has more than \(TokenizerLimits.tokenBytes) bytes")
            }
        }
        return text
    }

    /// Whether `skipSpecialTokens` leaves `id` out.
    package func isSpecial(_ id: UInt32) -> Bool {
        if case .sentencePiece(let model) = tail { return model.kind(id) == .control }
        return pieces.isSpecial(id)
    }

    /// Calls `body` with what `id` contributes in `stream`; not at all when that is nothing.
    @inline(__always)
    private func withPiece(
        _ id: UInt32, _ stream: inout Stream,
        _ body: (UnsafeRawBufferPointer, inout Stream) throws(TokenizerError) -> Void
    ) throws(TokenizerError) {
        switch pieces.piece(id, skipsSpecial: stream.skipsSpecial) {
        case .special: return
        case .missing:
            if isStrict { throw TokenizerError(.unknownToken, "there is no token \(id)") }
        case .bytes(let bytes):
            if !stream.hasBegun {
                stream.hasBegun = true
                if !firstSteps.isEmpty, let token = table?.withDecodedToken(id, { Array($0) }) {
                    let text = try Self.transformed(token, firstSteps, isFirst: true, PatternScratch())
                    return try text.withBytes { bytes throws(TokenizerError) in try body(bytes, &stream) }
                }
            }
            try body(bytes, &stream)
        }
    }
}

// MARK: - Streams

extension TokenDecoder {
    /// Where one sequence stands. A small value.
    package struct Stream: Sendable {
        let skipsSpecial: Bool
        var hasBegun = false
        var repair = LossyUTF8()
        /// One state for each step of the chain.
        var states: [DecodeState] = []
        var sentencePiece = SentencePieceModel.DecodeState()

        package init(skipSpecialTokens: Bool) { skipsSpecial = skipSpecialTokens }

        /// Whether text is held back.
        package var isHolding: Bool { repair.isHolding || states.contains { $0.isHolding } }
    }

    /// Appends the text that is certain after `id`: only whole characters. The concatenation of all text up to and
    /// including `finish` equals `decode` of all ids. Fails with `unknownToken` where the format asks for it.
    package func step(_ id: UInt32, _ stream: inout Stream, into text: ByteBuffer) throws(TokenizerError) {
        if case .sentencePiece(let model) = tail { return try model.step(id, &stream.sentencePiece, into: text) }
        try withPiece(id, &stream) { (bytes, stream) throws(TokenizerError) in
            switch tail {
            case .plain: text.append(bytes)
            case .bytes: stream.repair.append(bytes, into: text)
            case .steps(let steps):
                if stream.states.isEmpty { stream.states = DecodeState.initial(steps) }
                var chain = DecodeChain(steps: steps, out: text)
                try chain.feed(bytes, 0, &stream.states)
            case .sentencePiece: break
            }
        }
    }

    /// Appends what was held back; incomplete characters become U+FFFD. The stream is then as new.
    package func finish(_ stream: inout Stream, into text: ByteBuffer) throws(TokenizerError) {
        switch tail {
        case .plain: break
        case .bytes: stream.repair.finish(into: text)
        case .steps(let steps):
            if stream.states.isEmpty { stream.states = DecodeState.initial(steps) }
            var chain = DecodeChain(steps: steps, out: text)
            try chain.finish(&stream.states)
        case .sentencePiece(let model): model.finish(&stream.sentencePiece, into: text)
        }
        stream = Stream(skipSpecialTokens: stream.skipsSpecial)
    }

    /// Appends the text of `ids`.
    package func decode(
        _ ids: UnsafeBufferPointer<UInt32>, skipSpecialTokens: Bool, into text: ByteBuffer
    ) throws(TokenizerError) {
        var stream = Stream(skipSpecialTokens: skipSpecialTokens)
        for id in ids { try step(id, &stream, into: text) }
        try finish(&stream, into: text)
    }
}
