internal import SMGBase
internal import SMGConfig
internal import SMGHTTP
internal import SMGJSON
internal import SMGRouting

/// Health, readiness and what the gateway and its models are. Public: no key is asked for.
final class InfoAPI {
    private let context: LoopContext
    private let cors: CORSPolicy
    private let lifecycle: Lifecycle

    init(context: LoopContext, cors: CORSPolicy, lifecycle: Lifecycle) {
        self.context = context
        self.cors = cors
        self.lifecycle = lifecycle
    }

    func handle(_ route: Route, _ exchange: ServerExchange) async {
        switch route {
        case .liveness: text(exchange, "OK")
        case .readiness: readiness(exchange)
        case .healthGenerate: await askWorker(exchange, "/health_generate")
        case .models: models(exchange)
        case .modelInfo: await askWorker(exchange, exchange.path.string)
        case .serverInfo: serverInfo(exchange)
        default: ErrorBody.respond(GatewayError(.unknownURL, "Not here."), on: exchange, cors: cors)
        }
    }

    private func text(_ exchange: ServerExchange, _ text: StaticString) {
        let body = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        exchange.respond(status: 200, contentType: "text/plain; charset=utf-8", body: body, headers: common)
    }

    private func common(_ exchange: ServerExchange) {
        exchange.putHeader("x-request-id", string: exchange.requestID)
        cors.putHeaders(on: exchange)
    }

    private func json(_ exchange: ServerExchange, status: Int = 200, _ write: (inout JSONWriter) -> Void) {
        let body = ByteBuffer(capacity: 512)
        var writer = JSONWriter(body)
        write(&writer)
        exchange.respond(status: status, contentType: "application/json", body: body.readable, headers: common)
    }

    private func readiness(_ exchange: ServerExchange) {
        let readiness = Readiness(context.shared.registry, lifecycle)
        json(exchange, status: readiness.status) { readiness.write(to: &$0) }
    }

    private func models(_ exchange: ServerExchange) {
        let pools = context.snapshot.pools
        json(exchange) { writer in
            writer.beginObject()
            writer.key("object")
            writer.string("list")
            writer.key("data")
            writer.beginArray()
            for pool in pools {
                writer.beginObject()
                writer.key("id")
                writer.string(pool.model)
                writer.key("object")
                writer.string("model")
                writer.key("created")
                writer.int(0)
                writer.key("owned_by")
                writer.string("self_hosted")
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
    }

    private func serverInfo(_ exchange: ServerExchange) {
        let snapshot = context.snapshot
        let shared = context.shared
        json(exchange) { writer in
            writer.beginObject()
            writer.key("router_manager")
            writer.bool(true)
            writer.key("routers_count")
            writer.int(1)
            writer.key("workers_count")
            writer.int(snapshot.workers.count)
            writer.key("version")
            writer.string(SMGVersion.text)
            writer.key("policy")
            writer.string(shared.configuration.routing.policy.rawValue)
            writer.key("models")
            writer.beginArray()
            for pool in snapshot.pools { writer.string(pool.model) }
            writer.endArray()
            writer.key("uptime_seconds")
            writer.int(Int((Instant.now() - shared.startedAt).seconds))
            writer.endObject()
        }
    }

    /// Passes the question to the first ready worker.
    private func askWorker(_ exchange: ServerExchange, _ path: String) async {
        let snapshot = context.snapshot
        guard let worker = snapshot.workers.first(where: { $0.slot.isAvailable }) else {
            let error = GatewayError(.noAvailableWorkers, "No worker is available to answer.")
            return ErrorBody.respond(error, on: exchange, cors: cors)
        }
        do throws(UpstreamError) {
            let answer = try await WorkerClient.fetch(
                .get, path, spec: worker.spec, from: context.pool(for: worker), loop: context.loop,
                timeout: context.shared.configuration.health.timeout)
            exchange.beginHead(status: answer.status)
            if !answer.contentType.isEmpty { exchange.putHeader("content-type", string: answer.contentType) }
            common(exchange)
            exchange.endHead(.known(answer.body.readableCount))
            exchange.write(answer.body.readable)
            exchange.finish()
            exchange.flush()
        } catch {
            ErrorBody.respond(GatewayError(upstream: error, worker: worker), on: exchange, cors: cors)
        }
    }
}
