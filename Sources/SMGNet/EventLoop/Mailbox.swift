internal import CLinux
internal import Synchronization

/// What other threads hand to a loop: a locked queue and an eventfd that wakes it. The wake-up is written only by the
/// poster that finds the queue empty.
final class Mailbox: Sendable {
    enum Item {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    let descriptor: Int32
    private let queue = Mutex<ContiguousArray<Item>>([])

    init() throws(NetError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard descriptor >= 0 else { throw .system(.eventfd, clinux_errno()) }
    }

    deinit { close(descriptor) }

    func post(_ job: UnownedJob) { post(.job(job)) }

    func post(_ work: @escaping @Sendable () -> Void) { post(.work(work)) }

    private func post(_ item: Item) {
        let wasEmpty = queue.withLock { queue in
            queue.append(item)
            return queue.count == 1
        }
        guard wasEmpty else { return }
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Empties the queue; `handle` runs outside the lock.
    func drain(_ handle: (Item) -> Void) {
        var drained: UInt64 = 0
        _ = read(descriptor, &drained, 8)
        var items: ContiguousArray<Item> = []
        queue.withLock { swap(&$0, &items) }
        for item in items { handle(item) }
    }
}
