import SMGBase
import SMGNet
import Synchronization
import Testing

@testable import SMGCore

@Suite struct AdmissionLimiterTests {
    /// How one request for admission ended.
    enum End: Equatable, Sendable { case admitted, refused(AdmissionRefusal) }

    static func limiter(
        _ maxConcurrent: Int, queue: Int = 100, timeout: TimeSpan = .seconds(60), rate: Int? = nil
    ) -> AdmissionLimiter {
        AdmissionLimiter(maxConcurrent: maxConcurrent, queueSize: queue, queueTimeout: timeout, ratePerSecond: rate)
    }

    /// Asks for admission and holds the permit until `hold` opens.
    static func request(
        _ limiter: AdmissionLimiter, _ loop: EventLoop, hold: Gate? = nil, onWait: (AdmissionWaiter) -> Void = { _ in },
        admitted: () -> Void = {}
    ) async -> End {
        do throws(AdmissionRefusal) {
            let permit = try await limiter.admit(on: loop, onWait: onWait)
            admitted()
            await hold?.wait()
            _ = consume permit
            return .admitted
        } catch { return .refused(error) }
    }

    /// A request that holds a permit until `hold` opens; returns when it has the permit.
    static func occupy(_ limiter: AdmissionLimiter, _ loop: EventLoop, until hold: Gate) async {
        let running = Gate()
        loop.spawn { _ = await request(limiter, loop, hold: hold, admitted: { running.open() }) }
        await running.wait()
    }

    // MARK: - Without waiting

