/// The bucket bounds of a histogram, laid out for a search without unpredictable branches.
///
/// The bounds are padded with +infinity to 2ᵏ − 1 entries; the search then takes k steps that only add.
package final class BucketLayout: @unchecked Sendable {
    // Sendable by rule: written in `init` only.

    /// Upper bounds in ascending order, as given.
    package let bounds: [Double]
    /// The padded copy that handles point at.
    let padded: UnsafePointer<Double>
    /// Half of the padded size, rounded up: the first step of the search.
    let topStep: Int

    /// `bounds` must be finite, strictly ascending, 1 … `MetricLimits.buckets` entries: they are program text.
    package init(_ bounds: [Double]) {
        precondition(!bounds.isEmpty && bounds.count <= MetricLimits.buckets, "histogram bucket count")
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "histogram buckets must ascend")
        precondition(bounds.allSatisfy(\.isFinite), "histogram buckets must be finite")
        self.bounds = bounds
        var step = 1
        while step * 2 - 1 < bounds.count { step *= 2 }
        topStep = step
        let storage = UnsafeMutablePointer<Double>.allocate(capacity: step * 2 - 1)
        storage.initialize(repeating: .infinity, count: step * 2 - 1)
        for (index, bound) in bounds.enumerated() { storage[index] = bound }
        padded = UnsafePointer(storage)
    }

    deinit { padded.deallocate() }

    /// Cells of one series: a count per bound, one for +Inf, and the sum.
    var cellCount: Int { bounds.count + 2 }

    /// Seconds, 1 ms to 4 min: the buckets existing dashboards of `*_duration_seconds` expect.
    package static let durations: [Double] = [
        0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 45, 60, 90, 120, 180, 240,
    ]

    /// `durations` and four more up to one hour, for generations that run long.
    package static let longDurations: [Double] = durations + [480, 900, 1800, 3600]

    /// Seconds, 1 µs to 5 s: gaps between chunks, selection and queueing times.
    package static let shortDurations: [Double] = [
        0.000_001, 0.000_002_5, 0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5,
        0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
    ]

    /// Powers of four from 1 to 4¹⁰: tokens and bytes.
    package static let sizes: [Double] = (0...10).map { Double(1 << (2 * $0)) }
}
