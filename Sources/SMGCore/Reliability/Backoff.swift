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
    /// The longest pause bounds it before the random share is added.
    package func backoff(retry: Int, using random: inout FastRandom) -> TimeSpan {
        let grown = Double(initialBackoff.milliseconds) * RetryPolicy.power(multiplier, max(0, retry))
        // Not a number (0 × infinity) counts as too long: the comparison is false.
        let base =
            grown < Double(maxBackoff.milliseconds) ? grown.rounded(.towardZero) : Double(maxBackoff.milliseconds)
        let spread = (base * jitter * (random.unit() * 2 - 1)).rounded()
        return .milliseconds(Int(max(0, base + spread)))
    }

    /// By repeated squaring, since the exponent may be any number.
    private static func power(_ base: Double, _ exponent: Int) -> Double {
        var result = 1.0
        var square = base
        var left = exponent
        while left > 0 {
            if left & 1 == 1 { result *= square }
            square *= square
            left >>= 1
        }
        return result
    }
}
