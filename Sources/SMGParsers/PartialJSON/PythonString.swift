internal import SMGBase

/// A Python string that is being read, and the escape in it.
struct PythonString: Sendable {
    /// How an escape goes on.
    enum Escape { case done, hex, octal }

    let quote: UInt8
    let isRaw: Bool
    var isTriple = false
    /// Quotes in a row that may end a string in three of them.
    var closing = 0
    /// Whether an escape named a character that does not exist.
    private(set) var isInvalid = false
    /// A numeric escape as far as it has come, from the byte behind its backslash.
    private(set) var pending: [UInt8] = []
    private var unit: UInt32 = 0
    private var digitsLeft = 0

    init(quote: UInt8 = UInt8(ascii: "'"), isRaw: Bool = false) {
        self.quote = quote
        self.isRaw = isRaw
    }

    private static let singleEnds = ByteSearch([UInt8(ascii: "'"), UInt8(ascii: "\\")])
    private static let doubleEnds = ByteSearch([UInt8(ascii: "\""), UInt8(ascii: "\\")])

    /// The first quote or backslash at or after `start`, or the count.
    func plainEnd(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        (quote == UInt8(ascii: "'") ? Self.singleEnds : Self.doubleEnds).first(in: bytes, from: start)
    }

    /// The byte behind a backslash. One that names nothing stays, with its backslash, as in Python.
    mutating func escape(_ byte: UInt8, _ output: ParserOutput, _ call: Int) -> Escape {
        if isRaw {
            literally(byte, output, call)
            return .done
        }
        unit = 0
        switch byte {
        case UInt8(ascii: "n"): write(0x0a, output, call)
        case UInt8(ascii: "t"): write(0x09, output, call)
        case UInt8(ascii: "r"): write(0x0d, output, call)
        case UInt8(ascii: "b"): write(0x08, output, call)
        case UInt8(ascii: "f"): write(0x0c, output, call)
        case UInt8(ascii: "v"): write(0x0b, output, call)
        case UInt8(ascii: "a"): write(0x07, output, call)
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): write(byte, output, call)
        // A line that goes on in the next one.
        case UInt8(ascii: "\n"): break
        case UInt8(ascii: "x"): return hex(byte, 2)
        case UInt8(ascii: "u"): return hex(byte, 4)
        case UInt8(ascii: "U"): return hex(byte, 8)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            pending = [byte]
            unit = UInt32(byte & 7)
            digitsLeft = 2
            return .octal
        default: literally(byte, output, call)
        }
        return .done
    }

    /// One more digit of `\x`, `\u` or `\U`; true when it was the last.
    mutating func addHex(_ byte: UInt8, _ digit: Int, _ output: ParserOutput, _ call: Int) -> Bool {
        pending.append(byte)
        unit = unit << 4 | UInt32(digit)
        digitsLeft -= 1
        guard digitsLeft == 0 else { return false }
        writeUnit(output, call)
        return true
    }

    /// One more digit of an octal escape; false when it had all of them.
    mutating func addOctal(_ byte: UInt8) -> Bool {
        guard digitsLeft > 0 else { return false }
        pending.append(byte)
        digitsLeft -= 1
        unit = unit << 3 | UInt32(byte & 7)
        return true
    }

    /// Writes the character of a numeric escape. Halves of surrogate pairs stay escapes: JSON joins them.
    mutating func writeUnit(_ output: ParserOutput, _ call: Int) {
        if unit & 0xffff_f800 == 0xd800 {
            let digits: StaticString = "0123456789abcdef"
            output.arguments(call, "\\u")
            for shift in [12, 8, 4, 0] as [UInt32] {
                withUnsafeBytes(of: digits.utf8Start[Int(unit >> shift & 15)]) { output.arguments(call, $0) }
            }
        } else if let scalar = Unicode.Scalar(unit) {
            var text = String(Character(scalar))
            text.withUTF8 { output.argumentsEscaping(call, UnsafeRawBufferPointer($0)) }
        } else {
            isInvalid = true
        }
    }

    private mutating func hex(_ byte: UInt8, _ digits: Int) -> Escape {
        pending = [byte]
        digitsLeft = digits
        return .hex
    }

    private func literally(_ byte: UInt8, _ output: ParserOutput, _ call: Int) {
        output.arguments(call, "\\\\")
        write(byte, output, call)
    }

    private func write(_ byte: UInt8, _ output: ParserOutput, _ call: Int) {
        withUnsafeBytes(of: byte) { output.argumentsEscaping(call, $0) }
    }
}
