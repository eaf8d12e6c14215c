internal import SMGBase

/// A rate limit that allows bursts: `burst` events at once, `perSecond` in the long run.
///
/// Kept as one instant (the time at which the bucket would be full again), so there is nothing to refill.
struct HTTP2TokenBucket: Sendable {
    /// Nanoseconds one event costs.
    private let cost: Int64
    /// How far ahead of now the full instant may lie.
    private let tolerance: Int64
    private var fullAt = Int64.min

    /// Both figures must be positive.
    init(burst: Int, perSecond: Int) {
        cost = 1_000_000_000 / Int64(max(perSecond, 1))
        tolerance = cost * Int64(max(burst, 1) - 1)
    }

    /// Counts one event at `now`; false if it is one too many (then it is not counted).
    mutating func take(at now: Instant) -> Bool {
        let base = max(fullAt, now.nanoseconds)
        if base &- now.nanoseconds > tolerance { return false }
        fullAt = base &+ cost
        return true
    }
}
