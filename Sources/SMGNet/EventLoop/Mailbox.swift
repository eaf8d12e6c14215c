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
    private struct State {
        var items: ContiguousArray<Item> = []
        /// Nobody will come for what is posted from now on.
        var isClosed = false
    }

    private let queue = Mutex(State())

    init() throws(NetError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard descriptor >= 0 else { throw .system(.eventfd, clinux_errno()) }
    }

    deinit { close(descriptor) }

    /// False when the mailbox is closed: the item is still the caller's.
    func post(_ item: Item) -> Bool {
        let count = queue.withLock { state in
            if state.isClosed { return 0 }
            state.items.append(item)
            return state.items.count
        }
        if count == 1 {
            var one: UInt64 = 1
            _ = write(descriptor, &one, 8)
        }
        return count > 0
    }

    /// Takes nothing more if it is empty; whether it was.
    func closeIfEmpty() -> Bool {
        queue.withLock { state in
            if state.items.isEmpty { state.isClosed = true }
            return state.isClosed
        }
    }

    /// Empties the queue; `handle` runs outside the lock.
    func drain(_ handle: (Item) -> Void) {
        var drained: UInt64 = 0
        _ = read(descriptor, &drained, 8)
        var items: ContiguousArray<Item> = []
        queue.withLock { swap(&$0.items, &items) }
        for item in items { handle(item) }
    }
}
