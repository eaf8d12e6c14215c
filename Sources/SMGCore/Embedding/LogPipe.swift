internal import CLinux
internal import SMGBase
internal import SMGNet
package import SMGTelemetry
internal import Synchronization

/// Who takes log lines in place of a file. Its end (`release`) comes when the last line has.
package final class LogReceiver: Sendable {
    /// Lines below it are not made.
    let level: LogLevel
    let take: @Sendable (LogLevel, UnsafeRawBufferPointer) -> Void
    private let release: @Sendable () -> Void
    private let isAdopted = Atomic<Bool>(false)

    /// - Parameters:
    ///   - take: gets one line without its line feed, always on the same thread.
    ///   - release: called once, when no line will come any more; never if no gateway has taken the receiver.
    package init(
        level: LogLevel, take: @escaping @Sendable (LogLevel, UnsafeRawBufferPointer) -> Void,
        release: @escaping @Sendable () -> Void
    ) {
        self.level = level
        self.take = take
        self.release = release
    }

    deinit { if isAdopted.load(ordering: .relaxed) { release() } }

    /// A gateway has taken the receiver.
    func adopt() { isAdopted.store(true, ordering: .relaxed) }
}

/// Carries a logger's lines to a receiver: the logger writes to one end of a pipe, a thread reads the other. A receiver
/// that is slow fills the pipe and then the logger's queue, which drops lines and says so; nobody else waits.
final class LogPipe: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): the write end and the thread are touched by the thread that starts or stops the
    // gateway, under its lock; the rest does not change.

    /// What is read at once.
    private static let readBytes = 64 << 10
    /// A line without an end is handed over in parts of this size.
    private static let longestLine = 1 << 20

    private let readEnd: Int32
    private(set) var writeEnd: Int32
    private let receiver: LogReceiver
    private var thread = pthread_t()

    init(_ receiver: LogReceiver) throws(EmbeddingError) {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else {
            let fault = NetError.system(.socket, clinux_errno())
            throw .start(GatewayStartError(code: fault.code, description: "cannot make a pipe for the log: \(fault)"))
        }
        readEnd = ends[0]
        writeEnd = ends[1]
        self.receiver = receiver
        let context = Unmanaged.passRetained(self)
        let failed = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<LogPipe>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard failed == 0 else {
            context.release()
            close(readEnd)
            close(writeEnd)
            throw .start(GatewayStartError(code: "no_thread", description: "cannot start a thread for the log"))
        }
    }

    /// The receiver's thread.
    var threadID: UInt { UInt(thread) }

    /// The logger has its own duplicate: when that goes too, the thread ends.
    func closeWriteEnd() {
        close(writeEnd)
        writeEnd = -1
    }

    /// Waits until the receiver has had the last line.
    func join() { pthread_join(thread, nil) }

    private func run() {
        _ = clinux_name_thread("smg-log-out")
        let text = ByteBuffer(capacity: LogPipe.readBytes)
        while true {
            text.compact()
            text.reserve(LogPipe.readBytes)
            let count = read(readEnd, text.writable.baseAddress, LogPipe.readBytes)
            if count < 0, clinux_errno() == EINTR { continue }
            guard count > 0 else { break }
            text.commit(count)
            deliver(text)
        }
        if !text.isEmpty { hand(text.readable) }
        close(readEnd)
    }

    private func deliver(_ text: ByteBuffer) {
        while let end = text.readable.firstIndex(of: UInt8(ascii: "\n")) {
            hand(UnsafeRawBufferPointer(rebasing: text.readable[..<end]))
            text.consume(end + 1)
        }
        if text.readableCount > LogPipe.longestLine {
            hand(text.readable)
            text.clear()
        }
    }

    private func hand(_ line: UnsafeRawBufferPointer) { receiver.take(LogPipe.level(of: line), line) }

    /// Reads the level where both formats have it: behind a timestamp of fixed length.
    static func level(of line: UnsafeRawBufferPointer) -> LogLevel {
        let isJSON = line.first == UInt8(ascii: "{")
        let start = isJSON ? jsonLevelOffset : textLevelOffset
        guard line.count > start else { return .info }
        let word = line[start...].prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\"") }
        return LogLevel(name: String(decoding: word, as: UTF8.self)) ?? .info
    }

    private static let textLevelOffset = "2026-01-02T03:04:05.678Z ".utf8.count
    private static let jsonLevelOffset = #"{"timestamp":"2026-01-02T03:04:05.678Z","level":""#.utf8.count
}
