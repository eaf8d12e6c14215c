package import SMGBase
internal import Synchronization

/// Updates from threads that have no cells of their own, and current values.
extension MetricRegistry {
    /// Sets a gauge. Safe from any thread; the last write wins.
    package func set(_ series: GaugeSeries, _ value: Double) {
        guard isLive(series.slot) else { return }
        shared.words[Int(series.slot.index)].store(value.bitPattern, ordering: .relaxed)
    }

    /// Adds to a counter from any thread (an atomic addition: a loop uses its cells instead).
    package func add(_ series: CounterSeries, _ amount: UInt64 = 1) {
        guard isLive(series.slot) else { return }
        shared.words[Int(series.slot.index)].wrappingAdd(amount, ordering: .relaxed)
    }

    /// Moves a level from any thread.
    package func add(_ series: LevelSeries, _ amount: Int) {
        guard isLive(series.slot) else { return }
        shared.words[Int(series.slot.index)].wrappingAdd(UInt64(bitPattern: Int64(amount)), ordering: .relaxed)
    }

    /// Records a value from any thread; what is not finite is ignored.
    package func observe(_ series: HistogramSeries, _ value: Double) {
        guard isLive(series.slot), value.isFinite else { return }
        let base = Int(series.slot.index)
        shared.words[base + series.bucket(value)].wrappingAdd(1, ordering: .relaxed)
        let sum = base + Int(series.bucketCount) + 1
        var before = shared.words[sum].load(ordering: .relaxed)
        while true {
            let after = (Double(bitPattern: before) + value).bitPattern
            let (done, now) = shared.words[sum].weakCompareExchange(
                expected: before, desired: after, ordering: .relaxed)
            if done { return }
            before = now
        }
    }

    /// Records a length of time in seconds from any thread.
    package func observe(_ series: HistogramSeries, _ span: TimeSpan) { observe(series, span.seconds) }

    /// The counter's value over all loops; 0 once it was removed.
    package func value(_ series: CounterSeries) -> UInt64 { sum(series.slot) }

    /// The gauge's value; 0 once it was removed.
    package func value(_ series: GaugeSeries) -> Double {
        guard isLive(series.slot) else { return 0 }
        return Double(bitPattern: shared.words[Int(series.slot.index)].load(ordering: .relaxed))
    }

    /// The level over all loops; 0 once it was removed.
    package func value(_ series: LevelSeries) -> Int { Int(truncatingIfNeeded: sum(series.slot)) }

    /// The histogram's counts over all loops; empty once it was removed.
    package func value(_ series: HistogramSeries) -> HistogramSnapshot {
        let bounds = (0..<Int(series.bucketCount)).map { series.bounds[$0] }
        guard isLive(series.slot) else { return HistogramSnapshot(bounds: bounds) }
        return HistogramSnapshot(bounds: bounds, at: Int(series.slot.index), in: snapshot().blocks)
    }

    private func sum(_ slot: SeriesSlot) -> UInt64 {
        guard isLive(slot) else { return 0 }
        return snapshot().blocks.sum(at: Int(slot.index))
    }

    private func isLive(_ slot: SeriesSlot) -> Bool {
        generations.words[Int(slot.index)].load(ordering: .relaxed) == slot.generation
    }
}

extension [MetricBlock<UInt64>] {
    /// The cell summed over all blocks; wraps like its parts, so levels come out right.
    func sum(at index: Int) -> UInt64 {
        var total: UInt64 = 0
        for block in self { total &+= block.words[index].load(ordering: .relaxed) }
        return total
    }
}

/// A histogram at one moment.
package struct HistogramSnapshot: Sendable {
    /// Finite upper bounds.
    package let bounds: [Double]
    /// Values per bucket, not cumulative; the last one is above every bound.
    package private(set) var counts: [UInt64]
    /// Sum of all values.
    package private(set) var sum = 0.0

    init(bounds: [Double]) {
        self.bounds = bounds
        counts = [UInt64](repeating: 0, count: bounds.count + 1)
    }

    init(bounds: [Double], at index: Int, in blocks: [MetricBlock<UInt64>]) {
        self.init(bounds: bounds)
        for offset in counts.indices { counts[offset] = blocks.sum(at: index + offset) }
        for block in blocks {
            sum += Double(bitPattern: block.words[index + counts.count].load(ordering: .relaxed))
        }
    }

    /// Number of values.
    package var count: UInt64 { counts.reduce(0, &+) }

    /// The value below which a share `q` (0 … 1) of the values lies, interpolated within its bucket the way
    /// Prometheus does it: the lowest bucket starts at 0, and what lies above every bound counts as the last bound.
    package func quantile(_ q: Double) -> Double? {
        let total = count
        guard total > 0, q >= 0, q <= 1 else { return nil }
        let rank = q * Double(total)
        var below = 0.0
        for (index, bound) in bounds.enumerated() {
            let here = Double(counts[index])
            if below + here >= rank && here > 0 {
                let start = index == 0 ? min(0, bound) : bounds[index - 1]
                return start + (bound - start) * ((rank - below) / here)
            }
            below += here
        }
        return bounds[bounds.count - 1]
    }
}
