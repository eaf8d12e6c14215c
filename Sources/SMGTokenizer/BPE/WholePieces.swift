internal import SMGBase

/// The pieces that are one token as they are: no merging is needed to know their id. Immutable after it is filled.
///
/// Pieces of up to 12 bytes are entries of 16 bytes (bytes, length and id), four to a line of the processor's cache;
/// longer ones are compared with the token's own bytes.
struct WholePieces: ~Copyable {
    /// Bytes of the longest piece that is an entry of 16 bytes.
    static let longestShort = 12
    /// The bits of `Entry.high` that hold the id; bits 56 and up hold the length, the low half the bytes 9 to 12.
    private static let idShift: UInt64 = 32
    private static let idMask: UInt64 = 0x003f_ffff << 32

    private struct Entry {
        var low: UInt64
        var high: UInt64
    }

    /// Bytes of a longer token, and its id.
    private struct LongEntry {
        /// 0 for a free entry.
        var hash: UInt64
        var start: UInt32
        var count: UInt16
        var id: UInt32
    }

    private let entries: UnsafeMutablePointer<Entry>
    private let mask: UInt64
    private let longEntries: UnsafeMutablePointer<LongEntry>
    private let longMask: UInt64
    /// The bytes of longer tokens.
    private let bytes: ByteBuffer

    /// Room for `short` tokens of up to 12 bytes and `long` longer ones.
    init(short: Int, long: Int) {
        var size = 16
        while size < short + short / 2 { size *= 2 }
        entries = UnsafeMutableRawPointer.allocate(byteCount: size * 16, alignment: 64)
            .bindMemory(to: Entry.self, capacity: size)
        entries.initialize(repeating: Entry(low: 0, high: 0), count: size)
        mask = UInt64(size - 1)
        var longSize = 16
        while longSize < 2 * long { longSize *= 2 }
        longEntries = .allocate(capacity: longSize)
        longEntries.initialize(repeating: LongEntry(hash: 0, start: 0, count: 0, id: 0), count: longSize)
        longMask = UInt64(longSize - 1)
        bytes = ByteBuffer(capacity: 16 * long)
    }

    deinit {
        entries.deallocate()
        longEntries.deallocate()
    }

    /// Adds a token that is not in yet.
    func insert(_ token: UnsafeRawBufferPointer, id: UInt32) {
        guard !token.isEmpty else { return }
        if token.count <= Self.longestShort {
            let key = PieceKey(token)
            var slot = key.hash & mask
            while entries[Int(slot)].high != 0 { slot = (slot + 1) & mask }
            entries[Int(slot)] = Entry(low: key.low, high: key.high | UInt64(id) << Self.idShift)
            return
        }
        let hash = ByteHash.hash(token) | 1
        var slot = (hash >> 8) & longMask
        while longEntries[Int(slot)].hash != 0 { slot = (slot + 1) & longMask }
        guard token.count <= Int(UInt16.max) else { return }
        let start = bytes.writerIndex
        bytes.append(token)
        longEntries[Int(slot)] = LongEntry(hash: hash, start: UInt32(start), count: UInt16(token.count), id: id)
    }

    /// The id of the piece with this key, whose hash is `hash`. Pieces of more than 12 bytes: `id(long:)`.
    @inline(__always)
    func id(_ key: PieceKey, hash: UInt64) -> UInt32? {
        var slot = hash & mask
        while true {
            let entry = entries[Int(truncatingIfNeeded: slot)]
            if entry.low == key.low, entry.high & ~Self.idMask == key.high {
                return UInt32(truncatingIfNeeded: entry.high &>> Self.idShift) & 0x003f_ffff
            }
            if entry.high == 0 { return nil }
            slot = (slot &+ 1) & mask
        }
    }

    /// The id of a piece of more than 12 bytes; `hash` is its `ByteHash`.
    func id(long piece: UnsafeRawBufferPointer, hash: UInt64) -> UInt32? {
        let hash = hash | 1
        var slot = (hash >> 8) & longMask
        while longEntries[Int(slot)].hash != 0 {
            let entry = longEntries[Int(slot)]
            if entry.hash == hash, Int(entry.count) == piece.count, let base = piece.baseAddress,
                PieceKey.areEqual(bytes.base + Int(entry.start), base, piece.count)
            {
                return entry.id
            }
            slot = (slot + 1) & longMask
        }
        return nil
    }
}
