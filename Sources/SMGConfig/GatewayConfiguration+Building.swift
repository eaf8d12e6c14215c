package import SMGBase

extension GatewayConfiguration {
    /// Types and checks `values` of `GatewayOptions.table`. `files` is asked whether the files named can be read.
    package init(_ values: OptionValues, files: LocalFiles = .system) throws(ConfigurationError) {
        let checks = ConfigurationChecks(values: values, files: files)
        self.init(
            server: try Self.server(values, checks),
            workers: Workers(
                urls: try checks.workerURLs("worker-urls"),
                startupTimeout: values.duration("worker-startup-timeout-secs"),
                startupCheckInterval: values.duration("worker-startup-check-interval"),
                drainSettle: values.duration("drain-settle-secs"),
                removesUnhealthy: values.bool("remove-unhealthy-workers")),
            routing: Routing(
                policy: checks.word("policy"),
                cacheThreshold: values.number("cache-threshold"),
                balanceAbsoluteThreshold: values.integer("balance-abs-threshold"),
                balanceRelativeThreshold: values.number("balance-rel-threshold"),
                maximumTreeCharacters: values.integer("max-tree-size")),
            tokenization: try Self.tokenization(values, checks),
            limiter: try Self.limiter(values),
            timeouts: Self.timeouts(values),
            upstream: Upstream(
                usesHTTP2: values.bool("upstream-http2"),
                maximumConnections: values.integer("upstream-max-connections"),
                idleTimeout: values.duration("upstream-pool-idle-timeout-secs")),
            retry: try Self.retry(values, checks),
            breaker: Breaker(
                isEnabled: !values.bool("disable-circuit-breaker"),
                failureThreshold: values.integer("cb-failure-threshold"),
                successThreshold: values.integer("cb-success-threshold"),
                openDuration: values.duration("cb-timeout-duration-secs"),
                window: values.duration("cb-window-duration-secs")),
            health: Health(
                isEnabled: !values.bool("disable-health-check"),
                interval: values.duration("health-check-interval-secs"),
                timeout: values.duration("health-check-timeout-secs"),
                endpoint: try checks.requestPath("health-check-endpoint"),
                failureThreshold: values.integer("health-failure-threshold"),
                successThreshold: values.integer("health-success-threshold")),
            tls: TLS(
                server: try checks.certificatePair("tls-cert-path", "tls-key-path"),
                client: try checks.certificatePair("client-cert-path", "client-key-path"),
                authorityPaths: try checks.readablePaths("ca-cert-paths")),
            observability: Observability(
                logLevel: checks.word("log-level"),
                logsJSON: values.bool("log-json"),
                prometheusHost: try checks.host("prometheus-host"),
                prometheusPort: try checks.metricsPort("prometheus-port"),
                durationBuckets: try checks.rising("prometheus-duration-buckets")),
            warnings: checks.warnings())
    }

    private static func server(
        _ values: OptionValues, _ checks: ConfigurationChecks
    ) throws(ConfigurationError) -> Server {
        Server(
            listen: try checks.listenAddress(),
            eventLoops: values.integer("event-loops"),
            maximumConnections: values.integer("max-connections"),
            maximumBodyBytes: values.integer("max-payload-size"),
            requestIDHeaders: try checks.headerNames("request-id-headers"),
            corsAllowedOrigins: try checks.origins("cors-allowed-origins"),
            apiKey: try checks.key("api-key"),
            shutdownGracePeriod: values.duration("shutdown-grace-period-secs"))
    }

    private static func tokenization(
        _ values: OptionValues, _ checks: ConfigurationChecks
    ) throws(ConfigurationError) -> Tokenization {
        let source = values.textIfAny("tokenizer-path") ?? values.textIfAny("model-path")
        let template = try checks.readablePath("chat-template")
        let routesOnTokens = values.bool("routing-tokens")
        if source == nil {
            for (name, isUsed) in [("chat-template", template != nil), ("routing-tokens", routesOnTokens)] where isUsed
            {
                throw values.error(.conflict, name, "needs a tokenizer: give its path or the model's")
            }
        }
        return Tokenization(
            source: source, chatTemplatePath: template, routesOnTokens: routesOnTokens,
            cachedTexts: values.bool("tokenizer-cache-enable-l0")
                ? values.integer("tokenizer-cache-l0-max-entries") : 0,
            cachedPrefixBytes: values.bool("tokenizer-cache-enable-l1")
                ? values.integer("tokenizer-cache-l1-max-memory") : 0)
    }

    private static func limiter(_ values: OptionValues) throws(ConfigurationError) -> Limiter {
        let maximum = values.integer("max-concurrent-requests")
        let timeout = values.duration("queue-timeout-secs")
        let queue = values.integer("queue-size")
        if queue > 0, timeout == .zero {
            let size = values.origin(of: "queue-timeout-secs").spelling(of: "queue-size")
            throw values.error(.conflict, "queue-timeout-secs", "must be above 0 unless \(size) is 0")
        }
        let rate = values.integerIfAny("rate-limit-tokens-per-second") ?? 0
        return Limiter(
            maximumConcurrent: maximum > 0 ? maximum : nil, queueSize: queue, queueTimeout: timeout,
            tokensPerSecond: rate > 0 ? rate : nil)
    }

    private static func timeouts(_ values: OptionValues) -> Timeouts {
        let request = values.duration("request-timeout-secs")
        let stall = values.duration("stream-body-stall-timeout-secs")
        let keepAlive = values.duration("sse-keepalive-secs")
        return Timeouts(
            request: request,
            connect: values.duration("connect-timeout-secs"),
            firstByte: values.durationIfAny("first-byte-timeout-secs") ?? request,
            streamStall: stall > .zero ? stall : nil,
            sseKeepAlive: keepAlive > .zero ? keepAlive : nil,
            headerRead: values.duration("header-read-timeout-secs"),
            bodyReadStall: values.duration("body-read-stall-timeout-secs"),
            idleConnection: values.duration("idle-connection-timeout-secs"))
    }

    private static func retry(
        _ values: OptionValues, _ checks: ConfigurationChecks
    ) throws(ConfigurationError) -> Retry {
        let initial = values.duration("retry-initial-backoff-ms")
        let maximum = values.duration("retry-max-backoff-ms")
        if maximum < initial {
            throw checks.conflict("retry-max-backoff-ms", "retry-initial-backoff-ms") { _ in
                "the longest pause (\(maximum.milliseconds) ms) is below the first one (\(initial.milliseconds) ms)"
            }
        }
        return Retry(
            maximumAttempts: values.bool("disable-retries") ? 1 : values.integer("retry-max-retries"),
            initialBackoff: initial,
            maximumBackoff: maximum,
            multiplier: values.number("retry-backoff-multiplier"),
            jitter: values.number("retry-jitter-factor"))
    }
}
