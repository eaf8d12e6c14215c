/// What becomes of the matches of a pre-tokenizer's pattern.
enum SplitBehavior: String, Sendable, CaseIterable {
    /// They go away.
    case removed = "Removed"
    /// Each is a piece.
    case isolated = "Isolated"
    /// Each belongs to the piece before it.
    case mergedWithPrevious = "MergedWithPrevious"
    /// Each belongs to the piece behind it.
    case mergedWithNext = "MergedWithNext"
    /// Neighbouring ones are one piece.
    case contiguous = "Contiguous"

    /// Reports the pieces that `stretches` make, as ranges in ascending order; some may be empty. With `inverts`, what is
    /// between matches is taken for matches and the other way round.
    func pieces(_ stretches: inout [TextPattern.Stretch], inverts: Bool, _ report: (Int, Int) -> Void) {
        if inverts { for i in stretches.indices { stretches[i].isMatch.toggle() } }
        switch self {
        case .removed: for stretch in stretches where !stretch.isMatch { report(stretch.start, stretch.end) }
        case .isolated: for stretch in stretches { report(stretch.start, stretch.end) }
        case .mergedWithPrevious:
            merge(stretches, report) { previous, stretch in stretch.isMatch && !previous.isMatch }
        case .mergedWithNext: Self.mergeWithNext(stretches, report)
        case .contiguous: merge(stretches, report) { previous, stretch in stretch.isMatch == previous.isMatch }
        }
    }

    /// Joins a stretch to those before it where `joins` says so of it and the stretch right before it.
    private func merge(
        _ stretches: [TextPattern.Stretch], _ report: (Int, Int) -> Void,
        joins: (TextPattern.Stretch, TextPattern.Stretch) -> Bool
    ) {
        guard var open = stretches.first else { return }
        var previous = open
        for stretch in stretches.dropFirst() {
            if joins(previous, stretch) {
                open.end = stretch.end
            } else {
                report(open.start, open.end)
                open = stretch
            }
            previous = stretch
        }
        report(open.start, open.end)
    }

    /// From the right: a match joins what stands behind it, unless that is a match too.
    private static func mergeWithNext(_ stretches: [TextPattern.Stretch], _ report: (Int, Int) -> Void) {
        var starts: [Int] = []
        for (i, stretch) in stretches.enumerated() {
            // Joined to its right neighbour: a match before something that is none.
            let joins = i + 1 < stretches.count && stretch.isMatch && !stretches[i + 1].isMatch
            starts.append(stretch.start)
            if !joins {
                report(starts[0], stretch.end)
                starts.removeAll(keepingCapacity: true)
            }
        }
    }
}
