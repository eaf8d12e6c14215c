import SMGBase
import SMGConfig
import SMGProtocols
import SMGRouting
import Synchronization
import Testing

@testable import SMGCore

@Suite struct WorkerTests {
    static let at = Fleet.at

    static func ready(breaker: BreakerPolicy = Fleet.breaker) throws -> Worker {
        let worker = try Fleet.worker(breaker: breaker)
        worker.activate(now: at(0))
        return worker
    }

    @Test func isUnavailableUntilItIsReady() throws {
        let worker = try Fleet.worker()
        #expect(worker.status == .pending)
        #expect(!worker.slot.isAvailable)
        #expect(!worker.admit(now: Self.at(0)))
        worker.activate(now: Self.at(0))
        #expect(worker.slot.isAvailable)
        #expect(worker.admit(now: Self.at(0)))
    }

    @Test func availabilityIsHealthAndBreaker() throws {
        let worker = try Self.ready()
        worker.checkFailed(now: Self.at(1))
        #expect(worker.slot.isAvailable)
        worker.checkFailed(now: Self.at(2))
        #expect(worker.status == .notReady && !worker.slot.isAvailable)
        // Opens while not ready: recovery alone brings no full availability back.
        for _ in 0..<3 { worker.recordFailure(now: Self.at(3)) }
        #expect(worker.breakerPhase == .open)
        worker.checkPassed(now: Self.at(4))
        #expect(!worker.slot.isAvailable && !worker.admit(now: Self.at(4)))
        worker.checkPassed(now: Self.at(5))
        #expect(worker.status == .ready && worker.breakerPhase == .halfOpen)
        #expect(worker.slot.isAvailable)
        #expect(worker.admit(now: Self.at(5)))
        #expect(!worker.slot.isAvailable, "its probe is out")
    }

    @Test func opensProbesAndCloses() throws {
        let worker = try Self.ready()
        for _ in 0..<3 {
            #expect(worker.slot.isAvailable)
            worker.recordFailure(now: Self.at(1))
        }
        #expect(worker.breakerPhase == .open)
        #expect(!worker.slot.isAvailable)
        worker.refresh(now: Self.at(60.9))
        #expect(!worker.slot.isAvailable)
        worker.refresh(now: Self.at(61))
        #expect(worker.slot.isAvailable && worker.breakerPhase == .halfOpen)
        #expect(worker.admit(now: Self.at(61)))
        #expect(!worker.slot.isAvailable && !worker.admit(now: Self.at(61)))
        worker.recordAbandoned(now: Self.at(62))
        #expect(worker.slot.isAvailable)
        for _ in 0..<2 {
            #expect(worker.admit(now: Self.at(63)))
            worker.recordSuccess(now: Self.at(63))
        }
        #expect(worker.breakerPhase == .closed && worker.slot.isAvailable)
        #expect(worker.breakerTransitions == 3)
    }

    @Test func everySuccessAfterTheBreakerHasClosedIsTheCheapOne() throws {
        let worker = try Self.ready()
        #expect(worker.hasCleanRecord)
        worker.recordFailure(now: Self.at(1))
        #expect(!worker.hasCleanRecord)
        worker.recordSuccess(now: Self.at(1))
        #expect(worker.hasCleanRecord)
        for _ in 0..<3 { worker.recordFailure(now: Self.at(1)) }
        for second in [61.0, 62] {
            #expect(worker.admit(now: Self.at(second)))
            #expect(!worker.hasCleanRecord)
            worker.recordSuccess(now: Self.at(second))
        }
        #expect(worker.hasCleanRecord)
        worker.drain(now: Self.at(70))
        #expect(!worker.hasCleanRecord)
    }

    @Test func drainingTakesNothingNew() throws {
        let worker = try Self.ready()
        worker.drain(now: Self.at(1))
        for _ in 0..<5 { worker.checkPassed(now: Self.at(2)) }
        worker.activate(now: Self.at(3))
        worker.recordSuccess(now: Self.at(3))
        worker.refresh(now: Self.at(1_000))
        #expect(worker.status == .draining)
        #expect(!worker.slot.isAvailable && !worker.admit(now: Self.at(4)))
    }

    @Test func oneOfManyThreadsGetsTheProbe() async throws {
        let worker = try Self.ready()
        for _ in 0..<3 { worker.recordFailure(now: Self.at(0)) }
        for round in 0..<500 {
            let now = Self.at(60 + Double(round) / 1_000)
            let admitted = await withTaskGroup(of: Int.self) { tasks in
                for _ in 0..<4 { tasks.addTask { worker.admit(now: now) ? 1 : 0 } }
                return await tasks.reduce(0, +)
            }
            #expect(admitted == 1)
            worker.recordAbandoned(now: now)
        }
    }

    private final class Clock: Sendable {
        let seconds = Atomic<Int>(0)
    }

    @Test func whatThreadsReportAtOnceLeavesAConsistentWorker() async throws {
        let worker = try Self.ready()
        let clock = Clock()
        await withTaskGroup(of: Void.self) { tasks in
            for seed in 0..<4 {
                tasks.addTask {
                    var random = FastRandom(seed: UInt64(seed))
                    for _ in 0..<10_000 {
                        clock.seconds.wrappingAdd(random.below(100), ordering: .relaxed)
                        let now = Self.at(Double(clock.seconds.load(ordering: .relaxed)))
                        switch random.below(6) {
                        case 0, 1: worker.recordFailure(now: now)
                        case 2: worker.recordSuccess(now: now)
                        case 3: worker.recordAbandoned(now: now)
                        case 4: random.below(2) == 0 ? worker.checkPassed(now: now) : worker.checkFailed(now: now)
                        default: _ = worker.admit(now: now)
                        }
                    }
                }
            }
        }
        let later = Self.at(Double(clock.seconds.load(ordering: .relaxed)) + 1_000)
        #expect(worker.breakerTransitions > 0)
        for _ in 0..<2 { worker.checkPassed(now: later) }
        #expect(worker.isHealthy && worker.slot.isAvailable)
        for _ in 0..<2 where worker.breakerPhase != .closed {
            #expect(worker.admit(now: later))
            worker.recordSuccess(now: later)
        }
        worker.recordSuccess(now: later)
        #expect(worker.breakerPhase == .closed && worker.slot.isAvailable && worker.hasCleanRecord)
    }

    @Test func preparedHeadsHoldPathHostAndKey() throws {
        let spec = try Fleet.spec("https://H.example:8443/base/", key: "s3cret")
        let worker = Worker(
            id: "1", spec: spec, modelID: "m", tenant: 0, health: Fleet.health, breaker: Fleet.breaker)
        let buffer = ByteBuffer(capacity: 64)
        worker.appendHeadPrefix(.rerank, to: buffer)
        #expect(
            buffer.readableString
                == "POST /base/v1/rerank HTTP/1.1\r\nhost: h.example:8443\r\nauthorization: Bearer s3cret\r\n")
        buffer.clear()
        Worker.appendHead("POST", "/flush_cache", try Fleet.spec("http://w"), to: buffer)
        #expect(buffer.readableString == "POST /flush_cache HTTP/1.1\r\nhost: w\r\ncontent-length: 0\r\n\r\n")
        buffer.clear()
        Worker.appendHead("GET", "/health", try Fleet.spec("http://w:81"), to: buffer)
        #expect(buffer.readableString == "GET /health HTTP/1.1\r\nhost: w:81\r\n\r\n")
    }
}
