package import SMGBase

/// The gateway's options: one row each, and everything else about them is derived from the rows.
///
/// To add an option, add its row to a section and read it where `GatewayConfiguration` is built.
package enum GatewayOptions {
    package static let table = OptionTable(
        [
            workers, routing, tokenization, server, access, limits, timeouts, upstream, retries, breaker, health,
            observability, command,
        ],
        unavailable: unavailable)

    /// Largest count of anything counted in requests, connections or failures: far above use, far below overflow.
    static let maximumCount = 1_000_000_000

    /// A duration that must pass: up to ten years, at least a millisecond.
    static let positiveSeconds = OptionKind.duration(0.001...OptionLimits.maximumSeconds, unit: .seconds)
    /// A duration whose zero means off, or at once.
    static let secondsOrZero = OptionKind.duration(0...OptionLimits.maximumSeconds, unit: .seconds)
    /// A pause that must not be nothing.
    static let positiveMilliseconds = OptionKind.duration(1...OptionLimits.maximumSeconds * 1000, unit: .milliseconds)

    /// What the gateway is told to do with its configuration.
    static let command = OptionSection(
        "Command",
        [
            OptionRow(
                "config", .path,
                "Read options from this file: YAML, or JSON if the name ends in .json. Keys are the names of the flags "
                    + "with underscores. Flags given here win over the file, the file wins over the environment.",
                scope: .command),
            OptionRow(
                "check-config", .bool,
                "Check the configuration and the files it names, then exit: 0 if it is valid, 2 if not.",
                scope: .command),
            OptionRow(
                "print-config", .bool,
                "Print the configuration in force as YAML, with each value's origin and secrets hidden, then exit.",
                scope: .command),
            OptionRow("help", .bool, "Print this text, then exit.", aliases: ["h"], scope: .command),
            OptionRow("version", .bool, "Print the version, then exit.", aliases: ["V"], scope: .command),
        ])

    /// Options of other versions of the gateway. Naming them apart from typing errors saves their users a search.
    static let unavailable: Set<String> = [
        // Roles of workers and engines other than plain HTTP ones.
        "pd-disaggregation", "prefill", "decode", "prefill-policy", "decode-policy", "mini-lb",
        "bucket-adjust-interval-secs",
        "dp-aware", "enable-igw", "backend", "runtime", "epd-disaggregation", "encode", "encode-policy",
        "encode-selector",
        "router-dp-worker-base-port", "dp-minimum-tokens-scheduler",
        // Discovery.
        "service-discovery", "selector", "service-discovery-port", "service-discovery-namespace", "prefill-selector",
        "decode-selector", "router-selector", "model-id-from", "model-alias", "discovery-provider", "discovery-file",
        // gRPC and the parsers of its answers.
        "reasoning-parser", "tool-call-parser", "disable-tokenizer-autoload", "grpc-mode",
        // History, tools and plugins.
        "mcp-config-path", "history-backend", "oracle-wallet-path", "oracle-tns-alias", "oracle-connect-descriptor",
        "oracle-dsn", "oracle-username", "oracle-user", "oracle-password", "oracle-pool-min", "oracle-pool-max",
        "oracle-pool-timeout-secs", "oracle-external-auth", "postgres-db-url", "postgres-pool-max",
        "postgres-pool-max-size", "redis-url", "redis-pool-max", "redis-retention-days", "schema-config", "enable-wasm",
        "storage-hook-wasm-path", "storage-context-headers", "max-background-responses",
        // Observability and operation.
        "enable-trace", "otlp-traces-endpoint", "log-dir", "health-check-port", "runtime-worker-threads",
        "worker-startup-delay", "load-monitor-interval", "job-queue-capacity", "job-queue-concurrency",
        "engine-metrics",
        // Other policies and their settings.
        "block-size", "balance-token-usage-threshold", "overload-token-usage-threshold", "prefix-token-count",
        "prefix-hash-load-factor", "max-idle-secs", "assignment-mode", "routing-key-override", "routing-key-headers",
        // Tenants, keys and other gateways.
        "enable-mesh", "mesh-server-name", "mesh-host", "mesh-advertise-host", "mesh-port", "mesh-peer-urls",
        "tenant-api-key", "trust-tenant-header", "tenant-header-name", "control-plane-api-keys", "jwt-issuer",
        "jwt-audience", "jwt-jwks-uri", "jwt-role-claim", "jwt-role-mapping", "control-plane-audit-enabled",
        "disable-audit-logging", "priority-scheduler-enabled", "tenant-rate-limit-enabled",
    ]
}
