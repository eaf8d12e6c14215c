import CLinux
import SMGBase
import Synchronization
import Testing

@testable import SMGTelemetry

/// A pipe whose read end collects what a logger wrote.
final class LogPipe: Sendable {
    let readEnd: Int32
    let writeEnd: Int32

    init(flags: Int32 = 0) {
        var ends: [Int32] = [0, 0]
        guard pipe2(&ends, flags | O_CLOEXEC) == 0 else { fatalError("pipe") }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    /// Reads to the end.
    func read() -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            var query = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
            _ = poll(&query, 1, -1)
            let count = CLinux.read(readEnd, &chunk, chunk.count)
            if count <= 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func closeWriteEnd() { close(writeEnd) }

    /// Writes lines until the pipe takes no more, and returns their number. The pipe must not block.
    func fill() -> Int {
        let line = [UInt8](repeating: UInt8(ascii: "f"), count: 4095) + [UInt8(ascii: "\n")]
        var lines = 0
        while write(writeEnd, line, line.count) == line.count { lines += 1 }
        return lines
    }
}

/// A thread that reads a pipe to its end. A thread and not a task: it blocks.
final class PipeReader {
    private final class Result: Sendable {
        let pipe: LogPipe
        let text = Mutex("")

        init(pipe: LogPipe) { self.pipe = pipe }
    }

    private let result: Result
    private var thread = pthread_t()

    init(_ pipe: LogPipe) {
        result = Result(pipe: pipe)
        let status = pthread_create(
            &thread, nil,
            { raw in
                let result = Unmanaged<Result>.fromOpaque(raw!).takeRetainedValue()
                let text = result.pipe.read()
                result.text.withLock { $0 = text }
                return nil
            }, Unmanaged.passRetained(result).toOpaque())
        precondition(status == 0)
    }

    /// Everything that was written; close the write end first.
    func join() -> String {
        pthread_join(thread, nil)
        return result.text.withLock { $0 }
    }
}

func contents(of path: String) -> String {
    let file = clinux_open_for_reading(path)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = read(file, &chunk, chunk.count)
        if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += chunk[..<count]
    }
}

func temporaryDirectory() -> String {
    var template = Array("/tmp/smg-log-XXXXXX".utf8CString)
    return template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
}

