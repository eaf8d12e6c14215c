/// What a metric measures, and so how its cells are read.
package enum MetricKind: Sendable {
    /// A count that only grows.
    case counter
    /// A value that is set; the last write wins.
    case gauge
    /// A value each loop moves up and down; shown as a gauge holding the sum.
    case level
    /// Counts per bucket and a sum.
    case histogram(BucketLayout)

    var cellCount: Int {
        if case .histogram(let layout) = self { return layout.cellCount }
        return 1
    }

    /// The word of the `# TYPE` line.
    var typeName: StaticString {
        switch self {
        case .counter: "counter"
        case .gauge, .level: "gauge"
        case .histogram: "histogram"
        }
    }

    /// Whether `other` is stored and shown alike.
    func matches(_ other: MetricKind) -> Bool {
        switch (self, other) {
        case (.counter, .counter), (.gauge, .gauge), (.level, .level): true
        case (.histogram(let a), .histogram(let b)): a.bounds == b.bounds
        default: false
        }
    }
}

/// A named metric with its label names: what `series` handles are taken from.
package protocol MetricFamily: Sendable {
    associatedtype Series: Sendable
    var registry: MetricRegistry { get }
    var id: Int { get }
    /// Wraps cells of this family in its handle type.
    func bind(_ slot: SeriesSlot) -> Series
}

extension MetricFamily {
    /// The series with these label values, in the order of the family's label names; made when it is new.
    ///
    /// Takes the registry's lock: resolve handles once, or through a loop's `SeriesCache`.
    package func series(_ values: String...) -> Series { series(values: values) }

    /// As `series(_:)`, from an array.
    package func series(values: [String]) -> Series { bind(registry.intern(family: id, values: values)) }

    /// Takes one series out; see `MetricRegistry.removeSeries(label:value:)` for what happens to it.
    package func remove(_ values: String...) { registry.remove(family: id, values: values) }

    /// Takes out every series whose label values are gone.
    package func removeAll(where isGone: ([String]) -> Bool) { registry.remove(family: id, where: isGone) }
}

/// A family of counters.
package struct CounterFamily: MetricFamily {
    package let registry: MetricRegistry
    package let id: Int

    package func bind(_ slot: SeriesSlot) -> CounterSeries { CounterSeries(slot: slot) }
}

/// A family of gauges that are set.
package struct GaugeFamily: MetricFamily {
    package let registry: MetricRegistry
    package let id: Int

    package func bind(_ slot: SeriesSlot) -> GaugeSeries { GaugeSeries(slot: slot) }
}

/// A family of gauges that loops move up and down.
package struct LevelFamily: MetricFamily {
    package let registry: MetricRegistry
    package let id: Int

    package func bind(_ slot: SeriesSlot) -> LevelSeries { LevelSeries(slot: slot) }
}

/// A family of histograms that share their buckets.
package struct HistogramFamily: MetricFamily {
    package let registry: MetricRegistry
    package let id: Int
    let layout: BucketLayout

    package func bind(_ slot: SeriesSlot) -> HistogramSeries { HistogramSeries(slot: slot, layout: layout) }
}
