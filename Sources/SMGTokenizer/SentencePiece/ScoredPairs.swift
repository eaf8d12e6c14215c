internal import SMGBase

/// Which pairs of symbols are a piece together, and how early they merge. Immutable after it is filled.
struct ScoredPairs: ~Copyable {
    /// A pair: what it becomes and when. Lower ranks come first; pieces with the same score share one.
    struct Entry {
        var key: UInt64
        var rank: UInt32
        var piece: UInt32

        static let free = Entry(key: .max, rank: .max, piece: 0)
    }

    private let entries: UnsafeMutablePointer<Entry>
    private let mask: Int

    init(_ pairs: [Entry]) {
        var size = 16
        while size < 2 * pairs.count { size *= 2 }
        entries = .allocate(capacity: size)
        entries.initialize(repeating: .free, count: size)
        mask = size - 1
        for pair in pairs {
            var at = Self.slot(pair.key) & mask
            while entries[at].key != Entry.free.key { at = (at + 1) & mask }
            entries[at] = pair
        }
    }

    deinit { entries.deallocate() }

    @inline(__always)
    static func key(_ left: UInt32, _ right: UInt32) -> UInt64 { UInt64(left) << 32 | UInt64(right) }

    @inline(__always)
    private static func slot(_ key: UInt64) -> Int {
        Int(truncatingIfNeeded: ByteHash.fold(key ^ ByteHash.k0, ByteHash.k1))
    }

    /// What `left` and `right` become; `Entry.free` (with the highest rank) when they do not merge.
    @inline(__always)
    func find(_ left: UInt32, _ right: UInt32) -> Entry {
        let key = Self.key(left, right)
        // The symbol of strange characters, next to itself, would look like a free entry.
        if left == SymbolTable.none { return .free }
        var at = Self.slot(key) & mask
        while entries[at].key != key {
            if entries[at].key == Entry.free.key { return .free }
            at = (at &+ 1) & mask
        }
        return entries[at]
    }
}
