/// How much a log line matters; a logger writes lines at its own level and above.
package enum LogLevel: UInt8, Comparable, CaseIterable, Sendable {
    case debug
    case info
    case warn
    case error
    /// As a logger's level: write nothing.
    case off

    /// Reads a configuration value, without regard to case. `warning` counts as `warn`.
    package init?(name: String) {
        switch name.lowercased() {
        case "debug": self = .debug
        case "info": self = .info
        case "warn", "warning": self = .warn
        case "error": self = .error
        case "off": self = .off
        default: return nil
        }
    }

    /// The lower-case name, as in configuration and JSON lines.
    package var name: StaticString {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .warn: "warn"
        case .error: "error"
        case .off: "off"
        }
    }

    /// The name in text lines, padded to one width.
    var padded: StaticString {
        switch self {
        case .debug: "DEBUG"
        case .info: "INFO "
        case .warn: "WARN "
        case .error: "ERROR"
        case .off: "OFF  "
        }
    }

    @inlinable
    package static func < (a: LogLevel, b: LogLevel) -> Bool { a.rawValue < b.rawValue }
}

/// What a log line looks like.
package enum LogFormat: Sendable {
    /// `2026-01-02T03:04:05.678Z INFO  target message key=value …`
    case text
    /// One JSON object a line.
    case json
}

/// Bounds of the log, each with its reason.
package enum LogLimits {
    /// Lines waiting for the log thread, in bytes: a second of heavy request logging. As much again may be in the
    /// hands of the log thread.
    package static let queueBytes = 4 << 20

    /// Bytes of one value that are kept. URLs and error texts fit, bodies do not belong in a log.
    package static let valueBytes = 4096

    /// A line that has reached this many bytes takes no more fields.
    package static let lineBytes = 32 << 10

    /// How long the log thread gathers lines before it writes: one wake-up and one write for all lines of that time.
    package static let gatherMilliseconds = 5

    /// What is written at once to a pipe or terminal. A pipe that polls writable takes PIPE_BUF bytes without
    /// blocking, so the log thread is never caught inside `write`.
    package static let pipeWriteBytes = 4096

    /// How often a blocked write looks whether it should give up.
    package static let blockedPollMilliseconds = 50

    /// Time for the last lines when a logger ends.
    package static let shutdownSeconds = 2

    /// Buffers that grew beyond this in a burst are let go after it.
    package static let keptBufferBytes = 256 << 10
}
