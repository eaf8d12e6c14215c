import SMGBase
import Testing

@testable import SMGRouting

/// A fleet with a policy, for tests that give it prompts.
struct Fleet {
    let slots: [WorkerSlot]
    let set: WorkerSet
    let policy: Policy
    var random = FastRandom(seed: 42)

    init(_ count: Int, _ kind: PolicyKind = .cacheAware, _ parameters: CacheAwareParameters = CacheAwareParameters()) {
        slots = (0..<count).map { WorkerSlot(tenant: $0) }
        set = WorkerSet(slots)
        policy = Policy(kind, parameters: parameters, maxIndexBytes: 8 << 20)
    }

    init(loads: [Int], _ parameters: CacheAwareParameters = CacheAwareParameters()) {
        self.init(loads.count, .cacheAware, parameters)
        for (slot, load) in zip(slots, loads) { for _ in 0..<load { slot.acquire() } }
    }

    mutating func select(
        _ prompt: String, excluding tried: [Int] = [], allowRepeat: Bool = false
    ) -> Selection? {
        var excluded = TriedWorkers()
        for tenant in tried { excluded.insert(tenant) }
        let bytes = Array(prompt.utf8)
        return bytes.withUnsafeBytes { bytes in
            policy.select(
                from: set, prompt: bytes, excluding: excluded, allowRepeat: allowRepeat, random: &random)
        }
    }

    /// Selects, and keeps the request in flight.
    mutating func send(_ prompt: String) -> Int? {
        guard let choice = select(prompt) else { return nil }
        choice.slot.acquire()
        return choice.slot.tenant
    }

    func learn(_ prompt: String, _ tenant: Int) { policy.index?.insert(prompt, tenant: tenant) }

    var loads: [Int] { slots.map(\.load) }
}

@Suite struct PolicyTests {
    @Test func hasTheNamesOfTheOption() {
        #expect(PolicyKind.allCases.map(\.rawValue) == ["random", "round_robin", "power_of_two", "cache_aware"])
        #expect(PolicyKind(rawValue: "cache_aware") == .cacheAware && PolicyKind(rawValue: "other") == nil)
        #expect(PolicyKind.allCases.filter(\.usesPrompt) == [.cacheAware])
        #expect(Set(Selection.Reason.allCases.map(\.label.description)).count == Selection.Reason.allCases.count)
    }

    @Test(arguments: PolicyKind.allCases) func choosesOnlyWhatMayBeChosen(kind: PolicyKind) {
        var fleet = Fleet(20, kind)
        var random = FastRandom(seed: 5)
        for step in 0..<2000 {
            fleet.slots[random.below(20)].setAvailable(random.below(4) == 0)
            let tried = (0..<random.below(5)).map { _ in random.below(20) }
            let allowed = Set((0..<20).filter { fleet.slots[$0].isAvailable }).subtracting(tried)
            let choice = fleet.select("prompt \(step % 50)", excluding: tried)
            #expect((choice == nil) == allowed.isEmpty)
            #expect(choice.map { allowed.contains($0.slot.tenant) } ?? true)
        }
    }

    @Test(arguments: PolicyKind.allCases) func repeatsOnlyWhenAllowed(kind: PolicyKind) {
        var fleet = Fleet(3, kind)
        fleet.slots[1].setAvailable(false)
        #expect(fleet.select("a", excluding: [0])?.slot.tenant == 2)
        #expect(fleet.select("a", excluding: [0, 2]) == nil)
        #expect(fleet.select("a", excluding: [0, 2], allowRepeat: true).map { $0.slot.tenant != 1 } == true)
        for slot in fleet.slots { slot.setAvailable(false) }
        #expect(fleet.select("a", excluding: [0], allowRepeat: true) == nil)
    }

    @Test func roundRobinVisitsEachInTurn() {
        var fleet = Fleet(5, .roundRobin)
        fleet.slots[3].setAvailable(false)
        var counts = [Int](repeating: 0, count: 5)
        for _ in 0..<400 { counts[fleet.select("")!.slot.tenant] += 1 }
        #expect(counts == [100, 100, 100, 0, 100])
    }

    @Test func randomIsUniform() {
        var fleet = Fleet(10, .random)
        for i in 0..<5 { fleet.slots[i].setAvailable(false) }
        var counts = [Int](repeating: 0, count: 10)
        for _ in 0..<10_000 { counts[fleet.select("")!.slot.tenant] += 1 }
        #expect(counts[..<5].allSatisfy { $0 == 0 } && counts[5...].allSatisfy { (1800...2200).contains($0) })
    }

    @Test func powerOfTwoAvoidsTheBusiest() {
        var fleet = Fleet(4, .powerOfTwo)
        for _ in 0..<5 { fleet.slots[2].acquire() }
        var counts = [Int](repeating: 0, count: 4)
        for _ in 0..<9000 { counts[fleet.select("")!.slot.tenant] += 1 }
        #expect(counts[2] == 0, "it loses against each of the others")
        #expect([0, 1, 3].allSatisfy { (2700...3300).contains(counts[$0]) }, "ties are broken at random")
    }

    @Test func powerOfTwoTakesTheOnlyOne() {
        var fleet = Fleet(2, .powerOfTwo)
        fleet.slots[0].setAvailable(false)
        #expect(fleet.select("")?.slot.tenant == 1)
        fleet.slots[1].setAvailable(false)
        #expect(fleet.select("") == nil)
    }

    @Test(arguments: PolicyKind.allCases) func anEmptySetHasNobody(kind: PolicyKind) {
        var fleet = Fleet(0, kind)
        #expect(fleet.select("x") == nil)
    }
}
