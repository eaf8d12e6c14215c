internal import SMGBase
internal import SMGJSON

/// Rewrites JSON: without whitespace, every string and number in its usual spelling. What two spellings of one value
/// become is the same.
enum JSONText {
    /// Appends `value` with its members in their order.
    static func append(_ value: JSONSlice, to buffer: ByteBuffer) {
        let bytes = value.bytes
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "\""):
                let end = stringEnd(bytes, at)
                append(JSONString(raw: bytes.slice(at + 1..<max(end - 1, at + 1))), to: buffer)
                at = end
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                var end = at + 1
                while end < bytes.count, isNumberByte(bytes[end]) { end += 1 }
                append(number: JSONSlice(validated: bytes.slice(at..<end)), to: buffer)
                at = end
            default:
                if byte > 0x20 { buffer.append(byte) }
                at += 1
            }
        }
    }

    /// Appends `value` with the members of every object in the order of their keys' bytes: equal values, whatever the
    /// order, become equal texts.
    static func appendSorted(_ value: JSONSlice, to buffer: ByteBuffer) {
        switch value.kind {
        case .object:
            let members = value.members.map { (key: $0.key.string, value: $0.value) }
                .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            buffer.append(UInt8(ascii: "{"))
            for (i, member) in members.enumerated() {
                if i > 0 { buffer.append(UInt8(ascii: ",")) }
                var writer = JSONWriter(buffer)
                writer.string(member.key)
                buffer.append(UInt8(ascii: ":"))
                appendSorted(member.value, to: buffer)
            }
            buffer.append(UInt8(ascii: "}"))
        case .array:
            buffer.append(UInt8(ascii: "["))
            for (i, element) in value.elements.enumerated() {
                if i > 0 { buffer.append(UInt8(ascii: ",")) }
                appendSorted(element, to: buffer)
            }
            buffer.append(UInt8(ascii: "]"))
        default: append(value, to: buffer)
        }
    }

    /// Whether two values are the same but for spelling and the order of members.
    static func equal(_ a: JSONSlice, _ b: JSONSlice) -> Bool {
        if a.bytes.elementsEqual(b.bytes) { return true }
        let first = ByteBuffer(capacity: a.bytes.count)
        let second = ByteBuffer(capacity: b.bytes.count)
        appendSorted(a, to: first)
        appendSorted(b, to: second)
        return first.readable.elementsEqual(second.readable)
    }

    private static func append(_ text: JSONString, to buffer: ByteBuffer) {
        var writer = JSONWriter(buffer)
        if !text.hasEscapes { return writer.string(utf8: text.raw) }
        writer.string(text.string)
    }

    /// The offset behind the closing quote of the string whose opening quote is at `start`.
    private static func stringEnd(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Int {
        var at = start + 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") { at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
        return min(at + 1, bytes.count)
    }

    private static func isNumberByte(_ byte: UInt8) -> Bool {
        ASCII.isDigit(byte) || byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
            || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }
}

// MARK: - Numbers

extension JSONText {
    /// The digits before the point for which a number is written without an exponent, at most.
    private static let longestPlain = 16
    /// The zeros behind the point for which it is, at most.
    private static let longestFraction = 4

    /// Integers of 64 bits keep their digits. Others are written as the nearest double: shortest digits, always with a
    /// point or an exponent. What is too large for a double stays as it is.
    private static func append(number: JSONSlice, to buffer: ByteBuffer) {
        let isNegativeZero = number.bytes.equals("-0")
        if !isNegativeZero, number.int64 != nil || UInt64(number.bytes.string) != nil {
            return buffer.append(number.bytes)
        }
        guard let value = number.double else { return buffer.append(number.bytes) }
        buffer.append(string: text(of: value))
    }

    /// `1.0`, `0.001`, `1e-5`, `1.5e16`.
    static func text(of value: Double) -> String {
        let sign = value.sign == .minus ? "-" : ""
        guard value != 0 else { return sign + "0.0" }
        let (digits, point) = decimal(value.magnitude)
        let count = digits.utf8.count
        if count <= point, point <= longestPlain {
            return sign + digits + String(repeating: "0", count: point - count) + ".0"
        }
        if point > 0, point <= longestPlain {
            return sign + digits.prefix(point) + "." + digits.dropFirst(point)
        }
        if point <= 0, -point <= longestFraction {
            return sign + "0." + String(repeating: "0", count: -point) + digits
        }
        return sign + digits.prefix(1) + (count > 1 ? "." + digits.dropFirst() : "") + "e\(point - 1)"
    }

    /// The shortest digits, and where the point stands in them: value = 0.digits × 10^point.
    private static func decimal(_ value: Double) -> (digits: String, point: Int) {
        let parts = value.description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = mantissa[0]
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let all = String(whole) + fraction
        let leading = all.prefix { $0 == "0" }.count
        var digits = all.dropFirst(leading)
        while digits.last == "0" { digits = digits.dropLast() }
        return (String(digits), whole.count + exponent - leading)
    }
}
