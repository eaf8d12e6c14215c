/// The merges of a model in the order of their ranks, resolved to ids as they come. Made once, consumed by
/// `BytePairModel`.
package struct MergeList: ~Copyable {
    /// One rule: `left` and `right` side by side become `merged`.
    struct Merge {
        var left: UInt32
        var right: UInt32
        var merged: UInt32
    }

    private(set) var merges: [Merge] = []
    let vocabulary: Vocabulary
    /// Bytes that every token but a word's first begins with and that vanish in a merge ("##"); usually none.
    private let continuingPrefix: [UInt8]
    private var joined: [UInt8] = []

    /// `expected` is a guess at the number of merges, not a limit.
    package init(vocabulary: Vocabulary, continuingPrefix: [UInt8] = [], expected: Int = 0) {
        self.vocabulary = vocabulary
        self.continuingPrefix = continuingPrefix
        merges.reserveCapacity(expected)
    }

    /// Merges so far.
    package var count: Int { merges.count }

    /// Adds the next rule; both sides are spelled as in the vocabulary. Fails with `malformed` where a side or the
    /// result is no token, with `limit` where ids are too high to be packed.
    package mutating func add(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) throws(TokenizerError) {
        guard let leftID = vocabulary.id(of: left), let rightID = vocabulary.id(of: right) else {
            throw TokenizerError(.malformed, "merge \(merges.count) joins what is no token of the vocabulary")
        }
        guard right.count >= continuingPrefix.count else {
            throw TokenizerError(.malformed, "the right side of merge \(merges.count) is shorter than the prefix")
        }
        joined.removeAll(keepingCapacity: true)
        joined.append(contentsOf: left)
        joined.append(contentsOf: right.dropFirst(continuingPrefix.count))
        let merged = joined.withUnsafeBytes { vocabulary.id(of: $0) }
        guard let merged else {
            throw TokenizerError(.malformed, "the result of merge \(merges.count) is no token of the vocabulary")
        }
        try add(left: leftID, right: rightID, merged: merged)
    }

    /// Adds the next rule in its one-line spelling: two tokens with one space between them.
    package mutating func add(line: UnsafeRawBufferPointer) throws(TokenizerError) {
        guard let space = line.firstIndex(of: 0x20), line[(space + 1)...].firstIndex(of: 0x20) == nil else {
            throw TokenizerError(.malformed, "merge \(merges.count) is not two tokens with a space between them")
        }
        let right = UnsafeRawBufferPointer(rebasing: line[(space + 1)...])
        try add(UnsafeRawBufferPointer(rebasing: line[..<space]), right)
    }

    /// Adds the next rule by ids.
    package mutating func add(left: UInt32, right: UInt32, merged: UInt32) throws(TokenizerError) {
        guard max(left, right, merged) < PairTable.symbolLimit, merges.count < Int(PairTable.symbolLimit) else {
            throw TokenizerError(.limit, "merges of ids from \(PairTable.symbolLimit) on, or as many merges")
        }
        merges.append(Merge(left: left, right: right, merged: merged))
    }
}
