internal import SMGBase

/// The Unigram model of a SentencePiece file, in the reference's arithmetic: all scores are floats; user-defined pieces
/// win by a score that grows with their length.
final class SentencePieceUnigram: Sendable {
    /// What an unknown character costs beyond the lowest score.
    private static let unknownPenalty: Float = 10
    /// What a user-defined piece gets for each of its bytes but one.
    private static let userDefinedBonus: Float = 0.1

    private let trie: ByteTrie
    /// Ids by the trie's units.
    private let ids: [UInt32]
    private let unknownScore: Float
    private let unknown: UnknownPieces

    /// `vocabulary` has the pieces of `file`, which are checked.
    init(
        _ file: SentencePieceFile, _ vocabulary: Vocabulary, unknown: UnknownPieces
    ) throws(TokenizerError) {
        self.unknown = unknown
        var lowest = Float.greatestFiniteMagnitude
        for piece in file.pieces where piece.kind == .normal {
            lowest = min(lowest, piece.score)
        }
        unknownScore = lowest - Self.unknownPenalty
        var builder = ByteTrieBuilder(vocabulary)
        for (id, piece) in file.pieces.enumerated() where piece.kind == .normal || piece.kind == .userDefined {
            guard piece.spelling.count <= TokenizerLimits.searchedBytes else {
                throw TokenizerError(
                    .limit,
                    "piece \(id) has \(piece.spelling.count) bytes, at most \(TokenizerLimits.searchedBytes)")
            }
            builder.add(UInt32(id))
        }
        let trie = try builder.build { id in
            let piece = file.pieces[Int(id)]
            guard piece.kind == .userDefined else { return Double(piece.score).bitPattern }
            let size = Float(piece.spelling.count)
            return Double(size * Self.userDefinedBonus - Self.userDefinedBonus).bitPattern
        }
        self.trie = trie
        var ids = [UInt32](repeating: 0, count: trie.count)
        for (id, piece) in file.pieces.enumerated() {
            if let node = trie.node(of: piece.spelling), trie.units[node].isTerminal { ids[node] = UInt32(id) }
        }
        self.ids = ids
    }

    /// Appends the ids of `text`, which is normalized. Fails with `limit` for a text that is one absurdly long knot.
    func encode(
        _ text: UnsafeRawBufferPointer, into ids: TokenBuffer, path: BestPath<Float>
    ) throws(TokenizerError) {
        ids.reserve(text.count)
        var run = UnknownPieces.Run()
        try self.ids.withUnsafeBufferPointer { (table) throws(TokenizerError) in
            try path.run(
                text, trie, unknownScore: unknownScore, missing: {},
                piece: { (start, end, unit) throws(TokenizerError) in
                    let id = unit == BestPath<Float>.unknown ? self.unknown.id : table[Int(unit)]
                    self.unknown.append(id, text.slice(start..<end), &run, ids)
                })
        }
    }
}
