internal import SMGBase
internal import Synchronization

/// A byte-pair model: pieces of text to ids. Immutable after `init` and usable from any number of threads.
///
/// The fast way is `encode(_:scanner:into:)`: a scanner cuts the text, pieces seen before or known as whole tokens are
/// looked up, and only the rest is merged. `encode(piece:into:)` takes what other pre-tokenizers have cut.
///
/// Texts are UTF-8. Bytes that are no text do not trap and are encoded as the bytes they are (or as unknown
/// characters); callers that want U+FFFD repair the text before.
package final class BytePairModel: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): all but the pool is written during `init` only; the pool has a lock.

    /// What the symbols are that merging begins with.
    package enum Alphabet: Sendable {
        /// Bytes, spelled in the vocabulary as `ByteAlphabet` has it (GPT-2 and its kin in a tokenizer.json). Pieces
        /// are raw text: callers do not spell them first.
        case spelledBytes
        /// Bytes, as they are in the vocabulary (rank files).
        case bytes
        /// Characters (models that came from SentencePiece, CLIP).
        case characters
    }

    /// What the model does beside merging. The defaults are those of an empty tokenizer.json model.
    package struct Options: Sendable {
        package var alphabet = Alphabet.spelledBytes
        /// The id of what is not in the vocabulary; without one it is left out.
        package var unknown: UInt32?
        /// Several unknown characters in a row are one unknown token.
        package var fusesUnknown = false
        /// Unknown characters become `<0xNN>` tokens, where all of their bytes have one.
        package var fallsBackToBytes = false
        /// A piece that is a token is that token, whatever merging would give.
        package var ignoresMerges = false
        /// Stands before every character of a piece but the first ("##").
        package var continuingPrefix: [UInt8] = []
        /// Stands behind the last character of a piece ("</w>").
        package var endOfWordSuffix: [UInt8] = []

        package init() {}
    }

    /// The tokens as they are spelled.
    package let vocabulary: Vocabulary
    package let options: Options
    /// The bytes each token stands for; for `characters` the spelling itself.
    let tokenBytes: TokenBytes
    let seeds: SymbolSeeds
    let rules: MergeRules
    let whole: WholePieces
    /// Cuts pieces of `characters` models where no merge reaches across; nil where that cannot be told.
    private let cutter: SafeCutter?
    private let pool = Mutex<[BytePairScratch]>([])

    /// Scratches kept for the next call; more are made when more threads encode at once and are let go again.
    private static let pooledScratches = 16

    /// A model from a vocabulary and the merges resolved against it. Fails with `malformed` where the two contradict
    /// each other and with `limit` above the bounds.
    package convenience init(
        vocabulary: Vocabulary, merges: consuming MergeList, options: Options
    ) throws(TokenizerError) {
        try self.init(vocabulary: vocabulary, merges: merges.merges, options: options)
    }

    /// A model from a rank file: every token's id is its rank, and two symbols merge when their bytes together are a
    /// token. Fails with `malformed` when a byte is no token.
    package convenience init(ranks vocabulary: Vocabulary) throws(TokenizerError) {
        var options = Options()
        options.alphabet = .bytes
        options.ignoresMerges = true
        try self.init(vocabulary: vocabulary, merges: try RankedMerges.merges(of: vocabulary), options: options)
    }

    private init(vocabulary: Vocabulary, merges: [MergeList.Merge], options: Options) throws(TokenizerError) {
        guard vocabulary.idLimit <= Int(PairTable.symbolLimit) else {
            throw TokenizerError(.limit, "token ids reach \(vocabulary.idLimit), at most \(PairTable.symbolLimit)")
        }
        self.vocabulary = vocabulary
        self.options = options
        tokenBytes = TokenBytes(vocabulary, alphabet: options.alphabet)
        seeds = SymbolSeeds(vocabulary, options)
        cutter = SafeCutter(vocabulary, merges, options, fallback: seeds.fallback)
        rules = MergeRules(merges)
        let scratch = MergeScratch()
        whole = WholePieces(tokenBytes, seeds, self.rules, options, scratch)
    }

    /// The bytes that token `id` stands for; for `characters` its spelling. Nil for ids that are not there and for
    /// tokens of a `spelledBytes` vocabulary that spell no bytes. Valid as long as the model.
    package func bytes(of id: UInt32) -> UnsafeRawBufferPointer? { tokenBytes[id] }
}

// MARK: - Encoding

extension BytePairModel {
    /// Calls `body` with working memory that belongs to it until it returns. One lock is taken per call: an encoding of
    /// many stretches asks once and hands the scratch to each.
    package func withScratch<Result, Failure: Error>(
        _ body: (BytePairScratch) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let scratch = pool.withLock { $0.popLast() } ?? BytePairScratch()
        defer { pool.withLock { if $0.count < Self.pooledScratches { $0.append(scratch) } } }
        return try body(scratch)
    }

    /// Appends the ids of `text`, cut by `scanner`.
    package func encode(
        _ text: UnsafeRawBufferPointer, scanner: PieceScanner, into ids: TokenBuffer, scratch: BytePairScratch
    ) {
        guard let base = text.baseAddress, text.count <= TokenizerLimits.textBytes else { return }
        var at = 0
        while at < text.count {
            let start = at
            let pieces = scanner.scan(base, from: start, count: text.count, into: scratch.ends)
            at = Int(scratch.ends[pieces - 1])
            encodePieces(base, from: start, ends: scratch.ends, pieces, count: text.count, ids, scratch)
        }
    }

    /// Appends the ids of `text`, cut by `scanner`.
    package func encode(_ text: UnsafeRawBufferPointer, scanner: PieceScanner, into ids: TokenBuffer) {
        withScratch { encode(text, scanner: scanner, into: ids, scratch: $0) }
    }

    /// Appends the ids of one piece: raw text also for `spelledBytes`.
    package func encode(piece: UnsafeRawBufferPointer, into ids: TokenBuffer, scratch: BytePairScratch) {
        guard let base = piece.baseAddress, piece.count > 0, piece.count <= TokenizerLimits.textBytes else { return }
        if options.alphabet == .characters, piece.count > PieceKey.longest, let cutter {
            // Cut where no merge reaches across, so that words are found again.
            var at = 0
            while at < piece.count {
                let start = at
                let pieces = cutter.scan(base, from: start, count: piece.count, into: scratch.ends)
                at = Int(scratch.ends[pieces - 1])
                encodePieces(base, from: start, ends: scratch.ends, pieces, count: piece.count, ids, scratch)
            }
            return
        }
        scratch.ends[0] = UInt32(piece.count)
        encodePieces(base, from: 0, ends: scratch.ends, 1, count: piece.count, ids, scratch)
    }

    /// Appends the ids of one piece.
    package func encode(piece: UnsafeRawBufferPointer, into ids: TokenBuffer) {
        withScratch { encode(piece: piece, into: ids, scratch: $0) }
    }

    /// How many ids `encode(_:scanner:into:)` appends; no more than a stretch of them is in memory at any time.
    package func count(_ text: UnsafeRawBufferPointer, scanner: PieceScanner, scratch: BytePairScratch) -> Int {
        guard let base = text.baseAddress, text.count <= TokenizerLimits.textBytes else { return 0 }
        var total = 0
        var at = 0
        while at < text.count {
            let start = at
            let pieces = scanner.scan(base, from: start, count: text.count, into: scratch.ends)
            at = Int(scratch.ends[pieces - 1])
            scratch.counted.removeAll()
            encodePieces(base, from: start, ends: scratch.ends, pieces, count: text.count, scratch.counted, scratch)
            total += scratch.counted.count
        }
        return total
    }
}
