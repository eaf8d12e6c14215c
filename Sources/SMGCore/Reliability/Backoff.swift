package import SMGBase

/// How often a request is tried and how long it waits in between.
package struct RetryPolicy: Sendable, Equatable {
    /// Attempts in total; 1 means no retries.
    package var maxAttempts: Int
    package var initialBackoff: TimeSpan
    package var maxBackoff: TimeSpan
    package var multiplier: Double
    /// Share of the delay that is drawn at random, both ways.
    package var jitter: Double

    package init(
        maxAttempts: Int, initialBackoff: TimeSpan, maxBackoff: TimeSpan, multiplier: Double, jitter: Double
    ) {
        self.maxAttempts = maxAttempts
        self.initialBackoff = initialBackoff
        self.maxBackoff = maxBackoff
        self.multiplier = multiplier
        self.jitter = jitter
    }

    /// Statuses worth another worker: overload, a broken worker, a broken way to it.
    package static func isRetryable(status: Int) -> Bool {
        switch status {
        case 408, 429, 500, 502, 503, 504: true
        default: false
        }
    }

    /// The pause before attempt `retry + 2` (retry 0 is the pause after the first attempt), in whole milliseconds.
    package func backoff(retry: Int, using random: inout FastRandom) -> TimeSpan {
        var milliseconds = Double(initialBackoff.milliseconds)
        let ceiling = Double(maxBackoff.milliseconds)
        for _ in 0..<min(retry, 64) where milliseconds < ceiling { milliseconds *= multiplier }
        let base = min(milliseconds, ceiling).rounded(.towardZero)
        let spread = (base * jitter * (random.unit() * 2 - 1)).rounded()
        return .milliseconds(Int(max(0, base + spread)))
    }
}
