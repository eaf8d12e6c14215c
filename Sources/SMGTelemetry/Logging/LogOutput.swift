internal import CLinux
internal import SMGBase

/// Where log lines go.
package enum LogDestination: Sendable {
    /// A duplicate of this descriptor: 1 for standard output, 2 for standard error. What becomes of the original later
    /// does not matter; a closed number that comes back as somebody's connection never sees a log line.
    case descriptor(Int32)
    /// A file that is appended to.
    case file(path: String)
    /// A file a day (UTC), `directory/name.2026-01-02`; the directory is made when it is missing.
    case daily(directory: String, name: String)
}

/// Why a logger could not be set up.
package enum LogError: Error, Equatable {
    /// A log file could not be opened; `errno` says why.
    case open(errno: Int32)
    /// The log thread could not be started.
    case thread

    /// A stable name for messages and metrics.
    package var code: StaticString {
        switch self {
        case .open: "log_open_failed"
        case .thread: "log_thread_failed"
        }
    }
}

/// One destination, opened. Touched by the log thread only, once it runs.
final class LogOutput {
    private let destination: LogDestination
    private var descriptor: Int32
    private var isRegular: Bool
    /// Day of a daily file.
    private var day: Int64
    /// Lines this destination did not take since the last note about it.
    private(set) var lost: UInt64 = 0

    /// Opens the destination; `second` is the wall clock, for the name of a daily file.
    init(_ destination: LogDestination, second: Int64) throws(LogError) {
        self.destination = destination
        day = CivilTime.dayNumber(ofSecond: second)
        descriptor = try Self.open(destination, second: second)
        isRegular = clinux_is_regular_file(descriptor) != 0
    }

    deinit { closeOwned() }

    /// Opens a file anew when it was asked for or the day has changed. A file that cannot be opened leaves the old
    /// one in use: better the wrong file than no log.
    func prepare(second: Int64, mustReopen: Bool) {
        let today = CivilTime.dayNumber(ofSecond: second)
        switch destination {
        case .descriptor: return
        case .file: guard mustReopen else { return }
        case .daily: guard mustReopen || today != day else { return }
        }
        guard let fresh = try? Self.open(destination, second: second) else { return }
        closeOwned()
        descriptor = fresh
        isRegular = clinux_is_regular_file(fresh) != 0
        day = today
    }

    /// Writes everything, waiting for a slow reader as long as `mayWait` allows. Lines that cannot be written are
    /// counted as lost; the next call tries again.
    func write(_ bytes: UnsafeRawBufferPointer, mayWait: () -> Bool) {
        var left = bytes
        while !left.isEmpty {
            let part = isRegular ? left : UnsafeRawBufferPointer(rebasing: left[..<Self.partEnd(left)])
            if !isRegular && !waitWritable(mayWait) { break }
            let count = CLinux.write(descriptor, part.baseAddress, part.count)
            if count > 0 {
                left = UnsafeRawBufferPointer(rebasing: left[count...])
            } else if count < 0 && (clinux_errno() == EINTR || (clinux_errno() == EAGAIN && mayWait())) {
                continue
            } else {
                break
            }
        }
        for byte in left where byte == UInt8(ascii: "\n") { lost += 1 }
    }

    /// Hands out the count of lost lines, to be told to the reader.
    func takeLost() -> UInt64 {
        defer { lost = 0 }
        return lost
    }

    /// The note about `count` missing lines did not get through either.
    func returnLost(_ count: UInt64) { lost = count }

    /// False when there was no room until `mayWait` said no. An error counts as room: `write` then reports it.
    private func waitWritable(_ mayWait: () -> Bool) -> Bool {
        guard descriptor >= 0 else { return true }  // poll would wait for it for ever
        while true {
            let ready = clinux_poll_writable(descriptor, Int32(LogLimits.blockedPollMilliseconds))
            if ready > 0 || (ready < 0 && clinux_errno() != EINTR) { return true }
            if !mayWait() { return false }
        }
    }

    /// As many whole lines as fit one write; a longer line is cut.
    private static func partEnd(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard bytes.count > LogLimits.pipeWriteBytes else { return bytes.count }
        let lines = bytes[..<LogLimits.pipeWriteBytes].lastIndex(of: UInt8(ascii: "\n"))
        return lines.map { $0 + 1 } ?? LogLimits.pipeWriteBytes
    }

    private func closeOwned() {
        if descriptor >= 0 { close(descriptor) }
    }

    private static func open(_ destination: LogDestination, second: Int64) throws(LogError) -> Int32 {
        let path: String
        switch destination {
        case .descriptor(let descriptor):
            // A process may run with closed standard output: then the lines are lost, and nothing else.
            return clinux_duplicate(descriptor)
        case .file(let file): path = file
        case .daily(let directory, let name):
            let date = ByteBuffer(capacity: 16)
            CivilTime(secondsSince1970: second).appendDate(to: date)
            path = "\(directory)/\(name).\(date.readableString)"
            _ = mkdir(directory, 0o755)  // usually there already; if it failed, `open` tells
        }
        let descriptor = clinux_open_for_appending(path)
        guard descriptor >= 0 else { throw .open(errno: clinux_errno()) }
        return descriptor
    }
}
