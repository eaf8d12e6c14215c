public import SMGBase
public import Synchronization

/// The metric cells of one event loop.
///
/// Bound to the thread of its loop: updates are load, add, store without a lock or a contended cache line. The
/// scraper reads the same words from its own thread and sums over all loops. The registry keeps the counts when
/// the loop ends. Not Sendable; made by `MetricRegistry.makeCells()` and handed to its loop once.
public final class MetricCells {
    /// Keeps words, generations and bucket bounds alive.
    package let registry: MetricRegistry
    @usableFromInline let words: UnsafeMutablePointer<Atomic<UInt64>>
    @usableFromInline let generations: UnsafeMutablePointer<Atomic<UInt32>>

    init(registry: MetricRegistry, block: MetricBlock<UInt64>) {
        self.registry = registry
        words = block.words
        generations = registry.generations.words
    }

    /// Adds `amount` to a counter.
    @inlinable @inline(__always)
    public func add(_ series: CounterSeries, _ amount: UInt64 = 1) {
        guard isLive(series.slot) else { return }
        bump(Int(series.slot.index), by: amount)
    }

    /// Moves a level up, or down with a negative `amount`.
    @inlinable @inline(__always)
    public func add(_ series: LevelSeries, _ amount: Int) {
        guard isLive(series.slot) else { return }
        bump(Int(series.slot.index), by: UInt64(bitPattern: Int64(amount)))
    }

    /// Records one value; what is not finite is ignored, because it would spoil the sum for ever.
    @inlinable
    public func observe(_ series: HistogramSeries, _ value: Double) {
        guard isLive(series.slot), value.isFinite else { return }
        let base = Int(series.slot.index)
        bump(base &+ series.bucket(value), by: 1)
        let sum = base &+ Int(series.bucketCount) &+ 1
        let before = Double(bitPattern: words[sum].load(ordering: .relaxed))
        words[sum].store((before + value).bitPattern, ordering: .relaxed)
    }

    /// Records a length of time in seconds.
    @inlinable
    public func observe(_ series: HistogramSeries, _ span: TimeSpan) {
        // Divided, not multiplied by 1e-9: 5 ms must come out as the same number as the bound 0.005.
        observe(series, Double(span.nanoseconds) / 1e9)
    }

    /// Whether the series has not been removed since the handle was made.
    @inlinable @inline(__always)
    public func isLive(_ slot: SeriesSlot) -> Bool {
        generations[Int(slot.index)].load(ordering: .relaxed) == slot.generation
    }

    @inlinable @inline(__always)
    func bump(_ index: Int, by amount: UInt64) {
        // One writer: a load and a store do, an atomic addition would cost ten times as much.
        words[index].store(words[index].load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }
}
