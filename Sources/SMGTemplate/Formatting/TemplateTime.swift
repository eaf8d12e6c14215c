internal import SMGBase

/// A moment as `strftime_now` prints it.
package struct TemplateTime: Hashable, Sendable {
    /// Seconds since 1970-01-01 UTC.
    package let seconds: Int64
    /// Seconds the zone is ahead of UTC.
    package let offset: Int
    /// Microseconds within the second.
    package let microseconds: Int

    package init(seconds: Int64, offset: Int, microseconds: Int = 0) {
        self.seconds = seconds
        self.offset = offset
        self.microseconds = microseconds
    }

    private static let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// The parts of a date and time in the zone.
    private struct Civil {
        var year: Int
        var month: Int
        var day: Int
        var hour: Int
        var minute: Int
        var second: Int
        /// 0 is Monday.
        var weekday: Int
        /// 1 is the first of January.
        var yearDay: Int
    }

    private var civil: Civil {
        // Far beyond what Python's dates reach, and far from overflow.
        let local = Int(max(min(seconds, 1 << 40), -(1 << 40))) + max(min(offset, 1 << 20), -(1 << 20))
        let time = ((local % 86400) + 86400) % 86400
        let day = (local - time) / 86400
        // Days from 0000-03-01, in eras of 400 years (the civil calendar repeats after them).
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
        let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month - 1]
        let monthDay = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        return Civil(
            year: year, month: month, day: monthDay, hour: time / 3600, minute: time / 60 % 60, second: time % 60,
            weekday: (((day + 3) % 7) + 7) % 7, yearDay: before + monthDay + (isLeap && month > 2 ? 1 : 0))
    }

    /// Appends `datetime.strftime(format)` of a date without zone, in the C locale.
    func append(format: UnsafeRawBufferPointer, to out: ByteBuffer) {
        let civil = civil
        var at = 0
        while at < format.count {
            guard format[at] == UInt8(ascii: "%"), at + 1 < format.count else {
                out.append(format[at])
                at += 1
                continue
            }
            let start = at
            at += 1
            var flag: UInt8 = 0
            if at + 1 < format.count, [0x2d, 0x5f, 0x30, 0x5e].contains(format[at]) {
                flag = format[at]
                at += 1
            }
            if !append(directive: format[at], flag: flag, civil, to: out) { out.append(format.slice(start..<at + 1)) }
            at += 1
        }
    }

    private func append(_ text: String, _ flag: UInt8, to out: ByteBuffer) {
        out.append(string: flag == UInt8(ascii: "^") ? text.uppercased() : text)
    }

    private func append(_ value: Int, width: Int, _ flag: UInt8, pad: UInt8 = 0x30, to out: ByteBuffer) {
        let pad = flag == UInt8(ascii: "_") ? UInt8(ascii: " ") : flag == UInt8(ascii: "0") ? 0x30 : pad
        var limit = 1
        for _ in 1..<width { limit *= 10 }
        while flag != UInt8(ascii: "-"), limit > 1, value < limit {
            out.append(pad)
            limit /= 10
        }
        out.append(decimal: value)
    }

    private func append(directive: UInt8, flag: UInt8, _ civil: Civil, to out: ByteBuffer) -> Bool {
        let hour12 = (civil.hour + 11) % 12 + 1
        func number(_ value: Int, _ width: Int = 2, pad: UInt8 = 0x30) {
            append(value, width: width, flag, pad: pad, to: out)
        }
        func nested(_ format: StaticString) {
            append(format: Value.string(format).text, to: out)
        }
        switch directive {
        case UInt8(ascii: "a"): append(String(Self.days[civil.weekday].prefix(3)), flag, to: out)
        case UInt8(ascii: "A"): append(Self.days[civil.weekday], flag, to: out)
        case UInt8(ascii: "b"), UInt8(ascii: "h"): append(String(Self.months[civil.month - 1].prefix(3)), flag, to: out)
        case UInt8(ascii: "B"): append(Self.months[civil.month - 1], flag, to: out)
        case UInt8(ascii: "c"): nested("%a %b %e %H:%M:%S %Y")
        case UInt8(ascii: "C"): number(civil.year / 100)
        case UInt8(ascii: "d"): number(civil.day)
        case UInt8(ascii: "D"), UInt8(ascii: "x"): nested("%m/%d/%y")
        case UInt8(ascii: "e"): number(civil.day, pad: 0x20)
        case UInt8(ascii: "f"): append(microseconds, width: 6, 0, to: out)
        case UInt8(ascii: "F"): nested("%Y-%m-%d")
        case UInt8(ascii: "g"): number(isoWeek(civil).year % 100)
        case UInt8(ascii: "G"): out.append(decimal: isoWeek(civil).year)
        case UInt8(ascii: "H"): number(civil.hour)
        case UInt8(ascii: "I"): number(hour12)
        case UInt8(ascii: "j"): number(civil.yearDay, 3)
        case UInt8(ascii: "k"): number(civil.hour, pad: 0x20)
        case UInt8(ascii: "l"): number(hour12, pad: 0x20)
        case UInt8(ascii: "m"): number(civil.month)
        case UInt8(ascii: "M"): number(civil.minute)
        case UInt8(ascii: "n"): out.append(UInt8(ascii: "\n"))
        case UInt8(ascii: "p"): append(civil.hour < 12 ? "AM" : "PM", flag, to: out)
        case UInt8(ascii: "P"): out.append(civil.hour < 12 ? "am" : "pm" as StaticString)
        case UInt8(ascii: "r"): nested("%I:%M:%S %p")
        case UInt8(ascii: "R"): nested("%H:%M")
        case UInt8(ascii: "s"): out.append(decimal: Int(seconds))
        case UInt8(ascii: "S"): number(civil.second)
        case UInt8(ascii: "t"): out.append(UInt8(ascii: "\t"))
        case UInt8(ascii: "T"), UInt8(ascii: "X"): nested("%H:%M:%S")
        case UInt8(ascii: "u"): out.append(decimal: civil.weekday + 1)
        case UInt8(ascii: "U"): number((civil.yearDay + 6 - (civil.weekday + 1) % 7) / 7)
        case UInt8(ascii: "V"): number(isoWeek(civil).week)
        case UInt8(ascii: "w"): out.append(decimal: (civil.weekday + 1) % 7)
        case UInt8(ascii: "W"): number((civil.yearDay + 6 - civil.weekday) / 7)
        case UInt8(ascii: "y"): number(civil.year % 100)
        case UInt8(ascii: "Y"): out.append(decimal: civil.year)
        // A date without a zone says nothing about it.
        case UInt8(ascii: "z"), UInt8(ascii: "Z"): break
        case UInt8(ascii: "%"): out.append(UInt8(ascii: "%"))
        default: return false
        }
        return true
    }

    /// The ISO 8601 week and the year it belongs to.
    private func isoWeek(_ civil: Civil) -> (year: Int, week: Int) {
        func weeks(in year: Int) -> Int {
            func lastWeekday(_ year: Int) -> Int { (year + year / 4 - year / 100 + year / 400) % 7 }
            return lastWeekday(year) == 4 || lastWeekday(year - 1) == 3 ? 53 : 52
        }
        let week = (civil.yearDay - 1 - civil.weekday + 10) / 7
        if week < 1 { return (civil.year - 1, weeks(in: civil.year - 1)) }
        return week > weeks(in: civil.year) ? (civil.year + 1, 1) : (civil.year, week)
    }
}
