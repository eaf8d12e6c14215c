/// Where the cells of one series are, and which occupant of them is meant.
///
/// Cells are used again after a series was removed. A handle that outlives its series carries an older generation, and
/// updates through it are dropped instead of reaching the new occupant.
public struct SeriesSlot: Hashable, Sendable {
    public let index: UInt32
    public let generation: UInt32

    @usableFromInline
    init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// Cells that are never shown: what a handle points to when no cells were left. Any kind of update fits in.
    static let sink = SeriesSlot(index: 0, generation: 0)
    /// Cells the sink takes up: the largest histogram.
    static let sinkCells = MetricLimits.buckets + 2
}

/// One series of a counter: a value that only grows.
public struct CounterSeries: Hashable, Sendable {
    public let slot: SeriesSlot

    @usableFromInline init(slot: SeriesSlot) { self.slot = slot }
}

/// One series of a gauge that is set; the last write from any thread wins.
public struct GaugeSeries: Hashable, Sendable {
    public let slot: SeriesSlot

    @usableFromInline init(slot: SeriesSlot) { self.slot = slot }
}

/// One series of a gauge that each loop moves up and down; the scrape shows the sum over all loops.
public struct LevelSeries: Hashable, Sendable {
    public let slot: SeriesSlot

    @usableFromInline init(slot: SeriesSlot) { self.slot = slot }
}

/// One series of a histogram, with what the bucket search needs.
public struct HistogramSeries: @unchecked Sendable {
    // Sendable by rule: `bounds` belongs to the registry, is never written after registration, and is only read by
    // calls on the registry or on cells that keep the registry alive.

    public let slot: SeriesSlot
    @usableFromInline let bounds: UnsafePointer<Double>
    @usableFromInline let topStep: UInt32
    @usableFromInline let bucketCount: UInt32

    init(slot: SeriesSlot, layout: BucketLayout) {
        self.slot = slot
        bounds = layout.padded
        topStep = UInt32(layout.topStep)
        bucketCount = UInt32(layout.bounds.count)
    }

    /// Offset of the bucket for a finite `value`: the number of bounds below it.
    @inlinable @inline(__always)
    func bucket(_ value: Double) -> Int {
        var position = 0
        var step = Int(topStep)
        while step > 0 {
            // All ones when the bound lies below the value: the step is added or not without a branch.
            let below = 0 &- (bounds[position &+ step &- 1] < value ? 1 : 0)
            position &+= step & below
            step >>= 1
        }
        return position
    }
}
