internal import CLinux
package import SMGBase
internal import Synchronization

/// One thread, one epoll set, one timer wheel. The executor of every task started with `Task(executorPreference:)`.
///
/// A connection lives and dies on the loop that accepted it, so nothing on a request's path takes a lock: jobs enqueued
/// from the loop's own thread go to a plain array, those from elsewhere through the mailbox and its eventfd.
package final class EventLoop: TaskExecutor, @unchecked Sendable {
    // Sendable by rule, not by type: the stored state below is touched on the loop's thread only, except `mailbox`,
    // `threadID` and the eventfd, which are made for it.

    /// Events taken from the kernel in one call.
    private static let eventBatch = 256
    /// Rounds of ready jobs before the kernel is asked again, so that a task that never suspends for long cannot starve I/O.
    private static let jobRounds = 8

    /// How often everything that waits is woken when the loop ends. A task that goes on waiting after that is lost.
    private static let endRounds = 64

    /// Number of this loop within its group.
    package let index: Int
    private let name: String
    let epoll: Int32
    private let mailbox: Mailbox
    private let threadID = Atomic<UInt>(0)

    /// The monotonic clock as of the start of this turn.
    package private(set) var now = Instant.now()
    package let buffers = BufferPool()
    var sources = SourceTable()
    private var timers = TimerWheel(now: Instant.now())
    private var ready: ContiguousArray<UnownedJob> = []
    private var running: ContiguousArray<UnownedJob> = []
    private var dueTimers: ContiguousArray<LoopTimer> = []
    private var stopping = false
    /// Held by the thread that does what came after the end.
    private let lateWork = Mutex(())
    private var late: ContiguousArray<Mailbox.Item> = []
    private var thread: pthread_t?
    /// Objects of upper layers that belong to this loop, by their type.
    private var residents: [ObjectIdentifier: AnyObject] = [:]

    /// - Parameter name: of its thread, at most 15 bytes.
    package init(index: Int, name: String? = nil) throws(NetError) {
        self.index = index
        self.name = name ?? "smg-loop-\(index)"
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw .system(.epoll, clinux_errno()) }
        mailbox = try Mailbox()
        let wakeEvents = IOEvents.readable.rawValue
        if clinux_epoll_ctl(epoll, EPOLL_CTL_ADD, mailbox.descriptor, wakeEvents, EventLoop.wakeToken) != 0 {
            throw .system(.epoll, clinux_errno())
        }
    }

    deinit { close(epoll) }

    private static let wakeToken = UInt64.max

    /// Whether the loop is ending: who waits in a loop of their own should leave it. On the loop.
    package var isStopping: Bool { stopping }

    /// Whether the caller runs on this loop's thread.
    package var isOnLoop: Bool { threadID.load(ordering: .relaxed) == UInt(pthread_self()) }

    // MARK: - Entry points from any thread

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isOnLoop { ready.append(job) } else { post(.job(job)) }
    }

    /// Runs `work` on the loop, in the order posted; later, never inside this call.
    package func execute(_ work: @escaping @Sendable () -> Void) { post(.work(work)) }

    private func post(_ item: Mailbox.Item) {
        if !mailbox.post(item) { runLate(item) }
    }

    /// Runs `work` on the loop and returns its answer.
    package func call<T: Sendable>(_ work: @escaping @Sendable () -> T) async -> T {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<T, Never>) in
            execute { continuation.resume(returning: work()) }
        }
    }

    /// Starts the thread.
    package func start() {
        var created = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let failed = pthread_create(
            &created, nil,
            { context in
                let loop = Unmanaged<EventLoop>.fromOpaque(context!).takeRetainedValue()
                loop.run()
                return nil
            }, context)
        precondition(failed == 0, "no thread for event loop \(index)")
        thread = created
    }

    /// Asks the loop to end after the current turn. Connections still open are closed.
    package func stop() { execute { [self] in stopping = true } }

    /// Waits until the loop's thread has ended.
    package func join() {
        guard let thread else { return }
        pthread_join(thread, nil)
        self.thread = nil
    }

    // MARK: - The turn

    /// Runs on the calling thread until `stop()`.
    package func run() {
        threadID.store(UInt(pthread_self()), ordering: .relaxed)
        _ = clinux_name_thread(name)
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: EventLoop.eventBatch)
        defer { events.deallocate() }
        while !stopping {
            turn(events)
        }
        lateWork.withLock { _ in
            repeat { wakeEverything() } while !mailbox.closeIfEmpty()
            residents.removeAll()
            threadID.store(0, ordering: .relaxed)
        }
    }

    /// Something was posted after the end, such as the answer of a name look-up. The poster's thread takes the loop's
    /// part, one at a time, so that the task that waited for it ends and gives back what it holds.
    private func runLate(_ item: Mailbox.Item) {
        if isOnLoop { return late.append(item) }
        lateWork.withLock { _ in
            threadID.store(UInt(pthread_self()), ordering: .relaxed)
            late.append(item)
            for _ in 0..<EventLoop.endRounds where !late.isEmpty {
                let items = late
                late.removeAll()
                for item in items { run(item) }
                wakeEverything()
            }
            threadID.store(0, ordering: .relaxed)
        }
    }

    private func run(_ item: Mailbox.Item) {
        switch item {
        case .job(let job): ready.append(job)
        case .work(let work): work()
        }
    }

    /// The loop ends: closes what is open and wakes who sleeps, so that no task stays suspended for ever with all it
    /// holds. Tasks that wait again are woken again, a bounded number of times.
    private func wakeEverything() {
        for _ in 0..<EventLoop.endRounds {
            for source in sources.all { source.closeDescriptor() }
            timers.takeAll(into: &dueTimers)
            let due = dueTimers
            dueTimers.removeAll()
            for timer in due { timer.fireIfStillDue() }
            drainMailbox()
            if ready.isEmpty, sources.count == 0, timers.count == 0 { return }
            while !ready.isEmpty { runReadyJobs() }
        }
    }

    private func turn(_ events: UnsafeMutablePointer<epoll_event>) {
        let count = Int(epoll_wait(epoll, events, Int32(EventLoop.eventBatch), waitMilliseconds()))
        now = Instant.now()
        if count > 0 {
            for i in 0..<count {
                let token = clinux_epoll_data(events + i)
                if token == EventLoop.wakeToken {
                    drainMailbox()
                } else if let source = sources.source(for: token) {
                    source.ready(IOEvents(rawValue: events[i].events))
                }
            }
        }
        fireTimers()
        runReadyJobs()
    }

    private func waitMilliseconds() -> Int32 {
        if !ready.isEmpty || stopping { return 0 }
        guard let wake = timers.nextWake else { return -1 }
        let left = wake.nanoseconds - Instant.now().nanoseconds
        return left <= 0 ? 0 : Int32(min((left + 999_999) / 1_000_000, 60_000))
    }

    private func drainMailbox() {
        mailbox.drain { run($0) }
    }

    private func fireTimers() {
        guard timers.count > 0 else { return }
        timers.advance(to: now, into: &dueTimers)
        guard !dueTimers.isEmpty else { return }
        let due = dueTimers
        dueTimers.removeAll(keepingCapacity: true)
        for timer in due { timer.fireIfStillDue() }
    }

    private func runReadyJobs() {
        var rounds = 0
        while !ready.isEmpty, rounds < EventLoop.jobRounds {
            swap(&ready, &running)
            for job in running { job.runSynchronously(on: asUnownedTaskExecutor()) }
            running.removeAll(keepingCapacity: true)
            rounds += 1
        }
    }

    // MARK: - On the loop

    /// Arms or moves `timer`.
    package func arm(_ timer: LoopTimer, after span: TimeSpan) {
        assert(isOnLoop)
        timers.arm(timer, at: now + span)
    }

    /// Disarms without unfiling: the cheap form for a timer that will be armed again.
    package func disarm(_ timer: LoopTimer) { timers.disarm(timer) }

    /// Disarms and forgets `timer`.
    package func remove(_ timer: LoopTimer) { timers.remove(timer) }

    /// Number of descriptors watched.
    package var sourceCount: Int { sources.count }

    /// The one object of type `T` that lives on this loop, made on first use.
    package func resident<T: AnyObject>(_ type: T.Type, make: () -> T) -> T {
        if let existing = residents[ObjectIdentifier(type)] { return unsafeDowncast(existing, to: T.self) }
        let made = make()
        residents[ObjectIdentifier(type)] = made
        return made
    }

    /// Suspends the calling task for `span`. The task must run on this loop.
    package func sleep(_ span: TimeSpan) async {
        assert(isOnLoop)
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            timers.arm(LoopTimer(firesAtEnd: true) { continuation.resume() }, at: now + span)
        }
    }

    /// Suspends the calling task for `span`, whichever executor it runs on.
    package func pause(_ span: TimeSpan) async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            execute { [self] in timers.arm(LoopTimer(firesAtEnd: true) { continuation.resume() }, at: now + span) }
        }
    }

    /// Starts a task that runs on this loop. May be called from any thread; the body touches only this loop's objects.
    package func spawn(_ body: @escaping () async -> Void) {
        let body = LoopBound(body)
        Task(executorPreference: self) { await body.value() }
    }
}

/// Carries a loop's object into that loop's first job. Safe because the value is touched on its loop only.
package struct LoopBound<Value>: @unchecked Sendable {
    package let value: Value
    package init(_ value: Value) { self.value = value }
}
