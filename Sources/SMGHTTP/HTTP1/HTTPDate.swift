package import SMGBase

/// IMF-fixdate text (RFC 9110 §5.6.7), `Sun, 06 Nov 1994 08:49:37 GMT`, kept for the second it was made for.
package struct HTTPDate {
    /// Bytes of the text.
    package static let length = 29
    private var seconds = Int64.min
    private var text: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// The last second of the year 9999: four digits are all the format has.
    private static let latest: Int64 = 253_402_300_799

    package init() {}

    /// Appends the text for `secondsSinceEpoch` (clamped to 1970 ... 9999), formatting it only when the second changed.
    package mutating func append(_ secondsSinceEpoch: Int64, to buffer: ByteBuffer) {
        let wanted = min(max(secondsSinceEpoch, 0), Self.latest)
        if wanted != seconds {
            seconds = wanted
            withUnsafeMutableBytes(of: &text) { Self.format(wanted, into: $0) }
        }
        withUnsafeBytes(of: text) { buffer.append(UnsafeRawBufferPointer(rebasing: $0[..<Self.length])) }
    }

    private static func format(_ seconds: Int64, into out: UnsafeMutableRawBufferPointer) {
        let days = Int(seconds / 86_400)
        let second = Int(seconds % 86_400)
        let date = civil(days)
        func put(_ text: StaticString, _ index: Int, at: Int) {
            for i in 0..<3 { out[at + i] = text.utf8Start[index * 3 + i] }
        }
        func put(_ value: Int, digits: Int, at: Int) {
            var rest = value
            for i in stride(from: at + digits - 1, through: at, by: -1) {
                out[i] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
        }
        let pattern: StaticString = "Xxx, 00 Xxx 0000 00:00:00 GMT"
        for i in 0..<length { out[i] = pattern.utf8Start[i] }
        // 1 January 1970 was a Thursday.
        put("ThuFriSatSunMonTueWed", days % 7, at: 0)
        put(date.day, digits: 2, at: 5)
        put("JanFebMarAprMayJunJulAugSepOctNovDec", date.month - 1, at: 8)
        put(date.year, digits: 4, at: 12)
        put(second / 3600, digits: 2, at: 17)
        put(second / 60 % 60, digits: 2, at: 20)
        put(second % 60, digits: 2, at: 23)
    }

    /// The Gregorian date `days` after 1970-01-01, `days` not negative. Years are counted from 1 March, so the leap day
    /// is the last of its year; 400 years have 146,097 days.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let fromMarch0 = days + 719_468
        let era = fromMarch0 / 146_097
        let dayOfEra = fromMarch0 % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // Months from March have 153 days every five.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }
}
