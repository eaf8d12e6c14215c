internal import SMGBase

/// The BPE model of a SentencePiece file.
///
/// The reference merges over the whole text. Here the text is cut where no piece has the two characters that meet, which
/// changes nothing: a merge across the cut would make a piece that has them. Stretches that came before are in a cache.
/// Models with pieces of kind `unused` are not cut: how those are taken apart depends on the whole text.
final class SentencePieceBPE: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): nothing is written after `init`.

    private let vocabulary: Vocabulary
    private let kinds: [SentencePieceModel.PieceKind]
    private let symbols: SymbolTable
    private let pairs: ScoredPairs
    private let adjacent: AdjacentCharacters
    private let userDefined: ByteTrie?
    private let hasUnused: Bool
    private let unknown: UnknownPieces
    /// Ids that symbols above the pieces are told as.
    private let characterIDs: [UInt32]

    /// What one thread needs to encode.
    final class Scratch {
        fileprivate let merger = SentencePieceMerger()
        fileprivate let cache = PieceCache()
    }

    /// `vocabulary` and `kinds` have the pieces of `file`, which are checked.
    init(
        _ file: SentencePieceFile, _ vocabulary: Vocabulary, _ kinds: [SentencePieceModel.PieceKind],
        userDefined: ByteTrie?, unknown: UnknownPieces
    ) {
        self.vocabulary = vocabulary
        self.kinds = kinds
        self.userDefined = userDefined
        self.unknown = unknown
        hasUnused = kinds.contains(.unused)
        var symbols = SymbolTable(pieces: kinds.count)
        var adjacent = AdjacentCharacters()
        for (id, piece) in file.pieces.enumerated() {
            Self.addCharacters(piece, UInt32(id), &symbols, &adjacent)
        }
        pairs = ScoredPairs(Self.pairs(file, vocabulary, kinds, symbols))
        characterIDs = symbols.spellings.map { character in
            var bytes = UInt32(truncatingIfNeeded: character)
            return withUnsafeBytes(of: &bytes) { bytes in
                vocabulary.id(of: bytes.slice(0..<Int(character >> 32))) ?? unknown.id
            }
        }
        self.symbols = symbols
        self.adjacent = adjacent
    }

    /// Whether merges may make pieces of this kind.
    private static func isMerged(_ kind: SentencePieceModel.PieceKind) -> Bool {
        kind == .normal || kind == .userDefined || kind == .unused
    }

    private static func addCharacters(
        _ piece: SentencePieceFile.Piece, _ id: UInt32, _ symbols: inout SymbolTable,
        _ adjacent: inout AdjacentCharacters
    ) {
        let bytes = piece.spelling
        let first = SymbolTable.character(bytes, 0)
        if first.length == bytes.count {
            // A character of another kind is told as that piece, but merges like one that is none.
            if isMerged(piece.kind) { symbols.add(first.value, piece: id) } else { symbols.add(first.value) }
            return
        }
        guard isMerged(piece.kind) else { return }
        var at = first.length
        var left = first.value
        symbols.add(left)
        while at < bytes.count {
            let right = SymbolTable.character(bytes, at)
            symbols.add(right.value)
            adjacent.add(left, right.value)
            left = right.value
            at += right.length
        }
    }

    /// Every way to make a piece of two symbols.
    private static func pairs(
        _ file: SentencePieceFile, _ vocabulary: Vocabulary, _ kinds: [SentencePieceModel.PieceKind],
        _ symbols: borrowing SymbolTable
    ) -> [ScoredPairs.Entry] {
        let ranks = ranks(file)
        var pairs: [ScoredPairs.Entry] = []
        for (id, piece) in file.pieces.enumerated() where isMerged(piece.kind) {
            let bytes = piece.spelling
            var at = SymbolTable.character(bytes, 0).length
            while at < bytes.count {
                let left = symbol(bytes.slice(0..<at), vocabulary, kinds, symbols)
                let right = symbol(bytes.slice(at..<bytes.count), vocabulary, kinds, symbols)
                if left != SymbolTable.none, right != SymbolTable.none {
                    pairs.append(
                        ScoredPairs.Entry(
                            key: ScoredPairs.key(left, right), rank: ranks[id], piece: UInt32(truncatingIfNeeded: id)))
                }
                at += SymbolTable.character(bytes, at).length
            }
        }
        return pairs
    }

    private static func symbol(
        _ bytes: UnsafeRawBufferPointer, _ vocabulary: Vocabulary, _ kinds: [SentencePieceModel.PieceKind],
        _ symbols: borrowing SymbolTable
    ) -> UInt32 {
        let character = SymbolTable.character(bytes, 0)
        if character.length == bytes.count { return symbols.symbol(character.value) }
        guard let id = vocabulary.id(of: bytes), isMerged(kinds[Int(id)]) else { return SymbolTable.none }
        return id
    }

    /// Ranks by id: 0 for the highest score.
    private static func ranks(_ file: SentencePieceFile) -> [UInt32] {
        let order = file.pieces.indices.sorted { file.pieces[$0].score > file.pieces[$1].score }
        var ranks = [UInt32](repeating: 0, count: order.count)
        var rank: UInt32 = 0
        for (at, id) in order.enumerated() {
            if at > 0, file.pieces[id].score != file.pieces[order[at - 1]].score { rank += 1 }
            ranks[id] = rank
        }
        return ranks
    }

    // MARK: - Encoding

    /// Appends the ids of `text`, which is normalized.
    func encode(_ text: UnsafeRawBufferPointer, into ids: TokenBuffer, scratch: Scratch) {
        // At most one id for each byte.
        ids.reserve(text.count)
        var run = UnknownPieces.Run()
        scratch.merger.splits.removeAll(keepingCapacity: true)
        var start = 0
        var at = 0
        var left: SymbolTable.Character = 0
        while at < text.count {
            if let userDefined {
                let length = userDefined.longestPrefix(of: text.slice(at..<text.count))
                if length > 0 {
                    if hasUnused { return encodeWhole(text, ids, scratch.merger) }
                    if start < at { stretch(text.slice(start..<at), ids, scratch, &run) }
                    let piece = text.slice(at..<at + length)
                    unknown.append(vocabulary.id(of: piece) ?? unknown.id, piece, &run, ids)
                    at += length
                    start = at
                    continue
                }
            }
            let character = SymbolTable.character(text, at)
            if at > start, !hasUnused, !adjacent.contains(left, character.value) {
                stretch(text.slice(start..<at), ids, scratch, &run)
                start = at
            }
            left = character.value
            at += character.length
        }
        if hasUnused { return encodeWhole(text, ids, scratch.merger) }
        if start < at { stretch(text.slice(start..<at), ids, scratch, &run) }
    }

    /// Appends the ids of a stretch that no merge leaves.
    @inline(__always)
    private func stretch(
        _ text: UnsafeRawBufferPointer, _ ids: TokenBuffer, _ scratch: Scratch, _ run: inout UnknownPieces.Run
    ) {
        let start = ids.count
        let isCached = text.count <= PieceCache.maximumPieceBytes
        let hash = isCached ? PieceCache.hash(text) : 0
        if !isCached || !scratch.cache.find(text, hash, into: ids) {
            mergeStretch(text, ids, scratch.merger)
            if isCached {
                scratch.cache.insert(
                    text, hash, UnsafeBufferPointer(start: ids.base + start, count: ids.count - start))
            }
        }
        unknown.join(start, &run, ids)
    }

    private func mergeStretch(_ text: UnsafeRawBufferPointer, _ ids: TokenBuffer, _ merger: SentencePieceMerger) {
        merger.reset()
        var at = 0
        while at < text.count {
            let character = SymbolTable.character(text, at)
            merger.append(symbols.symbol(character.value), start: at)
            at += character.length
        }
        merger.merge(pairs, isUnused: nil)
        tell(text, ids, merger)
    }

    /// Appends the ids of the symbols that are left in `merger`.
    private func tell(_ text: UnsafeRawBufferPointer, _ ids: TokenBuffer, _ merger: SentencePieceMerger) {
        var run = UnknownPieces.Run()
        var at: UInt32 = 0
        while at != SentencePieceMerger.end {
            let symbol = merger.symbols[Int(at)]
            at = symbol.next
            let end = at == SentencePieceMerger.end ? text.count : Int(merger.symbols[Int(at)].start)
            let part = text.slice(Int(symbol.start)..<end)
            if hasUnused {
                takeApart(symbol.id, part, &run, ids, merger)
            } else {
                unknown.append(id(of: symbol.id), part, &run, ids)
            }
        }
    }

    /// The id that a symbol is told as.
    @inline(__always)
    private func id(of symbol: UInt32) -> UInt32 {
        if Int(symbol) < kinds.count { return symbol }
        let index = Int(symbol) - kinds.count
        return index < characterIDs.count ? characterIDs[index] : unknown.id
    }

    // MARK: - Unused pieces

    private func encodeWhole(_ text: UnsafeRawBufferPointer, _ ids: TokenBuffer, _ merger: SentencePieceMerger) {
        merger.reset()
        var at = 0
        while at < text.count {
            let length = userDefined?.longestPrefix(of: text.slice(at..<text.count)) ?? 0
            if length > 0 {
                merger.append(SymbolTable.none, start: at)
                at += length
            } else {
                let character = SymbolTable.character(text, at)
                merger.append(symbols.symbol(character.value), start: at)
                at += character.length
            }
        }
        guard at > 0 else { return }
        merger.merge(pairs) { self.kinds[Int($0)] == .unused }
        tell(text, ids, merger)
    }

    /// Appends what an unused piece was made of, and of that the same; everything else as it is.
    private func takeApart(
        _ symbol: UInt32, _ text: UnsafeRawBufferPointer, _ run: inout UnknownPieces.Run, _ ids: TokenBuffer,
        _ merger: SentencePieceMerger
    ) {
        var open = [(symbol: symbol, start: 0, end: text.count)]
        while let (symbol, start, end) = open.popLast() {
            let part = text.slice(start..<end)
            if Int(symbol) < kinds.count, kinds[Int(symbol)] == .unused {
                // An unused character was made of nothing.
                guard let split = merger.splits[symbol] else {
                    unknown.append(unknown.id, part, &run, ids)
                    continue
                }
                let middle = start + length(split.left)
                open.append((split.right, middle, end))
                open.append((split.left, start, middle))
            } else if symbol == SymbolTable.none {
                // A user-defined piece, which stays as it is, or a character of no piece.
                unknown.append(vocabulary.id(of: part) ?? unknown.id, part, &run, ids)
            } else {
                unknown.append(id(of: symbol), part, &run, ids)
            }
        }
    }

    private func length(_ symbol: UInt32) -> Int {
        if Int(symbol) < kinds.count { return vocabulary.token(symbol)?.count ?? 0 }
        return Int(symbols.spellings[Int(symbol) - kinds.count] >> 32)
    }
}
