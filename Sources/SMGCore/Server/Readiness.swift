internal import SMGBase
internal import SMGJSON

/// Whether requests should be sent to this gateway: a worker is ready, and the gateway is not on its way out.
struct Readiness {
    let healthyWorkers: Int
    let totalWorkers: Int
    let isDraining: Bool

    init(_ registry: WorkerRegistry, _ lifecycle: Lifecycle) {
        let workers = registry.snapshot.workers
        healthyWorkers = workers.count { $0.isHealthy }
        totalWorkers = workers.count + registry.pending.count
        isDraining = lifecycle.isDraining
    }

    /// Why not; nil when ready.
    var reason: StaticString? {
        isDraining ? "draining" : healthyWorkers == 0 ? "insufficient healthy workers" : nil
    }

    var status: Int { reason == nil ? 200 : 503 }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("status")
        writer.string(reason == nil ? "ready" : "not ready")
        if let reason {
            writer.key("reason")
            writer.string(reason)
        }
        writer.key("healthy_workers")
        writer.int(healthyWorkers)
        writer.key("total_workers")
        writer.int(totalWorkers)
        writer.endObject()
    }
}
