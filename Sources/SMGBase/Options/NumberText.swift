/// Numbers as options write them: JSON's grammar, the same on the command line and in files.
package enum NumberText {
    /// What a text says as a whole number.
    enum Whole: Equatable {
        case value(Int)
        /// A well-formed whole number that does not fit 64 bits.
        case tooLarge
        case malformed
    }

    /// Reads `-?(0|[1-9][0-9]*)`.
    static func whole(_ text: String) -> Whole {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard let first = digits.first, digits.allSatisfy(ASCII.isDigit) else { return .malformed }
        guard first != UInt8(ascii: "0") || digits.count == 1 else { return .malformed }
        guard let value = Int(text) else { return .tooLarge }
        return .value(value)
    }

    /// Reads a JSON number. Nil if malformed; infinite if too large for a double.
    package static func decimal(_ text: String) -> Double? {
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        guard let first = rest.first, ASCII.isDigit(first) else { return nil }
        rest.removeFirst()
        if first != UInt8(ascii: "0") { rest = rest.drop(while: ASCII.isDigit) }
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            guard let digit = rest.first, ASCII.isDigit(digit) else { return nil }
            rest = rest.drop(while: ASCII.isDigit)
        }
        if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
            rest.removeFirst()
            if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest.removeFirst() }
            guard let digit = rest.first, ASCII.isDigit(digit) else { return nil }
            rest = rest.drop(while: ASCII.isDigit)
        }
        guard rest.isEmpty else { return nil }
        return Double(text)
    }

    /// The shortest text that reads back as `value`, without a needless `.0`. `value` must be finite.
    package static func shown(_ value: Double) -> String {
        // Below 2^53 every whole double is exactly an integer.
        if value == value.rounded(), value.magnitude < 0x1p53 { return String(Int(value)) }
        return value.description
    }
}
