internal import SMGBase
package import SMGJSON
package import SMGRouting

/// The workers that serve one model, and the policy that chooses among them. Immutable membership.
package final class ModelPool: Sendable {
    package let model: String
    package let modelBytes: [UInt8]
    /// In the order of `set`'s slots.
    package let workers: [Worker]
    package let set: WorkerSet
    package let policy: Policy
    private let byTenant: ContiguousArray<Worker?>

    init(model: String, workers: [Worker], policy: Policy) {
        self.model = model
        modelBytes = Array(model.utf8)
        self.workers = workers
        set = WorkerSet(workers.map(\.slot))
        self.policy = policy
        var byTenant = ContiguousArray<Worker?>(repeating: nil, count: (workers.map(\.slot.tenant).max() ?? -1) + 1)
        for worker in workers { byTenant[worker.slot.tenant] = worker }
        self.byTenant = byTenant
    }

    /// The worker that a selection means.
    func worker(for slot: WorkerSlot) -> Worker? { slot.tenant < byTenant.count ? byTenant[slot.tenant] : nil }
}

/// All that the request path knows of the workers, at one moment. Published as a whole; loops keep a reference and
/// replace it when the generation moves.
package final class RoutingSnapshot: Sendable {
    package let generation: UInt64
    package let workers: [Worker]
    package let pools: [ModelPool]
    /// For requests that name no model.
    package let all: ModelPool
    private let poolByModel: [String: Int]

    /// Models up to which comparing bytes beats hashing a string made for the purpose.
    private static let linearModels = 8

    init(generation: UInt64, workers: [Worker], pools: [ModelPool], all: ModelPool) {
        self.generation = generation
        self.workers = workers
        self.pools = pools
        self.all = all
        var byModel: [String: Int] = [:]
        for (index, pool) in pools.enumerated() { byModel[pool.model] = index }
        poolByModel = byModel
    }

    /// The pool for the model a request names; nil when no worker serves it.
    ///
    /// A fleet with one model serves any name: engines accept aliases that the gateway cannot know.
    package func pool(for model: JSONString?) -> ModelPool? {
        guard let model, pools.count > 1 else { return all }
        if pools.count <= RoutingSnapshot.linearModels, !model.hasEscapes {
            for pool in pools where pool.modelBytes.withUnsafeBytes({ equal($0, model.raw) }) { return pool }
            return nil
        }
        return poolByModel[model.string].map { pools[$0] }
    }

    private func equal(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
        a.count == b.count && a.elementsEqual(b)
    }
}
