import SMGBase
import Testing

@testable import SMGTelemetry

@Suite struct CivilTimeTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00"), (-1, "1969-12-31T23:59:59"), (951_782_399, "2000-02-28T23:59:59"),
            (951_782_400, "2000-02-29T00:00:00"), (951_868_800, "2000-03-01T00:00:00"),
            (978_307_199, "2000-12-31T23:59:59"), (1_000_000_000, "2001-09-09T01:46:40"),
            (1_709_164_800, "2024-02-29T00:00:00"), (1_767_323_045, "2026-01-02T03:04:05"),
            (2_147_483_648, "2038-01-19T03:14:08"), (4_107_542_399, "2100-02-28T23:59:59"),
            (4_107_542_400, "2100-03-01T00:00:00"), (-2_203_891_200, "1900-03-01T00:00:00"),
            (-62_135_596_800, "0001-01-01T00:00:00"), (253_402_300_799, "9999-12-31T23:59:59"),
        ] as [(Int64, String)])
    func knownDates(second: Int64, text: String) {
        let out = ByteBuffer(capacity: 8)
        CivilTime(secondsSince1970: second).appendDateTime(to: out)
        #expect(out.readableString == text)
    }

    /// Counts days one by one with the calendar's rules and compares.
    @Test func everyDayOfFourCenturies() {
        var (year, month, day) = (1901, 1, 1)
        for number in -25_202 ..< -25_202 + 146_097 {
            let time = CivilTime(secondsSince1970: Int64(number) * CivilTime.secondsPerDay + 86_399)
            guard time.year == year, time.month == month, time.day == day, time.second == 59, time.hour == 23 else {
                Issue.record("day \(number): \(time), expected \(year)-\(month)-\(day)")
                return
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let length = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
            day += 1
            if day > length { (day, month) = (1, month + 1) }
            if month > 12 { (month, year) = (1, year + 1) }
        }
        #expect((year, month, day) == (2301, 1, 1))
    }

    @Test func dayNumbersRoundDown() {
        #expect(CivilTime.dayNumber(ofSecond: 0) == 0 && CivilTime.dayNumber(ofSecond: 86_399) == 0)
        #expect(CivilTime.dayNumber(ofSecond: 86_400) == 1 && CivilTime.dayNumber(ofSecond: -1) == -1)
        #expect(CivilTime.dayNumber(ofSecond: -86_400) == -1 && CivilTime.dayNumber(ofSecond: -86_401) == -2)
    }
}
