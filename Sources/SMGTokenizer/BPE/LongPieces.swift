internal import SMGBase

/// The part of a `EncodedPieces` for pieces of more than 15 bytes or many ids: copies of pieces and ids in one block of
/// memory. A full block is emptied as a whole.
struct LongPieces: ~Copyable {
    /// Longer pieces are merged anew at every occurrence: they hardly come twice.
    static let longestPiece = 512
    /// Words (4 bytes) of the block: 2 MiB.
    private static let blockWords = 1 << 19
    /// Entries of the table; a piece takes at least 5 words.
    private static let tableBits = 15

    /// High half: hash; low half: where the piece stands in the block, plus one; 0 for a free entry.
    private var table: UnsafeMutablePointer<UInt64>?
    /// For every piece: bytes, ids, the bytes padded to whole words, the ids.
    private var block: UnsafeMutablePointer<UInt32>?
    private var used = 0
    private var count = 0

    deinit {
        table?.deallocate()
        block?.deallocate()
    }

    private static func slot(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> (64 - UInt64(tableBits))) }

    /// The ids of `piece`; valid until the next `insert`.
    func ids(_ piece: UnsafeRawBufferPointer, hash: UInt64) -> UnsafeBufferPointer<UInt32>? {
        guard let table, let block, let base = piece.baseAddress else { return nil }
        var slot = Self.slot(hash)
        while table[slot] != 0 {
            if table[slot] >> 32 == hash & 0xffff_ffff {
                let at = block + Int(truncatingIfNeeded: table[slot] & 0xffff_ffff) - 1
                if Int(at[0]) == piece.count, PieceKey.areEqual(UnsafeRawPointer(at + 2), base, piece.count) {
                    return UnsafeBufferPointer(start: at + 2 + (piece.count + 3) / 4, count: Int(at[1]))
                }
            }
            slot = (slot + 1) & (1 << Self.tableBits - 1)
        }
        return nil
    }

    /// Remembers a piece that is not in yet and has at most `longestPiece` bytes.
    mutating func insert(_ piece: UnsafeRawBufferPointer, hash: UInt64, _ ids: UnsafeBufferPointer<UInt32>) {
        let words = (piece.count + 3) / 4
        let needed = 2 + words + ids.count
        guard needed <= Self.blockWords / 2, let base = piece.baseAddress else { return }
        if table == nil { allocate() }
        guard let table, let block else { return }
        if used + needed > Self.blockWords || count >= 1 << (Self.tableBits - 1) {
            table.update(repeating: 0, count: 1 << Self.tableBits)
            used = 0
            count = 0
        }
        let at = block + used
        at[0] = UInt32(piece.count)
        at[1] = UInt32(ids.count)
        UnsafeMutableRawPointer(at + 2).copyMemory(from: base, byteCount: piece.count)
        if let source = ids.baseAddress { (at + 2 + words).update(from: source, count: ids.count) }
        var slot = Self.slot(hash)
        while table[slot] != 0 { slot = (slot + 1) & (1 << Self.tableBits - 1) }
        table[slot] = hash << 32 | UInt64(used + 1)
        used += needed
        count += 1
    }

    private mutating func allocate() {
        let table = UnsafeMutablePointer<UInt64>.allocate(capacity: 1 << Self.tableBits)
        table.initialize(repeating: 0, count: 1 << Self.tableBits)
        self.table = table
        block = .allocate(capacity: Self.blockWords)
    }
}
