import SMGBase
import SMGConfig
import SMGJSON
import SMGRouting
import Synchronization
import Testing

@testable import SMGCore

@Suite struct WorkerRegistryTests {
    static let at = Fleet.at

    /// The pool a request for `model` is sent to.
    static func pool(_ registry: WorkerRegistry, _ model: String) -> ModelPool? {
        registry.snapshot.pools.first { $0.model == model }
    }

    static func insert(_ prompt: String, _ policy: Policy, _ worker: Worker) {
        Array(prompt.utf8).withUnsafeBytes { policy.index?.insert($0, tenant: worker.slot.tenant) }
    }

    static func holders(_ prompt: String, _ policy: Policy) -> [Int] {
        Array(prompt.utf8).withUnsafeBytes { policy.index?.match($0).tenants ?? [] }
    }

    // MARK: - On the way

    @Test func refusesAURLThatIsTaken() throws {
        let registry = Fleet.registry()
        let spec = try Fleet.spec("http://a:1")
        let pending = try registry.announce(spec)
        #expect(throws: GatewayError.self) { try registry.announce(Fleet.spec("http://A:1/")) }
        let worker = try #require(registry.register(pending.id, spec: spec, modelID: "m", now: Self.at(0)))
        do {
            _ = try registry.announce(spec)
            Issue.record("announced twice")
        } catch {
            #expect(error.code == .workerExists)
            #expect(error.param == "url")
        }
        registry.withdraw(worker, now: Self.at(1))
        // On its way out it makes room for a new one at once; the two are told apart by their ids.
        let next = try registry.announce(spec)
        #expect(next.id != pending.id)
        let second = try #require(registry.register(next.id, spec: spec, modelID: "m", now: Self.at(2)))
        #expect(registry.worker("http://a:1") === second)
        #expect(registry.worker(pending.id) === worker)
        registry.forget(worker)
        #expect(registry.worker("http://a:1") === second)
        #expect(registry.worker(pending.id) == nil)
        #expect(throws: GatewayError.self) { try registry.announce(spec) }
    }

    @Test func pendingWorkersAreFoundChangedAndCancelled() throws {
        let registry = Fleet.registry()
        let urls = (0..<20).map { "http://w\($0):80" }
        let all = try urls.map { try registry.announce(Fleet.spec($0)) }
        #expect(registry.pending.map(\.id) == all.map(\.id), "in the order they came")
        #expect(registry.pendingWorker(all[3].id)?.spec.url.description == "http://w3")
        #expect(registry.pendingWorker("http://W3:80/")?.id == all[3].id)
        #expect(registry.pendingWorker("http://nobody") == nil)
        #expect(registry.note(all[3].id, status: .failed, message: "no route"))
        #expect(registry.pendingWorker(all[3].id)?.status == .failed)
        #expect(registry.pending[3].message == "no route")
        #expect(registry.cancelPending(all[3].id))
        #expect(!registry.cancelPending(all[3].id))
        #expect(!registry.note(all[3].id, status: .pending, message: ""))
        #expect(registry.register(all[3].id, spec: all[3].spec, modelID: "m", now: Self.at(0)) == nil)
        #expect(registry.pending.count == 19)
        #expect(registry.currentGeneration == 0, "nothing to route to has changed")
        #expect(try registry.announce(Fleet.spec("http://w3")).id != all[3].id)
    }

    // MARK: - Snapshots

    @Test func registrationMovesTheGeneration() throws {
        let registry = Fleet.registry()
        #expect(registry.currentGeneration == 0 && registry.snapshot.generation == 0)
        #expect(registry.snapshot.all.workers.isEmpty)
        let worker = try #require(try registry.add("http://a:1"))
        #expect(registry.currentGeneration == 1 && registry.snapshot.generation == 1)
        #expect(registry.snapshot.workers.map(\.id) == [worker.id])
        #expect(registry.worker(worker.id) === worker)
        #expect(registry.worker("http://a:1") === worker)
        #expect(registry.worker("HTTP://A:1/") === worker)
        #expect(registry.worker("http://b:1") == nil && registry.worker("") == nil)
        #expect(registry.pending.isEmpty)
        #expect(worker.status == .ready && worker.slot.isAvailable)
    }

