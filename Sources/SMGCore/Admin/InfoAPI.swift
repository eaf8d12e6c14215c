internal import SMGBase
internal import SMGConfig
internal import SMGHTTP
internal import SMGJSON
internal import SMGRouting

/// Health, readiness and what the gateway and its models are. Public: no key is asked for.
final class InfoAPI {
    private let context: LoopContext
    private let reply: Reply
    private let lifecycle: Lifecycle

    init(context: LoopContext, reply: Reply, lifecycle: Lifecycle) {
        self.context = context
        self.reply = reply
        self.lifecycle = lifecycle
    }

    func handle(_ route: Route, _ exchange: ServerExchange) async {
        switch route {
        case .liveness: reply.text(exchange, "OK")
        case .readiness: readiness(exchange)
        case .healthGenerate: await askWorker(exchange, "/health_generate")
        case .models: models(exchange)
        case .modelInfo: await askWorker(exchange, exchange.path.string)
        case .serverInfo: serverInfo(exchange)
        default: reply.error(exchange, GatewayError(.unknownURL, "Not here."))
        }
    }

    private func readiness(_ exchange: ServerExchange) {
        let readiness = Readiness(context.shared.registry, lifecycle)
        reply.json(exchange, status: readiness.status) { readiness.write(to: &$0) }
    }

    private func models(_ exchange: ServerExchange) {
        let pools = context.snapshot.pools
        reply.json(exchange) { writer in
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
        reply.json(exchange) { writer in
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
            return reply.error(
                exchange, GatewayError(.noAvailableWorkers, "No worker is available to answer."))
        }
        do throws(UpstreamError) {
            let answer = try await WorkerClient.fetch(
                .get, path, spec: worker.spec, from: context.pool(for: worker), loop: context.loop,
                timeout: context.shared.configuration.health.timeout)
            exchange.beginHead(status: answer.status)
            if !answer.contentType.isEmpty { exchange.putHeader("content-type", string: answer.contentType) }
            reply.putFields(on: exchange)
            exchange.endHead(.known(answer.body.readableCount))
            exchange.write(answer.body.readable)
            exchange.finish()
            exchange.flush()
        } catch {
            reply.error(exchange, GatewayError(upstream: error, worker: worker))
        }
    }
}
