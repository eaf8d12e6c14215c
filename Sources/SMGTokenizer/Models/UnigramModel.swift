internal import SMGBase

/// HF's Unigram model: the segmentation with the highest sum of the pieces' scores.
///
/// As the reference does it: scores are doubles; of paths with the same score the one found first (from the earlier
/// start) stays; a character that is no piece costs ten more than the lowest score; runs of unknown characters are one.
package final class UnigramModel: Sendable {
    /// What an unknown character costs beyond the lowest score.
    private static let unknownPenalty = 10.0

    package let vocabulary: Vocabulary
    /// Id of the unknown piece; nil for none.
    package let unknownID: UInt32?
    /// Whether an unknown run becomes `<0xNN>` pieces, when all it needs are there.
    package let byteFallback: Bool

    private let trie: ByteTrie
    /// Ids by the trie's units.
    private let ids: [UInt32]
    /// Ids of `<0x00>` to `<0xFF>`; `absent` where there is none.
    private let byteIDs: [UInt32]
    private let unknownScore: Double

    private static let absent = UInt32.max

    /// Collects pieces in the order of their ids.
    package struct Builder: ~Copyable {
        private var vocabulary: Vocabulary.Builder
        private(set) var scores: [Double] = []

        /// `expected` is a guess at the number of pieces, not a limit.
        package init(expected: Int = 0) {
            vocabulary = Vocabulary.Builder(tokens: expected, bytes: 8 * expected)
            scores.reserveCapacity(expected)
        }

        /// Adds the piece with the next id. Fails with `malformed` for a score that is not finite.
        package mutating func add(_ piece: UnsafeRawBufferPointer, score: Double) throws(TokenizerError) {
            guard score.isFinite else {
                throw TokenizerError(.malformed, "the score of piece \(scores.count) is not finite")
            }
            guard piece.count <= TokenizerLimits.searchedBytes else {
                throw TokenizerError(
                    .limit, "piece \(scores.count) has \(piece.count) bytes, at most \(TokenizerLimits.searchedBytes)")
            }
            try vocabulary.add(piece, id: UInt32(truncatingIfNeeded: scores.count))
            scores.append(score)
        }

        /// The model. Fails with `malformed` when `unknownID` is not the id of a piece.
        package consuming func build(
            unknownID: UInt32?, byteFallback: Bool
        ) throws(TokenizerError) -> UnigramModel {
            let scores = self.scores
            return try UnigramModel(
                vocabulary: Vocabulary(vocabulary), scores: scores, unknownID: unknownID, byteFallback: byteFallback)
        }
    }

    /// What one thread needs to encode: the table of paths and the pieces seen before. For one model only.
    package final class Scratch {
        fileprivate let path = BestPath<Double>()
        fileprivate let cache = PieceCache()

        package init() {}
    }

    private init(
        vocabulary: Vocabulary, scores: [Double], unknownID: UInt32?, byteFallback: Bool
    ) throws(TokenizerError) {
        if let unknownID, Int(unknownID) >= scores.count {
            throw TokenizerError(.malformed, "unk_id \(unknownID) is not below the number of pieces, \(scores.count)")
        }
        self.vocabulary = vocabulary
        self.unknownID = unknownID
        self.byteFallback = byteFallback
        unknownScore = (scores.min() ?? .infinity) - Self.unknownPenalty
        var builder = ByteTrieBuilder(vocabulary)
        for id in 0..<UInt32(scores.count) { builder.add(id) }
        let trie = try builder.build { scores[Int($0)].bitPattern }
        self.trie = trie
        var ids = [UInt32](repeating: Self.absent, count: trie.count)
        for id in 0..<UInt32(scores.count) {
            guard let token = vocabulary.token(id), let node = trie.node(of: token) else { continue }
            ids[node] = id
        }
        self.ids = ids
        byteIDs = BytePieces.ids(in: vocabulary, absent: Self.absent)
    }

    /// Appends the ids of `piece`, which is valid UTF-8, to `ids`. Fails with `cannotEncode` where an unknown character
    /// would be needed and there is no unknown piece.
    package func encode(
        _ piece: UnsafeRawBufferPointer, into ids: TokenBuffer, scratch: Scratch
    ) throws(TokenizerError) {
        guard piece.count <= PieceCache.maximumPieceBytes else { return try segment(piece, ids, scratch.path) }
        let hash = PieceCache.hash(piece)
        if scratch.cache.find(piece, hash, into: ids) { return }
        let start = ids.count
        try segment(piece, ids, scratch.path)
        scratch.cache.insert(piece, hash, UnsafeBufferPointer(start: ids.base + start, count: ids.count - start))
    }

    private func segment(
        _ text: UnsafeRawBufferPointer, _ out: TokenBuffer, _ path: BestPath<Double>
    ) throws(TokenizerError) {
        // At most one id for each byte.
        out.reserve(text.count)
        let unknown = unknownID ?? Self.absent
        // An unknown run that is still growing; empty while there is none.
        var runStart = 0
        var runEnd = 0
        try path.run(
            text, trie, unknownScore: unknownScore,
            missing: { () throws(TokenizerError) in
                guard self.unknownID != nil else {
                    throw TokenizerError(.cannotEncode, "a character is no piece, and there is no unknown piece")
                }
            },
            piece: { (start, end, unit) throws(TokenizerError) in
                let id = unit == BestPath<Double>.unknown ? unknown : self.ids[Int(unit)]
                if id == unknown, self.unknownID != nil {
                    if runEnd == runStart { runStart = start }
                    runEnd = end
                    return
                }
                if runEnd > runStart {
                    self.appendUnknown(text.slice(runStart..<runEnd), out)
                    runEnd = runStart
                }
                out.append(id)
            })
        if runEnd > runStart { appendUnknown(text.slice(runStart..<runEnd), out) }
    }

    /// Appends an unknown run: it may be spelled like a piece (as the unknown piece itself), be told in bytes, or be
    /// unknown.
    private func appendUnknown(_ run: UnsafeRawBufferPointer, _ out: TokenBuffer) {
        if let id = vocabulary.id(of: run) { return out.append(id) }
        if byteFallback, run.allSatisfy({ byteIDs[Int($0)] != Self.absent }) {
            for byte in run { out.append(byteIDs[Int(byte)]) }
            return
        }
        if let unknownID { out.append(unknownID) }
    }
}
