internal import SMGBase
internal import SMGConfig
internal import SMGHTTP
internal import SMGNet
internal import SMGRouting
internal import SMGTelemetry
internal import Synchronization

/// Runs the lives of workers on the control loop: registration, health checks, removal. Never in a request's way.
final class FleetController: Sendable {
    /// Pauses between attempts to reach a new worker grow from the first to the second.
    private static let firstRegistrationPause = TimeSpan.milliseconds(250)
    private static let longestRegistrationPause = TimeSpan.seconds(5)
    /// How soon a worker that is not ready is looked at again, whatever the regular interval is.
    private static let recoveryInterval = TimeSpan.seconds(5)
    /// A worker that refused a connection is checked at once, but not more often than this.
    private static let suspectInterval = TimeSpan.milliseconds(500)

    private let configuration: GatewayConfiguration
    private let registry: WorkerRegistry
    private let metrics: GatewayMetrics
    private let log: Logger
    private let resolver: Resolver
    private let pool: BlockingPool
    private let tls: TLSClientContext?
    let loop: EventLoop
    private let isStopping = Atomic<Bool>(false)

    init(
        configuration: GatewayConfiguration, registry: WorkerRegistry, metrics: GatewayMetrics, log: Logger,
        resolver: Resolver, pool: BlockingPool, tls: TLSClientContext?, loop: EventLoop
    ) {
        self.configuration = configuration
        self.registry = registry
        self.metrics = metrics
        self.log = log
        self.resolver = resolver
        self.pool = pool
        self.tls = tls
        self.loop = loop
    }

    /// No new work; what runs ends at its next step.
    func stop() { isStopping.store(true, ordering: .relaxed) }

    private func makeClient(_ spec: WorkerSpec) -> WorkerClient {
        let options = LoopContext.upstreamOptions(configuration, tls)
        return WorkerClient(loop: loop, spec: spec, options: options, resolver: resolver)
    }

    // MARK: - Registration

    /// Starts to register a worker and returns at once. Throws when its URL is taken.
    func add(_ spec: WorkerSpec) throws(GatewayError) -> PendingWorker {
        let pending = try registry.announce(spec)
        loop.execute { [self] in loop.spawn { [self] in await register(pending) } }
        return pending
    }

    private func register(_ pending: PendingWorker) async {
        let spec = pending.spec
        let deadline = loop.now + configuration.workers.startupTimeout
        let client = makeClient(spec)
        var pause = FleetController.firstRegistrationPause
        while !isStopping.load(ordering: .relaxed) {
            if !configuration.health.isEnabled { break }
            let fault = await client.check(
                path: configuration.health.endpoint, timeout: configuration.health.timeout)
            guard let fault else { break }
            let timedOut = loop.now >= deadline
            let message = timedOut ? "gave up after \(configuration.workers.startupTimeout.seconds) s: \(fault)" : fault
            guard registry.note(pending.id, status: timedOut ? .failed : .pending, message: message) else { return }
            if timedOut {
                log.error("workers", "registration failed") {
                    $0.field("worker", spec.url.description); $0.field("reason", fault)
                }
                if configuration.workers.removesUnhealthy { _ = registry.cancelPending(pending.id) }
                return
            }
            log.debug("workers", "not reachable yet") {
                $0.field("worker", spec.url.description); $0.field("reason", fault)
            }
            await loop.sleep(min(pause, deadline - loop.now))
            let longest = min(FleetController.longestRegistrationPause, configuration.workers.startupCheckInterval)
            pause = min(TimeSpan(nanoseconds: pause.nanoseconds * 2), longest)
        }
        var known = spec
        let model = await client.discover(into: &known)
        client.close()
        guard let worker = registry.register(pending.id, spec: known, modelID: model, now: loop.now) else { return }
        log.info("workers", "worker ready") {
            $0.field("worker", worker.url.description)
            $0.field("model", worker.modelID)
            $0.field("id", worker.id)
        }
        if configuration.health.isEnabled { await watch(worker) }
    }

    // MARK: - Health

