internal import SMGBase

extension JSONSlice {
    /// The number, when it is spelled as an integer (no fraction, no exponent) and fits; nil otherwise.
    package var int64: Int64? {
        guard kind == .number else { return nil }
        let negative = bytes[0] == UInt8(ascii: "-")
        let digits = bytes.dropFirst(negative ? 1 : 0)
        guard !digits.isEmpty else { return nil }
        // Downwards from zero: the least Int64 has no positive twin.
        var value: Int64 = 0
        for byte in digits {
            guard ASCII.isDigit(byte) else { return nil }
            let (product, tooBig) = value.multipliedReportingOverflow(by: 10)
            let (sum, tooLow) = product.subtractingReportingOverflow(Int64(byte &- 48))
            guard !tooBig, !tooLow else { return nil }
            value = sum
        }
        if negative { return value }
        return value == .min ? nil : -value
    }

    /// The number, correctly rounded; nil when the value is no number or too large for a finite double.
    package var double: Double? {
        guard kind == .number else { return nil }
        if let exact = exactDouble { return exact }
        guard let rounded = Double(bytes.string), rounded.isFinite else { return nil }
        return rounded
    }

    /// Digits whose integer always fits the 53-bit significand.
    private static let exactDigits = 15
    /// The largest power of ten that is itself a double.
    private static let exactPower = 22

    /// The number without rounding questions: digits and power of ten are exact doubles, so one multiplication or
    /// division rounds correctly. Nil when the number needs the long way.
    private var exactDouble: Double? {
        var significand: Int64 = 0
        var digits = 0
        var scale = 0
        var at = bytes[0] == UInt8(ascii: "-") ? 1 : 0
        var inFraction = false
        while at < bytes.count {
            let byte = bytes[at]
            if ASCII.isDigit(byte) {
                digits += 1
                guard digits <= Self.exactDigits else { return nil }
                significand = significand * 10 + Int64(byte &- 48)
                if inFraction { scale -= 1 }
            } else if byte == UInt8(ascii: "."), !inFraction {
                inFraction = true
            } else {
                break
            }
            at += 1
        }
        guard at == bytes.count, digits > 0, scale >= -Self.exactPower else { return nil }
        var power = 1.0
        for _ in 0..<(-scale) { power *= 10 }
        let magnitude = Double(significand) / power
        return bytes[0] == UInt8(ascii: "-") ? -magnitude : magnitude
    }
}
