package import SMGBase
package import SMGConfig
package import SMGNet
package import SMGTelemetry

/// What all loops of one gateway have in common. Immutable, or made for sharing.
package final class GatewayShared: Sendable {
    package let configuration: GatewayConfiguration
    package let registry: WorkerRegistry
    package let limiter: AdmissionLimiter
    package let metrics: GatewayMetrics
    package let log: Logger
    package let resolver: Resolver
    /// Threads for what blocks or takes long.
    package let pool: BlockingPool
    /// For connections to https workers.
    package let upstreamTLS: TLSClientContext?
    package let retry: RetryPolicy
    package let startedAt = Instant.now()
    package let tokenizers: TokenizerService
    /// Runs registration, health checks and removal.
    let fleet: FleetController

    package init(
        configuration: GatewayConfiguration, registry: WorkerRegistry, metrics: GatewayMetrics, log: Logger,
        resolver: Resolver, pool: BlockingPool, upstreamTLS: TLSClientContext?, controlLoop: EventLoop
    ) {
        self.configuration = configuration
        self.registry = registry
        self.metrics = metrics
        self.log = log
        self.resolver = resolver
        self.pool = pool
        self.upstreamTLS = upstreamTLS
        let limit = configuration.limiter
        limiter = AdmissionLimiter(
            maxConcurrent: limit.maximumConcurrent ?? 0, queueSize: limit.queueSize, queueTimeout: limit.queueTimeout,
            ratePerSecond: limit.tokensPerSecond)
        let retry = configuration.retry
        self.retry = RetryPolicy(
            maxAttempts: retry.maximumAttempts, initialBackoff: retry.initialBackoff, maxBackoff: retry.maximumBackoff,
            multiplier: retry.multiplier, jitter: retry.jitter)
        tokenizers = TokenizerService(
            configuration.tokenization, pool: pool, loop: controlLoop, resolver: resolver, log: log)
        fleet = FleetController(
            configuration: configuration, registry: registry, metrics: metrics, log: log, resolver: resolver,
            pool: pool, tls: upstreamTLS, loop: controlLoop)
    }
}
