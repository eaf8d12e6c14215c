internal import CLinux
internal import SMGCore

/// The terminal and the process.
enum Console {
    static func error(_ text: String) {
        var line = text + "\n"
        line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
    }

    static func exit(_ code: Int32) -> Never { CLinux.exit(code) }

    /// Columns to wrap help to.
    static var width: Int { max(50, min(Int(clinux_terminal_columns(1)), 120)) }

    static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
