internal import SMGBase

/// A moment in UTC as calendar fields, in the Gregorian calendar without leap seconds.
package struct CivilTime: Hashable, Sendable {
    package let year: Int
    /// 1 … 12.
    package let month: Int
    /// 1 … 31.
    package let day: Int
    package let hour: Int
    package let minute: Int
    package let second: Int

    package static let secondsPerDay: Int64 = 86_400

    /// Whole days since 1970-01-01 of a time in seconds since then; times before it count downwards.
    package static func dayNumber(ofSecond second: Int64) -> Int64 {
        second >= 0 ? second / secondsPerDay : (second + 1) / secondsPerDay - 1
    }

    /// `second` counts from 1970-01-01 00:00:00 UTC. Defined for the years 0000 … 9999, which a clock in nanoseconds
    /// never leaves.
    package init(secondsSince1970 second: Int64) {
        let days = Self.dayNumber(ofSecond: second)
        let time = Int(second - days * Self.secondsPerDay)
        hour = time / 3600
        minute = time / 60 % 60
        self.second = time % 60

        // Years are counted from 1 March, so that the leap day is the last of its year, in eras of 400 years
        // (146,097 days). 719,468 days lie between 0000-03-01 and 1970-01-01.
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        // Every 4 years, but not every 100, but the last day of the era: take the leap days out, then divide.
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // From March on, month lengths repeat every five months with 153 days.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Appends `2026-01-02`.
    func appendDate(to out: ByteBuffer) {
        Self.append(year, digits: 4, to: out)
        out.append(UInt8(ascii: "-"))
        Self.append(month, digits: 2, to: out)
        out.append(UInt8(ascii: "-"))
        Self.append(day, digits: 2, to: out)
    }

    /// Appends `2026-01-02T03:04:05`.
    func appendDateTime(to out: ByteBuffer) {
        appendDate(to: out)
        out.append(UInt8(ascii: "T"))
        Self.append(hour, digits: 2, to: out)
        out.append(UInt8(ascii: ":"))
        Self.append(minute, digits: 2, to: out)
        out.append(UInt8(ascii: ":"))
        Self.append(second, digits: 2, to: out)
    }

    /// Appends `value` in exactly `digits` digits; higher ones are left out.
    static func append(_ value: Int, digits: Int, to out: ByteBuffer) {
        out.reserve(digits)
        var rest = value
        for position in stride(from: digits - 1, through: 0, by: -1) {
            let digit = UInt8(truncatingIfNeeded: rest % 10)
            out.base.storeBytes(of: UInt8(ascii: "0") + digit, toByteOffset: out.writerIndex + position, as: UInt8.self)
            rest /= 10
        }
        out.commit(digits)
    }
}
