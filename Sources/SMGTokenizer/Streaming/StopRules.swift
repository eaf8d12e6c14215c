/// What ends a sequence: tokens and strings, each hidden (not in the answer) or visible (the answer ends with it).
/// Immutable; one for all sequences of a request.
package final class StopRules: Sendable {
    /// Bytes of all stop strings of one request. The automaton has a row per byte: at most 4,096 rows of 512 bytes.
    package static let stringBytes = 1 << 12
    /// Stop strings of one request; OpenAI allows 4.
    package static let stringCount = 256

    /// A set of ids that is asked once per token and nearly always says no.
    private struct IDs: Sendable {
        private let sorted: [UInt32]
        /// A bit for the low six bits of every id.
        private let mask: UInt64

        init(_ ids: [UInt32]) {
            sorted = Set(ids).sorted()
            mask = ids.reduce(0) { $0 | 1 << UInt64($1 & 63) }
        }

        @inline(__always)
        func contains(_ id: UInt32) -> Bool { mask &>> UInt64(id & 63) & 1 != 0 && search(id) }

        @inline(never)
        private func search(_ id: UInt32) -> Bool {
            var low = 0
            var high = sorted.count
            while low < high {
                let middle = (low + high) / 2
                if sorted[middle] < id { low = middle + 1 } else { high = middle }
            }
            return low < sorted.count && sorted[low] == id
        }
    }

    private let hiddenIDs: IDs
    private let visibleIDs: IDs
    /// Nil when there are no stop strings.
    let automaton: StopAutomaton?

    /// An id in both lists is hidden; `eosIDs` are hidden too. Of strings that match at one place the hidden ones win,
    /// then those that stand first. Empty strings are left out. Fails with `limit`.
    package init(
        hiddenTokens: [UInt32] = [], visibleTokens: [UInt32] = [], hiddenStrings: [String] = [],
        visibleStrings: [String] = [], eosIDs: [UInt32] = []
    ) throws(TokenizerError) {
        hiddenIDs = IDs(hiddenTokens + eosIDs)
        visibleIDs = IDs(visibleTokens)
        let hidden = hiddenStrings.filter { !$0.isEmpty }
        let visible = visibleStrings.filter { !$0.isEmpty }
        guard hidden.count + visible.count <= Self.stringCount else {
            throw TokenizerError(.limit, "\(hidden.count + visible.count) stop strings, at most \(Self.stringCount)")
        }
        let patterns = (hidden + visible).map { Array($0.utf8) }
        let bytes = patterns.reduce(0) { $0 + $1.count }
        guard bytes <= Self.stringBytes else {
            throw TokenizerError(.limit, "stop strings of \(bytes) bytes in all, at most \(Self.stringBytes)")
        }
        automaton = patterns.isEmpty ? nil : StopAutomaton(patterns, hidden: hidden.count)
    }

    /// What token `id` does, whatever its text.
    @inline(__always)
    func kind(_ id: UInt32) -> TokenKind {
        if hiddenIDs.contains(id) { return .hidden }
        return visibleIDs.contains(id) ? .visible : .plain
    }

    enum TokenKind { case plain, hidden, visible }
}

/// What ended a sequence.
package enum StopCause: Hashable, Sendable {
    /// A stop token.
    case token(UInt32)
    /// A stop string, by its place among the non-empty hidden ones and then the visible ones.
    case string(Int)
}
