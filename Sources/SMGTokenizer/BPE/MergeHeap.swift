/// Merging of long pieces: a heap of pairs over a doubly linked list of symbols, so that a megabyte of one letter
/// takes time in proportion to n log n.
struct MergeHeap: ~Copyable {
    /// Entries: rank in the high, position in the low half. The least comes first, so ties go to the left.
    private var entries: [UInt64] = []
    /// Neighbours of every symbol, by position.
    private var previous: [UInt32] = []
    private var next: [UInt32] = []

    private static let end = UInt32.max
    /// Symbols whose arrays are kept for the next piece; beyond, memory is given back.
    private static let keptSymbols = 1 << 20

    /// Merges the `count` symbols and moves what is left to the front; returns how many are left. `ranks` has room for
    /// as many.
    mutating func merge(
        _ symbols: UnsafeMutablePointer<UInt32>, _ ranks: UnsafeMutablePointer<UInt32>, _ count: Int,
        _ rules: borrowing MergeRules
    ) -> Int {
        assert(count > 1 && count < Int(UInt32.max))
        link(count)
        seed(symbols, ranks, count, rules)
        run(symbols, ranks, rules)
        var kept = 0
        var at: UInt32 = 0
        while at != Self.end {
            symbols[kept] = symbols[Int(at)]
            kept += 1
            at = next[Int(at)]
        }
        if count > Self.keptSymbols {
            entries = []
            previous = []
            next = []
        }
        return kept
    }

    private mutating func link(_ count: Int) {
        if next.count < count {
            next = Array(repeating: 0, count: count)
            previous = Array(repeating: 0, count: count)
        }
        for i in 0..<count {
            next[i] = UInt32(truncatingIfNeeded: i + 1)
            previous[i] = UInt32(truncatingIfNeeded: i - 1)
        }
        next[count - 1] = Self.end
    }

    private mutating func seed(
        _ symbols: UnsafeMutablePointer<UInt32>, _ ranks: UnsafeMutablePointer<UInt32>, _ count: Int,
        _ rules: borrowing MergeRules
    ) {
        entries.removeAll(keepingCapacity: true)
        for i in 0..<count - 1 {
            ranks[i] = rules.rank(symbols[i], symbols[i + 1])
            if ranks[i] != PairTable.none { entries.append(UInt64(ranks[i]) << 32 | UInt64(i)) }
        }
        ranks[count - 1] = PairTable.none
        guard entries.count > 1 else { return }
        entries.withUnsafeMutableBufferPointer { heap in
            for i in stride(from: heap.count / 2 - 1, through: 0, by: -1) {
                Self.sink(heap.baseAddress!, i, heap.count)
            }
        }
    }

    /// Takes pairs from the heap until it is empty. An entry whose rank is no longer that of its position is stale.
    private mutating func run(
        _ symbols: UnsafeMutablePointer<UInt32>, _ ranks: UnsafeMutablePointer<UInt32>, _ rules: borrowing MergeRules
    ) {
        while let top = pop() {
            let rank = UInt32(truncatingIfNeeded: top >> 32)
            let at = Int(UInt32(truncatingIfNeeded: top))
            guard ranks[at] == rank else { continue }
            let gone = Int(next[at])
            let following = next[gone]
            symbols[at] = rules.result(rank)
            ranks[gone] = PairTable.none
            next[at] = following
            if following != Self.end {
                previous[Int(following)] = UInt32(truncatingIfNeeded: at)
                update(at, symbols[at], symbols[Int(following)], ranks, rules)
            } else {
                ranks[at] = PairTable.none
            }
            let before = previous[at]
            if before != Self.end { update(Int(before), symbols[Int(before)], symbols[at], ranks, rules) }
        }
    }

    @inline(__always)
    private mutating func update(
        _ at: Int, _ left: UInt32, _ right: UInt32, _ ranks: UnsafeMutablePointer<UInt32>,
        _ rules: borrowing MergeRules
    ) {
        let rank = rules.rank(left, right)
        ranks[at] = rank
        if rank != PairTable.none { push(UInt64(rank) << 32 | UInt64(UInt32(truncatingIfNeeded: at))) }
    }

    private mutating func push(_ entry: UInt64) {
        entries.append(entry)
        entries.withUnsafeMutableBufferPointer { heap in
            var at = heap.count &- 1
            while at > 0 {
                let parent = (at &- 1) / 2
                if heap[parent] <= entry { break }
                heap[at] = heap[parent]
                at = parent
            }
            heap[at] = entry
        }
    }

    private mutating func pop() -> UInt64? {
        guard let top = entries.first else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries.withUnsafeMutableBufferPointer { heap in
                heap[0] = last
                Self.sink(heap.baseAddress!, 0, heap.count)
            }
        }
        return top
    }

    private static func sink(_ heap: UnsafeMutablePointer<UInt64>, _ start: Int, _ count: Int) {
        let entry = heap[start]
        var at = start
        while true {
            var child = 2 &* at &+ 1
            if child >= count { break }
            if child &+ 1 < count, heap[child &+ 1] < heap[child] { child &+= 1 }
            if heap[child] >= entry { break }
            heap[at] = heap[child]
            at = child
        }
        heap[at] = entry
    }
}
