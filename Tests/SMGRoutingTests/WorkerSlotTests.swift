import SMGBase
import Synchronization
import Testing

@testable import SMGRouting

@Suite struct WorkerSlotTests {
    @Test func leasesRaiseAndLowerOnce() {
        let slot = WorkerSlot(tenant: 3)
        do {
            let first = InFlightLease(slot)
            let second = InFlightLease(slot)
            #expect(slot.load == 2 && slot.processed == 2)
            first.end()
            #expect(slot.load == 1)
            _ = second.slot
        }
        #expect(slot.load == 0 && slot.processed == 2)
    }

    @Test func leasesOutliveSets() {
        let slots = (0..<3).map { WorkerSlot(tenant: $0) }
        var set: WorkerSet? = WorkerSet(slots)
        let lease = InFlightLease(slots[0])
        #expect(set?.loadRange.max == 1)
        let next = WorkerSet(Array(slots[0..<2]))
        #expect(next.loadRange == (0, 1), "a new set knows the loads of its slots")
        set = nil
        lease.end()
        #expect(next.loadRange == (0, 0))
    }

    @Test func setsFollowAvailabilityAtOnce() {
        let slots = (0..<4).map { WorkerSlot(tenant: $0, isAvailable: $0 != 2) }
        let (one, two) = (WorkerSet(slots), WorkerSet(Array(slots[1...])))
        #expect(one.availableCount == 3 && two.availableCount == 2)
        slots[2].setAvailable(true)
        slots[1].setAvailable(false)
        slots[1].setAvailable(false)
        #expect(one.availableCount == 3 && two.availableCount == 2)
        for slot in slots { slot.setAvailable(false) }
        #expect(one.availableCount == 0 && one.loadRange == (0, 0))
        #expect(WorkerSet([]).availableCount == 0)
    }

    /// Random changes against a plain recount.
    @Test(arguments: [1, 2, 3] as [UInt64]) func boardKnowsTheLeastLoaded(seed: UInt64) {
        var random = FastRandom(seed: seed)
        let slots = (0..<50).map { WorkerSlot(tenant: $0 * 3) }
        let set = WorkerSet(slots)
        for _ in 0..<5000 {
            let slot = slots[random.below(slots.count)]
            switch random.below(10) {
            case 0: slot.setAvailable(random.below(3) != 0)
            case 1..<6: slot.acquire()
            default: if slot.load > 0 { slot.release() }
            }
            var tried = TriedWorkers()
            for _ in 0..<random.below(4) { tried.insert(slots[random.below(slots.count)]) }
            let loads = slots.filter(\.isAvailable).map(\.load)
            #expect(set.loadRange == (loads.min() ?? 0, loads.max() ?? 0))
            let least = slots.filter { $0.isAvailable && !tried.contains($0.tenant) }.map(\.load).min()
            let found = set.board.withQueues { $0.leastLoaded(excluding: tried) }
            #expect(found.map { slots[$0].load } == least)
            #expect(found.map { slots[$0].isAvailable && !tried.contains(slots[$0].tenant) } ?? true)
        }
    }

    @Test func veryHighLoadsAreStillCompared() {
        let slots = (0..<3).map { WorkerSlot(tenant: $0) }
        let set = WorkerSet(slots)
        for (slot, load) in zip(slots, [1030, 1025, 1100]) { for _ in 0..<load { slot.acquire() } }
        #expect(set.board.withQueues { $0.leastLoaded(excluding: TriedWorkers()) } == 1)
        #expect(set.loadRange == (1025, 1100))
    }

    @Test func newcomersTakeTheirTurn() {
        let old = (0..<3).map { WorkerSlot(tenant: $0) }
        for slot in old { for _ in 0..<1000 { InFlightLease(slot).end() } }
        let fresh = WorkerSlot(tenant: 3)
        let set = WorkerSet(old + [fresh])
        var random = FastRandom(seed: 1)
        let policy = Policy(.cacheAware, maxIndexBytes: 1 << 20)
        for i in 0..<400 {
            let prompt = Array("\(i) is a prompt of its own".utf8)
            let choice = prompt.withUnsafeBytes { policy.select(from: set, prompt: $0, random: &random) }
            if let choice { InFlightLease(choice.slot).end() }
        }
        #expect((90...110).contains(fresh.processed), "not every request until it has caught up")
    }

    @Test func triedWorkersKeepTheLastOnes() {
        var tried = TriedWorkers()
        #expect(!tried.contains(0) && tried.isEmpty)
        for tenant in 0..<20 {
            tried.insert(tenant)
            tried.insert(tenant)
            #expect(tried.contains(tenant) && !tried.contains(tenant + 1))
        }
        #expect(!tried.contains(3) && tried.contains(4) && tried.count == 20)
    }

    /// Threads that take and end leases while sets come and go: nothing is lost.
    @Test func loadsBalanceUnderConcurrency() async {
        let slots = (0..<16).map { WorkerSlot(tenant: $0) }
        let policy = Policy(.cacheAware, maxIndexBytes: 1 << 20)
        await withTaskGroup(of: Void.self) { group in
            for seed in 0..<4 as Range<UInt64> {
                group.addTask {
                    var random = FastRandom(seed: seed)
                    for round in 0..<40 {
                        let set = WorkerSet(Array(slots[0..<(8 + round % 9)]))
                        for _ in 0..<50 {
                            let prompt = random.text(length: 1 + random.below(40), alphabet: 3)
                            let choice = prompt.withUnsafeBytes {
                                policy.select(from: set, prompt: $0, random: &random)
                            }
                            guard let choice else { continue }
                            let lease = InFlightLease(choice.slot)
                            if random.below(8) == 0 { choice.slot.setAvailable(random.below(4) != 0) }
                            lease.end()
                        }
                        policy.removeTenant(random.below(16))
                    }
                }
            }
        }
        for slot in slots { slot.setAvailable(true) }
        let set = WorkerSet(slots)
        #expect(slots.allSatisfy { $0.load == 0 } && set.loadRange == (0, 0) && set.availableCount == 16)
        #expect(policy.index?.inconsistency() == nil)
    }
}
