internal import CLinux
package import SMGBase
internal import Synchronization

/// Why the pool did not run a piece of work.
package enum BlockingPoolError: Error, Hashable, Sendable {
    /// The queue is full: the caller should shed load.
    case queueFull
    /// The pool was shut down before the work began.
    case shutDown
    /// The kernel gave no thread and none is running.
    case noThread

    /// A stable label for logs and metrics.
    package var code: String {
        switch self {
        case .queueFull: "blocking_queue_full"
        case .shutDown: "blocking_pool_shut_down"
        case .noThread: "blocking_no_thread"
        }
    }
}

/// Threads for work that blocks or runs long: name look-ups, databases, long tokenisations, files.
///
/// Threads start when work waits and no thread is free, up to a bound, and end after an idle time. Work is taken in the
/// order it came. Threads block all signals, so a host's handlers keep running on the host's own threads.
///
/// A pool must be shut down to be sure that its threads are gone; one that is only dropped lets them end when idle.
package final class BlockingPool: @unchecked Sendable {
    /// One thread more than this is rarely of use: the work waits for disks, resolvers and databases.
    package static let defaultMaxThreads = 8
    /// Waiting work, each entry about 100 bytes. At this length the wait is long enough to shed load instead.
    package static let defaultMaxQueued = 1024
    /// Long enough to bridge the gaps between bursts, short enough to give 8 MiB stacks back.
    package static let defaultIdleTimeout = TimeSpan.seconds(10)

    /// Work as a thread takes it: called exactly once, with nil on a pool thread to run, or with the reason why it
    /// never will (on the thread that found out).
    package typealias Job = @Sendable (BlockingPoolError?) -> Void

    package let maxThreads: Int
    package let maxQueued: Int
    package let idleTimeout: TimeSpan

    // SAFETY (@unchecked Sendable): everything below is read and written with `monitor` held, except in deinit.
    private let monitor = Monitor()
    private var queue = JobQueue()
    private var running = 0
    private var idle = 0
    private var nextNumber = 0
    private var stopping = false
    private var threads: [Int: pthread_t] = [:]
    /// Threads that left on their own and only need joining.
    private var ended: [pthread_t] = []

    /// - Parameters:
    ///   - maxThreads: at least 1.
    ///   - maxQueued: work that may wait while all threads are busy.
    ///   - idleTimeout: how long a thread waits for work before it ends.
    package init(
        maxThreads: Int = defaultMaxThreads, maxQueued: Int = defaultMaxQueued,
        idleTimeout: TimeSpan = defaultIdleTimeout
    ) {
        self.maxThreads = max(1, maxThreads)
        self.maxQueued = max(1, maxQueued)
        self.idleTimeout = idleTimeout
    }

    deinit {
        // Every thread holds the pool, so all of them are done here (the last one may be running this).
        for thread in ended { pthread_detach(thread) }
        for thread in threads.values { pthread_detach(thread) }
    }

    /// The number of live threads.
    package var threadCount: Int { monitor.locked { running } }

    /// The number of threads that wait for work.
    package var idleCount: Int { monitor.locked { idle } }

    /// The number of pieces of work that no thread has taken yet.
    package var queuedCount: Int { monitor.locked { queue.count } }

    /// Runs `work` on a pool thread and returns what it returns or throws what it throws. The task resumes on its
    /// own executor.
    ///
    /// Cancellation: work that waits in the queue when the task is cancelled is not begun; its turn ends in a
    /// `CancellationError`. Work that has begun is never interrupted, and its result is returned.
    ///
    /// - Throws: `BlockingPoolError`, `CancellationError`, or the error of `work`.
    package func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        let cancelled = CancelFlag()
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                let job: Job = { refusal in
                    if let refusal { return continuation.resume(throwing: refusal) }
                    if cancelled.isSet { return continuation.resume(throwing: CancellationError()) }
                    continuation.resume(with: Result(catching: work))
                }
                do throws(BlockingPoolError) {
                    try submit(job)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        } onCancel: {
            cancelled.set()
        }
    }

    /// Hands `job` over. When this throws, `job` was not and will not be called.
    package func submit(_ job: @escaping Job) throws(BlockingPoolError) {
        let refusal = monitor.locked { () -> BlockingPoolError? in
            if stopping { return .shutDown }
            if queue.count >= maxQueued { return .queueFull }
            // A thread that was woken but has not taken its job yet still counts as idle: compare with the queue.
            if queue.count < idle {
                queue.append(job)
                monitor.signal()
                return nil
            }
            if running < maxThreads && !startThread() && running == 0 { return .noThread }
            queue.append(job)
            return nil
        }
        if let refusal { throw refusal }
    }

    /// Refuses new work, fails what is queued with `.shutDown`, lets running work finish and joins all threads.
    /// Blocks; must not be called from a pool thread. Calling it again is harmless.
    package func shutdown() {
        let refused = monitor.locked { () -> JobQueue in
            stopping = true
            monitor.broadcast()
            defer { queue = JobQueue() }
            return queue
        }
        var rest = refused
        while let job = rest.popFirst() { job(.shutDown) }
        let remaining = monitor.locked { () -> [pthread_t] in
            defer {
                ended.removeAll()
                threads.removeAll()
            }
            return ended + threads.values
        }
        for thread in remaining { joinThread(thread) }
    }
}