    @Test func oneModelIsThePoolOfAll() throws {
        let registry = Fleet.registry()
        let workers = try (0..<3).map { try #require(try registry.add("http://w\($0):1")) }
        let snapshot = registry.snapshot
        #expect(snapshot.pools.count == 1)
        #expect(snapshot.all === snapshot.pools[0])
        #expect(snapshot.all.workers.map(\.id) == workers.map(\.id))
        #expect(snapshot.pool(for: nil) === snapshot.all)
        for worker in workers { #expect(snapshot.all.worker(for: worker.slot) === worker) }
        #expect(snapshot.all.worker(for: WorkerSlot(tenant: 99)) == nil)
    }

    @Test func modelsHavePoolsOfTheirOwn() throws {
        let registry = Fleet.registry()
        let a = try #require(try registry.add("http://a:1", model: "alpha"))
        let only = registry.snapshot.all.policy
        let b = try #require(try registry.add("http://b:1", model: "beta"))
        let snapshot = registry.snapshot
        #expect(snapshot.pools.map(\.model) == ["alpha", "beta"])
        #expect(snapshot.pools.map { $0.workers.map(\.id) } == [[a.id], [b.id]])
        #expect(Set(snapshot.all.workers.map(\.id)) == [a.id, b.id])
        // Three prefix indexes: what one model's workers have cached says nothing of another's.
        #expect(snapshot.pools[0].policy === only)
        #expect(snapshot.pools[1].policy !== only)
        #expect(snapshot.all.policy !== only && snapshot.all.policy !== snapshot.pools[1].policy)
        for (name, expected) in [("\"alpha\"", a), ("\"beta\"", b), ("\"\\u0062eta\"", b)] {
            let found = try Self.find(name, in: snapshot)
            #expect(found?.workers.map(\.id) == [expected.id])
        }
        #expect(try Self.find("\"gamma\"", in: snapshot) == nil)
    }

    static func find(_ json: String, in snapshot: RoutingSnapshot) throws -> ModelPool? {
        let bytes = Array("{\"model\":\(json)}".utf8)
        return try bytes.withUnsafeBytes { bytes in
            let root = try JSONSlice(parsing: bytes)
            return snapshot.pool(for: try #require(root["model"]?.text))
        }
    }

    @Test func manyModelsAreFoundByName() throws {
        let registry = Fleet.registry(.roundRobin)
        for number in 0..<40 { _ = try registry.add("http://w\(number):1", model: "model-\(number)") }
        for number in 0..<40 {
            #expect(try Self.find("\"model-\(number)\"", in: registry.snapshot)?.workers[0].url.host == "w\(number)")
        }
        #expect(try Self.find("\"model-40\"", in: registry.snapshot) == nil)
    }

    @Test func aModelsPolicyAndUnchangedPoolsSurviveChanges() throws {
        let registry = Fleet.registry()
        let first = try #require(try registry.add("http://a:1", model: "alpha"))
        let policy = try #require(Self.pool(registry, "alpha")).policy
        Self.insert("once upon a time", policy, first)
        _ = try registry.add("http://a:2", model: "alpha")
        let pool = try #require(Self.pool(registry, "alpha"))
        #expect(pool.policy === policy)
        let other = try #require(try registry.add("http://b:1", model: "beta"))
        #expect(Self.pool(registry, "alpha") === pool, "only what changed is built anew")
        registry.withdraw(other, now: Self.at(1))
        registry.forget(other)
        #expect(Self.pool(registry, "alpha") === pool)
        #expect(registry.snapshot.all === pool)
        #expect(Self.holders("once upon a time", policy) == [first.slot.tenant])
    }

    // MARK: - Leaving

    @Test func withdrawnWorkersAreKnownButNotRouted() throws {
        let registry = Fleet.registry()
        let a = try #require(try registry.add("http://a:1"))
        let b = try #require(try registry.add("http://b:1"))
        let before = registry.currentGeneration
        registry.withdraw(a, now: Self.at(1))
        #expect(registry.currentGeneration > before)
        #expect(a.status == .draining && !a.slot.isAvailable)
        #expect(registry.snapshot.all.workers.map(\.id) == [b.id])
        #expect(registry.snapshot.workers.map(\.id) == [a.id, b.id])
        #expect(registry.worker("http://a:1") === a)
        let again = registry.currentGeneration
        registry.withdraw(a, now: Self.at(2))
        #expect(registry.currentGeneration == again)
        registry.forget(a)
        #expect(registry.worker("http://a:1") == nil && registry.worker(a.id) == nil)
        #expect(registry.snapshot.workers.map(\.id) == [b.id])
        registry.forget(a)
        #expect(registry.snapshot.workers.map(\.id) == [b.id])
    }

    @Test func lastWorkerOfAModelTakesItAway() throws {
        let registry = Fleet.registry()
        let a = try #require(try registry.add("http://a:1", model: "alpha"))
        registry.withdraw(a, now: Self.at(1))
        #expect(registry.snapshot.pools.isEmpty)
        #expect(registry.snapshot.all.workers.isEmpty)
        #expect(registry.snapshot.pool(for: nil)?.model == "")
        registry.forget(a)
        let b = try #require(try registry.add("http://b:1", model: "beta"))
        #expect(registry.snapshot.all.model == "beta")
        #expect(b.slot.tenant == 0)
    }

    @Test func numbersAreReusedOnlyAfterTheIndexesForgotThem() throws {
        let registry = Fleet.registry()
        let workers = try (0..<3).map { try #require(try registry.add("http://w\($0):1")) }
        let other = try #require(try registry.add("http://x:1", model: "other"))
        #expect(workers.map(\.slot.tenant) == [0, 1, 2])
        let policy = try #require(Self.pool(registry, "m")).policy
        let any = registry.snapshot.all.policy
        for index in [policy, any] {
            for worker in workers { Self.insert("once upon a time", index, worker) }
        }
        registry.withdraw(workers[1], now: Self.at(1))
        // Draining: the number is still its own.
        #expect(try #require(try registry.add("http://w3:1")).slot.tenant == 4)
        registry.forget(workers[1])
        #expect(Self.holders("once upon a time", policy) == [0, 2])
        #expect(Self.holders("once upon a time", any) == [0, 2])
        registry.withdraw(other, now: Self.at(1))
        registry.forget(other)
        #expect(try #require(try registry.add("http://w4:1")).slot.tenant == 1, "the smallest free one")
        #expect(try #require(try registry.add("http://w5:1")).slot.tenant == 3)
        #expect(try #require(try registry.add("http://w6:1")).slot.tenant == 5)
    }

    /// Forgetting a worker whose prefixes take long to remove must not hold up anybody who reads or registers.
    @Test func forgettingHoldsNobodyUp() async throws {
        let registry = WorkerRegistry(health: Fleet.health, breaker: Fleet.breaker) {
            Policy(.cacheAware, maxIndexBytes: 64 << 20)
        }
        let leaving = try #require(try registry.add("http://a:1"))
        _ = try registry.add("http://a:2")
        let policy = registry.snapshot.all.policy
        var random = FastRandom(seed: 1)
        for _ in 0..<20_000 { Self.insert(Identifier.random(prefix: "", count: 24, using: &random), policy, leaving) }
        registry.withdraw(leaving, now: Self.at(1))
        let index = try #require(policy.index)
        #expect(index.bytes(ofTenant: leaving.slot.tenant) > 0)
        // While it is being forgotten, all others work as ever, and none gets its number.
        async let done: Void = Task.detached { registry.forget(leaving) }.value
        var tenants: [Int] = []
        var number = 0
        repeat {
            tenants.append(try #require(try registry.add("http://b\(number):1", model: "b")).slot.tenant)
            number += 1
        } while index.bytes(ofTenant: leaving.slot.tenant) > 0 && number < 1_000
        await done
        #expect(tenants.dropLast().allSatisfy { $0 != leaving.slot.tenant })
        #expect(index.bytes(ofTenant: leaving.slot.tenant) == 0)
    }

    @Test func theTableIsBoundedAndNumbersBeingForgottenCount() throws {
        let registry = Fleet.registry(.random)
        let leaving = try #require(try registry.add("http://first:1"))
        for number in 1..<WorkerRegistry.maxWorkers { _ = try registry.announce(Fleet.spec("http://w\(number):1")) }
        #expect(throws: GatewayError.self) { try registry.announce(Fleet.spec("http://more:1")) }
        registry.withdraw(leaving, now: Self.at(1))
        #expect(throws: GatewayError.self) { try registry.announce(Fleet.spec("http://more:1")) }
        registry.forget(leaving)
        #expect(throws: Never.self) { try registry.announce(Fleet.spec("http://more:1")) }
        let last = try #require(registry.pending.last)
        #expect(registry.register(last.id, spec: last.spec, modelID: "m", now: Self.at(2))?.slot.tenant == 0)
    }

    // MARK: - Publishing

    @Test func laterPublicationTakesAllChangesAtOnce() throws {
        let later = Mutex<[@Sendable () -> Void]>([])
        let registry = WorkerRegistry(
            health: Fleet.health, breaker: Fleet.breaker, publishLater: { work in later.withLock { $0.append(work) } },
            makePolicy: { Policy(.roundRobin) })
        let workers = try (0..<100).map { try #require(try registry.add("http://w\($0):1")) }
        registry.withdraw(workers[0], now: Self.at(1))
        registry.forget(workers[0])
        #expect(registry.currentGeneration == 0 && registry.snapshot.workers.isEmpty)
        #expect(registry.worker("http://w1:1") === workers[1], "known at once")
        let posted = later.withLock { later in
            defer { later = [] }
            return later
        }
        #expect(posted.count == 1)
        posted[0]()
        #expect(registry.currentGeneration == 1)
        #expect(registry.snapshot.all.workers.count == 99)
        _ = try registry.add("http://x:1")
        #expect(
            later.withLock { later in
                defer { later = [] }
                return later.count
            } == 1)
    }

    /// With publications taken together, none of the steps costs more the more workers there are already.
    @Test func fourThousandWorkers() throws {
        let later = Mutex<(@Sendable () -> Void)?>(nil)
        let registry = WorkerRegistry(
            health: Fleet.health, breaker: Fleet.breaker, publishLater: { work in later.withLock { $0 = work } },
            makePolicy: { Policy(.cacheAware, maxIndexBytes: 1 << 20) })
        let specs = try (0..<4_000).map { try Fleet.spec("http://10.0.\($0 / 250).\($0 % 250):8000") }
        let pending = try specs.map { try registry.announce($0) }
        for (number, (entry, spec)) in zip(pending, specs).enumerated() {
            let worker = registry.register(entry.id, spec: spec, modelID: "m\(number % 3)", now: Self.at(0))
            #expect(worker?.slot.tenant == number)
        }
        for spec in specs { #expect(registry.worker(spec.url.description)?.url == spec.url) }
        let publish = try #require(
            later.withLock { later in
                defer { later = nil }
                return later
            })
        publish()
        let snapshot = registry.snapshot
        #expect(snapshot.generation == 1 && snapshot.all.workers.count == 4_000)
        #expect(snapshot.pools.map(\.workers.count) == [1_334, 1_333, 1_333])
        #expect(snapshot.all.set.availableCount == 4_000)
    }

    @Test func registrationsFromManyThreadsAllArrive() async throws {
        let registry = Fleet.registry(.roundRobin)
        await withTaskGroup(of: Void.self) { tasks in
            for thread in 0..<4 {
                tasks.addTask {
                    for number in 0..<100 {
                        guard
                            let worker = try? registry.add("http://w\(number % 60):\(1 + thread)", model: "m\(thread)")
                        else { continue }
                        if number % 3 == 0 {
                            registry.withdraw(worker, now: Self.at(1))
                            registry.forget(worker)
                        }
                    }
                }
            }
        }
        let snapshot = registry.snapshot
        #expect(snapshot.generation == registry.currentGeneration)
        #expect(snapshot.pools.count == 4)
        #expect(snapshot.workers.count == snapshot.all.workers.count)
        #expect(Set(snapshot.workers.map(\.slot.tenant)).count == snapshot.workers.count)
        for worker in snapshot.workers { #expect(registry.worker(worker.url.description) === worker) }
    }
}
