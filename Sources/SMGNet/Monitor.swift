internal import CLinux
internal import SMGBase

/// A lock with a condition on the monotonic clock: what `Mutex` cannot do, for threads that wait for work.
final class Monitor: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): the two are pthread objects, made to be used from several threads. They live in
    // their own memory because they must not move.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        let status = pthread_mutex_init(mutex, nil) | pthread_cond_init(condition, &attributes)
        precondition(status == 0, "pthread objects with these attributes cannot fail to initialise on Linux")
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` with the lock held.
    func locked<R>(_ body: () -> R) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Wakes one waiting thread. Called with the lock held.
    func signal() { pthread_cond_signal(condition) }

    /// Wakes all waiting threads. Called with the lock held.
    func broadcast() { pthread_cond_broadcast(condition) }

    /// Gives the lock up until woken, or until `deadline`: then it returns false. Called with the lock held.
    func wait(until deadline: Instant) -> Bool {
        let nanoseconds = max(0, deadline.nanoseconds)
        var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        return pthread_cond_timedwait(condition, mutex, &time) != ETIMEDOUT
    }
}
