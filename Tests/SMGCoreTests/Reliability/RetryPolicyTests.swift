import SMGBase
import Testing

@testable import SMGCore

@Suite struct RetryPolicyTests {
    static func policy(jitter: Double, multiplier: Double = 1.5, maxMilliseconds: Int = 30_000) -> RetryPolicy {
        RetryPolicy(
            maxAttempts: 5, initialBackoff: .milliseconds(50), maxBackoff: .milliseconds(maxMilliseconds),
            multiplier: multiplier, jitter: jitter)
    }

    @Test func growsAsPublished() {
        var random = FastRandom(seed: 1)
        let pauses = (0..<6).map { Self.policy(jitter: 0).backoff(retry: $0, using: &random).milliseconds }
        #expect(pauses == [50, 75, 112, 168, 253, 379])
    }

    @Test(arguments: [16, 17, 64, 100, 1_000, Int.max]) func stopsAtTheLongestPause(retry: Int) {
        var random = FastRandom(seed: 1)
        #expect(Self.policy(jitter: 0).backoff(retry: retry, using: &random) == .milliseconds(30_000))
    }

    /// A multiplier near one needs many steps; none may be left out.
    @Test func slowGrowthGoesOn() {
        var random = FastRandom(seed: 1)
        let policy = Self.policy(jitter: 0, multiplier: 1.05)
        #expect(policy.backoff(retry: 64, using: &random) == .milliseconds(1_135))
        #expect(policy.backoff(retry: 99, using: &random) == .milliseconds(6_261))
        #expect(policy.backoff(retry: 500, using: &random) == .milliseconds(30_000))
        let constant = Self.policy(jitter: 0, multiplier: 1)
        #expect(constant.backoff(retry: Int.max, using: &random) == .milliseconds(50))
    }

    @Test func jitterStaysInItsBoundsAndUsesThem() {
        var random = FastRandom(seed: 7)
        let policy = Self.policy(jitter: 0.2)
        let pauses = (0..<2_000).map { _ in policy.backoff(retry: 2, using: &random).milliseconds }
        // 112 ± 22.4, rounded.
        #expect(pauses.min() == 90)
        #expect(pauses.max() == 134)
        #expect(Set(pauses).count == 45)
    }

    @Test func wholeJitterIsNeverNegative() {
        var random = FastRandom(seed: 7)
        let policy = Self.policy(jitter: 1)
        let pauses = (0..<2_000).map { _ in policy.backoff(retry: 0, using: &random).milliseconds }
        #expect(pauses.allSatisfy { (0...100).contains($0) })
        #expect(pauses.contains { $0 < 5 })
    }

    @Test func strangeNumbersAreHarmless() {
        var random = FastRandom(seed: 7)
        #expect(Self.policy(jitter: 0).backoff(retry: -1, using: &random) == .milliseconds(50))
        let tiny = RetryPolicy(
            maxAttempts: 1, initialBackoff: .zero, maxBackoff: .milliseconds(10), multiplier: 1_000, jitter: 0)
        #expect(tiny.backoff(retry: 3, using: &random) == .zero)
        #expect(tiny.backoff(retry: Int.max, using: &random) == .milliseconds(10))
        #expect(Self.policy(jitter: 0, maxMilliseconds: 20).backoff(retry: 0, using: &random) == .milliseconds(20))
    }

    @Test func retriesWhatAnotherWorkerMayAnswer() {
        let retryable = (100..<600).filter { RetryPolicy.isRetryable(status: $0) }
        #expect(retryable == [408, 429, 500, 502, 503, 504])
    }
}