// MARK: - Threads

extension BlockingPool {
    /// Starts a thread. Called with the monitor held.
    private func startThread() -> Bool {
        while let thread = ended.popLast() { joinThread(thread) }
        nextNumber += 1
        let start = Unmanaged.passRetained(ThreadStart(pool: self, number: nextNumber))
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)  // inherited by the new thread
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
                start.pool.threadMain(start.number)
                return nil
            }, start.toOpaque())
        guard status == 0 else {
            start.release()
            return false
        }
        running += 1
        threads[nextNumber] = thread
        return true
    }

    private func threadMain(_ number: Int) {
        pthread_setname_np(pthread_self(), "smg-block-\(number)")
        while let job = nextJob(number) { job(nil) }
    }

    /// Waits for work; nil ends the thread, which is then already counted out.
    private func nextJob(_ number: Int) -> Job? {
        monitor.locked {
            let deadline = Instant.now() + idleTimeout
            while true {
                if let job = queue.popFirst() { return job }
                if stopping { break }
                idle += 1
                let signalled = monitor.wait(until: deadline)
                idle -= 1
                if !signalled && queue.isEmpty { break }
            }
            running -= 1
            // Absent after a shutdown took it over to join it.
            if let thread = threads.removeValue(forKey: number) { ended.append(thread) }
            return nil
        }
    }

    private func joinThread(_ thread: pthread_t) {
        assert(pthread_equal(thread, pthread_self()) == 0, "a pool thread cannot join itself")
        pthread_join(thread, nil)
    }
}

/// What a new thread is handed.
private final class ThreadStart {
    let pool: BlockingPool
    let number: Int

    init(pool: BlockingPool, number: Int) {
        self.pool = pool
        self.number = number
    }
}

/// Waiting jobs, first in first out. Taken slots stay in front until they are half of the array.
private struct JobQueue {
    private var jobs: [BlockingPool.Job?] = []
    private var head = 0

    var count: Int { jobs.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ job: @escaping BlockingPool.Job) { jobs.append(job) }

    mutating func popFirst() -> BlockingPool.Job? {
        guard head < jobs.count else { return nil }
        let job = jobs[head]
        jobs[head] = nil
        head += 1
        if head * 2 >= jobs.count {
            jobs.removeFirst(head)
            head = 0
        }
        return job
    }
}

/// Set by a cancelled task, read by the thread that takes its work.
private final class CancelFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}