    @Test func offAdmitsEverybody() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let limiter = Self.limiter(0, queue: 0)
            #expect(!limiter.isEnabled)
            for _ in 0..<10 { #expect(await loop.run { await Self.request(limiter, loop) } == .admitted) }
            #expect(limiter.load == (0, 0))
        }
    }

    @Test func permitsComeBack() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let limiter = Self.limiter(2, queue: 0)
            for _ in 0..<10 { #expect(await loop.run { await Self.request(limiter, loop) } == .admitted) }
            #expect(limiter.load == (0, 0))
        }
    }

    @Test func withoutAQueueTheNextIsRefused() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let limiter = Self.limiter(2, queue: 0)
            let hold = Gate()
            for _ in 0..<2 { await Self.occupy(limiter, loop, until: hold) }
            #expect(limiter.load == (0, 2))
            #expect(await loop.run { await Self.request(limiter, loop) } == .refused(.full))
            hold.open()
            await eventually(loop, "permits come back") { limiter.load.running == 0 }
            #expect(await loop.run { await Self.request(limiter, loop) } == .admitted)
        }
    }

    struct Failure: Error {}

    static func admitAndFail(_ limiter: AdmissionLimiter, _ loop: EventLoop) async throws {
        let permit = try await limiter.admit(on: loop) { _ in }
        if limiter.load.running == 1 { throw Failure() }
        _ = consume permit
    }

    @Test func permitComesBackWhenTheTaskThrows() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let limiter = Self.limiter(1, queue: 0)
            for _ in 0..<3 {
                let failed = await loop.run {
                    do { try await Self.admitAndFail(limiter, loop) } catch { return error is Failure }
                    return false
                }
                #expect(failed)
                #expect(limiter.load == (0, 0))
            }
        }
    }

    // MARK: - Queue

    @Test func waitsInOrderOfArrival() async throws {
        try await withLoops(3) { group in
            let limiter = Self.limiter(1)
            let hold = Gate()
            await Self.occupy(limiter, group.loops[0], until: hold)
            let order = Journal<Int>()
            await withTaskGroup(of: Void.self) { tasks in
                for number in 0..<50 {
                    // Each is in the queue before the next one asks, on another loop each time.
                    let queued = Gate()
                    let loop = group.loops[number % 3]
                    tasks.addTask {
                        let end = await loop.run {
                            await Self.request(
                                limiter, loop, onWait: { _ in queued.open() }, admitted: { order.append(number) })
                        }
                        #expect(end == .admitted)
                    }
                    await queued.wait()
                }
                #expect(limiter.load == (50, 1))
                hold.open()
            }
            #expect(order.all == Array(0..<50))
            #expect(limiter.load == (0, 0))
        }
    }

    @Test func queueIsBounded() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let limiter = Self.limiter(1, queue: 2)
            let hold = Gate()
            await Self.occupy(limiter, loop, until: hold)
            async let first = loop.run { await Self.request(limiter, loop) }
            async let second = loop.run { await Self.request(limiter, loop) }
            await eventually(loop, "both wait") { limiter.load.queued == 2 }
            #expect(await loop.run { await Self.request(limiter, loop) } == .refused(.full))
            hold.open()
            #expect(await first == .admitted)
            #expect(await second == .admitted)
        }
    }

    @Test func waitsAtMostTheTimeout() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let limiter = Self.limiter(1, timeout: .milliseconds(30))
            let hold = Gate()
            await Self.occupy(limiter, loop, until: hold)
            let start = Instant.now()
            #expect(await loop.run { await Self.request(limiter, loop) } == .refused(.timedOut))
            // Counted from the start of the loop's turn, which may be a little earlier.
            #expect(Instant.now() - start >= .milliseconds(25))
            #expect(limiter.load == (0, 1))
            hold.open()
            await eventually(loop, "the permit comes back") { limiter.load.running == 0 }
        }
    }

    @Test func aTimeoutOfZeroDoesNotWait() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let limiter = Self.limiter(1, timeout: .zero)
            #expect(await loop.run { await Self.request(limiter, loop) } == .admitted)
            let hold = Gate()
            await Self.occupy(limiter, loop, until: hold)
            #expect(await loop.run { await Self.request(limiter, loop) } == .refused(.timedOut))
            hold.open()
        }
    }

    @Test func cancellingFreesThePlace() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let limiter = Self.limiter(1, queue: 1)
            let hold = Gate()
            await Self.occupy(limiter, loop, until: hold)
            for _ in 0..<1_000 {
                let end = await loop.run { await Self.request(limiter, loop, onWait: { $0.cancel() }) }
                #expect(end == .refused(.cancelled))
                #expect(limiter.load == (0, 1))
            }
            // Cancelled while its task sleeps, with one behind it.
            let waiters = Journal<AdmissionWaiter>()
            async let first = loop.run { await Self.request(limiter, loop, onWait: { waiters.append($0) }) }
            await eventually(loop, "waits") { limiter.load.queued == 1 }
            let waiter = try #require(waiters.all.first)
            await loop.call { waiter.cancel() }
            #expect(await first == .refused(.cancelled))
            async let second = loop.run { await Self.request(limiter, loop) }
            await eventually(loop, "waits") { limiter.load.queued == 1 }
            await loop.call { waiter.cancel() }
            #expect(limiter.load == (1, 1), "cancelling twice is nothing")
            hold.open()
            #expect(await second == .admitted)
        }
    }

    /// A request that gave up must leave nothing behind, or clients that come and go fill the memory.
    @Test func whoGaveUpIsForgottenAtOnce() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let limiter = Self.limiter(1, queue: 2)
            let hold = Gate()
            await Self.occupy(limiter, loop, until: hold)
            async let first = loop.run { await Self.request(limiter, loop) }
            await eventually(loop, "waits") { limiter.load.queued == 1 }
            let gone = await loop.run {
                weak var waiter: AdmissionWaiter?
                _ = await Self.request(
                    limiter, loop,
                    onWait: {
                        waiter = $0
                        $0.cancel()
                    })
                return waiter == nil
            }
            #expect(gone)
            hold.open()
            #expect(await first == .admitted)
        }
    }

    @Test func cancellingAfterAdmissionChangesNothing() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let limiter = Self.limiter(1)
            let (hold, hold2) = (Gate(), Gate())
            await Self.occupy(limiter, loop, until: hold)
            let waiters = Journal<AdmissionWaiter>()
            async let second = loop.run {
                await Self.request(limiter, loop, hold: hold2, onWait: { waiters.append($0) })
            }
            await eventually(loop, "waits") { limiter.load.queued == 1 }
            let waiter = try #require(waiters.all.first)
            hold.open()
            await eventually(loop, "is admitted") { limiter.load == (0, 1) }
            await loop.call { waiter.cancel() }
            #expect(limiter.load == (0, 1))
            hold2.open()
            #expect(await second == .admitted)
            #expect(limiter.load == (0, 0))
        }
    }

    // MARK: - Rate

    /// A limiter of 100 starts a second whose clock the test moves.
    static func paced(
        _ maxConcurrent: Int, queue: Int = 100, timeout: TimeSpan = .seconds(60)
    ) -> (AdmissionLimiter, ManualClock) {
        let clock = ManualClock()
        let limiter = AdmissionLimiter(
            maxConcurrent: maxConcurrent, queueSize: queue, queueTimeout: timeout, ratePerSecond: 100,
            clock: { clock.now })
        return (limiter, clock)
    }

    @Test func startsArePacedAfterABurst() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let (limiter, clock) = Self.paced(3)
            for _ in 0..<3 { #expect(await loop.run { await Self.request(limiter, loop) } == .admitted) }
            for _ in 0..<3 {
                async let next = loop.run { await Self.request(limiter, loop) }
                await eventually(loop, "waits") { limiter.load == (1, 0) }
                clock.advance(.milliseconds(9))
                #expect(limiter.load == (1, 0))
                clock.advance(.milliseconds(1))
                #expect(await next == .admitted)
            }
            // Unused rate adds up to the burst and no further.
            clock.advance(.seconds(100))
            for _ in 0..<3 { #expect(await loop.run { await Self.request(limiter, loop) } == .admitted) }
            async let next = loop.run { await Self.request(limiter, loop) }
            await eventually(loop, "waits") { limiter.load == (1, 0) }
            clock.advance(.milliseconds(10))
            #expect(await next == .admitted)
        }
    }

    @Test func waitersArePacedInOrder() async throws {
        try await withLoops(2) { group in
            let (limiter, clock) = Self.paced(1)
            let hold = Gate()
            await Self.occupy(limiter, group.loops[0], until: hold)
            let order = Journal<Int>()
            await withTaskGroup(of: Void.self) { tasks in
                for number in 0..<8 {
                    let queued = Gate()
                    let loop = group.loops[number % 2]
                    tasks.addTask {
                        let end = await loop.run {
                            await Self.request(
                                limiter, loop, onWait: { _ in queued.open() }, admitted: { order.append(number) })
                        }
                        #expect(end == .admitted)
                    }
                    await queued.wait()
                }
                hold.open()
                for started in 1...8 {
                    clock.advance(.milliseconds(10))
                    await eventually(group.loops[0], "one more starts") { limiter.load == (8 - started, 0) }
                }
            }
            #expect(order.all == Array(0..<8))
        }
    }

    /// Only who starts uses the rate up: requests that are refused or leave do not push the others back.
    @Test func whoNeverStartedCostsNoRate() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let (limiter, clock) = Self.paced(1, queue: 1)
            let hold = Gate()
            await Self.occupy(limiter, loop, until: hold)
            for _ in 0..<100 {
                let end = await loop.run { await Self.request(limiter, loop, onWait: { $0.cancel() }) }
                #expect(end == .refused(.cancelled))
            }
            async let next = loop.run { await Self.request(limiter, loop) }
            await eventually(loop, "waits") { limiter.load.queued == 1 }
            for _ in 0..<100 {
                #expect(await loop.run { await Self.request(limiter, loop) } == .refused(.full))
            }
            hold.open()
            clock.advance(.milliseconds(10))
            #expect(await next == .admitted)
        }
    }

    /// When the rate alone makes a request wait for too long, it is told at once.
    @Test func theUnreachableIsRefusedAtOnce() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let (limiter, clock) = Self.paced(1, timeout: .milliseconds(9))
            #expect(await loop.run { await Self.request(limiter, loop) } == .admitted)
            #expect(await loop.run { await Self.request(limiter, loop) } == .refused(.full))
            clock.advance(.milliseconds(10))
            #expect(await loop.run { await Self.request(limiter, loop) } == .admitted)
            #expect(limiter.load == (0, 0))
        }
    }

    @Test func theOneBehindAPacedWaiterThatLeavesIsServed() async throws {
        try await withLoops(2) { group in
            let (loop, other) = (group.loops[0], group.loops[1])
            let (limiter, clock) = Self.paced(1)
            #expect(await loop.run { await Self.request(limiter, loop) } == .admitted)
            // A permit is free, the rate is not: the first in the queue watches the time, then leaves.
            let waiters = Journal<AdmissionWaiter>()
            async let first = loop.run { await Self.request(limiter, loop, onWait: { waiters.append($0) }) }
            await eventually(loop, "waits") { limiter.load.queued == 1 }
            async let second = other.run { await Self.request(limiter, other) }
            await eventually(loop, "both wait") { limiter.load.queued == 2 }
            let waiter = try #require(waiters.all.first)
            await loop.call { waiter.cancel() }
            #expect(await first == .refused(.cancelled))
            #expect(limiter.load == (1, 0))
            clock.advance(.milliseconds(10))
            #expect(await second == .admitted)
        }
    }

    // MARK: - Everything at once

    /// Requests that hold a permit.
    final class Running: Sendable {
        private let state = Mutex((now: 0, most: 0))
        var now: Int { state.withLock { $0.now } }
        var most: Int { state.withLock { $0.most } }
        func begin() { state.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) } }
        func end() { state.withLock { $0.now -= 1 } }
    }

    /// A thousand requests over four loops that hold, leave and time out as they like: at the end nothing is missing.
    @Test(arguments: [nil, 20_000]) func permitsAreNeverLost(rate: Int?) async throws {
        try await withLoops(4) { group in
            let limiter = Self.limiter(8, queue: 200, timeout: .milliseconds(40), rate: rate)
            let running = Running()
            let ends = Journal<End>()
            await withTaskGroup(of: Void.self) { tasks in
                for number in 0..<1_000 {
                    let loop = group.loops[number % 4]
                    tasks.addTask {
                        let end = await loop.run { await Self.anyRequest(limiter, loop, number, running) }
                        ends.append(end)
                    }
                }
            }
            #expect(ends.all.count == 1_000)
            #expect(limiter.load == (0, 0))
            #expect(running.now == 0)
            #expect(running.most <= 8)
            #expect(ends.all.contains(.admitted))
            // Whatever happened, all permits are there: that many can run at once, and no more.
            let hold = Gate()
            guard rate == nil else { return }
            for _ in 0..<8 { await Self.occupy(limiter, group.loops[0], until: hold) }
            #expect(limiter.load == (0, 8))
            hold.open()
        }
    }

    static func anyRequest(
        _ limiter: AdmissionLimiter, _ loop: EventLoop, _ number: Int, _ running: Running
    ) async -> End {
        var random = FastRandom(seed: UInt64(number))
        let leaves = random.below(3) == 0
        do throws(AdmissionRefusal) {
            let permit = try await limiter.admit(on: loop) { waiter in
                guard leaves else { return }
                let timer = LoopTimer { waiter.cancel() }
                loop.arm(timer, after: .milliseconds(random.below(10)))
            }
            running.begin()
            if random.below(2) == 0 { await loop.sleep(.milliseconds(random.below(3))) }
            running.end()
            _ = consume permit
            return .admitted
        } catch { return .refused(error) }
    }
}
