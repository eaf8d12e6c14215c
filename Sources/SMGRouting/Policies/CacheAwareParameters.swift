/// When cache_aware follows a known prefix and when it follows the load.
///
/// `min` and `max` are the loads of the available workers (requests in flight).
///
/// - Imbalanced: `max − min > balanceAbs` and `max > min × balanceRel`.
/// - A prefix counts when more than `cacheThreshold` of the prompt's bytes match.
/// - A holder of the prefix is near enough to the least loaded worker when its load is at most `least + spread`, where
///   `spread` is a quarter of `balanceAbs`, at least `smallestSpread`. While the loads are balanced, `least ×
///   balanceRel` is near enough as well: under high load some difference is noise.
///
/// So a prompt that many clients send at once climbs on one worker by `spread` requests at most, then the next worker
/// gets it, and later both share it; and a rebalancing keeps the prefix if one of its holders has room.
package struct CacheAwareParameters: Equatable, Sendable {
    /// Share of the prompt that must match, 0 to 1.
    package var cacheThreshold: Double
    /// Requests between `max` and `min`.
    package var balanceAbs: Int
    /// Ratio of `max` to `min`.
    package var balanceRel: Double

    /// A few requests more or less are not worth computing a prefix again.
    package static let smallestSpread = 4

    /// The defaults are those of the command line.
    package init(cacheThreshold: Double = 0.3, balanceAbs: Int = 64, balanceRel: Double = 1.5) {
        self.cacheThreshold = cacheThreshold
        self.balanceAbs = max(0, balanceAbs)
        self.balanceRel = balanceRel
    }

    /// Whether these loads of the available workers count as imbalanced.
    package func isImbalanced(min: Int, max: Int) -> Bool {
        max - min > balanceAbs && Double(max) > Double(min) * balanceRel
    }

    /// Whether `matched` of `total` prompt bytes are enough to follow the prefix.
    package func isHit(matched: Int, of total: Int) -> Bool {
        total > 0 && Double(matched) > Double(total) * cacheThreshold
    }

    /// The largest load a holder of the prefix may have when the least loaded candidate has `least`.
    package func loadLimit(least: Int, isImbalanced: Bool) -> Int {
        let near = least + max(balanceAbs / 4, Self.smallestSpread)
        if isImbalanced { return near }
        // Loads are small; the clamp only keeps odd parameters from overflowing.
        let relative = Double(least) * balanceRel
        return max(near, relative < Double(Int32.max) ? Int(max(relative, 0)) : Int(Int32.max))
    }
}
