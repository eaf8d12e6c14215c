/// Finds the leftmost of several strings in a text that arrives in pieces, without keeping the text: what a state has
/// read of a string is the start of that string.
///
/// An Aho-Corasick automaton with a full table over the bytes that occur. A state goes to `dead` when no string that
/// begins left of, or at, the match found so far can come any more: then that match is the answer.
struct StopAutomaton: Sendable {
    /// No state: the match found so far is final.
    static let dead = UInt16.max
    static let root: UInt16 = 0
    /// For strings: none.
    static let none: Int32 = -1

    /// The strings one after the other, and where each begins; hidden ones first.
    private let text: [UInt8]
    private let starts: [Int]
    private let hiddenCount: Int
    /// Column of each byte in the table; 0 for bytes of no string.
    private var columns = [UInt8](repeating: 0, count: 256)
    private var columnCount = 1
    /// The next state, by state and column.
    private var table: [UInt16] = []
    private var states: [State] = []

    /// What is known of a state.
    struct State: Sendable {
        /// Bytes read of `string`, which is one of those that begin so.
        var depth: Int32
        var string: Int32
        /// The string that ends here and begins leftmost; none where there is none.
        var match: Int32
        /// Whether nothing can come that beats `match`.
        var isFinal = false
    }

    /// `patterns` are not empty, `StopRules.stringBytes` bytes in all at most; the first `hidden` ones are hidden.
    init(_ patterns: [[UInt8]], hidden: Int) {
        text = Array(patterns.joined())
        var starts = [0]
        for pattern in patterns { starts.append(starts[starts.count - 1] + pattern.count) }
        self.starts = starts
        hiddenCount = hidden
        // All 256 bytes cannot occur in UTF-8: columns fit a byte.
        for byte in text where columns[Int(byte)] == 0 {
            columns[Int(byte)] = UInt8(columnCount)
            columnCount += 1
        }
        addState(depth: 0, string: 0)
        for index in patterns.indices { insert(patterns[index], Int32(index)) }
        connect()
    }

    // MARK: - Questions

    @inline(__always)
    func next(_ state: UInt16, _ byte: UInt8) -> UInt16 { table[Int(state) &* columnCount &+ Int(columns[Int(byte)])] }

    @inline(__always)
    func state(_ number: UInt16) -> State { states[Int(number)] }

    func length(_ string: Int32) -> Int { starts[Int(string) + 1] - starts[Int(string)] }

    func isHidden(_ string: Int32) -> Bool { string < hiddenCount }

    /// Where, from `start` on, the first byte is that leaves the root; `count` when there is none.
    @inline(__always)
    func firstStart(_ base: UnsafeRawPointer, from start: Int, count: Int) -> Int {
        var at = start
        while at < count, next(Self.root, base.load(fromByteOffset: at, as: UInt8.self)) == Self.root { at &+= 1 }
        return at
    }

    /// Calls `body` with what `number` has read.
    func withText(of number: UInt16, _ body: (UnsafeRawBufferPointer) -> Void) {
        let state = states[Int(number)]
        let start = starts[Int(state.string)]
        text.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start..<start + Int(state.depth)])) }
    }

    // MARK: - Building

    @discardableResult
    private mutating func addState(depth: Int32, string: Int32) -> UInt16 {
        states.append(State(depth: depth, string: string, match: Self.none))
        table.append(contentsOf: repeatElement(Self.dead, count: columnCount))
        return UInt16(states.count - 1)
    }

    private mutating func insert(_ pattern: [UInt8], _ index: Int32) {
        var state = Self.root
        for (depth, byte) in pattern.enumerated() {
            // A string that stands before and begins this one always wins.
            if states[Int(state)].match != Self.none { return }
            let cell = Int(state) * columnCount + Int(columns[Int(byte)])
            if table[cell] == Self.dead {
                let added = addState(depth: Int32(depth + 1), string: index)
                table[cell] = added
            }
            state = table[cell]
        }
        if states[Int(state)].match == Self.none { states[Int(state)].match = index }
    }

    /// Fills the table's holes, state by state in the order of their depth.
    private mutating func connect() {
        // Where a state goes on when its own strings do not: the state of the longest later start.
        var fallback = [UInt16](repeating: Self.root, count: states.count)
        var queue: [UInt16] = [Self.root]
        var head = 0
        while head < queue.count {
            let state = queue[head]
            head += 1
            for column in 0..<columnCount {
                let cell = Int(state) * columnCount + column
                let child = table[cell]
                let other = follow(state, fallback[Int(state)], column)
                if child == Self.dead {
                    table[cell] = other
                    continue
                }
                queue.append(child)
                // Behind a match nothing that begins later counts.
                fallback[Int(child)] = states[Int(child)].match == Self.none ? other : Self.dead
                if states[Int(child)].match == Self.none, other != Self.dead {
                    states[Int(child)].match = states[Int(other)].match
                }
            }
        }
        for state in states.indices where states[state].match != Self.none {
            let row = table[state * columnCount..<(state + 1) * columnCount]
            states[state].isFinal = row.allSatisfy { $0 == Self.dead }
        }
    }

    private func follow(_ state: UInt16, _ fallback: UInt16, _ column: Int) -> UInt16 {
        if state == Self.root { return Self.root }
        if fallback == Self.dead { return Self.dead }
        // Shorter states are complete.
        return table[Int(fallback) * columnCount + column]
    }
}
