internal import SMGBase

/// Hands out runs of cells, and hands removed ones out again after a delay.
///
/// The delay is what makes clearing a used run safe: an update that had already passed its generation check when the
/// series was removed is long done.
struct CellAllocator {
    /// Runs of one length that wait to be used again, oldest first.
    private struct FreeRuns {
        var runs: [(index: Int, since: Instant)] = []
        var head = 0
    }

    private let capacity: Int
    private var next: Int
    private var free: [Int: FreeRuns] = [:]

    /// Cells `reserved ..< capacity` are to be handed out.
    init(reserved: Int, capacity: Int) {
        next = reserved
        self.capacity = capacity
    }

    /// A run of `count` cells and whether it was used before, or nil when there is none.
    mutating func take(_ count: Int, now: @autoclosure () -> Instant) -> (index: Int, isUsed: Bool)? {
        if let index = takeUsed(count, now: now) { return (index, true) }
        guard count <= capacity - next else { return nil }
        defer { next += count }
        return (next, false)
    }

    /// Gives a run back.
    mutating func giveBack(_ index: Int, count: Int, now: Instant) {
        free[count, default: FreeRuns()].runs.append((index, now))
    }

    private mutating func takeUsed(_ count: Int, now: () -> Instant) -> Int? {
        guard var runs = free[count], runs.head < runs.runs.count else { return nil }
        let oldest = runs.runs[runs.head]
        guard now() - oldest.since >= .seconds(MetricLimits.reuseDelaySeconds) else { return nil }
        free[count] = nil  // keeps the array uniquely referenced while it changes
        runs.head += 1
        if runs.head * 2 >= runs.runs.count {
            runs.runs.removeFirst(runs.head)
            runs.head = 0
        }
        free[count] = runs
        return oldest.index
    }
}
