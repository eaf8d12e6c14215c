internal import SMGBase

/// What function names look like where no quotes show their end.
enum CallName {
    /// ASCII letters, digits, `_`, `-` and `.`, and everything beyond ASCII.
    @inline(__always)
    static func isNameByte(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return letter &- 97 < 26 || ASCII.isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: ".") || byte >= 0x80
    }

    /// Whether `byte` may begin a name in Python.
    @inline(__always)
    static func isIdentifierStart(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 97 < 26 || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    /// Whether `byte` may go on a name in Python.
    @inline(__always)
    static func isIdentifierByte(_ byte: UInt8) -> Bool { isIdentifierStart(byte) || ASCII.isDigit(byte) }
}
