internal import CLinux
internal import SMGBase

/// One thread's place to put a log line together, kept from line to line.
final class LogScratch {
    let line = ByteBuffer(capacity: 512)
    /// Set while a line is being made: a logger called from a field closure takes a fresh scratch.
    var isBusy = false
    /// The formatted `stampSecond`; most lines fall into the same second as the one before.
    private let stamp = ByteBuffer(capacity: 32)
    private var stampSecond = Int64.min

    /// The calling thread's own scratch; freed when the thread ends.
    static func current() -> LogScratch {
        if let known = pthread_getspecific(key) {
            return Unmanaged<LogScratch>.fromOpaque(known).takeUnretainedValue()
        }
        let scratch = LogScratch()
        pthread_setspecific(key, Unmanaged.passRetained(scratch).toOpaque())
        return scratch
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let status = pthread_key_create(&key) { value in
            if let value { Unmanaged<LogScratch>.fromOpaque(value).release() }
        }
        guard status == 0 else { fatalError("no thread-specific key for the log") }
        return key
    }()

    /// Formats a whole line into `line`. `nanoseconds` count from 1970-01-01 UTC.
    func make(
        _ format: LogFormat, nanoseconds: Int64, level: LogLevel, target: StaticString, message: String,
        fields: (inout LogFields) -> Void
    ) {
        isBusy = true
        defer { isBusy = false }
        line.clear()
        switch format {
        case .text:
            appendTime(nanoseconds)
            line.append(UInt8(ascii: " "))
            line.append(level.padded)
            line.append(UInt8(ascii: " "))
            line.append(target)
            line.append(UInt8(ascii: " "))
            append(message, quotes: false)
        case .json:
            line.append("{\"timestamp\":\"")
            appendTime(nanoseconds)
            line.append("\",\"level\":\"")
            line.append(level.name)
            line.append("\",\"target\":\"")
            append(UnsafeRawBufferPointer(start: target.utf8Start, count: target.utf8CodeUnitCount))
            line.append("\",\"message\":\"")
            append(message, quotes: true)
            line.append(UInt8(ascii: "\""))
        }
        var writer = LogFields(line: line, format: format)
        fields(&writer)
        writer.finish()
    }

    /// Appends `2026-01-02T03:04:05.678Z`.
    private func appendTime(_ nanoseconds: Int64) {
        var second = nanoseconds / 1_000_000_000
        if nanoseconds % 1_000_000_000 < 0 { second -= 1 }
        if second != stampSecond {
            stamp.clear()
            CivilTime(secondsSince1970: second).appendDateTime(to: stamp)
            stampSecond = second
        }
        line.append(stamp.readable)
        line.append(UInt8(ascii: "."))
        CivilTime.append(Int(nanoseconds - second * 1_000_000_000) / 1_000_000, digits: 3, to: line)
        line.append(UInt8(ascii: "Z"))
    }

    private func append(_ bytes: UnsafeRawBufferPointer) { LogEscape.append(bytes, quotes: true, to: line) }

    private func append(_ message: String, quotes: Bool) {
        var text = message
        text.withUTF8 { LogEscape.append(UnsafeRawBufferPointer($0), quotes: quotes, to: line) }
    }
}
