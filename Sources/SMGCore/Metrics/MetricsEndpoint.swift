internal import SMGBase
internal import SMGHTTP
internal import SMGTelemetry

/// `/metrics` on its own listener, on the control loop: a scrape never waits for, or delays, a request.
final class MetricsEndpoint {
    private let shared: GatewayShared
    private let server: HTTPServer

    init(shared: GatewayShared, server: HTTPServer) {
        self.shared = shared
        self.server = server
    }

    func handle(_ exchange: ServerExchange) async {
        guard exchange.head.method == .get || exchange.head.method == .head else {
            let error = GatewayError(.methodNotAllowed, "Metrics are read with GET.")
            return ErrorBody.respond(error, on: exchange, cors: CORSPolicy(origins: []))
        }
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
}
