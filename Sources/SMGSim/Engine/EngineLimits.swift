package import SMGBase

/// The bounds of a simulated engine. Each keeps a mistaken option or a hostile request from taking the machine.
package enum EngineLimits {
    /// KV blocks of one engine: 16 million blocks of 16 tokens are far above any real cache, and cost under 1 GiB.
    package static let maximumBlocks = 1 << 24
    /// Tokens in a block. Real engines use 1 to 128.
    package static let maximumBlockSize = 1024
    /// Requests running or waiting at once.
    package static let maximumRequests = 1 << 20
    /// Tokens a second: a nanosecond a token.
    package static let maximumRate = 1e9
    /// Slowest rate that is not "infinitely fast": a token in a quarter of an hour.
    package static let minimumRate = 0.001
    /// Longest span of a schedule, one year: far from overflowing nanoseconds when a few are added.
    package static let longestSpan = TimeSpan.seconds(31_536_000)
    /// Tokens of one answer.
    package static let maximumAnswerTokens = 1 << 20
    /// Request body bytes: a prompt of 16 million tokens.
    package static let maximumBodyBytes = 64 << 20
}