    /// Checks `worker` until it leaves. First checks are spread over the interval, so that 4,000 workers registered
    /// at once are not checked at once.
    private func watch(_ worker: Worker) async {
        let client = makeClient(worker.spec)
        defer { client.close() }
        var random = FastRandom()
        let interval = configuration.health.interval
        await loop.sleep(TimeSpan(nanoseconds: Int64(Double(interval.nanoseconds) * (0.5 + random.unit() / 2))))
        while !isStopping.load(ordering: .relaxed), worker.status != .draining {
            await check(worker, client)
            if worker.status == .failed, configuration.workers.removesUnhealthy {
                log.warn("workers", "removing failed worker") { $0.field("worker", worker.url.description) }
                registry.withdraw(worker, now: loop.now)
                await forget(worker)
                return
            }
            await loop.sleep(worker.isHealthy ? interval : min(interval, FleetController.recoveryInterval))
        }
    }

    private func check(_ worker: Worker, _ client: WorkerClient) async {
        let before = worker.status
        let fault = await client.check(
            path: configuration.health.endpoint, timeout: configuration.health.timeout)
        // Removed while it was asked: its series are gone, or soon will be.
        guard before != .draining, worker.status != .draining else { return }
        if fault == nil { worker.checkPassed(now: loop.now) } else { worker.checkFailed(now: loop.now) }
        let url = worker.url.description
        metrics.registry.add(metrics.healthChecks.series(url, fault == nil ? "success" : "failure"))
        let after = worker.status
        guard after != before else { return }
        log.warn("workers", "status changed") {
            $0.field("worker", url)
            $0.field("from", before.label)
            $0.field("to", after.label)
            if let fault { $0.field("reason", fault) }
        }
    }

    /// A request could not connect to `worker`: checks it now instead of at the next interval. From any loop.
    func suspect(_ worker: Worker) {
        guard configuration.health.isEnabled else { return }
        loop.execute { [self] in
            let suspects = loop.resident(Suspects.self) { Suspects() }
            guard suspects.begin(worker) else { return }
            loop.spawn { [self] in
                let client = makeClient(worker.spec)
                for _ in 0..<configuration.health.failureThreshold {
                    await check(worker, client)
                    if !worker.isHealthy || isStopping.load(ordering: .relaxed) { break }
                    await loop.sleep(FleetController.suspectInterval)
                }
                client.close()
                suspects.end(worker)
            }
        }
    }

    /// The workers being looked at out of turn.
    private final class Suspects {
        private var current: Set<ObjectIdentifier> = []
        func begin(_ worker: Worker) -> Bool { current.insert(ObjectIdentifier(worker)).inserted }
        func end(_ worker: Worker) { current.remove(ObjectIdentifier(worker)) }
    }

    // MARK: - Removal

    /// Takes a worker out: nothing new at once, gone when its requests are done or the settle time is over.
    /// False if there is none of that id or URL.
    func remove(_ key: String) -> String? {
        if let pending = registry.pendingWorker(key), registry.cancelPending(pending.id) { return pending.id }
        guard let worker = registry.worker(key) else { return nil }
        guard worker.status != .draining else { return worker.id }
        registry.withdraw(worker, now: Instant.now())
        log.info("workers", "worker draining") { $0.field("worker", worker.url.description) }
        loop.execute { [self] in loop.spawn { [self] in await drain(worker) } }
        return worker.id
    }

    private func drain(_ worker: Worker) async {
        let settle = loop.now + configuration.workers.drainSettle
        let limit = loop.now + configuration.server.shutdownGracePeriod
        // A request selected just before the withdrawal raises the load a moment later: the settle time covers that.
        while loop.now < settle || (worker.slot.load > 0 && loop.now < limit) {
            if isStopping.load(ordering: .relaxed) { return }
            await loop.sleep(.milliseconds(50))
        }
        await forget(worker)
        log.info("workers", "worker removed") { $0.field("worker", worker.url.description) }
    }

    /// Ends a withdrawn worker. An index of a million prefixes takes some tenths of a second to forget it: not on this
    /// loop, which also serves the metrics.
    private func forget(_ worker: Worker) async {
        let registry = registry
        do { try await pool.run { registry.forget(worker) } } catch { registry.forget(worker) }
        // Its URL may have come back while it drained; the series are the new worker's then.
        let url = worker.url.description
        if registry.worker(url) == nil { metrics.registry.removeSeries(label: "worker", value: url) }
    }
}
