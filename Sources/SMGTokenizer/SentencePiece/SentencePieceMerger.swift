internal import SMGBase

/// Merging of one stretch of text: the pair with the highest score first, of equal ones the leftmost.
///
/// Belongs to one thread at a time.
final class SentencePieceMerger {
    /// A symbol in the list of those that are left.
    struct Symbol {
        var id: UInt32
        /// Where it begins in the stretch.
        var start: UInt32
        /// Rank and result of the pair that begins here.
        var rank: UInt32
        var piece: UInt32
        var previous: UInt32
        var next: UInt32
    }

    /// Ends of the list.
    static let end = UInt32.max
    /// Up to this many symbols the list is scanned for the best pair at every step; above, a heap has it.
    private static let scannedSymbols = 48
    /// Symbols whose memory is kept for the next stretch.
    private static let keptSymbols = 1 << 16

    private(set) var symbols: [Symbol] = []
    /// Pairs by rank (upper half) and place (lower half), the least first.
    private var heap: [UInt64] = []
    /// How pieces of kind `unused` came to be, last first: they are taken apart again.
    var splits: [UInt32: (left: UInt32, right: UInt32)] = [:]

    /// Starts a new stretch.
    func reset() {
        if symbols.capacity > Self.keptSymbols {
            symbols = []
            heap = []
        }
        symbols.removeAll(keepingCapacity: true)
    }

    /// Adds a symbol; `start` is where it begins in the stretch.
    @inline(__always)
    func append(_ id: UInt32, start: Int) {
        let count = UInt32(truncatingIfNeeded: symbols.count)
        symbols.append(
            Symbol(
                id: id, start: UInt32(truncatingIfNeeded: start), rank: .max, piece: 0, previous: count &- 1,
                next: count &+ 1))
    }

    /// Merges what is there. The symbols that are left are linked from index 0 on by `next`. With `isUnused`, every
    /// pair whose piece it names is noted in `splits` when it is found.
    func merge(_ pairs: borrowing ScoredPairs, isUnused: ((UInt32) -> Bool)?) {
        guard symbols.count > 0 else { return }
        symbols[symbols.count - 1].next = Self.end
        if symbols.count > Self.scannedSymbols || isUnused != nil {
            mergeByHeap(pairs, isUnused)
        } else {
            mergeByScan(pairs)
        }
    }

    private func mergeByScan(_ pairs: borrowing ScoredPairs) {
        symbols.withUnsafeMutableBufferPointer { symbols in
            var last = symbols.count &- 1
            var i = 0
            while i < last {
                let pair = pairs.find(symbols[i].id, symbols[i &+ 1].id)
                symbols[i].rank = pair.rank
                symbols[i].piece = pair.piece
                i &+= 1
            }
            while true {
                var best = UInt32.max
                var at = 0
                i = 0
                while i < last {
                    if symbols[i].rank < best {
                        best = symbols[i].rank
                        at = i
                    }
                    i &+= 1
                }
                if best == .max { break }
                symbols[at].id = symbols[at].piece
                last &-= 1
                i = at &+ 1
                while i <= last {
                    symbols[i] = symbols[i &+ 1]
                    i &+= 1
                }
                symbols[at].rank = .max
                if at < last { Self.pair(symbols, at, pairs) }
                if at > 0 { Self.pair(symbols, at &- 1, pairs) }
            }
            // The list is dense here: links follow the indices.
            for i in 0...last { symbols[i].next = UInt32(truncatingIfNeeded: i &+ 1) }
            symbols[last].next = Self.end
        }
    }

    @inline(__always)
    private static func pair(
        _ symbols: UnsafeMutableBufferPointer<Symbol>, _ at: Int, _ pairs: borrowing ScoredPairs
    ) {
        let pair = pairs.find(symbols[at].id, symbols[at &+ 1].id)
        symbols[at].rank = pair.rank
        symbols[at].piece = pair.piece
    }

    private func mergeByHeap(_ pairs: borrowing ScoredPairs, _ isUnused: ((UInt32) -> Bool)?) {
        heap.removeAll(keepingCapacity: true)
        for i in 0..<symbols.count - 1 { look(i, i + 1, pairs, isUnused) }
        while let top = pop() {
            let at = Int(UInt32(truncatingIfNeeded: top))
            // An entry whose rank is no longer that of its place is stale.
            guard symbols[at].rank == UInt32(truncatingIfNeeded: top >> 32) else { continue }
            let gone = Int(symbols[at].next)
            let following = symbols[gone].next
            symbols[at].id = symbols[at].piece
            symbols[at].rank = .max
            symbols[gone].rank = .max
            symbols[at].next = following
            if following != Self.end { symbols[Int(following)].previous = UInt32(truncatingIfNeeded: at) }
            let before = symbols[at].previous
            if before != Self.end { look(Int(before), at, pairs, isUnused) }
            if following != Self.end { look(at, Int(following), pairs, isUnused) }
        }
    }

    private func look(_ left: Int, _ right: Int, _ pairs: borrowing ScoredPairs, _ isUnused: ((UInt32) -> Bool)?) {
        let pair = pairs.find(symbols[left].id, symbols[right].id)
        symbols[left].rank = pair.rank
        symbols[left].piece = pair.piece
        guard pair.rank != .max else { return }
        push(UInt64(pair.rank) << 32 | UInt64(UInt32(truncatingIfNeeded: left)))
        if let isUnused, isUnused(pair.piece) { splits[pair.piece] = (symbols[left].id, symbols[right].id) }
    }

    private func push(_ entry: UInt64) {
        heap.append(entry)
        heap.withUnsafeMutableBufferPointer { heap in
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

    private func pop() -> UInt64? {
        guard let top = heap.first else { return nil }
        let entry = heap.removeLast()
        if heap.isEmpty { return top }
        heap.withUnsafeMutableBufferPointer { heap in
            var at = 0
            while true {
                var child = 2 &* at &+ 1
                if child >= heap.count { break }
                if child &+ 1 < heap.count, heap[child &+ 1] < heap[child] { child &+= 1 }
                if heap[child] >= entry { break }
                heap[at] = heap[child]
                at = child
            }
            heap[at] = entry
        }
        return top
    }
}
