package import SMGBase
package import SMGConfig
internal import SMGHTTP
package import SMGNet
internal import SMGRouting
package import SMGTelemetry

/// Why a gateway could not start.
package struct GatewayStartError: Error, Sendable, CustomStringConvertible {
    /// Stable code.
    package let code: String
    package let description: String
}

/// A running gateway: the only place where its parts are put together.
package final class Gateway: Sendable {
    /// How often a shutdown looks whether the last request is done.
    private static let drainPoll = TimeSpan.milliseconds(20)
    /// How long connections that have not sent their first request yet are waited for at a shutdown.
    private static let freshConnectionGrace = TimeSpan.seconds(1)

    package let shared: GatewayShared
    /// Where clients connect to.
    package let address: SocketAddress
    /// Where metrics are scraped.
    package let metricsAddress: SocketAddress
    private let loops: EventLoopGroup
    private let control: EventLoop
    private let pool: BlockingPool
    private let lifecycle: Lifecycle
    private let server: HTTPServer
    private let metricsServer: HTTPServer

    private init(
        shared: GatewayShared, loops: EventLoopGroup, control: EventLoop, pool: BlockingPool, lifecycle: Lifecycle,
        server: HTTPServer, metricsServer: HTTPServer
    ) {
        self.shared = shared
        self.loops = loops
        self.control = control
        self.pool = pool
        self.lifecycle = lifecycle
        self.server = server
        self.metricsServer = metricsServer
        address = server.address
        metricsAddress = metricsServer.address
    }

    package var log: Logger { shared.log }
    package var registry: WorkerRegistry { shared.registry }

    // MARK: - Start

    /// Binds, starts its threads and begins to register the configured workers. Does not wait for workers.
    package static func start(_ configuration: GatewayConfiguration, log: Logger) async throws(GatewayStartError)
        -> Gateway
    {
        let tls = try GatewayTLS(configuration)
        let control: EventLoop
        let loops: EventLoopGroup
        do throws(NetError) {
            control = try EventLoop(index: -1, name: "smg-control")
            loops = try EventLoopGroup(count: configuration.server.eventLoops)
        } catch { throw GatewayStartError(code: error.code, description: "cannot create event loops: \(error)") }
        let pool = BlockingPool()
        let shared = makeShared(configuration, log, control, pool, tls)
        let lifecycle = Lifecycle()
        control.start()
        loops.start()
        do throws(GatewayStartError) {
            let server = try await startServer(configuration, shared, loops, lifecycle, tls)
            let metrics = try await startMetrics(configuration, shared, control, server, lifecycle)
            let gateway = Gateway(
                shared: shared, loops: loops, control: control, pool: pool, lifecycle: lifecycle, server: server,
                metricsServer: metrics)
            tls.watchServerCertificate(on: control, log: log)
            shared.tokenizers.loadConfigured()
            gateway.registerConfiguredWorkers()
            return gateway
        } catch {
            loops.shutdown()
            control.stop()
            control.join()
            pool.shutdown()
            throw error
        }
    }

    private static func makeShared(
        _ configuration: GatewayConfiguration, _ log: Logger, _ control: EventLoop, _ pool: BlockingPool,
        _ tls: GatewayTLS
    ) -> GatewayShared {
        let routing = configuration.routing
        let kind = PolicyKind(rawValue: routing.policy.rawValue) ?? .cacheAware
        let registry = WorkerRegistry(
            health: HealthPolicy(
                failureThreshold: configuration.health.failureThreshold,
                successThreshold: configuration.health.successThreshold),
            breaker: BreakerPolicy(
                failureThreshold: configuration.breaker.failureThreshold,
                successThreshold: configuration.breaker.successThreshold,
                openDuration: configuration.breaker.openDuration, window: configuration.breaker.window,
                isEnabled: configuration.breaker.isEnabled),
            // On the control loop: 4,000 workers registered at once are published a few times, not 4,000 times.
            publishLater: { control.execute($0) }
        ) {
            Policy(
                kind,
                parameters: CacheAwareParameters(
                    cacheThreshold: routing.cacheThreshold, balanceAbs: routing.balanceAbsoluteThreshold,
                    balanceRel: routing.balanceRelativeThreshold),
                maxIndexBytes: PrefixIndex.maxBytes(maxTreeSize: routing.maximumTreeCharacters))
        }
        let metrics = GatewayMetrics(
            registry: MetricRegistry(), durationBuckets: configuration.observability.durationBuckets)
        return GatewayShared(
            configuration: configuration, registry: registry, metrics: metrics, log: log,
            resolver: Resolver(pool: pool), pool: pool, upstreamTLS: tls.client, controlLoop: control)
    }

    private static func startServer(
        _ configuration: GatewayConfiguration, _ shared: GatewayShared, _ loops: EventLoopGroup, _ lifecycle: Lifecycle,
        _ tls: GatewayTLS
    ) async throws(GatewayStartError) -> HTTPServer {
        var options = ServerOptions()
        options.headerReadTimeout = configuration.timeouts.headerRead
        options.idleTimeout = configuration.timeouts.idleConnection
        options.bodyStallTimeout = configuration.timeouts.bodyReadStall
        options.maxConnectionsPerLoop = max(1, configuration.server.maximumConnections / loops.loops.count)
        options.tls = tls.server
        if let stall = configuration.timeouts.streamStall { options.writeStallTimeout = stall }
        let address: SocketAddress
        let shown: String
        switch configuration.server.listen {
        case .tcp(let host, let port):
            shown = "\(host):\(port)"
            address = try await resolve(host, port, shared.resolver)
        case .unix(let path):
            shown = path
            guard let unix = SocketAddress(unixPath: path) else {
                throw GatewayStartError(
                    code: "invalid_path", description: "cannot listen on \(path): the path is too long")
            }
            address = unix
        }
        let serverOptions = options
        do throws(NetError) {
            return try await HTTPServer.start(on: loops.loops, address: address) { loop in
                let context = LoopContext(loop: loop, shared: shared)
                let handler = GatewayHandler(context: context, lifecycle: lifecycle)
                return HTTPServerLoop(
                    loop: loop, options: serverOptions, handler: { await handler.handle($0) },
                    onProtocolError: Gateway.answerProtocolError)
            }
        } catch { throw GatewayStartError(code: error.code, description: "cannot listen on \(shown): \(error)") }
    }

    private static func startMetrics(
        _ configuration: GatewayConfiguration, _ shared: GatewayShared, _ control: EventLoop, _ server: HTTPServer,
        _ lifecycle: Lifecycle
    ) async throws(GatewayStartError) -> HTTPServer {
        let host = configuration.observability.prometheusHost
        let port = configuration.observability.prometheusPort
        let address = try await resolve(host, port, shared.resolver)
        do throws(NetError) {
            return try await HTTPServer.start(on: [control], address: address) { loop in
                let endpoint = MetricsEndpoint(shared: shared, server: server, lifecycle: lifecycle)
                return HTTPServerLoop(
                    loop: loop, options: ServerOptions(), handler: { await endpoint.handle($0) },
                    onProtocolError: Gateway.answerProtocolError)
            }
        } catch {
            await server.beginDraining()
            throw GatewayStartError(
                code: error.code, description: "cannot listen for metrics on \(host):\(port): \(error)")
        }
    }

    private static func resolve(_ host: String, _ port: Int, _ resolver: Resolver) async throws(GatewayStartError)
        -> SocketAddress
    {
        if let literal = SocketAddress(literal: host, port: UInt16(port)) { return literal }
        if let first = try? await resolver.resolve(host, port: UInt16(port), now: .now()).first { return first }
        throw GatewayStartError(code: "name_not_resolved", description: "the host '\(host)' could not be resolved")
    }

    private static func answerProtocolError(
        _ exchange: ServerExchange, _ status: Int, _ code: String, _ message: String
    ) {
        let body = ByteBuffer(capacity: 256)
        ErrorBody.append(
            message: message, type: status < 500 ? "invalid_request_error" : "server_error", param: nil, code: code,
            to: body)
        exchange.respond(status: status, contentType: "application/json", body: body.readable) {
            $0.putHeader("x-smg-error-code", string: code)
        }
    }

    private func registerConfiguredWorkers() {
        for url in shared.configuration.workers.urls {
            let spec = WorkerSpec(url: url, apiKey: shared.configuration.server.apiKey)
            // A duplicate was refused with the configuration.
            _ = try? shared.fleet.add(spec)
        }
    }

    // MARK: - Stop

    /// Stops accepting, lets requests finish for at most `grace`, then ends all threads. Returns the number of
    /// requests that were cut. Further calls return 0 at once: the first one ends the loops they would wait on.
    @discardableResult
    package func stop(grace: TimeSpan) async -> Int {
        guard lifecycle.beginDraining() else { return 0 }
        await server.beginDraining()
        let start = Instant.now()
        var left = await server.activity()
        while Instant.now() - start < grace {
            let isFreshOver = Instant.now() - start >= Gateway.freshConnectionGrace
            if left.requests == 0, left.connections == 0 || isFreshOver { break }
            await control.pause(Gateway.drainPoll)
            left = await server.activity()
        }
        shared.fleet.stop()
        await metricsServer.beginDraining()
        loops.shutdown()
        return left.requests
    }

    /// Ends what `stop` left: the control loop and the blocking threads. Not from the control loop itself.
    package func close() {
        control.stop()
        control.join()
        pool.shutdown()
    }
}
