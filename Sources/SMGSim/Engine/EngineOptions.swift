/// How fast and how large a simulated engine is.
package struct EngineOptions: Sendable, Equatable {
    /// Prompt tokens computed a second, by all requests together; 0 takes no time.
    package var prefillTokensPerSecond = 0.0
    /// Answer tokens a second of each running request; 0 takes no time.
    package var decodeTokensPerSecond = 0.0
    /// Requests that run at once; further ones wait.
    package var maxRunning = 256
    /// Requests that wait; further ones are refused.
    package var maxQueue = 4096
    /// Blocks of the KV cache.
    package var kvBlocks = 65_536
    /// Tokens in a block.
    package var blockSize = 16

    package init() {}

    /// The same with every value inside its bounds.
    var clamped: EngineOptions {
        var copy = self
        copy.prefillTokensPerSecond = Self.rate(prefillTokensPerSecond)
        copy.decodeTokensPerSecond = Self.rate(decodeTokensPerSecond)
        copy.maxRunning = min(max(maxRunning, 1), EngineLimits.maximumRequests)
        copy.maxQueue = min(max(maxQueue, 0), EngineLimits.maximumRequests)
        copy.kvBlocks = min(max(kvBlocks, 1), EngineLimits.maximumBlocks)
        copy.blockSize = min(max(blockSize, 1), EngineLimits.maximumBlockSize)
        return copy
    }

    private static func rate(_ value: Double) -> Double {
        value > 0 ? min(max(value, EngineLimits.minimumRate), EngineLimits.maximumRate) : 0
    }
}
