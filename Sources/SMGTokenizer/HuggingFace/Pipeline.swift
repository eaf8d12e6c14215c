internal import SMGBase

/// What a tokenizer.json says: added tokens, normalizer, pre-tokenizer, model, post-processor. Immutable.
final class Pipeline: Sendable {
    let table: TokenTable
    let model: TokenModel
    let normalizer: TextNormalizer?
    let preTokenizer: PreTokenizer?
    let postProcessor: PostProcessor
    let truncation: Truncation?
    let padding: Padding?
    /// Added tokens sought in the raw text, and those sought in the normalised one.
    let rawTokens: AddedTokenMatcher?
    private let normalizedTokens: AddedTokenMatcher?
    /// Set where the model cuts and merges in one pass.
    private let scanner: PieceScanner?
    private let pool = ScratchPool<PipelineScratch>()

    init(_ parts: PipelineParts) throws(TokenizerError) {
        model = parts.model
        normalizer = parts.normalizer
        preTokenizer = parts.preTokenizer
        postProcessor = parts.postProcessor
        scanner = parts.model.takesBytes ? parts.preTokenizer?.onlyScanner : nil
        truncation = parts.truncation
        padding = parts.padding
        let tokens = parts.added.tokens
        let raw = parts.added.forms(normalized: false).map { (text: $0.token.content, id: $0.id) }
        rawTokens = try AddedTokenMatcher(raw, tokens)
        var normalized: [(text: [UInt8], id: UInt32)] = []
        var forms: [UInt32: [UInt8]] = [:]
        let scratch = TextNormalizer.Scratch(PatternScratch())
        for (token, id) in parts.added.forms(normalized: true) {
            let text = try token.content.withBytes { text throws(TokenizerError) in
                try parts.normalizer.map { normalizer throws(TokenizerError) in
                    Array(try normalizer.normalize(text, scratch).text)
                } ?? Array(text)
            }
            normalized.append((text, id))
            if tokens[id] == token, text != token.content { forms[id] = text }
        }
        table = TokenTable(parts.model.vocabulary, parts.added, normalizedForms: forms)
        normalizedTokens = try AddedTokenMatcher(normalized, tokens)
    }

    /// Appends the ids of `text`, with special tokens, truncation and padding as the file has them.
    func encode(
        _ text: UnsafeRawBufferPointer, addSpecialTokens: Bool, into ids: TokenBuffer
    ) throws(TokenizerError) {
        let start = ids.count
        try pool.with {
            PipelineScratch(model)
        } _: { scratch throws(TokenizerError) in
            try tokenize(text, scratch, into: ids)
        }
        try complete(ids, from: start, addSpecialTokens)
    }

    /// How many ids `encode` gives.
    func count(_ text: UnsafeRawBufferPointer, addSpecialTokens: Bool) throws(TokenizerError) -> Int {
        try pool.with {
            PipelineScratch(model)
        } _: { scratch throws(TokenizerError) in
            scratch.counted.removeAll()
            try tokenize(text, scratch, into: scratch.counted)
            try complete(scratch.counted, from: 0, addSpecialTokens)
            return scratch.counted.count
        }
    }

    private func complete(_ ids: TokenBuffer, from start: Int, _ addSpecialTokens: Bool) throws(TokenizerError) {
        try truncation?.apply(ids, from: start, addedCount: addSpecialTokens ? postProcessor.addedCount : 0)
        postProcessor.apply(ids, from: start, addSpecialTokens: addSpecialTokens)
        padding?.apply(ids, from: start)
    }

    private func tokenize(
        _ text: UnsafeRawBufferPointer, _ scratch: PipelineScratch, into ids: TokenBuffer
    ) throws(TokenizerError) {
        guard text.count <= TokenizerLimits.textBytes else {
            throw TokenizerError(.limit, "a text of \(text.count) bytes, at most \(TokenizerLimits.textBytes)")
        }
        guard let base = text.baseAddress, text.count > 0 else { return }
        var valid = text
        if UTF8Text.wellFormedEnd(base, from: 0, count: text.count) < text.count {
            scratch.repaired.clear()
            var repair = LossyUTF8()
            repair.append(text, into: scratch.repaired)
            repair.finish(into: scratch.repaired)
            valid = scratch.repaired.readable
        }
        try split(valid, rawTokens, ids) { (gap, isFirst) throws(TokenizerError) in
            try self.normalize(gap, isFirst, scratch, ids)
        }
    }

    /// A stretch of the raw text without added tokens.
    private func normalize(
        _ text: UnsafeRawBufferPointer, _ beginsSource: Bool, _ scratch: PipelineScratch, _ ids: TokenBuffer
    ) throws(TokenizerError) {
        var output = TextNormalizer.Output(text: text, keepsLead: true)
        if let normalizer { output = try normalizer.normalize(text, scratch.normalizer) }
        let beginsSource = beginsSource && output.keepsLead
        try split(output.text, normalizedTokens, ids) { (gap, isFirst) throws(TokenizerError) in
            try self.preTokenize(gap, isFirst && beginsSource, scratch, ids)
        }
    }

    /// A stretch of normalised text without added tokens.
    private func preTokenize(
        _ text: UnsafeRawBufferPointer, _ beginsSource: Bool, _ scratch: PipelineScratch, _ ids: TokenBuffer
    ) throws(TokenizerError) {
        if let scanner, case .bytePair(let model, _) = model, case .bytePair(let scratch) = scratch.model {
            return model.encode(text, scanner: scanner, into: ids, scratch: scratch)
        }
        guard let preTokenizer else {
            if !text.isEmpty { try model.encode(text, into: ids, scratch.model) }
            return
        }
        let list = scratch.pieces
        list.reset(text, beginsSource: beginsSource)
        try preTokenizer.run(list, scratch.pattern)
        for piece in list.pieces where piece.end > piece.start {
            try model.encode(list.bytes(piece), into: ids, scratch.model)
        }
    }

    /// Appends the ids of added tokens in `text`, and calls `gap` with what is between them and whether that begins the
    /// text.
    @inline(__always)
    private func split(
        _ text: UnsafeRawBufferPointer, _ matcher: AddedTokenMatcher?, _ ids: TokenBuffer,
        _ gap: (UnsafeRawBufferPointer, Bool) throws(TokenizerError) -> Void
    ) throws(TokenizerError) {
        var taken = 0
        if let matcher {
            var at = 0
            while let (match, resume) = matcher.next(in: text, from: at, taken: taken) {
                at = resume
                // White space that the token before took may be all there was.
                if match.end <= match.start { continue }
                if taken < match.start { try gap(text.slice(taken..<match.start), taken == 0) }
                ids.append(match.id)
                taken = match.end
            }
        }
        if taken < text.count { try gap(text.slice(taken..<text.count), taken == 0) }
    }
}

/// The parts of a `Pipeline`, collected by the reader of a format.
struct PipelineParts {
    var model: TokenModel
    var added: AddedVocabulary
    var normalizer: TextNormalizer?
    var preTokenizer: PreTokenizer?
    var postProcessor: PostProcessor
    var truncation: Truncation?
    var padding: Padding?
    var decoder: [DecodeStep]
}
