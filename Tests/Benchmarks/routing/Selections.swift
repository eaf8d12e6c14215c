import SMGBase
import SMGRouting

let fleetSizes = [4, 64, 512, 4000]

/// A selection with its lease taken and, 64 selections later on average, ended.
final class Selector {
    let set: WorkerSet
    let policy: Policy
    let prompts: [[UInt8]]
    var random = FastRandom(seed: 1)
    var busy: [WorkerSlot]
    var reasons = [Selection.Reason: Int]()

    /// `busy` requests stay in flight all the time.
    init(workers: Int, kind: PolicyKind, prompts: [[UInt8]], learnt: Bool) {
        let slots = (0..<workers).map { WorkerSlot(tenant: $0) }
        set = WorkerSet(slots)
        policy = Policy(kind)
        self.prompts = prompts
        busy = (0..<workers * 4).map { slots[$0 % workers] }
        for slot in busy { slot.acquire() }
        guard learnt else { return }
        for prompt in prompts {
            for tenant in 0..<workers { prompt.withUnsafeBytes { policy.index?.insert($0, tenant: tenant) } }
        }
    }

    func run(_ i: Int) {
        let choice = prompts[i % prompts.count].withUnsafeBytes {
            policy.select(from: set, prompt: $0, random: &random)
        }
        guard let choice else { return }
        choice.slot.acquire()
        let at = random.below(busy.count)
        busy[at].release()
        busy[at] = choice.slot
        if i & 63 == 0 { reasons[choice.reason, default: 0] += 1 }
    }
}

func measureSelections() {
    var random = FastRandom(seed: 7)
    let known = [text(700, &random)]
    let conversations = (0..<512).map { _ in text(700, &random) }
    print("ns per selection with acquire and release, by workers")
    print(column("policy", 28) + fleetSizes.map { column($0, 10) }.joined())
    for kind in [PolicyKind.random, .roundRobin, .powerOfTwo] {
        row(kind.rawValue) { Selector(workers: $0, kind: kind, prompts: known, learnt: false) }
    }
    row("cache_aware, held by all") { Selector(workers: $0, kind: .cacheAware, prompts: known, learnt: true) }
    row("cache_aware, conversations") {
        Selector(workers: $0, kind: .cacheAware, prompts: conversations, learnt: false)
    }
    row("cache_aware, miss") { Selector(workers: $0, kind: .cacheAware, prompts: [[]], learnt: false) }
    let pairs = fleetSizes.map { workers in
        let slots = (0..<workers).map { WorkerSlot(tenant: $0) }
        let set = WorkerSet(slots)
        var random = FastRandom(seed: 3)
        return withExtendedLifetime(set) {
            column(rounded(nanoseconds(200_000) { _ in InFlightLease(slots[random.below(workers)]).end() }), 10)
        }
    }
    print(column("lease alone", 28) + pairs.joined())
    let rebuilds = fleetSizes.map { workers in
        let slots = (0..<workers).map { WorkerSlot(tenant: $0) }
        return column(rounded(nanoseconds(20) { _ in _ = WorkerSet(slots) } / 1000), 10)
    }
    print(column("rebuild of a set, µs", 28) + rebuilds.joined())
}

private func row(_ name: String, _ make: (Int) -> Selector) {
    let cells = fleetSizes.map { workers in
        let selector = make(workers)
        return column(rounded(nanoseconds(200_000) { selector.run($0) }), 10)
    }
    print(column(name, 28) + cells.joined())
}

/// Two threads selecting from one set with one policy.
func measureThreads() async {
    print("ns per selection while two tasks select at once, 64 workers")
    var random = FastRandom(seed: 7)
    let prompt = text(700, &random)
    for kind in PolicyKind.allCases {
        let slots = (0..<64).map { WorkerSlot(tenant: $0) }
        let set = WorkerSet(slots)
        let policy = Policy(kind)
        let start = Instant.now()
        await withTaskGroup(of: Void.self) { group in
            for seed in 0..<2 as Range<UInt64> {
                group.addTask {
                    var random = FastRandom(seed: seed)
                    for _ in 0..<500_000 {
                        let choice = prompt.withUnsafeBytes { policy.select(from: set, prompt: $0, random: &random) }
                        if let choice { InFlightLease(choice.slot).end() }
                    }
                }
            }
        }
        print(column(kind.rawValue, 28) + column(rounded(Double((Instant.now() - start).nanoseconds) / 500_000), 10))
    }
}
