internal import SMGBase

/// The best segmentation of a text into scored pieces: Viterbi, forwards over the bytes.
///
/// `Score` is the precision in which the scores of paths are kept: sums are rounded to it, and ties depend on that.
/// Where no piece reaches beyond a place, everything before it is decided: it is
/// told to the sink at once, so that the table stays as small as a word.
///
/// Belongs to one thread at a time.
final class BestPath<Score: BinaryFloatingPoint> {
    /// The best way to one place.
    private struct Node {
        var score: Score
        /// Where its last piece begins; `none` while there is no way.
        var start: UInt32
        /// The trie's unit of its last piece; `unknown` for an unknown character.
        var unit: UInt32

        static var none: UInt32 { .max }
    }

    /// The unit that stands for an unknown character.
    static var unknown: UInt32 { .max }
    /// Bytes of text in which every place is inside some piece: more than any text but a hostile one has, 256 MiB of
    /// table.
    private static var maximumStretch: Int { 1 << 24 }
    /// Nodes that are kept for the next text.
    private static var keptNodes: Int { 1 << 16 }

    private var nodes: UnsafeMutablePointer<Node>
    private var capacity = 1 << 10

    init() { nodes = .allocate(capacity: capacity) }

    deinit { nodes.deallocate() }

    /// Calls `piece` with every piece of the best path in order: where it begins and ends in `text`, and its unit or
    /// `unknown`. Payloads of `trie` are bit patterns of doubles, which are scores. `missing` is called when an unknown character would be
    /// on the best path to its end; it may throw. Fails with `limit` for a text that is one absurdly long knot.
    @inline(__always)
    func run(
        _ text: UnsafeRawBufferPointer, _ trie: ByteTrie, unknownScore: Score,
        missing: () throws(TokenizerError) -> Void,
        piece: (_ start: Int, _ end: Int, _ unit: UInt32) throws(TokenizerError) -> Void
    ) throws(TokenizerError) {
        guard let bytes = text.baseAddress else { return }
        let units = trie.units
        var nodes = self.nodes
        // Everything before `origin` is told; nodes are counted from there and made up to `reach`.
        var origin = 0
        var reach = 0
        var at = 0
        nodes[0] = Node(score: 0, start: 0, unit: 0)
        while at < text.count {
            if reach == at &- origin, reach > 0 {
                let score = nodes[reach].score
                try tell(reach, origin, piece)
                nodes[0] = Node(score: score, start: 0, unit: 0)
                origin = at
                reach = 0
            }
            let here = at &- origin
            let scoreHere = nodes[here].score
            let step = min(UTF8Scan.length(bytes.load(fromByteOffset: at, as: UInt8.self)), text.count &- at)
            var hasSingle = false
            var node = ByteTrie.root
            var end = at
            while end < text.count,
                let child = ByteTrie.child(units, of: node, bytes.load(fromByteOffset: end, as: UInt8.self))
            {
                node = child
                end &+= 1
                guard units[node].isTerminal else { continue }
                let target = end &- origin
                if target > reach {
                    if target >= capacity { nodes = try grow(target, keeping: reach &+ 1) }
                    open(nodes, reach &+ 1, target)
                    reach = target
                }
                let score = Score(Double(bitPattern: units[node].payload)) + scoreHere
                if nodes[target].start == Node.none || score > nodes[target].score {
                    nodes[target] = Node(
                        score: score, start: UInt32(truncatingIfNeeded: here),
                        unit: UInt32(truncatingIfNeeded: node))
                }
                if end &- at == step { hasSingle = true }
            }
            if !hasSingle {
                let target = here &+ step
                if target > reach {
                    if target >= capacity { nodes = try grow(target, keeping: reach &+ 1) }
                    open(nodes, reach &+ 1, target)
                    reach = target
                }
                let score = unknownScore + scoreHere
                if nodes[target].start == Node.none || score > nodes[target].score {
                    try missing()
                    nodes[target] = Node(score: score, start: UInt32(truncatingIfNeeded: here), unit: Self.unknown)
                }
            }
            at &+= step
        }
        try tell(at &- origin, origin, piece)
        if capacity > Self.keptNodes { shrink() }
    }

    /// Tells the path to node `last`: links are turned round first, then followed.
    @inline(__always)
    private func tell(
        _ last: Int, _ origin: Int, _ piece: (Int, Int, UInt32) throws(TokenizerError) -> Void
    ) throws(TokenizerError) {
        let nodes = self.nodes
        var end = last
        var following = last
        while end > 0 {
            let start = Int(nodes[end].start)
            nodes[end].start = UInt32(truncatingIfNeeded: following)
            following = end
            end = start
        }
        var start = 0
        end = following
        while start < last {
            try piece(origin &+ start, origin &+ end, nodes[end].unit)
            start = end
            end = Int(nodes[end].start)
        }
    }

    @inline(__always)
    private func open(_ nodes: UnsafeMutablePointer<Node>, _ first: Int, _ last: Int) {
        var i = first
        while i <= last {
            nodes[i].start = Node.none
            i &+= 1
        }
    }

    @inline(never)
    private func grow(_ wanted: Int, keeping count: Int) throws(TokenizerError) -> UnsafeMutablePointer<Node> {
        guard wanted < Self.maximumStretch else {
            throw TokenizerError(.limit, "overlapping pieces cover more than \(Self.maximumStretch) bytes of the text")
        }
        let size = max(2 * capacity, wanted + 1)
        let moved = UnsafeMutablePointer<Node>.allocate(capacity: size)
        moved.moveInitialize(from: nodes, count: count)
        nodes.deallocate()
        nodes = moved
        capacity = size
        return moved
    }

    private func shrink() {
        nodes.deallocate()
        capacity = Self.keptNodes
        nodes = .allocate(capacity: capacity)
    }
}
