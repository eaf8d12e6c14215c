/// Bounds of the metric engine, each with its reason.
package enum MetricLimits {
    /// 64-bit cells a registry can hand out. 1 Mi cells are 8 MiB of address space per loop (memory is used only as
    /// far as it is touched) and hold 40,000 histogram series.
    package static let cells = 1 << 20

    /// Series of one family unless it asks for another bound: 4,000 workers with two label combinations each, and
    /// still a scrape below two megabytes a family.
    package static let seriesPerFamily = 10_000

    /// Finite bucket bounds of one histogram; keeps the bucket search at six steps.
    package static let buckets = 62

    /// Longest label value in UTF-8 bytes; longer ones are cut. Model names and URLs fit, prompts do not.
    package static let labelValueBytes = 256

    /// Series that wait for their last scrape after removal. More than this means that nobody scrapes.
    package static let leavingSeries = 4096

    /// Seconds before the cells of a removed series are used again: far longer than a thread can be held up between
    /// the generation check and the store of one update, or a scrape can take.
    package static let reuseDelaySeconds = 60

    /// Label combinations one loop remembers. When they are used up the cache starts over.
    package static let cachedSeries = 4096

    /// Bytes of label text one loop remembers.
    package static let cachedLabelBytes = 1 << 20
}
