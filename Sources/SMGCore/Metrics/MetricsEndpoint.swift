internal import SMGBase
internal import SMGHTTP
internal import SMGJSON
internal import SMGTelemetry

/// Metrics on their own listener, on the control loop: a scrape never waits for, or delays, a request.
///
/// Readiness is answered here too, because this listener stays open until the last request is done: a draining gateway
/// can still say so when its own port takes no more connections. Every other path is `/metrics`.
final class MetricsEndpoint {
    private let shared: GatewayShared
    private let lifecycle: Lifecycle
    private let server: HTTPServer

    init(shared: GatewayShared, server: HTTPServer, lifecycle: Lifecycle) {
        self.shared = shared
        self.lifecycle = lifecycle
        self.server = server
    }

    func handle(_ exchange: ServerExchange) async {
        guard exchange.head.method == .get || exchange.head.method == .head else {
            let error = GatewayError(.methodNotAllowed, "Metrics are read with GET.")
            return ErrorBody.respond(error, on: exchange, cors: CORSPolicy(origins: []))
        }
        if exchange.path.equals("/readiness") { return readiness(exchange) }
        let activity = await server.activity()
        shared.metrics.refresh(
            from: shared.registry.snapshot, limiter: shared.limiter, connections: activity.connections, now: .now())
        let text = ByteBuffer(capacity: 64 << 10)
        shared.metrics.registry.writeText(to: text)
        exchange.beginHead(status: 200)
        exchange.putHeader("content-type", string: MetricRegistry.textContentType)
        exchange.endHead(.known(text.readableCount))
        exchange.write(text.readable)
        exchange.finish()
        exchange.flush()
    }

    private func readiness(_ exchange: ServerExchange) {
        let readiness = Readiness(shared.registry, lifecycle)
        let body = ByteBuffer(capacity: 256)
        var writer = JSONWriter(body)
        readiness.write(to: &writer)
        exchange.respond(status: readiness.status, contentType: "application/json", body: body.readable)
    }
}
