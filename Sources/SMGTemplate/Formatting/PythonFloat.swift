internal import SMGBase

/// Floats as Python reads and writes them.
enum PythonFloat {
    /// Appends `repr(value)`: the shortest digits that read back as `value`.
    static func append(_ value: Double, to out: ByteBuffer) {
        guard value.isFinite else {
            return out.append(value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" as StaticString)
        }
        let (digits, point) = shortest(value)
        if value.sign == .minus { out.append(UInt8(ascii: "-")) }
        if digits.isEmpty { return out.append("0.0") }
        if point > 16 || point < -3 {
            appendScientific(digits, exponent: point - 1, minimumExponentDigits: 2, to: out)
        } else {
            appendPositional(digits, point, to: out)
        }
    }

    /// The shortest digits and the number of them before the decimal point.
    private static func shortest(_ value: Double) -> (digits: [UInt8], point: Int) {
        var digits: [UInt8] = []
        var point = 0
        var exponent = 0
        var seenPoint = false
        let text = Array(value.magnitude.description.utf8)
        for (at, byte) in text.enumerated() {
            if byte == UInt8(ascii: "e") {
                exponent = Int(String(decoding: text[(at + 1)...], as: UTF8.self)) ?? 0
                break
            }
            if byte == UInt8(ascii: ".") {
                seenPoint = true
                continue
            }
            if digits.isEmpty, byte == UInt8(ascii: "0") {
                if seenPoint { point -= 1 }
                continue
            }
            digits.append(byte - 48)
            if !seenPoint { point += 1 }
        }
        while digits.last == 0 { digits.removeLast() }
        return (digits, point + exponent)
    }

    private static func appendPositional(_ digits: [UInt8], _ point: Int, to out: ByteBuffer) {
        if point <= 0 {
            out.append("0.")
            for _ in 0..<(-point) { out.append(UInt8(ascii: "0")) }
            for digit in digits { out.append(digit + 48) }
            return
        }
        for at in 0..<max(point, digits.count) {
            if at == point { out.append(UInt8(ascii: ".")) }
            out.append((at < digits.count ? digits[at] : 0) + 48)
        }
        if digits.count <= point { out.append(".0") }
    }

    private static func appendScientific(
        _ digits: [UInt8], exponent: Int, minimumExponentDigits: Int, to out: ByteBuffer, upper: Bool = false,
        padded count: Int = 0, alternate: Bool = false
    ) {
        out.append((digits.first ?? 0) + 48)
        if max(digits.count, count) > 1 || alternate { out.append(UInt8(ascii: ".")) }
        for at in 1..<max(digits.count, count, 1) { out.append((at < digits.count ? digits[at] : 0) + 48) }
        out.append(upper ? UInt8(ascii: "E") : UInt8(ascii: "e"))
        out.append(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        if exponent.magnitude < 10, minimumExponentDigits > 1 { out.append(UInt8(ascii: "0")) }
        out.append(decimal: Int(exponent.magnitude))
    }

    // MARK: - Formats, without sign, of finite numbers

    /// Appends the magnitude with `places` digits behind the point.
    static func appendFixed(_ value: Double, places: Int, to out: ByteBuffer, alternate: Bool = false) {
        var decimal = ExactDecimal(value)
        decimal.round(places: places)
        if decimal.point <= 0 { out.append(UInt8(ascii: "0")) }
        for at in 0..<max(decimal.point, 0) { out.append(decimal.digit(at) + 48) }
        if places > 0 || alternate { out.append(UInt8(ascii: ".")) }
        for place in 0..<places { out.append(decimal.digit(decimal.point + place) + 48) }
    }

    /// Appends the magnitude with one digit before the point and `places` behind it.
    static func appendExponent(
        _ value: Double, places: Int, to out: ByteBuffer, upper: Bool = false, alternate: Bool = false
    ) {
        var decimal = ExactDecimal(value)
        decimal.round(count: places + 1)
        let exponent = decimal.digits.isEmpty ? 0 : decimal.point - 1
        appendScientific(
            decimal.digits, exponent: exponent, minimumExponentDigits: 2, to: out, upper: upper, padded: places + 1,
            alternate: alternate)
    }

    /// Appends the magnitude with `precision` digits in all, in the shorter of both ways.
    static func appendGeneral(
        _ value: Double, precision: Int, to out: ByteBuffer, upper: Bool = false, alternate: Bool = false
    ) {
        let precision = max(precision, 1)
        var decimal = ExactDecimal(value)
        decimal.round(count: precision)
        let exponent = decimal.digits.isEmpty ? 0 : decimal.point - 1
        if exponent < -4 || exponent >= precision {
            appendScientific(
                decimal.digits, exponent: exponent, minimumExponentDigits: 2, to: out, upper: upper,
                padded: alternate ? precision : 0, alternate: alternate)
        } else {
            let places =
                alternate ? precision - 1 - exponent : max(decimal.digits.count - (exponent + 1), 0)
            appendFixed(value, places: decimal.digits.isEmpty && !alternate ? 0 : places, to: out, alternate: alternate)
        }
    }

    /// `round(value, places)`.
    static func rounded(_ value: Double, places: Int) -> Double {
        guard value.isFinite, places < 400 else { return value }
        guard places > -400 else { return value < 0 ? -0.0 : 0.0 }
        var decimal = ExactDecimal(value)
        decimal.round(places: places)
        var text = value.sign == .minus ? "-0." : "0."
        for digit in decimal.digits { text.unicodeScalars.append(Unicode.Scalar(digit + 48)) }
        text += "0e\(decimal.point)"
        return Double(text) ?? value
    }

    /// `float(text)`; nil when that would be an error.
    static func parse(_ text: UnsafeRawBufferPointer) -> Double? {
        let stripped = PythonText.strip(text)
        var plain: [UInt8] = []
        for (at, byte) in stripped.enumerated() {
            if byte == UInt8(ascii: "_") {
                let isBetween =
                    at > 0 && at + 1 < stripped.count && ASCII.isDigit(stripped[at - 1])
                    && ASCII.isDigit(stripped[at + 1])
                guard isBetween else { return nil }
                continue
            }
            plain.append(ASCII.lowercased(byte))
        }
        let spelled = String(decoding: plain, as: UTF8.self)
        switch spelled.drop(while: { $0 == "+" || $0 == "-" }) {
        case "inf", "infinity", "nan": return spelled.count > 9 ? nil : Double(spelled)
        default: break
        }
        guard plain.contains(where: ASCII.isDigit),
            plain.allSatisfy({ ASCII.isDigit($0) || "+-.e".utf8.contains($0) })
        else { return nil }
        return Double(spelled)
    }
}
