internal import CLinux
internal import SMGBase
internal import Synchronization

/// The lines between the threads that log and the one that writes.
///
/// A bounded byte buffer behind a mutex: a line costs its copy. The log thread swaps the buffer for an empty one, so
/// nobody waits for a write. What does not fit is dropped and counted, never waited for.
final class LogQueue: @unchecked Sendable {
    // Sendable by rule: everything below `mutex` is touched with the mutex held. pthread because waiting with a time
    // limit is needed, which Synchronization does not offer; allocated because a mutex must not move.

    /// What the log thread takes at once.
    struct Batch {
        var bytes: ByteBuffer
        /// Lines that came after those in `bytes` and found no room.
        var dropped: UInt64
        /// To be handed to `finish` when the bytes are written.
        var sequence: UInt64
        var mustReopen: Bool
    }

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let work: UnsafeMutablePointer<pthread_cond_t>
    private let done: UnsafeMutablePointer<pthread_cond_t>
    private let capacity: Int

    private var front = ByteBuffer(capacity: 4096)
    private var spare: ByteBuffer?
    private var dropped: UInt64 = 0
    /// Lines ever pushed, taken or not, and how many of them are dealt with.
    private var pushed: UInt64 = 0
    private var finished: UInt64 = 0
    /// The log thread waits for the first line.
    private var isIdle = false
    /// The log thread shall not gather any longer.
    private var isUrgent = false
    private var isStopping = false
    private var mustReopen = false

    /// When a blocked log thread must give up, on the monotonic clock.
    let abandonAt = Atomic<Int64>(Int64.max)

    init(capacity: Int) {
        self.capacity = capacity
        mutex = .allocate(capacity: 1)
        work = .allocate(capacity: 1)
        done = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(work, &attributes)
        pthread_cond_init(done, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(work)
        pthread_cond_destroy(done)
        pthread_mutex_destroy(mutex)
        work.deallocate()
        done.deallocate()
        mutex.deallocate()
    }

    /// Queues one line; false when there was no room (which a line in the log will tell) or the queue was stopped.
    @discardableResult
    func push(_ line: UnsafeRawBufferPointer, isUrgent urgent: Bool) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !isStopping else { return false }
        let fits = front.readableCount + line.count <= capacity
        if fits { front.append(line) } else { dropped += 1 }
        pushed += 1
        if !isUrgent && (urgent || front.readableCount > capacity / 2) {
            isUrgent = true
            pthread_cond_signal(work)
        } else if isIdle {
            isIdle = false
            pthread_cond_signal(work)
        }
        return fits
    }

    /// Waits for lines; nil when the queue was stopped and everything is taken. Log thread only.
    func take() -> Batch? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while pushed == finished && !isStopping && !mustReopen {
            isIdle = true
            pthread_cond_wait(work, mutex)
        }
        isIdle = false
        let limit = Instant.now() + .milliseconds(LogLimits.gatherMilliseconds)
        while !isUrgent && !isStopping && !mustReopen {
            if !wait(work, until: limit) { break }
        }
        guard pushed != finished || mustReopen else { return nil }
        let batch = Batch(bytes: front, dropped: dropped, sequence: pushed, mustReopen: mustReopen)
        front = spare ?? ByteBuffer(capacity: 4096)
        spare = nil
        dropped = 0
        isUrgent = false
        mustReopen = false
        return batch
    }

    /// Gives a written batch back. Log thread only.
    func finish(_ batch: Batch) {
        batch.bytes.clear()
        pthread_mutex_lock(mutex)
        if batch.bytes.capacity <= LogLimits.keptBufferBytes { spare = batch.bytes }
        finished = batch.sequence
        pthread_cond_broadcast(done)
        pthread_mutex_unlock(mutex)
    }

    /// Waits until all lines pushed before are dealt with; false when the time was up first.
    func flush(until limit: Instant) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        let target = pushed
        while finished < target {
            isUrgent = true
            pthread_cond_signal(work)
            if !wait(done, until: limit) { return finished >= target }
        }
        return true
    }

    /// Asks the log thread to open its files anew before the next line.
    func reopen() {
        pthread_mutex_lock(mutex)
        mustReopen = true
        pthread_cond_signal(work)
        pthread_mutex_unlock(mutex)
    }

    /// Ends the log thread when it has written what is queued, or at `limit`.
    func stop(abandonAt limit: Instant) {
        abandonAt.store(limit.nanoseconds, ordering: .relaxed)
        pthread_mutex_lock(mutex)
        isStopping = true
        pthread_cond_signal(work)
        pthread_mutex_unlock(mutex)
    }

    /// Waits for a signal; false when `limit` has passed.
    private func wait(_ condition: UnsafeMutablePointer<pthread_cond_t>, until limit: Instant) -> Bool {
        var time = timespec(
            tv_sec: Int(limit.nanoseconds / 1_000_000_000), tv_nsec: Int(limit.nanoseconds % 1_000_000_000))
        return pthread_cond_timedwait(condition, mutex, &time) == 0
    }
}
