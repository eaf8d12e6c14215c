internal import CLinux
internal import SMGBase
internal import Synchronization

/// The thread that writes what the queue holds.
final class LogThread {
    private let queue: LogQueue
    private let outputs: [LogOutput]
    private let format: LogFormat
    private let clock: @Sendable () -> Int64
    private let scratch = LogScratch()

    private init(queue: LogQueue, outputs: [LogOutput], format: LogFormat, clock: @escaping @Sendable () -> Int64) {
        self.queue = queue
        self.outputs = outputs
        self.format = format
        self.clock = clock
    }

    /// Starts the thread, which from then on owns `outputs`. Join it after `queue.stop`.
    static func start(
        queue: LogQueue, outputs: sending [LogOutput], format: LogFormat, clock: @escaping @Sendable () -> Int64
    ) throws(LogError) -> pthread_t {
        let body = Unmanaged.passRetained(
            LogThread(queue: queue, outputs: outputs, format: format, clock: clock))
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, LogThread.main, body.toOpaque())
        guard status == 0 else {
            body.release()
            throw .thread
        }
        return thread
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { raw in
        guard let raw else { return nil }
        _ = clinux_name_thread("smg-log")
        blockSignals()
        Unmanaged<LogThread>.fromOpaque(raw).takeRetainedValue().run()
        return nil
    }

    /// A closed pipe must not end the process, and the host's signal handlers must not run here. Faults stay open so
    /// that crash reporters see them.
    private static func blockSignals() {
        var set = sigset_t()
        sigfillset(&set)
        for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP] { sigdelset(&set, fault) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    private func run() {
        while let batch = queue.take() {
            let now = clock()
            for output in outputs {
                output.prepare(second: now / 1_000_000_000, mustReopen: batch.mustReopen)
                output.write(batch.bytes.readable, mayWait: mayWait)
                note(batch.dropped, in: output, now: now)
            }
            queue.finish(batch)
        }
    }

    /// Says how many lines are missing at this point.
    private func note(_ dropped: UInt64, in output: LogOutput, now: Int64) {
        let missing = dropped + output.takeLost()
        guard missing > 0 else { return }
        scratch.make(
            format, nanoseconds: now, level: .warn, target: "log", message: "\(missing) log lines dropped"
        ) { $0.field("dropped", missing) }
        output.write(scratch.line.readable, mayWait: mayWait)
        // A note that got lost is no lost line, but what it counted is still to be told.
        if output.lost > 0 { output.returnLost(missing) }
    }

    private func mayWait() -> Bool {
        Instant.now().nanoseconds < queue.abandonAt.load(ordering: .relaxed)
    }
}
