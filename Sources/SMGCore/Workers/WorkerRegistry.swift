package import SMGBase
internal import SMGConfig
package import SMGRouting
internal import Synchronization

/// All workers, known or on their way. The one place that changes membership; everybody else reads snapshots.
package final class WorkerRegistry: Sendable {
    /// Workers at most: the routing index has that many tenant numbers.
    package static let maxWorkers = RoutingLimits.tenants

    /// The workers of one model that may be routed to.
    fileprivate struct Model {
        var workers: [Worker] = []
        /// Kept while the model has workers, since it holds the prefix index.
        let policy: Policy
        /// Made at the next publication if nil.
        var pool: ModelPool?
    }

    fileprivate struct State {
        /// In the order of registration, draining ones included.
        var workers: [Worker] = []
        var byID: [String: Worker] = [:]
        var byURL: [WorkerURL: Worker] = [:]
        var pending = PendingWorkers()
        var models: [String: Model] = [:]
        var tenants = TenantNumbers()
        var random = FastRandom()
        var generation: UInt64 = 0
        var isPublicationDue = false
    }

    private let state = Mutex(State())
    /// Apart from `state`, so that a loop that fetches the snapshot never waits for one being built.
    private let published: Mutex<RoutingSnapshot>
    private let generation = Atomic<UInt64>(0)
    private let health: HealthPolicy
    private let breaker: BreakerPolicy
    private let makePolicy: @Sendable () -> Policy
    /// Chooses for requests that name no model while there are several.
    private let anyModelPolicy: Policy
    private let publishLater: (@Sendable (@escaping @Sendable () -> Void) -> Void)?

    /// - Parameter publishLater: runs its argument soon. Publishing costs time in proportion to the number of workers;
    ///   with this, all changes until then are published at once. Without it every change is published before the call
    ///   that makes it returns.
    package init(
        health: HealthPolicy, breaker: BreakerPolicy,
        publishLater: (@Sendable (@escaping @Sendable () -> Void) -> Void)? = nil,
        makePolicy: @escaping @Sendable () -> Policy
    ) {
        self.health = health
        self.breaker = breaker
        self.makePolicy = makePolicy
        self.publishLater = publishLater
        anyModelPolicy = makePolicy()
        let empty = ModelPool(model: "", workers: [], policy: anyModelPolicy)
        published = Mutex(RoutingSnapshot(generation: 0, workers: [], pools: [], all: empty))
    }

    // MARK: - Reading

    /// Moves whenever the snapshot is replaced.
    package var currentGeneration: UInt64 { generation.load(ordering: .acquiring) }

    package var snapshot: RoutingSnapshot { published.withLock { $0 } }

    package var pending: [PendingWorker] { state.withLock { $0.pending.all } }

    /// All workers and all that are to become one, at one moment: no worker is missing or in both. The snapshot follows
    /// a little later.
    package var members: (workers: [Worker], pending: [PendingWorker]) {
        state.withLock { ($0.workers, $0.pending.all) }
    }

    /// The worker with this id or URL.
    package func worker(_ key: String) -> Worker? {
        let url = try? WorkerURL(key)
        return state.withLock { state in state.byID[key] ?? url.flatMap { state.byURL[$0] } }
    }

    package func pendingWorker(_ key: String) -> PendingWorker? { state.withLock { $0.pending.find(key) } }

    // MARK: - Changing

    /// Notes that `spec` is to become a worker. Throws when its URL is taken or the table is full.
    package func announce(_ spec: WorkerSpec) throws(GatewayError) -> PendingWorker {
        let url = spec.url
        let result: Result<PendingWorker, GatewayError> = state.withLock { state in
            // One that is on its way out may come back at once, as a new worker.
            let isTaken = state.byURL[url].map { $0.status != .draining } ?? false
            guard !isTaken, !state.pending.contains(url) else {
                return .failure(
                    GatewayError(.workerExists, "A worker with the URL \(url) exists already.", param: "url"))
            }
            // Numbers of workers that have left are taken until the prefix indexes have forgotten them.
            guard state.tenants.takenCount + state.pending.count < WorkerRegistry.maxWorkers else {
                return .failure(
                    GatewayError(
                        .invalidRequest, "There are \(WorkerRegistry.maxWorkers) workers, the most there can be."))
            }
            let entry = PendingWorker(id: Identifier.uuid(using: &state.random), spec: spec)
            state.pending.insert(entry)
            return .success(entry)
        }
        return try result.get()
    }

    /// Updates why a pending worker is not ready. False when it has been removed.
    package func note(_ id: String, status: WorkerStatus, message: String) -> Bool {
        state.withLock { $0.pending.update(id, status: status, message: message) }
    }

    /// Turns a pending worker into a real one. Nil when it was removed in the meantime.
    package func register(_ id: String, spec: WorkerSpec, modelID: String, now: Instant) -> Worker? {
        let worker: Worker? = state.withLock { state in
            guard state.pending.remove(id) != nil else { return nil }
            let worker = Worker(
                id: id, spec: spec, modelID: modelID, tenant: state.tenants.take(), health: health, breaker: breaker)
            worker.activate(now: now)
            state.workers.append(worker)
            state.byID[id] = worker
            state.byURL[spec.url] = worker
            state.models[modelID, default: Model(policy: makePolicy())].workers.append(worker)
            state.models[modelID]?.pool = nil
            return worker
        }
        if worker != nil { changed() }
        return worker
    }

    /// Takes a worker out of routing; requests it has go on. Its tenant number stays taken until `forget`.
    package func withdraw(_ worker: Worker, now: Instant) {
        worker.drain(now: now)
        let isRouted = state.withLock { $0.removeFromModel(worker) }
        if isRouted { changed() }
    }

    /// Removes a withdrawn worker for good. Takes up to some tenths of a second when it had many prefixes, but holds
    /// nobody up meanwhile.
    package func forget(_ worker: Worker) {
        let tenant = worker.slot.tenant
        let modelPolicy: Policy?? = state.withLock { state in
            guard state.byID[worker.id] === worker else { return nil }
            assert(worker.status == .draining, "withdraw it first")
            state.byID[worker.id] = nil
            if state.byURL[worker.url] === worker { state.byURL[worker.url] = nil }
            state.workers.removeAll { $0 === worker }
            return .some(state.models[worker.modelID]?.policy)
        }
        guard let modelPolicy else { return }
        changed()
        modelPolicy?.removeTenant(tenant)
        anyModelPolicy.removeTenant(tenant)
        state.withLock { $0.tenants.giveBack(tenant) }
    }

    /// Gives a pending worker up. False when there is none of that id.
    package func cancelPending(_ id: String) -> Bool { state.withLock { $0.pending.remove(id) != nil } }

    // MARK: - Publishing

    private func changed() {
        guard let publishLater else { return publish() }
        let isFirst = state.withLock { state in
            defer { state.isPublicationDue = true }
            return !state.isPublicationDue
        }
        if isFirst { publishLater { [self] in publish() } }
    }

    /// Replaces the snapshot by one of the workers as they are now. Pools whose workers are the same stay.
    private func publish() {
        state.withLock { state in
            state.isPublicationDue = false
            state.generation += 1
            let next = state.makeSnapshot(anyModelPolicy)
            let old = published.withLock { published in
                let old = published
                published = next
                return old
            }
            generation.store(next.generation, ordering: .releasing)
            // Its last reference may go here: not under the lock that loops wait for.
            withExtendedLifetime(old) {}
        }
    }
}

extension WorkerRegistry.State {
    /// False when it was not routed to.
    fileprivate mutating func removeFromModel(_ worker: Worker) -> Bool {
        guard let place = models[worker.modelID]?.workers.firstIndex(where: { $0 === worker }) else { return false }
        models[worker.modelID]?.workers.remove(at: place)
        models[worker.modelID]?.pool = nil
        if models[worker.modelID]?.workers.isEmpty ?? false { models[worker.modelID] = nil }
        return true
    }

    fileprivate mutating func makeSnapshot(_ anyModelPolicy: Policy) -> RoutingSnapshot {
        var pools: [ModelPool] = []
        for name in models.keys.sorted() {
            guard let model = models[name] else { continue }
            let pool = model.pool ?? ModelPool(model: name, workers: model.workers, policy: model.policy)
            models[name]?.pool = pool
            pools.append(pool)
        }
        // With one model its pool serves requests without a model too: one prefix index, not two.
        let all =
            pools.count == 1
            ? pools[0] : ModelPool(model: "", workers: pools.flatMap(\.workers), policy: anyModelPolicy)
        return RoutingSnapshot(generation: generation, workers: workers, pools: pools, all: all)
    }
}
