package import SMGBase

/// When the tokens of one admitted request come.
package struct Schedule: Sendable, Equatable {
    package let promptTokens: Int
    /// Prompt tokens whose KV was in the cache.
    package let cachedTokens: Int
    /// Tokens the answer has; 0 for requests that only read their prompt.
    package let completionTokens: Int
    package let admittedAt: Instant
    /// When the prompt has been read and the first token, if any, comes.
    package let firstTokenAt: Instant
    /// Answer tokens a second; 0 brings all with the first.
    package let tokensPerSecond: Double

    /// When token `index` comes. Counted from the first one, so that rounding does not add up.
    package func due(_ index: Int) -> Instant { firstTokenAt + Schedule.span(index, tokensPerSecond) }

    /// When the last token comes.
    package var lastTokenAt: Instant { due(max(completionTokens - 1, 0)) }

    /// How many tokens have come by `now`.
    package func tokens(by now: Instant) -> Int {
        guard completionTokens > 0, now >= firstTokenAt else { return 0 }
        guard tokensPerSecond > 0, now < lastTokenAt else { return completionTokens }
        var count = Int((now - firstTokenAt).seconds * tokensPerSecond) + 1
        // The division may be off by one either way; `due` is the rule.
        while count > 1, due(count - 1) > now { count -= 1 }
        while count < completionTokens, due(count) <= now { count += 1 }
        return min(count, completionTokens)
    }

    /// The time `tokens` take at `rate` a second; 0 is infinitely fast.
    package static func span(_ tokens: Int, _ rate: Double) -> TimeSpan {
        guard rate > 0, tokens > 0 else { return .zero }
        let nanoseconds = Double(tokens) / rate * 1e9
        let longest = EngineLimits.longestSpan
        return nanoseconds < Double(longest.nanoseconds)
            ? TimeSpan(nanoseconds: Int64(nanoseconds.rounded())) : longest
    }
}
