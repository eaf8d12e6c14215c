internal import SMGBase

/// The merges that a rank file stands for.
///
/// A rank file says that two neighbours merge when their bytes together are a token, the lowest rank first. Of all the
/// pairs that make up a token only one can ever meet: what merging does inside of a stretch does not depend on what is
/// around it, so two symbols whose bytes are a token came about as they would in that token alone, and there only one
/// pair is left at the end. So every token of two bytes and more has exactly one merge, and it is found by merging the
/// token's bytes with the merges of lower rank.
enum RankedMerges {
    /// Steps of all tokens together, each the square of its length. Real files take a hundredth; a hostile one must
    /// not keep a loader busy for hours.
    private static let steps = 1 << 32

    /// One merge for each token of two bytes and more, in the order of their ids; where ids have holes, a merge that
    /// never applies, so that a merge's place is its result's rank.
    static func merges(of vocabulary: Vocabulary) throws(TokenizerError) -> [MergeList.Merge] {
        guard vocabulary.idLimit <= Int(PairTable.symbolLimit) else {
            throw TokenizerError(.limit, "ranks reach \(vocabulary.idLimit), at most \(PairTable.symbolLimit)")
        }
        var bytes = [UInt32](repeating: 0, count: 256)
        for byte in UInt8.min...UInt8.max {
            guard let id = withUnsafeBytes(of: byte, { vocabulary.id(of: $0) }) else {
                throw TokenizerError(.malformed, "the byte \(byte) is no token of the rank file")
            }
            bytes[Int(byte)] = id
        }
        var steps = 0
        for id in 0..<UInt32(vocabulary.idLimit) {
            guard let token = vocabulary.token(id) else { continue }
            steps += token.count * token.count
            guard steps <= Self.steps else { throw TokenizerError(.limit, "the rank file has too many long tokens") }
        }
        return ascending(vocabulary, bytes) ?? exhaustive(vocabulary, bytes)
    }

    /// Finds each merge with those before it. Nil where a token needs a merge of higher rank: no trained vocabulary
    /// is like that.
    private static func ascending(_ vocabulary: Vocabulary, _ bytes: [UInt32]) -> [MergeList.Merge]? {
        let table = PairTable(count: vocabulary.idLimit)
        let scratch = MergeScratch()
        var merges: [MergeList.Merge] = []
        for id in 0..<UInt32(vocabulary.idLimit) {
            guard let token = vocabulary.token(id), token.count > 1 else { continue }
            scratch.reset(token.count)
            for byte in token { scratch.append(bytes[Int(byte)]) }
            merge(scratch) { table.rank($0, $1) }
            guard scratch.count == 2 else { return nil }
            table.insert(scratch.symbols[0], scratch.symbols[1], rank: id)
            merges.append(MergeList.Merge(left: scratch.symbols[0], right: scratch.symbols[1], merged: id))
        }
        return merges
    }

    /// Merges each token by asking for the rank of the bytes of every pair.
    private static func exhaustive(_ vocabulary: Vocabulary, _ bytes: [UInt32]) -> [MergeList.Merge] {
        let scratch = MergeScratch()
        var joined: [UInt8] = []
        var merges: [MergeList.Merge] = []
        for id in 0..<UInt32(vocabulary.idLimit) {
            guard let token = vocabulary.token(id), token.count > 1 else { continue }
            scratch.reset(token.count)
            for byte in token { scratch.append(bytes[Int(byte)]) }
            merge(scratch, leaving: 2) { left, right in
                joined.removeAll(keepingCapacity: true)
                if let left = vocabulary.token(left) { joined += left }
                if let right = vocabulary.token(right) { joined += right }
                return joined.withUnsafeBytes { vocabulary.id(of: $0) } ?? PairTable.none
            }
            // More than two: the token is reached from no bytes, only as a whole piece.
            guard scratch.count == 2 else { continue }
            merges.append(MergeList.Merge(left: scratch.symbols[0], right: scratch.symbols[1], merged: id))
        }
        return merges
    }

    /// Merges what is in `scratch`, where a pair's rank is also what it becomes, down to `leaving` symbols at least.
    @inline(__always)
    private static func merge(
        _ scratch: MergeScratch, leaving: Int = 1, _ rank: (_ left: UInt32, _ right: UInt32) -> UInt32
    ) {
        let symbols = scratch.symbols
        let ranks = scratch.ranks
        var last = scratch.count - 1
        for i in 0..<last { ranks[i] = rank(symbols[i], symbols[i + 1]) }
        while last >= leaving {
            var best = PairTable.none
            var at = 0
            for i in 0..<last where ranks[i] < best { (best, at) = (ranks[i], i) }
            if best == PairTable.none { break }
            symbols[at] = best
            last -= 1
            for i in stride(from: at + 1, through: last, by: 1) {
                symbols[i] = symbols[i + 1]
                ranks[i - 1] = ranks[i]
            }
            if at < last { ranks[at] = rank(symbols[at], symbols[at + 1]) }
            if at > 0 { ranks[at - 1] = rank(symbols[at - 1], symbols[at]) }
        }
        scratch.count = last + 1
    }
}
