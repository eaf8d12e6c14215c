/// Working memory of one merge: the symbols of a piece and what a run over them needs. Grows to the longest piece.
///
/// Belongs to one thread at a time.
final class MergeScratch {
    /// Symbols of the piece, first as seeded, later as merged.
    private(set) var symbols: UnsafeMutablePointer<UInt32>
    /// Rank of the pair that begins at each symbol.
    private(set) var ranks: UnsafeMutablePointer<UInt32>
    private(set) var capacity = 256
    /// Symbols in use.
    var count = 0
    /// What long pieces need besides; made when the first one comes.
    var heap = MergeHeap()

    init() {
        symbols = .allocate(capacity: capacity)
        ranks = .allocate(capacity: capacity)
    }

    deinit {
        symbols.deallocate()
        ranks.deallocate()
    }

    /// Empties the scratch and makes room for `wanted` symbols.
    @inline(__always)
    func reset(_ wanted: Int) {
        count = 0
        if wanted > capacity { grow(wanted) }
    }

    /// Makes room for `wanted` symbols in all; keeps those that are there.
    @inline(never)
    func grow(_ wanted: Int) {
        let size = max(wanted, capacity * 2)
        let moved = UnsafeMutablePointer<UInt32>.allocate(capacity: size)
        moved.update(from: symbols, count: count)
        symbols.deallocate()
        symbols = moved
        ranks.deallocate()
        ranks = .allocate(capacity: size)
        capacity = size
    }

    @inline(__always)
    func append(_ symbol: UInt32) {
        if count == capacity { grow(count + 1) }
        symbols[count] = symbol
        count &+= 1
    }
}