@Suite(.timeLimit(.minutes(1))) struct LoggerTests {
    let pipe = LogPipe()

    private func logger(
        _ level: LogLevel = .debug, _ format: LogFormat = .text, queueBytes: Int = LogLimits.queueBytes
    ) throws -> Logger {
        try Logger(
            level: level, format: format, destinations: [.descriptor(pipe.writeEnd)], queueBytes: queueBytes,
            clock: { sampleTime })
    }

    @Test func writesFromItsLevelUp() throws {
        let log = try logger(.warn)
        var evaluated = 0
        func message(_ text: String) -> String {
            evaluated += 1
            return text
        }
        log.debug("t", message("one"))
        log.info("t", message("two")) { _ in evaluated += 1 }
        log.warn("t", message("three")) { $0.field("n", 3) }
        log.error("t", message("four"))
        log.level = .info
        log.info("t", message("five"))
        log.level = .off
        log.error("t", message("six"))
        log.log(.off, "t", message("seven"))
        log.shutdown()
        pipe.closeWriteEnd()
        let stamp = "2026-01-02T03:04:05.678Z"
        #expect(evaluated == 3 && log.droppedLines == 0)
        #expect(pipe.read() == "\(stamp) WARN  t three n=3\n\(stamp) ERROR t four\n\(stamp) INFO  t five\n")
    }

    @Test func linesOfManyThreadsStayWhole() async throws {
        let log = try logger(.info, .json)
        let reader = PipeReader(pipe)
        await withTaskGroup { group in
            for thread in 0..<8 {
                group.addTask {
                    for line in 0..<500 { log.info("t", "m") { $0.field("id", thread * 1000 + line) } }
                }
            }
        }
        #expect(log.flush(limit: .seconds(30)))
        log.shutdown(limit: .seconds(30))
        pipe.closeWriteEnd()
        let lines = reader.join().split(separator: "\n")
        let head = #"{"timestamp":"2026-01-02T03:04:05.678Z","level":"info","target":"t","message":"m","id":"#
        let ids = lines.compactMap { line in
            line.hasPrefix(head) && line.hasSuffix("}") ? Int(line.dropFirst(head.count).dropLast()) : nil
        }
        #expect(lines.count == 4000 && Set(ids).count == 4000)
        for thread in 0..<8 {
            let own = ids.filter { $0 / 1000 == thread }
            #expect(own == own.sorted(), "lines of one thread keep their order")
        }
    }

    @Test func aLoggerUsedWhileMakingALineWorks() throws {
        let log = try logger()
        log.info("t", "outer") { fields in
            fields.field("a", 1)
            log.info("t", "inner")
            fields.field("b", 2)
        }
        log.shutdown()
        pipe.closeWriteEnd()
        let lines = pipe.read().split(separator: "\n")
        #expect(lines.count == 2 && lines[0].hasSuffix("inner") && lines[1].hasSuffix("outer a=1 b=2"))
    }

    /// Nobody reads: the pipe fills, then the queue, then lines are dropped. When the reader comes back, the log says
    /// how many are missing.
    @Test func overflowIsCountedAndTold() throws {
        let pipe = LogPipe(flags: O_NONBLOCK)
        let fillers = pipe.fill()
        let log = try Logger(
            level: .info, format: .text, destinations: [.descriptor(pipe.writeEnd)], queueBytes: 10_000)
        let filler = String(repeating: "x", count: 900)
        var sent = 0
        while log.droppedLines < 25 {
            log.info("t", filler)
            sent += 1
        }
        let dropped = log.droppedLines
        #expect(!log.flush(limit: .milliseconds(1)))
        let reader = PipeReader(pipe)
        #expect(log.flush(limit: .seconds(30)))
        log.info("t", "after")
        log.shutdown(limit: .seconds(30))
        pipe.closeWriteEnd()
        let lines = reader.join().split(separator: "\n")
        let notes = lines.filter { $0.contains(" WARN  log ") }
        let told = notes.compactMap { $0.split(separator: "=").last.flatMap { UInt64($0) } }.reduce(0, +)
        #expect(told == dropped)
        #expect(lines.count == fillers + sent - Int(dropped) + notes.count + 1)
        #expect(notes.last == lines.dropLast().last, "the note stands where the lines are missing")
        #expect(lines.last?.hasSuffix("INFO  t after") == true)
    }

    @Test func shutdownDoesNotWaitForABlockedReaderForEver() throws {
        let pipe = LogPipe(flags: O_NONBLOCK)
        let fillers = pipe.fill()
        let log = try Logger(level: .info, format: .text, destinations: [.descriptor(pipe.writeEnd)])
        let filler = String(repeating: "x", count: 4000)
        for _ in 0..<100 { log.info("t", filler) }
        #expect(!log.flush(limit: .milliseconds(1)))
        log.shutdown(limit: .zero)
        log.shutdown()
        log.error("t", "too late")
        #expect(log.droppedLines == 1 && log.flush())
        pipe.closeWriteEnd()
        #expect(pipe.read().split(separator: "\n").count == fillers)
    }

    @Test func aClosedPipeHarmsNobody() throws {
        let log = try logger()
        close(pipe.readEnd)
        for _ in 0..<3 {
            log.info("t", "nobody hears this")
            #expect(log.flush(limit: .seconds(30)))
        }
        log.shutdown()
        pipe.closeWriteEnd()
        let closed = try Logger(level: .info, format: .text, destinations: [.descriptor(-1)])
        closed.error("t", "nor this")
        #expect(closed.flush(limit: .seconds(30)))
    }

    @Test func aDescriptorClosedByTheHostStaysOpenForTheLog() throws {
        let log = try logger()
        pipe.closeWriteEnd()
        log.info("t", "still here")
        log.shutdown()
        #expect(pipe.read() == "2026-01-02T03:04:05.678Z INFO  t still here\n")
    }

    @Test func aNonBlockingPipeWorks() throws {
        let pipe = LogPipe(flags: O_NONBLOCK)
        let log = try Logger(level: .info, format: .text, destinations: [.descriptor(pipe.writeEnd)])
        let reader = PipeReader(pipe)
        let filler = String(repeating: "x", count: 3000)
        for _ in 0..<200 { log.info("t", filler) }
        #expect(log.flush(limit: .seconds(30)))
        log.shutdown()
        pipe.closeWriteEnd()
        #expect(reader.join().split(separator: "\n").count == 200)
    }

    @Test func filesAreAppendedToAndOpenedAnew() throws {
        let directory = temporaryDirectory()
        let path = "\(directory)/smg.log"
        let log = try Logger(
            level: .info, format: .text, destinations: [.file(path: path), .descriptor(pipe.writeEnd)],
            clock: { sampleTime })
        log.info("t", "one")
        #expect(log.flush(limit: .seconds(30)))
        link(path, path + ".1")
        unlink(path)
        log.reopen()
        log.info("t", "two")
        log.shutdown()
        pipe.closeWriteEnd()
        let stamp = "2026-01-02T03:04:05.678Z INFO  t"
        #expect(contents(of: path + ".1") == "\(stamp) one\n" && contents(of: path) == "\(stamp) two\n")
        #expect(pipe.read() == "\(stamp) one\n\(stamp) two\n")
        unlink(path)
        unlink(path + ".1")
        rmdir(directory)
    }

    @Test func dailyFilesChangeAtMidnight() throws {
        let directory = temporaryDirectory() + "/new"
        let time = Mutex<Int64>(sampleTime)
        let now: @Sendable () -> Int64 = { time.withLock { $0 } }
        let log = try Logger(
            level: .info, format: .text, destinations: [.daily(directory: directory, name: "smg")], clock: now)
        log.info("t", "one")
        #expect(log.flush(limit: .seconds(30)))
        time.withLock { $0 += 86_400_000_000_000 }
        log.info("t", "two")
        log.shutdown()
        let first = "\(directory)/smg.2026-01-02"
        let second = "\(directory)/smg.2026-01-03"
        #expect(contents(of: first).hasSuffix("t one\n") && contents(of: second).hasSuffix("t two\n"))
        unlink(first)
        unlink(second)
        rmdir(directory)
    }

    @Test func reportsAFileThatCannotBeOpened() {
        #expect(throws: LogError.open(errno: ENOENT)) {
            try Logger(level: .info, format: .text, destinations: [.file(path: "/no/such/directory/x")])
        }
        #expect("\(LogError.open(errno: 2).code)" == "log_open_failed")
    }

    @Test func theDisabledLoggerDoesNothing() {
        Logger.disabled.error("t", "x")
        #expect(Logger.disabled.flush() && Logger.disabled.droppedLines == 0 && !Logger.disabled.isEnabled(.error))
    }
}
