internal import CLinux
internal import SMGBase
internal import SMGNet

/// Tells any number of waiting threads, once and for all, that something is over.
final class StopSignal: Sendable {
    /// An eventfd that becomes readable and is never read, so that it stays so.
    private let descriptor: Int32
    /// The longest single wait the kernel takes.
    private static let longestPollMilliseconds = 1_000_000_000

    init() throws(EmbeddingError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else {
            let fault = NetError.system(.eventfd, clinux_errno())
            throw .start(GatewayStartError(code: fault.code, description: "\(fault)"))
        }
    }

    deinit { close(descriptor) }

    /// It is over.
    func raise() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Waits for `raise()`; false when the deadline came first. Nil waits for ever.
    func wait(until deadline: Instant?) -> Bool {
        while true {
            let left = deadline.map { max(.zero, $0 - Instant.now()) }
            // Rounded up: a wait must not end before its time.
            let milliseconds = left.map { min($0.milliseconds + 1, StopSignal.longestPollMilliseconds) } ?? -1
            var query = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&query, 1, left == .zero ? 0 : Int32(milliseconds)) > 0 { return true }
            if left == .zero { return false }
        }
    }
}

/// The calling thread's signal mask.
enum SignalMask {
    /// Runs `body` with all signals blocked but those that report a fault. Threads made in it inherit that for life: a
    /// host's handlers run on the host's threads.
    static func blocked<T, E: Error>(_ body: () throws(E) -> T) throws(E) -> T {
        var blocked = sigset_t()
        var previous = sigset_t()
        sigfillset(&blocked)
        for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS] { sigdelset(&blocked, fault) }
        pthread_sigmask(SIG_BLOCK, &blocked, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        return try body()
    }
}
