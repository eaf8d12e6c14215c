import SMGBase
import Testing

@testable import SMGRouting

/// Seeded workloads with requests that take time, for what no single choice shows: spread and affinity.
@Suite struct RoutingSimulationTests {
    /// Requests that end after a number of ticks, on workers that may differ in speed.
    struct Traffic {
        var fleet: Fleet
        var ticks: [Int]
        private var inFlight: [(end: Int, slot: WorkerSlot)] = []
        private(set) var now = 0
        private(set) var served: [Int]
        private(set) var hits = 0
        private(set) var peak = 0

        /// `ticks` are the duration of a request at each worker.
        init(ticks: [Int]) {
            fleet = Fleet(ticks.count)
            self.ticks = ticks
            served = [Int](repeating: 0, count: ticks.count)
        }

        mutating func send(_ prompt: String) {
            guard let choice = fleet.select(prompt) else { return }
            choice.slot.acquire()
            inFlight.append((now + ticks[choice.slot.tenant], choice.slot))
            served[choice.slot.tenant] += 1
            if choice.reason == .cacheHit { hits += 1 }
            let range = fleet.set.loadRange
            peak = max(peak, range.max - range.min)
        }

        mutating func tick() {
            now += 1
            for request in inFlight where request.end <= now { request.slot.release() }
            inFlight.removeAll { $0.end <= now }
        }
    }

    /// The first burst of one new prompt: nobody ends up far above the others.
    @Test(arguments: [2, 4, 16, 64]) func aFirstBurstIsSpread(workers: Int) {
        var fleet = Fleet(workers)
        for _ in 0..<(workers * 32) { _ = fleet.send("the prompt that everybody sends at once") }
        #expect(fleet.loads.max()! - fleet.loads.min()! <= 17, "\(fleet.loads)")
        #expect(fleet.loads.min()! >= 16)
    }

    /// Small bursts from idle do not always start at the same worker.
    @Test func idleWorkersTakeTurns() {
        var traffic = Traffic(ticks: [3, 3, 3, 3, 3, 3])
        for request in 0..<600 {
            traffic.send("\(request) differs from the first byte on")
            if request % 2 == 1 { for _ in 0..<4 { traffic.tick() } }
        }
        #expect(traffic.served.allSatisfy { (95...105).contains($0) }, "\(traffic.served)")
    }

    /// A system prompt shared by all requests, which the first worker gets first: the load must still spread.
    @Test(arguments: [1, 2, 3] as [UInt64]) func aSharedSystemPromptDoesNotPileUp(seed: UInt64) {
        var random = FastRandom(seed: seed)
        var traffic = Traffic(ticks: [Int](repeating: 20, count: 8))
        let system = String(repeating: "You are a helpful assistant. ", count: 40)
        for request in 0..<8000 {
            traffic.send(system + "question \(request) \(random.next())")
            if request % 8 == 7 { traffic.tick() }
        }
        // 8 requests a tick for 20 ticks each: 20 in flight per worker when even.
        #expect(traffic.served.min()! > 700 && traffic.served.max()! < 1300, "\(traffic.served)")
        #expect(traffic.peak <= 40, "\(traffic.peak)")
    }

    /// A slow worker must not collect ever more requests because it has the prefix.
    @Test func aSlowHolderIsRelieved() {
        var traffic = Traffic(ticks: [60, 10, 10, 10])
        for request in 0..<4000 {
            traffic.send("a popular prompt that all clients send")
            if request % 4 == 3 { traffic.tick() }
        }
        #expect(traffic.peak <= 66, "\(traffic.peak)")
        #expect(traffic.served[0] * 2 < traffic.served[1...].min()! * 3, "\(traffic.served)")
        #expect(traffic.hits > 3900)
    }

    /// Conversations come back turn by turn; each should find the worker that has it.
    @Test(arguments: [4, 32]) func conversationsKeepTheirWorker(workers: Int) {
        var random = FastRandom(seed: 77)
        var traffic = Traffic(ticks: [Int](repeating: 12, count: workers))
        var histories = (0..<(workers * 25)).map { "conversation \($0): " + String(random.next()) }
        var turns = 0
        for _ in 0..<600 {
            for _ in 0..<workers {
                let which = random.below(histories.count)
                histories[which] += " and then somebody said \(random.below(1000));"
                traffic.send(histories[which])
                turns += 1
            }
            traffic.tick()
        }
        let kept = Double(traffic.hits) / Double(turns)
        #expect(kept > 0.9, "\(kept)")
        #expect(Double(traffic.served.max()!) < 1.35 * Double(turns / workers), "\(traffic.served)")
    }

    /// One overloaded worker (long requests pinned to it from elsewhere) is an imbalance; the others' conversations
    /// stay.
    @Test func affinitySurvivesImbalance() {
        var traffic = Traffic(ticks: [10, 10, 10, 10])
        for _ in 0..<100 { traffic.fleet.slots[3].acquire() }
        var random = FastRandom(seed: 4)
        var histories = (0..<60).map { "chat \(random.next()) number \($0) " }
        var last = [Int: Int]()
        var (kept, turns) = (0, 0)
        for step in 0..<3000 {
            let which = random.below(60)
            histories[which] += "turn \(step);"
            let before = traffic.served
            traffic.send(histories[which])
            let worker = zip(traffic.served, before).enumerated().first { $0.element.0 != $0.element.1 }!.offset
            if let previous = last[which] {
                turns += 1
                if previous == worker { kept += 1 }
            }
            last[which] = worker
            if step % 3 == 2 { traffic.tick() }
        }
        #expect(traffic.served[3] == 0)
        #expect(Double(kept) / Double(turns) > 0.9, "\(kept) of \(turns)")
    }

    /// A worker that joins late gets a share of a prefix that others hold, once they are loaded.
    @Test func aNewWorkerGetsPopularPrefixes() {
        let slots = (0..<3).map { WorkerSlot(tenant: $0) }
        let policy = Policy(.cacheAware, maxIndexBytes: 1 << 20)
        var random = FastRandom(seed: 3)
        func send(_ set: WorkerSet, _ count: Int) {
            for _ in 0..<count {
                Array("a popular prompt".utf8).withUnsafeBytes { bytes in
                    policy.select(from: set, prompt: bytes, random: &random)?.slot.acquire()
                }
            }
        }
        send(WorkerSet(Array(slots[0..<2])), 80)
        #expect(slots[0].load + slots[1].load == 80 && slots[2].load == 0)
        send(WorkerSet(slots), 60)
        #expect(slots[2].load >= 20, "\(slots.map(\.load))")
    }
}
