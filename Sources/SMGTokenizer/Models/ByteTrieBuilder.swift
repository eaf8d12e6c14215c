internal import SMGBase

/// Makes a `ByteTrie` of the tokens of a vocabulary.
///
/// The strings are sorted, then placed node by node, breadth first, so that the upper levels, which every walk passes,
/// lie together.
struct ByteTrieBuilder: ~Copyable {
    /// Free places tried for a node with several children before it gets a block of its own. Nodes with one child, the
    /// most by far, fill the gaps.
    private static let attempts = 32

    /// A string to place: its id and its first eight bytes as a number, which decide nearly every comparison.
    private struct Entry {
        var prefix: UInt64
        var id: UInt32
    }

    /// A node whose children are still to be placed: those of `entries[lower..<upper]`, which agree in `depth` bytes.
    private struct Pending {
        var node: UInt32
        var lower: UInt32
        var upper: UInt32
        var depth: UInt32
    }

    private let vocabulary: Vocabulary
    private var entries: [Entry] = []
    private var units: UnsafeMutablePointer<ByteTrie.Unit>
    private var count = 0
    private var capacity = 0
    /// Free units in a ring, by index: the next and the one before.
    private var nextFree: [UInt32] = []
    private var previousFree: [UInt32] = []
    private var firstFree: UInt32?

    /// `vocabulary`'s tokens are the strings; the empty one is left out.
    init(_ vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
        entries.reserveCapacity(vocabulary.count)
        units = .allocate(capacity: 1)
    }

    deinit { units.deallocate() }

    /// Adds token `id`. Ids that are not there are ignored.
    mutating func add(_ id: UInt32) {
        guard let token = vocabulary.token(id), token.count > 0 else { return }
        var prefix: UInt64 = 0
        for i in 0..<8 { prefix = prefix << 8 | (i < token.count ? UInt64(token[i]) : 0) }
        entries.append(Entry(prefix: prefix, id: id))
    }

    /// The trie of what was added, with `payload` of each id; of tokens with one spelling the highest id counts.
    /// Fails with `limit` above `ByteTrie.maximumUnits`.
    consuming func build(_ payload: (UInt32) -> UInt64) throws(TokenizerError) -> ByteTrie {
        sort()
        try addBlock()
        take(0)
        units[0].check = ByteTrie.Unit.orphan
        var queue = [Pending(node: 0, lower: 0, upper: UInt32(entries.count), depth: 0)]
        var at = 0
        var labels: [(byte: UInt8, lower: UInt32, upper: UInt32)] = []
        while at < queue.count {
            let pending = queue[at]
            at += 1
            var lower = pending.lower
            while lower < pending.upper, token(lower).count == Int(pending.depth) {
                units[Int(pending.node)].payload = payload(entries[Int(lower)].id)
                units[Int(pending.node)].base |= ByteTrie.Unit.terminal
                lower += 1
            }
            collect(lower, pending.upper, Int(pending.depth), &labels)
            if labels.isEmpty { continue }
            let base = try place(labels)
            units[Int(pending.node)].base |= base
            for label in labels {
                let child = base ^ UInt32(label.byte)
                units[Int(child)].check = pending.node
                queue.append(
                    Pending(node: child, lower: label.lower, upper: label.upper, depth: pending.depth + 1))
            }
            if at > 1 << 16, at > queue.count / 2 {
                queue.removeFirst(at)
                at = 0
            }
        }
        let built = ByteTrie(units: units, count: count)
        units = .allocate(capacity: 1)
        return built
    }

    private func token(_ entry: UInt32) -> UnsafeRawBufferPointer {
        vocabulary.token(entries[Int(entry)].id) ?? UnsafeRawBufferPointer(start: nil, count: 0)
    }

    private mutating func sort() {
        let vocabulary = self.vocabulary
        entries.sort { a, b in
            if a.prefix != b.prefix { return a.prefix < b.prefix }
            guard let left = vocabulary.token(a.id), let right = vocabulary.token(b.id) else { return a.id < b.id }
            let common = min(left.count, right.count)
            var i = min(8, common)
            while i < common {
                if left[i] != right[i] { return left[i] < right[i] }
                i += 1
            }
            return (left.count, a.id) < (right.count, b.id)
        }
    }

    /// The distinct bytes at `depth` of `entries[lower..<upper]` and the entries that have each.
    private func collect(
        _ lower: UInt32, _ upper: UInt32, _ depth: Int, _ labels: inout [(byte: UInt8, lower: UInt32, upper: UInt32)]
    ) {
        labels.removeAll(keepingCapacity: true)
        for entry in lower..<upper {
            let byte = token(entry)[depth]
            if labels.last?.byte == byte {
                labels[labels.count - 1].upper = entry + 1
            } else {
                labels.append((byte, entry, entry + 1))
            }
        }
    }

    /// A base at which there is room for children with these bytes; takes the room.
    private mutating func place(
        _ labels: [(byte: UInt8, lower: UInt32, upper: UInt32)]
    ) throws(TokenizerError) -> UInt32 {
        let base = try findBase(labels)
        for label in labels { take(base ^ UInt32(label.byte)) }
        return base
    }

    private mutating func findBase(
        _ labels: [(byte: UInt8, lower: UInt32, upper: UInt32)]
    ) throws(TokenizerError) -> UInt32 {
        if let first = firstFree {
            var candidate = first
            for _ in 0..<Self.attempts {
                let base = candidate ^ UInt32(labels[0].byte)
                if labels.allSatisfy({ units[Int(base ^ UInt32($0.byte))].check == ByteTrie.Unit.free }) { return base }
                candidate = nextFree[Int(candidate)]
                if candidate == first { break }
            }
        }
        let base = UInt32(count)
        try addBlock()
        return base
    }

    /// Appends 256 free units.
    private mutating func addBlock() throws(TokenizerError) {
        guard count + 256 <= ByteTrie.maximumUnits else {
            throw TokenizerError(.limit, "the vocabulary's trie has more than \(ByteTrie.maximumUnits) nodes")
        }
        if count + 256 > capacity {
            capacity = max(2 * capacity, 4096)
            let moved = UnsafeMutablePointer<ByteTrie.Unit>.allocate(capacity: capacity)
            moved.moveInitialize(from: units, count: count)
            units.deallocate()
            units = moved
        }
        (units + count).initialize(
            repeating: ByteTrie.Unit(base: 0, check: ByteTrie.Unit.free, payload: 0), count: 256)
        let start = UInt32(count)
        for i in start..<start + 256 {
            nextFree.append(i + 1)
            previousFree.append(i &- 1)
        }
        count += 256
        let last = start + 255
        guard let first = firstFree else {
            nextFree[Int(last)] = start
            previousFree[Int(start)] = last
            firstFree = start
            return
        }
        let tail = previousFree[Int(first)]
        nextFree[Int(tail)] = start
        previousFree[Int(start)] = tail
        nextFree[Int(last)] = first
        previousFree[Int(first)] = last
    }

    /// Takes unit `index` out of the ring of free ones. The caller sets its `check`.
    private mutating func take(_ index: UInt32) {
        let next = nextFree[Int(index)]
        let previous = previousFree[Int(index)]
        nextFree[Int(previous)] = next
        previousFree[Int(next)] = previous
        if firstFree == index { firstFree = next == index ? nil : next }
    }
}
