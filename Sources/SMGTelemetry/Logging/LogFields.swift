package import SMGBase

/// Takes the fields of one log line and writes them straight into its bytes.
///
/// Keys are program text: `[A-Za-z0-9_.-]`, not one of `timestamp`, `level`, `target`, `message`, each at most once a
/// line. A line that is full takes no more fields and says so with `truncated`.
package struct LogFields: ~Copyable {
    private let line: ByteBuffer
    private let format: LogFormat
    private var isTruncated = false

    init(line: ByteBuffer, format: LogFormat) {
        self.line = line
        self.format = format
    }

    /// A whole number.
    package mutating func field(_ key: StaticString, _ value: Int) {
        guard begin(key) else { return }
        line.append(decimal: value)
    }

    /// An unsigned number.
    package mutating func field(_ key: StaticString, _ value: UInt64) {
        guard begin(key) else { return }
        if let small = Int(exactly: value) { line.append(decimal: small) } else { line.append(string: "\(value)") }
    }

    /// A fraction; JSON lines show what is not finite as a string.
    package mutating func field(_ key: StaticString, _ value: Double) {
        guard begin(key) else { return }
        if value.isFinite { line.append(string: "\(value)") } else { quoted("\(value)") }
    }

    /// `true` or `false`.
    package mutating func field(_ key: StaticString, _ value: Bool) {
        guard begin(key) else { return }
        line.append(value ? "true" : "false")
    }

    /// A length of time in milliseconds with three decimals; by convention the key ends in `_ms`.
    package mutating func field(_ key: StaticString, _ value: TimeSpan) {
        guard begin(key) else { return }
        let microseconds = value.nanoseconds / 1000
        if microseconds < 0 { line.append(UInt8(ascii: "-")) }
        line.append(decimal: Int(microseconds.magnitude / 1000))
        line.append(UInt8(ascii: "."))
        CivilTime.append(Int(microseconds.magnitude % 1000), digits: 3, to: line)
    }

    /// Text known at compile time.
    package mutating func field(_ key: StaticString, _ value: StaticString) {
        field(key, UnsafeRawBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
    }

    /// Text.
    package mutating func field(_ key: StaticString, _ value: String) {
        guard begin(key) else { return }
        text(value)
    }

    /// Raw bytes, such as a path off the wire; what is not UTF-8 is repaired.
    package mutating func field(_ key: StaticString, _ value: UnsafeRawBufferPointer) {
        guard begin(key) else { return }
        text(value)
    }

    /// Never the secret itself.
    package mutating func field(_ key: StaticString, _: Secret) {
        guard begin(key) else { return }
        text("[redacted]" as String)
    }

    mutating func finish() {
        if isTruncated {
            separate("truncated")
            line.append("true")
        }
        if format == .json { line.append(UInt8(ascii: "}")) }
        line.append(UInt8(ascii: "\n"))
    }

    /// Writes the key; false when the line is full.
    private mutating func begin(_ key: StaticString) -> Bool {
        guard line.readableCount < LogLimits.lineBytes else {
            isTruncated = true
            return false
        }
        separate(key)
        return true
    }

    private func separate(_ key: StaticString) {
        line.append(format == .json ? ",\"" : " ")
        for at in 0..<key.utf8CodeUnitCount { line.append(Self.keyByte(key.utf8Start[at])) }
        line.append(format == .json ? "\":" : "=")
    }

    /// Keys need no quotes in either format because everything unusual is replaced.
    private static func keyByte(_ byte: UInt8) -> UInt8 {
        let isLetter = ASCII.lowercased(byte) &- UInt8(ascii: "a") < 26
        let isMark = byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
        return isLetter || ASCII.isDigit(byte) || isMark ? byte : UInt8(ascii: "_")
    }

    private func text(_ value: String) {
        var value = value
        value.withUTF8 { text(UnsafeRawBufferPointer($0)) }
    }

    private func text(_ bytes: UnsafeRawBufferPointer) {
        if format == .text && LogEscape.isBare(bytes) { return line.append(bytes) }
        line.append(UInt8(ascii: "\""))
        LogEscape.append(bytes, quotes: true, to: line)
        line.append(UInt8(ascii: "\""))
    }

    private func quoted(_ plain: String) {
        if format == .json { line.append(UInt8(ascii: "\"")) }
        line.append(string: plain)
        if format == .json { line.append(UInt8(ascii: "\"")) }
    }
}
