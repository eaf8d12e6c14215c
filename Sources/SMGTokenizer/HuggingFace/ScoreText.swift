internal import SMGBase

/// Scores of pieces as the reference reads them.
///
/// Its JSON reader takes the digits for one whole number and scales that by a power of ten: two roundings, so that a
/// score may be one unit off in its last place. Which of two equally good segmentations is found depends on that.
enum ScoreText {
    /// Powers of ten are doubles up to this one; larger scales take several steps.
    private static let largestPower = 308

    /// The number spelled `text`, which is a JSON number; nil when it is not finite.
    static func double(_ text: UnsafeRawBufferPointer) -> Double? {
        var significand: UInt64 = 0
        var exponent = 0
        var at = text.first == UInt8(ascii: "-") ? 1 : 0
        var isFull = false
        var inFraction = false
        while at < text.count {
            let byte = text[at]
            if byte == UInt8(ascii: "."), !inFraction {
                inFraction = true
            } else if ASCII.isDigit(byte) {
                let (product, tooBig) = significand.multipliedReportingOverflow(by: 10)
                let (sum, tooHigh) = product.addingReportingOverflow(UInt64(byte - 48))
                // Digits that do not fit are dropped, all that follow too.
                isFull = isFull || tooBig || tooHigh
                if !isFull { significand = sum }
                if inFraction != isFull { exponent += isFull ? 1 : -1 }
            } else {
                break
            }
            at += 1
        }
        if at < text.count { exponent += scale(text.slice(at..<text.count)) }
        guard let magnitude = scaled(Double(significand), exponent) else { return nil }
        return text.first == UInt8(ascii: "-") ? -magnitude : magnitude
    }

    /// The number behind "e", kept within bounds that decide.
    private static func scale(_ text: UnsafeRawBufferPointer) -> Int {
        var value = 0
        for byte in text where ASCII.isDigit(byte) { value = min(value * 10 + Int(byte - 48), 1 << 20) }
        return text.count > 1 && text[1] == UInt8(ascii: "-") ? -value : value
    }

    private static func scaled(_ significand: Double, _ exponent: Int) -> Double? {
        var value = significand
        var exponent = exponent
        while exponent < -largestPower {
            if value == 0 { return 0 }
            value /= 1e308
            exponent += largestPower
        }
        if exponent > largestPower { return value == 0 ? 0 : nil }
        // Spelled, so that every power is the nearest double.
        let power = Double("1e\(abs(exponent))") ?? 1
        value = exponent < 0 ? value / power : value * power
        return value.isFinite ? value : nil
    }
}
