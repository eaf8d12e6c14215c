internal import SMGBase

/// Cuts a piece of a `characters` model between two characters that stand side by side in no token: no merge reaches
/// across, so the parts give the same ids as the whole, and words of a text that is one piece are found again.
struct SafeCutter: Sendable {
    /// Classes of characters: those below 0x80 are their own, U+2581 is one, and all others share `others`.
    private static let spaceClass = 128
    private static let others = 129
    private static let classes = 256

    /// For pairs of classes: whether no token has them side by side.
    private let isCut: [Bool]
    /// A filter over pairs with a character of `others`: a set bit may mean a neighbourhood that is there.
    private let filter: [UInt64]
    private let filterShift: UInt64

    /// Nil for models where what happens in one place may reach another in other ways than by merging characters.
    init?(_ vocabulary: Vocabulary, _ merges: [MergeList.Merge], _ options: BytePairModel.Options, fallback: [UInt32]) {
        guard options.alphabet == .characters, !options.ignoresMerges else { return nil }
        guard options.continuingPrefix.isEmpty, options.endOfWordSuffix.isEmpty else { return nil }
        // A character that is left out, or waits to be fused, makes neighbours of those around it.
        let isComplete = options.fallsBackToBytes && fallback.allSatisfy { $0 != .max }
        guard isComplete || (options.unknown != nil && !options.fallsBackToBytes && !options.fusesUnknown) else {
            return nil
        }
        var standIns = Set(fallback)
        if let unknown = options.unknown { standIns.insert(unknown) }
        var pairs: Set<UInt64> = []
        for merge in merges {
            // Merges of tokens that stand for other characters than they are spelled with.
            if standIns.contains(merge.left) || standIns.contains(merge.right) { return nil }
            guard let token = vocabulary.token(merge.merged), let base = token.baseAddress else { return nil }
            var at = 0
            var previous: UInt32?
            while at < token.count {
                let next = UTF8Text.decode(base, at: at, count: token.count)
                if let previous { pairs.insert(Self.pair(previous, next.scalar)) }
                previous = next.scalar
                at += next.length
            }
        }
        (isCut, filter, filterShift) = Self.tables(pairs)
    }

    private static func tables(_ pairs: Set<UInt64>) -> ([Bool], [UInt64], UInt64) {
        var isCut = [Bool](repeating: true, count: classes * classes)
        var bits: UInt64 = 10
        while (1 << bits) < 16 * pairs.count { bits += 1 }
        var filter = [UInt64](repeating: 0, count: 1 << (bits - 6))
        for pair in pairs {
            let left = classOf(UInt32(truncatingIfNeeded: pair >> 32))
            let right = classOf(UInt32(truncatingIfNeeded: pair))
            isCut[left * classes + right] = false
            let bit = Int(truncatingIfNeeded: hash(pair) >> (64 - bits))
            filter[bit >> 6] |= 1 << UInt64(bit & 63)
        }
        return (isCut, filter, 64 - bits)
    }

    @inline(__always)
    private static func pair(_ left: UInt32, _ right: UInt32) -> UInt64 { UInt64(left) &<< 32 | UInt64(right) }

    @inline(__always)
    private static func hash(_ pair: UInt64) -> UInt64 {
        let mixed = (pair ^ pair &>> 29) &* 0x9e37_79b9_7f4a_7c15
        return (mixed ^ mixed &>> 32) &* 0xd6e8_feb8_6659_fd93
    }

    @inline(__always)
    private static func classOf(_ scalar: UInt32) -> Int {
        scalar < 0x80 ? Int(scalar) : scalar == 0x2581 ? spaceClass : others
    }

    /// Writes to `ends` where parts end, from `from` on; returns how many, as a scanner does.
    func scan(_ base: UnsafeRawPointer, from: Int, count: Int, into ends: UnsafeMutablePointer<UInt32>) -> Int {
        isCut.withUnsafeBufferPointer { isCut in
            filter.withUnsafeBufferPointer { filter in
                scan(base, from, count, ends, isCut.baseAddress!, filter.baseAddress!)
            }
        }
    }

    private func scan(
        _ base: UnsafeRawPointer, _ from: Int, _ count: Int, _ ends: UnsafeMutablePointer<UInt32>,
        _ isCut: UnsafePointer<Bool>, _ filter: UnsafePointer<UInt64>
    ) -> Int {
        var found = 0
        let first = UTF8Text.decode(base, at: from, count: count)
        var at = from &+ first.length
        var previous = first.scalar
        var row = Self.classOf(previous) &* Self.classes
        while at < count {
            let next = UTF8Text.decode(base, at: at, count: count)
            let column = Self.classOf(next.scalar)
            var cuts = isCut[row &+ column]
            if !cuts, row == Self.others &* Self.classes || column == Self.others {
                let bit = Int(truncatingIfNeeded: Self.hash(Self.pair(previous, next.scalar)) &>> filterShift)
                cuts = filter[bit &>> 6] &>> UInt64(bit & 63) & 1 == 0
            }
            if cuts {
                ends[found] = UInt32(truncatingIfNeeded: at)
                found &+= 1
                if found == BytePairScratch.endsCapacity { return found }
            }
            previous = next.scalar
            row = column &* Self.classes
            at &+= next.length
        }
        ends[found] = UInt32(truncatingIfNeeded: count)
        return found &+ 1
    }
}
