import CLinux
import SMGBase
import Synchronization
import Testing

@testable import SMGNet

private struct WorkError: Error, Equatable {
    var number: Int
}

@Suite struct BlockingPoolTests {
    @Test func returnsValuesAndErrors() async throws {
        let pool = BlockingPool(maxThreads: 2)
        defer { pool.shutdown() }
        #expect(try await pool.run { 42 } == 42)
        await #expect(throws: WorkError(number: 7)) { try await pool.run { throw WorkError(number: 7) } }
    }

    @Test func namesItsThreadsAndBlocksSignals() async throws {
        let pool = BlockingPool(maxThreads: 1)
        defer { pool.shutdown() }
        let (name, blocked) = try await pool.run {
            var text = [CChar](repeating: 0, count: 16)
            pthread_getname_np(pthread_self(), &text, text.count)
            var mask = sigset_t()
            pthread_sigmask(SIG_SETMASK, nil, &mask)
            let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            return (String(decoding: bytes, as: UTF8.self), sigismember(&mask, SIGTERM) == 1)
        }
        #expect(name == "smg-block-1")
        #expect(blocked)
    }

    @Test func runsUpToItsBoundAtOnce() async throws {
        let pool = BlockingPool(maxThreads: 3)
        defer { pool.shutdown() }
        let gate = Gate()
        let finished = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<7 {
                group.addTask {
                    do {
                        try await pool.run { gate.pass() }
                        return true
                    } catch {
                        return false
                    }
                }
            }
            await gate.waitUntilEntered(by: 3)
            while pool.queuedCount < 4 { await Task.yield() }
            #expect(pool.threadCount == 3)
            gate.open(for: 7)
            return await group.reduce(into: 0) { if $1 { $0 += 1 } }
        }
        #expect(finished == 7)
        #expect(pool.threadCount <= 3)
    }

    @Test func reusesAnIdleThread() async throws {
        // On a busy machine seconds may pass between two looks: the thread must not leave in between.
        let pool = BlockingPool(maxThreads: 4, idleTimeout: .seconds(3600))
        defer { pool.shutdown() }
        for _ in 0..<50 {
            _ = try await pool.run { 1 }
            // The thread must be waiting again before the next piece of work, or a second one may start.
            while pool.idleCount == 0 { await Task.yield() }
        }
        #expect(pool.threadCount == 1)
    }

    @Test func refusesMoreThanTheQueueHolds() async throws {
        let pool = BlockingPool(maxThreads: 1, maxQueued: 2)
        defer { pool.shutdown() }
        let gate = Gate()
        try pool.submit { _ in gate.pass() }
        await gate.waitUntilEntered()
        let order = Mutex<[Int]>([])
        try pool.submit { _ in order.withLock { $0.append(1) } }
        try pool.submit { _ in order.withLock { $0.append(2) } }
        #expect(throws: BlockingPoolError.queueFull) { try pool.submit { _ in Issue.record("was refused") } }
        await #expect(throws: BlockingPoolError.queueFull) { try await pool.run { 1 } }
        gate.open()
        while pool.queuedCount > 0 { await Task.yield() }
        try await pool.run {}
        #expect(order.withLock { $0 } == [1, 2])
    }

    @Test func skipsQueuedWorkOfCancelledTasks() async throws {
        let pool = BlockingPool(maxThreads: 1)
        defer { pool.shutdown() }
        let gate = Gate()
        try pool.submit { _ in gate.pass() }
        await gate.waitUntilEntered()
        let waiting = Task { try await pool.run { Issue.record("was cancelled") } }
        while pool.queuedCount == 0 { await Task.yield() }
        waiting.cancel()
        gate.open()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test func endsIdleThreadsAndStartsNewOnes() async throws {
        let pool = BlockingPool(maxThreads: 2, idleTimeout: .zero)
        defer { pool.shutdown() }
        for _ in 0..<3 {
            #expect(try await pool.run { 5 } == 5)
            while pool.threadCount > 0 { await Task.yield() }
        }
    }

    @Test func shutdownFailsQueuedWorkAndJoins() async throws {
        let pool = BlockingPool(maxThreads: 1)
        let gate = Gate()
        let finished = Atomic(false)
        try pool.submit { refusal in
            #expect(refusal == nil)
            gate.pass()
            finished.store(true, ordering: .releasing)
        }
        await gate.waitUntilEntered()
        let queued = Task { () -> Bool in
            defer { gate.open() }  // only now may the running work end: the refusal did not wait for it
            do {
                try await pool.run { _ = Issue.record("must not run") }
                return false
            } catch {
                return error as? BlockingPoolError == .shutDown
            }
        }
        while pool.queuedCount == 0 { await Task.yield() }
        let other = BlockingPool(maxThreads: 1)
        defer { other.shutdown() }
        try await other.run { pool.shutdown() }
        let joined = finished.load(ordering: .acquiring)
        #expect(joined)
        #expect(pool.threadCount == 0)
        #expect(await queued.value)
        await #expect(throws: BlockingPoolError.shutDown) { try await pool.run { 1 } }
        pool.shutdown()
    }

    @Test func endsByItselfWhenDropped() async throws {
        weak var dropped: BlockingPool?
        do {
            let pool = BlockingPool(maxThreads: 1, idleTimeout: .zero)
            dropped = pool
            try await pool.run {}
        }
        while dropped != nil { await Task.yield() }
    }

    @Test func labelsItsErrors() {
        let codes = [BlockingPoolError.queueFull, .shutDown, .noThread].map(\.code)
        #expect(codes == ["blocking_queue_full", "blocking_pool_shut_down", "blocking_no_thread"])
    }
}
