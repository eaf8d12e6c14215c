internal import SMGBase

/// A number or a name in Python, held until its end is known.
struct PythonWord: Sendable {
    /// More digits than any double has, and longer than any name.
    private static let capacity = 256

    private var bytes: InlineArray<256, UInt8> = .init(repeating: 0)
    private var count = 0

    /// False when the word is too long.
    @discardableResult
    mutating func append(_ byte: UInt8) -> Bool {
        guard count < Self.capacity else { return false }
        bytes[count] = byte
        count += 1
        return true
    }

    /// The same for several bytes; none is taken when they are too many.
    mutating func append(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count <= Self.capacity - count else { return false }
        let start = count
        withUnsafeMutableBytes(of: &bytes) {
            UnsafeMutableRawBufferPointer(rebasing: $0[start...]).copyMemory(from: text)
        }
        count += text.count
        return true
    }

    /// Starts over.
    mutating func clear() { count = 0 }

    /// Whether the next byte may be the sign of an exponent.
    var endsInExponent: Bool {
        count > 1 && bytes[count - 1] | 0x20 == UInt8(ascii: "e") && bytes[1] | 0x20 != UInt8(ascii: "x")
    }

    /// If the word may stand before a string: whether that is a raw one.
    var stringPrefix: Bool? {
        guard 1...2 ~= count else { return nil }
        var isRaw = false
        for i in 0..<count {
            switch bytes[i] | 0x20 {
            case UInt8(ascii: "r"): isRaw = true
            case UInt8(ascii: "b"), UInt8(ascii: "u"), UInt8(ascii: "f"): break
            default: return nil
            }
        }
        return isRaw
    }

    /// Writes the word as it came.
    func write(to output: ParserOutput, _ call: Int) { withBytes { output.arguments(call, $0) } }

    /// Writes the name's value: a constant, or the name itself as a string.
    func writeName(to output: ParserOutput, _ call: Int, isKey: Bool) {
        withBytes { text in
            let constant: StaticString? =
                text.equals("None") || text.equals("null")
                ? "null"
                : text.equals("True") || text.equals("true")
                    ? "true" : text.equals("False") || text.equals("false") ? "false" : nil
            if let constant, !isKey { return output.arguments(call, constant) }
            output.arguments(call, "\"")
            if let constant { output.arguments(call, constant) } else { output.arguments(call, text) }
            output.arguments(call, "\"")
        }
    }

    /// Writes the number as JSON spells it; false when it is none.
    func writeNumber(to output: ParserOutput, _ call: Int, isNegative: Bool, isKey: Bool) -> Bool {
        if !isKey, withBytes(Self.isSpelledAlike) {
            if isNegative { output.argument(call, byte: UInt8(ascii: "-")) }
            write(to: output, call)
            return true
        }
        var text: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        guard appendNumber(to: &text) else { return false }
        if isKey { text = [UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")] }
        text.withUnsafeBytes { output.arguments(call, $0) }
        return true
    }

    /// Whether Python's number is JSON's, as nearly all are: digits without a zero in front, then perhaps a point and
    /// digits, then perhaps an exponent.
    private static func isSpelledAlike(_ text: UnsafeRawBufferPointer) -> Bool {
        func digits(from start: Int) -> Int {
            var at = start
            while at < text.count, ASCII.isDigit(text[at]) { at += 1 }
            return at
        }
        var at = digits(from: 0)
        guard at == 1 || at > 1 && text[0] != UInt8(ascii: "0") else { return false }
        if at < text.count, text[at] == UInt8(ascii: ".") {
            let end = digits(from: at + 1)
            guard end > at + 1 else { return false }
            at = end
        }
        if at < text.count, text[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < text.count, text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-") { at += 1 }
            let end = digits(from: at)
            guard end > at else { return false }
            at = end
        }
        return at == text.count
    }

    private func appendNumber(to text: inout [UInt8]) -> Bool {
        let digits = withBytes { word in word.filter { $0 != UInt8(ascii: "_") } }
        guard let last = digits.last, withBytes({ $0.last }) == last else { return false }
        if digits.count > 2, digits[0] == UInt8(ascii: "0"), !ASCII.isDigit(digits[1]) {
            let radix: Int? =
                switch digits[1] | 0x20 {
                case UInt8(ascii: "x"): 16
                case UInt8(ascii: "o"): 8
                case UInt8(ascii: "b"): 2
                default: nil
                }
            if let radix {
                guard let value = UInt64(String(decoding: digits[2...], as: UTF8.self), radix: radix) else {
                    return false
                }
                text += Array(String(value).utf8)
                return true
            }
        }
        for (i, byte) in digits.enumerated() {
            // JSON wants a digit on both sides of a point.
            if byte == UInt8(ascii: "."), i == 0 { text.append(UInt8(ascii: "0")) }
            text.append(byte)
            let next = i + 1 < digits.count ? digits[i + 1] : 0
            if byte == UInt8(ascii: "."), !ASCII.isDigit(next) { text.append(UInt8(ascii: "0")) }
        }
        guard digits != [UInt8(ascii: ".")] else { return false }
        var stream = JSONStream()
        let used = text.withUnsafeBytes { stream.consume($0) }
        return stream.finish() && used == text.count
    }

    private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: bytes) { body(UnsafeRawBufferPointer(rebasing: $0[0..<count])) }
    }
}
