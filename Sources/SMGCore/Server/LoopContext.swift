internal import SMGBase
internal import SMGConfig
internal import SMGHTTP
internal import SMGJSON
internal import SMGNet
internal import SMGRouting

/// One loop's part of the gateway: its copy of the routing snapshot, its connections to workers, its metric cells.
final class LoopContext {
    let loop: EventLoop
    let shared: GatewayShared
    let metrics: LoopMetrics
    var random = FastRandom()
    /// Re-used by every request for the stretch between body and selection, in which nothing suspends.
    let scan = JSONObjectScan()
    let prompt = ByteBuffer(capacity: 4096)
    private var current: RoutingSnapshot
    private var pools: ContiguousArray<WorkerPool?> = []
    private let upstreamOptions: UpstreamOptions

    private struct WorkerPool {
        let worker: Worker
        let pool: UpstreamPool
    }

    init(loop: EventLoop, shared: GatewayShared) {
        self.loop = loop
        self.shared = shared
        metrics = LoopMetrics(families: shared.metrics)
        current = shared.registry.snapshot
        upstreamOptions = LoopContext.upstreamOptions(shared.configuration, shared.upstreamTLS)
    }

    /// A pool and its idle connections hold each other: somebody has to let go. The loop has ended by now.
    deinit {
        for entry in pools { entry?.pool.shutDown() }
    }

    static func upstreamOptions(_ configuration: GatewayConfiguration, _ tls: TLSClientContext?) -> UpstreamOptions {
        var options = UpstreamOptions()
        options.maxConnections = configuration.upstream.maximumConnections
        options.idleTimeout = configuration.upstream.idleTimeout
        options.connectTimeout = configuration.timeouts.connect
        options.tls = tls
        options.usesHTTP2 = configuration.upstream.usesHTTP2
        return options
    }

    /// The routing snapshot as of now.
    var snapshot: RoutingSnapshot {
        if current.generation != shared.registry.currentGeneration { reload() }
        return current
    }

    private func reload() {
        current = shared.registry.snapshot
        metrics.snapshotChanged()
        let live = Set(current.workers.map { ObjectIdentifier($0) })
        for index in pools.indices {
            guard let entry = pools[index], !live.contains(ObjectIdentifier(entry.worker)) else { continue }
            entry.pool.shutDown()
            pools[index] = nil
        }
    }

    /// This loop's connections to `worker`.
    func pool(for worker: Worker) -> UpstreamPool {
        let tenant = worker.slot.tenant
        if tenant < pools.count, let entry = pools[tenant], entry.worker === worker { return entry.pool }
        return makePool(worker)
    }

    private func makePool(_ worker: Worker) -> UpstreamPool {
        let tenant = worker.slot.tenant
        while pools.count <= tenant { pools.append(nil) }
        pools[tenant]?.pool.shutDown()
        let url = worker.url
        let origin = UpstreamOrigin(host: url.host, port: UInt16(url.port), isTLS: url.isTLS)
        let pool = UpstreamPool(loop: loop, origin: origin, options: upstreamOptions, resolver: shared.resolver)
        pools[tenant] = WorkerPool(worker: worker, pool: pool)
        return pool
    }
}
