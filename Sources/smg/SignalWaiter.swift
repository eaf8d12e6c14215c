internal import CLinux

/// Waits for SIGINT and SIGTERM on the main thread. Blocks both in the whole process, so it is made before any thread.
struct SignalWaiter {
    private var signals = sigset_t()

    init() {
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// The name of the signal that came.
    func wait() -> StaticString {
        var set = signals
        var number: Int32 = 0
        while sigwait(&set, &number) != 0 {}
        return number == SIGINT ? "SIGINT" : "SIGTERM"
    }

    /// From now on the signals have their usual, deadly effect.
    func exitOnNext() {
        var set = signals
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }
}
