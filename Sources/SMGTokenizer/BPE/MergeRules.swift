/// The merges of one model, ready to be applied.
struct MergeRules: ~Copyable {
    /// Up to this many symbols the arrays are scanned for the lowest rank at every step; above, a heap has it.
    static let scannedSymbols = 96

    private let pairs: PairTable
    /// What the pair with each rank becomes.
    private let results: UnsafeMutablePointer<UInt32>

    /// The rules in the order of their ranks.
    init(_ merges: [MergeList.Merge]) {
        pairs = PairTable(count: merges.count)
        results = .allocate(capacity: max(merges.count, 1))
        for rank in merges.indices {
            results[rank] = merges[rank].merged
            pairs.insert(merges[rank].left, merges[rank].right, rank: UInt32(rank))
        }
    }

    deinit { results.deallocate() }

    @inline(__always)
    func rank(_ left: UInt32, _ right: UInt32) -> UInt32 { pairs.rank(left, right) }

    @inline(__always)
    func result(_ rank: UInt32) -> UInt32 { results[Int(rank)] }

    /// Applies the rules to the symbols in `scratch` until none applies: always the lowest rank, of equal ones the
    /// leftmost.
    func apply(_ scratch: MergeScratch) {
        guard scratch.count > 1 else { return }
        if scratch.count <= Self.scannedSymbols {
            scratch.count = scan(scratch.symbols, scratch.ranks, scratch.count)
        } else {
            scratch.count = scratch.heap.merge(scratch.symbols, scratch.ranks, scratch.count, self)
        }
    }

    /// `apply` for few symbols: a step costs one look at every rank, two table look-ups and a move of the tail.
    private func scan(
        _ symbols: UnsafeMutablePointer<UInt32>, _ ranks: UnsafeMutablePointer<UInt32>, _ total: Int
    ) -> Int {
        // ranks[i] is that of the pair (i, i + 1); the last symbol begins none.
        var last = total &- 1
        var i = 0
        while i < last {
            ranks[i] = rank(symbols[i], symbols[i &+ 1])
            i &+= 1
        }
        while last > 0 {
            var best = PairTable.none
            var at = 0
            i = 0
            while i < last {
                let isBetter = ranks[i] < best
                best = isBetter ? ranks[i] : best
                at = isBetter ? i : at
                i &+= 1
            }
            if best == PairTable.none { break }
            symbols[at] = result(best)
            last &-= 1
            i = at &+ 1
            while i <= last {
                symbols[i] = symbols[i &+ 1]
                ranks[i &- 1] = ranks[i]
                i &+= 1
            }
            if at < last { ranks[at] = rank(symbols[at], symbols[at &+ 1]) }
            if at > 0 { ranks[at &- 1] = rank(symbols[at &- 1], symbols[at]) }
        }
        return last &+ 1
    }
}
