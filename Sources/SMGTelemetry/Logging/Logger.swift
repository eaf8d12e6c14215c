internal import CLinux
package import SMGBase
package import Synchronization

/// Writes log lines without making anybody wait for the disk, pipe or terminal they go to.
///
/// A call below the logger's level costs one load and a comparison; message and fields are not even computed. Other
/// calls put the line together on the calling thread and hand it to the log thread. Safe from every thread.
package final class Logger: Sendable {
    @usableFromInline let threshold: Atomic<UInt8>
    private let format: LogFormat
    private let queue: LogQueue
    private let clock: @Sendable () -> Int64
    private let thread: Mutex<pthread_t?>
    private let droppedCount = Atomic<UInt64>(0)

    /// Opens the destinations and starts the log thread. `queueBytes` bounds the lines that wait; `clock` gives
    /// nanoseconds since 1970-01-01 UTC.
    package init(
        level: LogLevel, format: LogFormat, destinations: [LogDestination], queueBytes: Int = LogLimits.queueBytes,
        clock: @escaping @Sendable () -> Int64 = WallClock.nanoseconds
    ) throws(LogError) {
        threshold = Atomic(level.rawValue)
        self.format = format
        self.clock = clock
        queue = LogQueue(capacity: queueBytes)
        var outputs: [LogOutput] = []
        let second = clock() / 1_000_000_000
        for destination in destinations { outputs.append(try LogOutput(destination, second: second)) }
        thread = Mutex(try LogThread.start(queue: queue, outputs: outputs, format: format, clock: clock))
    }

    private init() {
        threshold = Atomic(LogLevel.off.rawValue)
        format = .text
        clock = { 0 }
        queue = LogQueue(capacity: 0)
        thread = Mutex(nil)
    }

    /// A logger that writes nothing and has no thread.
    package static let disabled = Logger()

    deinit { shutdown() }

    /// The level from which lines are written; may be changed while others log.
    package var level: LogLevel {
        get { LogLevel(rawValue: threshold.load(ordering: .relaxed)) ?? .off }
        set { threshold.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// Whether lines of this level are written.
    @inlinable @inline(__always)
    package func isEnabled(_ level: LogLevel) -> Bool {
        level.rawValue >= threshold.load(ordering: .relaxed) && level != .off
    }

    /// Lines that were refused because the queue was full.
    package var droppedLines: UInt64 { droppedCount.load(ordering: .relaxed) }

    /// Waits until all lines logged before are written or counted as dropped; false when `limit` was over first.
    @discardableResult
    package func flush(limit: TimeSpan = .seconds(LogLimits.shutdownSeconds)) -> Bool {
        guard thread.withLock({ $0 != nil }) else { return true }
        return queue.flush(until: Instant.now() + limit)
    }

    /// Opens log files anew, after they were renamed.
    package func reopen() { queue.reopen() }

    /// Writes what is queued, giving a blocked destination `limit`, and joins the log thread. Lines logged later are
    /// dropped. Idempotent.
    package func shutdown(limit: TimeSpan = .seconds(LogLimits.shutdownSeconds)) {
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let running else { return }
        queue.stop(abandonAt: Instant.now() + limit)
        pthread_join(running, nil)
    }

    @usableFromInline @inline(never)
    func write(_ level: LogLevel, _ target: StaticString, _ message: String, _ fields: (inout LogFields) -> Void) {
        var scratch = LogScratch.current()
        if scratch.isBusy { scratch = LogScratch() }
        scratch.make(
            format, nanoseconds: clock(), level: level, target: target, message: message, fields: fields)
        // Errors are worth a write of their own: the process may be about to end.
        if !queue.push(scratch.line.readable, isUrgent: level >= .error) {
            droppedCount.add(1, ordering: .relaxed)
        }
    }
}

extension Logger {
    /// Logs a line: `target` names the part of the program, `fields` adds what belongs to the event.
    @inlinable
    package func log(
        _ level: LogLevel, _ target: StaticString, _ message: @autoclosure () -> String,
        _ fields: (inout LogFields) -> Void = { _ in }
    ) {
        guard isEnabled(level) else { return }
        write(level, target, message(), fields)
    }

    /// Details for those who look for a fault.
    @inlinable
    package func debug(
        _ target: StaticString, _ message: @autoclosure () -> String, _ fields: (inout LogFields) -> Void = { _ in }
    ) {
        guard isEnabled(.debug) else { return }
        write(.debug, target, message(), fields)
    }

    /// What happens in the normal course.
    @inlinable
    package func info(
        _ target: StaticString, _ message: @autoclosure () -> String, _ fields: (inout LogFields) -> Void = { _ in }
    ) {
        guard isEnabled(.info) else { return }
        write(.info, target, message(), fields)
    }

    /// What works but should be looked at.
    @inlinable
    package func warn(
        _ target: StaticString, _ message: @autoclosure () -> String, _ fields: (inout LogFields) -> Void = { _ in }
    ) {
        guard isEnabled(.warn) else { return }
        write(.warn, target, message(), fields)
    }

    /// What failed.
    @inlinable
    package func error(
        _ target: StaticString, _ message: @autoclosure () -> String, _ fields: (inout LogFields) -> Void = { _ in }
    ) {
        guard isEnabled(.error) else { return }
        write(.error, target, message(), fields)
    }
}
