internal import SMGBase

/// What pieces became, so that a word is merged once and not at every occurrence.
///
/// Short pieces of few ids lie in lines of two entries, the newer first; what does not fit there goes to `LongPieces`.
/// Everything is bounded: a full line forgets its older entry. Belongs to one thread at a time.
struct EncodedPieces: ~Copyable {
    /// Ids of one entry.
    static let inlineIDs = 4
    /// Lines (64 bytes each) a cache starts with, and those it may grow to: 2 MiB hold the working set of any text
    /// seen, and stay in the second level of the processor's cache for the most part.
    private static let firstLines = 1 << 10
    private static let mostLines = 1 << 15

    /// One piece. `key.high` is 0 for a free entry: a piece has at least one byte, so its length is there.
    struct Entry {
        var key: PieceKey
        /// The ids; their number stands in the top byte of the last word, since ids have 22 bits.
        var ids: SIMD4<UInt32>
    }

    static let idMask = SIMD4<UInt32>(.max, .max, .max, 0x00ff_ffff)

    private(set) var entries: UnsafeMutablePointer<Entry>
    private(set) var lineMask: UInt64
    /// Entries forgotten since the last growth.
    private var forgotten = 0
    var long = LongPieces()

    init() {
        lineMask = UInt64(Self.firstLines - 1)
        entries = Self.allocate(lines: Self.firstLines)
    }

    deinit { entries.deallocate() }

    private static func allocate(lines: Int) -> UnsafeMutablePointer<Entry> {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: lines * 64, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: lines * 64)
        return memory.bindMemory(to: Entry.self, capacity: lines * 2)
    }

    /// The first of the two entries of the line that `hash` belongs to.
    @inline(__always)
    func line(_ hash: UInt64) -> UnsafeMutablePointer<Entry> {
        entries + Int(truncatingIfNeeded: (hash & lineMask) &* 2)
    }

    /// Remembers a short piece. `ids` has 1 to `inlineIDs` elements.
    mutating func insert(_ key: PieceKey, _ ids: UnsafeBufferPointer<UInt32>) {
        var words = SIMD4<UInt32>(repeating: 0)
        for i in 0..<ids.count { words[i] = ids[i] }
        words[3] |= UInt32(truncatingIfNeeded: ids.count) &<< 24
        var line = line(key.hash)
        if line[1].key.high != 0 {
            forgotten &+= 1
            if forgotten > Int(lineMask), lineMask < UInt64(Self.mostLines - 1) {
                grow()
                line = self.line(key.hash)
            }
        }
        line[1] = line[0]
        line[0] = Entry(key: key, ids: words)
    }

    /// Four times the lines. What a line held goes to four of the new ones.
    private mutating func grow() {
        let old = entries
        let count = Int(lineMask + 1) * 2
        let lines = min(Int(lineMask + 1) * 4, Self.mostLines)
        entries = Self.allocate(lines: lines)
        lineMask = UInt64(lines - 1)
        forgotten = 0
        // The older entry of every line first, so that the newer comes to stand before it.
        for i in (0..<count).reversed() where old[i].key.high != 0 {
            let line = line(old[i].key.hash)
            line[1] = line[0]
            line[0] = old[i]
        }
        old.deallocate()
    }
}
