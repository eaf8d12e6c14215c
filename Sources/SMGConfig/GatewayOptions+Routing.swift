internal import SMGBase

/// Workers, how one is chosen, and how they are watched.
extension GatewayOptions {
    static let workers = OptionSection(
        "Workers",
        [
            OptionRow(
                "worker-urls", .textList(maximum: 10_000),
                "Inference servers to route to, as http:// or https:// URLs with an optional path prefix. More can be "
                    + "added while the gateway runs.",
                placeholder: "URL"),
            OptionRow(
                "worker-startup-timeout-secs", positiveSeconds, default: 1800,
                "How long a new worker may take to answer its first health check before it counts as failed."),
            OptionRow(
                "worker-startup-check-interval", positiveSeconds, default: 30,
                "Longest pause between two checks of a worker that is still starting."),
            OptionRow(
                "drain-settle-secs", secondsOrZero, default: 5,
                "How long a worker that is being removed stays known after it stopped getting requests."),
            OptionRow("remove-unhealthy-workers", .bool, "Remove workers whose health checks have failed."),
        ])

    static let routing = OptionSection(
        "Routing",
        [
            OptionRow(
                "policy", .choice(RoutingPolicy.allCases.map(\.rawValue)), default: "cache_aware",
                "How the worker of a request is chosen: cache_aware keeps requests with a common prefix together as "
                    + "long as the load stays balanced."),
            OptionRow(
                "cache-threshold", .number(0...1), default: 0.3,
                "cache_aware: share of the prompt that a worker must have seen to be preferred for it."),
            OptionRow(
                "balance-abs-threshold", .integer(0...maximumCount), default: 64,
                "cache_aware: the load counts as unbalanced if the busiest worker has this many requests more than the "
                    + "least busy one, and --balance-rel-threshold says so too."),
            OptionRow(
                "balance-rel-threshold", .number(1...1_000_000), default: 1.5,
                "cache_aware: the load counts as unbalanced if the busiest worker has this many times the requests of "
                    + "the least busy one, and --balance-abs-threshold says so too."),
            OptionRow(
                "max-tree-size", .integer(1...1 << 40), default: 67_108_864,
                "cache_aware: size of the prefix index of a model, in characters of prompts with four bytes of memory "
                    + "for each; the prefixes not used for the longest time give way.",
                placeholder: "CHARS"),
            OptionRow(
                "eviction-interval-secs", positiveSeconds, default: 120,
                "Accepted for compatibility, without effect: the prefix index makes room whenever it grows.",
                aliases: ["eviction-interval"]),
        ])

    static let health = OptionSection(
        "Health checks",
        [
            OptionRow("disable-health-check", .bool, "Never check workers: all count as healthy."),
            OptionRow(
                "health-check-interval-secs", positiveSeconds, default: 60, "Pause between two checks of a worker."),
            OptionRow(
                "health-check-timeout-secs", positiveSeconds, default: 5, "How long a check may take."),
            OptionRow(
                "health-check-endpoint", .text, default: "/health", "Path that is checked on each worker.",
                placeholder: "PATH"),
            OptionRow(
                "health-failure-threshold", .integer(1...maximumCount), default: 3,
                "Failed checks in a row that make a worker unhealthy."),
            OptionRow(
                "health-success-threshold", .integer(1...maximumCount), default: 2,
                "Passed checks in a row that make it healthy again."),
        ])

    static let retries = OptionSection(
        "Retries",
        [
            OptionRow("disable-retries", .bool, "Try each request once only."),
            OptionRow(
                "retry-max-retries", .integer(1...100), default: 5,
                "Attempts for one request, the first included."),
            OptionRow(
                "retry-initial-backoff-ms", positiveMilliseconds, default: 50, "Pause before the second attempt."),
            OptionRow(
                "retry-max-backoff-ms", positiveMilliseconds, default: 30_000, "Longest pause between two attempts."),
            OptionRow(
                "retry-backoff-multiplier", .number(1...1000), default: 1.5,
                "Growth of the pause from one attempt to the next."),
            OptionRow(
                "retry-jitter-factor", .number(0...1), default: 0.2,
                "Share of the pause that is random, in both directions."),
        ])

    static let breaker = OptionSection(
        "Circuit breaker",
        [
            OptionRow("disable-circuit-breaker", .bool, "Never keep requests from a failing worker."),
            OptionRow(
                "cb-failure-threshold", .integer(1...maximumCount), default: 10,
                "Failures in a row that open a worker's breaker."),
            OptionRow(
                "cb-success-threshold", .integer(1...maximumCount), default: 3,
                "Successes in a row that close a half-open breaker."),
            OptionRow(
                "cb-timeout-duration-secs", positiveSeconds, default: 60,
                "How long an open breaker keeps requests away before it lets one try."),
            OptionRow(
                "cb-window-duration-secs", positiveSeconds, default: 120,
                "Failures further back than this no longer count."),
        ])
}

/// How the worker of a request is chosen.
package enum RoutingPolicy: String, Sendable, CaseIterable {
    case random
    case roundRobin = "round_robin"
    case powerOfTwo = "power_of_two"
    case cacheAware = "cache_aware"
}
