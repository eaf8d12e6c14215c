internal import SMGBase

/// Finds added tokens in a text: from left to right, at every place the longest one.
///
/// Most text has none: places where none can begin are passed over sixteen bytes at a time.
final class AddedTokenMatcher: Sendable {
    /// A place where a token was found, white space that it takes included.
    struct Match: Equatable {
        var start: Int
        var end: Int
        var id: UInt32
    }

    private struct Rules: OptionSet, Sendable {
        let rawValue: UInt8
        static let singleWord = Rules(rawValue: 1)
        static let stripsLeft = Rules(rawValue: 2)
        static let stripsRight = Rules(rawValue: 4)
    }

    private let trie: ByteTrie
    private let starts: ByteStarts

    /// `patterns` are texts with their ids; `tokens` has the rules of every id. Nil when there is nothing to find.
    init?(_ patterns: [(text: [UInt8], id: UInt32)], _ tokens: [UInt32: AddedToken]) throws(TokenizerError) {
        var unique: [[UInt8]: UInt32] = [:]
        var texts = Vocabulary.Builder()
        var order: [(text: [UInt8], id: UInt32)] = []
        for pattern in patterns where !pattern.text.isEmpty && unique[pattern.text] == nil {
            unique[pattern.text] = pattern.id
            try pattern.text.withBytes { text throws(TokenizerError) in
                try texts.add(text, id: UInt32(order.count))
            }
            order.append(pattern)
        }
        guard !order.isEmpty else { return nil }
        var builder = ByteTrieBuilder(Vocabulary(texts))
        for index in order.indices { builder.add(UInt32(index)) }
        trie = try builder.build { index in
            let id = order[Int(index)].id
            var rules: Rules = []
            if let token = tokens[id] {
                if token.isSingleWord { rules.insert(.singleWord) }
                if token.stripsLeft { rules.insert(.stripsLeft) }
                if token.stripsRight { rules.insert(.stripsRight) }
            }
            return UInt64(rules.rawValue) << 32 | UInt64(id)
        }
        starts = ByteStarts(order.map(\.text))
    }

    /// The first match at or after `from` that is not refused by its rules. `taken` is where the match before it ended:
    /// white space before that is gone.
    func next(in text: UnsafeRawBufferPointer, from: Int, taken: Int) -> (match: Match, resume: Int)? {
        guard let base = text.baseAddress else { return nil }
        let count = text.count
        var at = from
        while true {
            at = starts.first(base, from: at, count: count)
            if at >= count { return nil }
            guard let (length, payload) = longest(base, at, count) else {
                at &+= 1
                continue
            }
            let end = at + length
            let rules = Rules(rawValue: UInt8(truncatingIfNeeded: payload >> 32))
            if rules.contains(.singleWord), !standsAlone(text, at, end) {
                // The reference's search goes on behind a match that it refuses.
                at = end
                continue
            }
            var match = Match(start: at, end: end, id: UInt32(truncatingIfNeeded: payload))
            if rules.contains(.stripsLeft) { match.start = WhiteSpace.start(of: text, before: at, from: taken) }
            // From `end` to `taken` there is only white space, looked at before: a run of such tokens takes linear time.
            if rules.contains(.stripsRight) { match.end = WhiteSpace.end(of: text, from: max(end, taken)) }
            return (match, end)
        }
    }

    @inline(__always)
    private func longest(_ base: UnsafeRawPointer, _ start: Int, _ count: Int) -> (length: Int, payload: UInt64)? {
        var node = ByteTrie.root
        var found: (Int, UInt64)?
        var at = start
        while at < count,
            let next = ByteTrie.child(trie.units, of: node, base.load(fromByteOffset: at, as: UInt8.self))
        {
            node = next
            at &+= 1
            if trie.units[node].isTerminal { found = (at &- start, trie.units[node].payload) }
        }
        return found
    }

    private func standsAlone(_ text: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Bool {
        if start > 0, ScalarKinds.isWord(Scalars.before(text, start)) { return false }
        return end == text.count || !ScalarKinds.isWord(Scalars.at(text, end).scalar)
    }
}
