package import SMGBase
internal import SMGConfig
package import SMGRouting
internal import Synchronization

/// A worker that was asked for and has not answered yet, or never did.
package struct PendingWorker: Sendable {
    package let id: String
    package let spec: WorkerSpec
    package internal(set) var status: WorkerStatus
    /// Why it is not ready.
    package internal(set) var message: String
}

/// All workers, known or on their way. The one place that changes membership; everybody else reads snapshots.
package final class WorkerRegistry: Sendable {
    /// Workers at most: the routing index has that many tenant numbers.
    package static let maxWorkers = RoutingLimits.tenants

    private struct State {
        var workers: [Worker] = []
        var pending: [PendingWorker] = []
        /// One policy a model, kept while the model has workers, since it holds the prefix index.
        var policies: [String: Policy] = [:]
        var freeTenants: [Int] = []
        var nextTenant = 0
        var random = FastRandom()
        var snapshot: RoutingSnapshot
    }

    private let state: Mutex<State>
    private let generation = Atomic<UInt64>(0)
    private let health: HealthPolicy
    private let breaker: BreakerPolicy
    private let makePolicy: @Sendable () -> Policy

    package init(
        health: HealthPolicy, breaker: BreakerPolicy, makePolicy: @escaping @Sendable () -> Policy
    ) {
        self.health = health
        self.breaker = breaker
        self.makePolicy = makePolicy
        let empty = ModelPool(model: "", workers: [], policy: makePolicy())
        state = Mutex(State(snapshot: RoutingSnapshot(generation: 0, workers: [], pools: [], all: empty)))
    }

    // MARK: - Reading

    /// Moves whenever the snapshot is replaced.
    package var currentGeneration: UInt64 { generation.load(ordering: .acquiring) }

    package var snapshot: RoutingSnapshot { state.withLock { $0.snapshot } }

    package var pending: [PendingWorker] { state.withLock { $0.pending } }

    /// The worker with this id or URL.
    package func worker(_ key: String) -> Worker? {
        state.withLock { $0.workers.first { $0.id == key || $0.url.description == key } }
    }

    package func pendingWorker(_ key: String) -> PendingWorker? {
        state.withLock { $0.pending.first { $0.id == key || $0.spec.url.description == key } }
    }

    // MARK: - Changing

    /// Notes that `spec` is to become a worker. Throws when its URL is taken or the table is full.
    package func announce(_ spec: WorkerSpec) throws(GatewayError) -> PendingWorker {
        let result: Result<PendingWorker, GatewayError> = state.withLock { state in
            let url = spec.url
            if state.workers.contains(where: { $0.url == url }) || state.pending.contains(where: { $0.spec.url == url }) {
                return .failure(GatewayError(.workerExists, "A worker with the URL \(url) exists already.", param: "url"))
            }
            guard state.workers.count + state.pending.count < WorkerRegistry.maxWorkers else {
                return .failure(GatewayError(.invalidRequest, "There are \(WorkerRegistry.maxWorkers) workers, the most there can be."))
            }
            let entry = PendingWorker(
                id: Identifier.uuid(using: &state.random), spec: spec, status: .pending, message: "waiting for its first answer")
            state.pending.append(entry)
            return .success(entry)
        }
        return try result.get()
    }

    /// Updates why a pending worker is not ready. False when it has been removed.
    package func note(_ id: String, status: WorkerStatus, message: String) -> Bool {
        state.withLock { state in
            guard let index = state.pending.firstIndex(where: { $0.id == id }) else { return false }
            state.pending[index].status = status
            state.pending[index].message = message
            return true
        }
    }

    /// Turns a pending worker into a real one. Nil when it was removed in the meantime.
    package func register(_ id: String, spec: WorkerSpec, modelID: String, now: Instant) -> Worker? {
        state.withLock { state in
            guard let index = state.pending.firstIndex(where: { $0.id == id }) else { return nil }
            state.pending.remove(at: index)
            let tenant = state.freeTenants.popLast() ?? state.nextTenant
            if tenant == state.nextTenant { state.nextTenant += 1 }
            let worker = Worker(
                id: id, spec: spec, modelID: modelID, tenant: tenant, health: health, breaker: breaker)
            worker.activate(now: now)
            state.workers.append(worker)
            publish(&state)
            return worker
        }
    }

    /// Takes a worker out of routing; requests it has go on. Its tenant number stays taken until `forget`.
    package func withdraw(_ worker: Worker, now: Instant) {
        worker.drain(now: now)
        state.withLock { publish(&$0) }
    }

    /// Removes a withdrawn worker for good.
    package func forget(_ worker: Worker) {
        state.withLock { state in
            guard let index = state.workers.firstIndex(where: { $0 === worker }) else { return }
            state.workers.remove(at: index)
            for policy in state.policies.values { policy.removeTenant(worker.slot.tenant) }
            state.snapshot.all.policy.removeTenant(worker.slot.tenant)
            state.freeTenants.append(worker.slot.tenant)
            publish(&state)
        }
    }

    /// Gives a pending worker up. False when there is none of that id.
    package func cancelPending(_ id: String) -> Bool {
        state.withLock { state in
            let before = state.pending.count
            state.pending.removeAll { $0.id == id }
            return state.pending.count < before
        }
    }

    /// Builds the snapshot anew: pools by model, without the workers that are draining.
    private func publish(_ state: inout State) {
        let routable = state.workers.filter { $0.status != .draining }
        var byModel: [String: [Worker]] = [:]
        for worker in routable { byModel[worker.modelID, default: []].append(worker) }
        state.policies = state.policies.filter { byModel[$0.key] != nil }
        var pools: [ModelPool] = []
        for (model, workers) in byModel.sorted(by: { $0.key < $1.key }) {
            let policy = state.policies[model] ?? makePolicy()
            state.policies[model] = policy
            pools.append(ModelPool(model: model, workers: workers, policy: policy))
        }
        // With one model its pool serves requests without a model too: one prefix index, not two.
        let all = pools.count == 1 ? pools[0] : ModelPool(model: "", workers: routable, policy: state.snapshot.all.policy)
        let next = state.snapshot.generation + 1
        state.snapshot = RoutingSnapshot(generation: next, workers: state.workers, pools: pools, all: all)
        generation.store(next, ordering: .releasing)
    }
}
