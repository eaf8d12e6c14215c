/// A policy's choice and why it was made.
package struct Selection: Sendable {
    /// The chosen worker.
    package let slot: WorkerSlot
    /// Why it was chosen.
    package let reason: Reason
    /// cache_aware: leading bytes of the prompt that some worker had. Otherwise 0.
    package var matchedBytes = 0
    /// cache_aware: bytes of the prompt that were compared. Otherwise 0.
    package var promptBytes = 0
    /// cache_aware: the loads were imbalanced, and the choice was made under the stricter rule.
    package var isImbalanced = false
    /// cache_aware: smallest and largest load among the available workers at the moment of the choice. Otherwise zeros.
    package var loadRange: (min: Int, max: Int) = (0, 0)

    /// Why this worker. `label` is fixed text for metrics.
    package enum Reason: UInt8, CaseIterable, Sendable {
        /// The rule of random, round_robin or power_of_two.
        case policy
        /// No other worker was available.
        case onlyCandidate
        /// cache_aware: a worker that has a long enough prefix.
        case cacheHit
        /// cache_aware: nobody has one; the least loaded worker.
        case cacheMiss
        /// cache_aware: those who have one are too busy or not available; the least loaded worker joins them.
        case spread
        /// cache_aware: loads were imbalanced and nobody near the smallest load has a prefix; the least loaded worker.
        case rebalanced

        /// Stable snake_case name.
        package var label: StaticString {
            switch self {
            case .policy: "policy"
            case .onlyCandidate: "only_candidate"
            case .cacheHit: "cache_hit"
            case .cacheMiss: "cache_miss"
            case .spread: "spread"
            case .rebalanced: "rebalanced"
            }
        }
    }
}
