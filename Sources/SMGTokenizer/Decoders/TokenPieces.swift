internal import SMGBase

/// What every id contributes to a text, computed once: bytes in one arena, found by id.
final class TokenPieces: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): nothing is written after `init`.

    private struct Entry {
        var start: UInt32
        var length: UInt32
        static let special: UInt32 = 1 << 31
        static let missing: UInt32 = 1 << 30
    }

    let idLimit: Int
    private let arena: UnsafeMutableRawPointer
    private let entries: UnsafeMutablePointer<Entry>

    /// `piece` appends the bytes of one id to the buffer and returns false for an id that is not there.
    init(
        idLimit: Int, isSpecial: (UInt32) -> Bool, piece: (UInt32, ByteBuffer) throws(TokenizerError) -> Bool
    ) throws(TokenizerError) {
        let bytes = ByteBuffer(capacity: 8 * idLimit)
        var entries: [Entry] = []
        entries.reserveCapacity(idLimit)
        for id in 0..<UInt32(idLimit) {
            let start = bytes.writerIndex
            guard try piece(id, bytes) else {
                entries.append(Entry(start: 0, length: Entry.missing))
                continue
            }
            guard bytes.writerIndex < Int(UInt32.max), bytes.writerIndex - start < Int(Entry.missing) else {
                throw TokenizerError(.limit, "the decoded vocabulary has more than 4 GiB of text")
            }
            let length = UInt32(bytes.writerIndex - start)
            entries.append(Entry(start: UInt32(start), length: length | (isSpecial(id) ? Entry.special : 0)))
        }
        self.idLimit = idLimit
        arena = .allocate(byteCount: max(bytes.writerIndex, 1), alignment: 1)
        arena.copyMemory(from: bytes.base, byteCount: bytes.writerIndex)
        self.entries = .allocate(capacity: max(idLimit, 1))
        self.entries.initialize(from: entries, count: idLimit)
    }

    deinit {
        arena.deallocate()
        entries.deallocate()
    }

    /// What id `id` is.
    enum Piece {
        case bytes(UnsafeRawBufferPointer)
        case special
        case missing
    }

    /// The piece of `id`; `special` only when `skipsSpecial`.
    @inline(__always)
    func piece(_ id: UInt32, skipsSpecial: Bool) -> Piece {
        guard id < idLimit else { return .missing }
        let entry = entries[Int(id)]
        if entry.length & Entry.missing != 0 { return .missing }
        if skipsSpecial, entry.length & Entry.special != 0 { return .special }
        return .bytes(
            UnsafeRawBufferPointer(start: arena + Int(entry.start), count: Int(entry.length & (Entry.missing - 1))))
    }

    func isSpecial(_ id: UInt32) -> Bool { id < idLimit && entries[Int(id)].length & Entry.special != 0 }

    /// Bytes of all pieces.
    var isEmpty: Bool { idLimit == 0 }
}
