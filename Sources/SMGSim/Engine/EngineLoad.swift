/// How busy an engine is, as it reports itself.
package struct EngineLoad: Sendable, Equatable {
    package var running = 0
    package var waiting = 0
    /// Prompt and answer tokens of running requests so far.
    package var usedTokens = 0
    /// Prompt tokens of waiting requests.
    package var waitingTokens = 0
    /// Tokens the KV cache has room for.
    package var maxTokens = 0
    /// Share of the blocks in use, 0 to 1.
    package var tokenUsage = 0.0
    /// Share of prompt tokens found in the cache since the start, 0 to 1.
    package var cacheHitRate = 0.0
    /// Blocks that hold something that can be found.
    package var cachedBlocks = 0
}
