internal import CLinux
internal import Synchronization

/// One value handed from a task to a blocked thread.
final class BlockingBox<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let ready: Semaphore

    init() { ready = Semaphore() }

    func fill(_ newValue: Value) {
        value.withLock { $0 = newValue }
        ready.signal()
    }

    func wait() -> Value {
        while true {
            ready.wait()
            if let filled = value.withLock({ $0 }) { return filled }
        }
    }
}

/// A POSIX semaphore.
private final class Semaphore: @unchecked Sendable {
    // The semaphore's address must not change, so it has its own allocation; its calls may come from any thread.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() { sem_post(semaphore) }
    func wait() { while sem_wait(semaphore) != 0 {} }
}
