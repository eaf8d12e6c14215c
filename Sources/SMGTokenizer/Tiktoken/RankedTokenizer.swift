package import SMGBase

/// A tokenizer of ranks, as tiktoken has it: texts to ids and ids to bytes. Immutable and usable from any number of
/// threads.
package final class RankedTokenizer: Sendable {
    /// Which special tokens are found in a text; what is not allowed is encoded as the text it is.
    package enum AllowedSpecials: Sendable {
        case none
        case all
        case some(Set<UInt32>)
    }

    package let source: RankedSource
    package let model: BytePairModel
    /// Cuts texts, if the pattern is a known one.
    package let scanner: PieceScanner?
    private let pattern: PatternMatcher?
    private let patternScratches = ScratchPool<PatternScratch>()
    private let matcher: AddedTokenMatcher?
    private let specials: [UInt32: [UInt8]]

    /// Fails with `malformed` where the ranks or the pattern are, and with `unsupportedComponent` for a pattern whose
    /// syntax is not supported.
    package init(_ source: RankedSource) throws(TokenizerError) {
        self.source = source
        model = try BytePairModel(ranks: source.ranks)
        scanner = PieceScanner.known(pattern: source.pattern)
        if scanner == nil {
            pattern = try Array(source.pattern.utf8).withBytes { text throws(TokenizerError) in
                try PatternMatcher(text)
            }
        } else {
            pattern = nil
        }
        matcher = try AddedTokenMatcher(source.specials.map { (text: $0.text, id: $0.id) }, [:])
        specials = Dictionary(source.specials.map { ($0.id, $0.text) }) { first, _ in first }
    }

    /// Appends the ids of `text`. Fails with `limit` for a text that is too long, or takes an unknown pattern too many
    /// steps.
    package func encode(
        _ text: UnsafeRawBufferPointer, allowing allowed: AllowedSpecials, into ids: TokenBuffer
    ) throws(TokenizerError) {
        guard text.count <= TokenizerLimits.textBytes else {
            throw TokenizerError(.limit, "a text of \(text.count) bytes, at most \(TokenizerLimits.textBytes)")
        }
        try model.withScratch { scratch throws(TokenizerError) in
            var taken = 0
            if let matcher, allowed.isAny {
                var at = 0
                while let (match, resume) = matcher.next(in: text, from: at, taken: taken) {
                    guard allowed.contains(match.id) else {
                        at = match.start + 1
                        continue
                    }
                    try encodeOrdinary(text.slice(taken..<match.start), ids, scratch)
                    ids.append(match.id)
                    taken = match.end
                    at = resume
                }
            }
            try encodeOrdinary(text.slice(taken..<text.count), ids, scratch)
        }
    }

    /// The ids of `text`.
    package func encode(_ text: String, allowing allowed: AllowedSpecials = .none) throws(TokenizerError) -> [UInt32] {
        let ids = TokenBuffer(capacity: text.utf8.count / 3)
        try Array(text.utf8).withBytes { text throws(TokenizerError) in
            try encode(text, allowing: allowed, into: ids)
        }
        return ids.array
    }

    private func encodeOrdinary(
        _ text: UnsafeRawBufferPointer, _ ids: TokenBuffer, _ scratch: BytePairScratch
    ) throws(TokenizerError) {
        if text.isEmpty { return }
        if let scanner { return model.encode(text, scanner: scanner, into: ids, scratch: scratch) }
        guard let pattern else { return }
        try patternScratches.with {
            PatternScratch()
        } _: { patternScratch throws(TokenizerError) in
            var search = PatternSearch(text)
            // What is between matches is left out, as the reference does.
            while let match = try search.next(pattern, patternScratch) {
                if !match.isEmpty { model.encode(piece: text.slice(match), into: ids, scratch: scratch) }
            }
        }
    }

    /// Appends the bytes of `ids`, special tokens included; they may begin or end within a character. Fails with
    /// `unknownToken`.
    package func decode(_ ids: UnsafeBufferPointer<UInt32>, into bytes: ByteBuffer) throws(TokenizerError) {
        for id in ids {
            if let token = source.ranks.token(id) {
                bytes.append(token)
            } else if let special = specials[id] {
                bytes.append(contentsOf: special)
            } else {
                throw TokenizerError(.unknownToken, "id \(id) is no token")
            }
        }
    }
}

extension RankedTokenizer.AllowedSpecials {
    /// Whether there is one at all.
    fileprivate var isAny: Bool {
        switch self {
        case .none: false
        case .all: true
        case .some(let ids): !ids.isEmpty
        }
    }

    fileprivate func contains(_ id: UInt32) -> Bool {
        switch self {
        case .none: false
        case .all: true
        case .some(let ids): ids.contains(id)
        }
    }
}
