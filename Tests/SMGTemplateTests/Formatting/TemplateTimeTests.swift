import Testing

@testable import SMGTemplate

@Suite struct TemplateTimeTests {
    private static let formats = [
        Printed("{{ strftime_now('%%s'|replace('%s','')) }}", "%"),
        Printed("{{ strftime_now('%Y-%m-%d') }}", "2024-02-29"),
        Printed("{{ strftime_now('%d %b %Y') }}", "29 Feb 2024"),
        Printed("{{ strftime_now('%B %d, %Y') }}", "February 29, 2024"),
        Printed("{{ strftime_now('%H:%M:%S') }}", "13:05:09"),
        Printed("{{ strftime_now('%A %a %j %U %W %V %G %g %u %w') }}", "Thursday Thu 060 08 09 09 2024 24 4 4"),
        Printed("{{ strftime_now('%I:%M %p') }}", "01:05 PM"),
        Printed("{{ strftime_now('%e %k %l') }}", "29 13  1"),
        Printed("{{ strftime_now('%c') }}", "Thu Feb 29 13:05:09 2024"),
        Printed("{{ strftime_now('%x %X') }}", "02/29/24 13:05:09"),
        Printed("{{ strftime_now('%D %F %T %R %r') }}", "02/29/24 2024-02-29 13:05:09 13:05 01:05:09 PM"),
        Printed("{{ strftime_now('%y %C %h %n|%t|') }}", "24 20 Feb \n|\t|"),
        Printed("{{ strftime_now('%f') }}", "123456"),
        Printed("{{ strftime_now('%-d %-m %-H %-I %-j') }}", "29 2 13 1 60"),
        Printed("{{ strftime_now('%_d %_m') }}", "29  2"),
        Printed("{{ strftime_now('%^a %^B') }}", "THU FEBRUARY"),
        Printed("{{ strftime_now('%z%Z|') }}", "|"),
        Printed("{{ strftime_now('%%') }}", "%"),
        Printed("{{ strftime_now('%') }}", "%"),
        Printed("{{ strftime_now('%q') }}", "%q"),
        Printed("{{ strftime_now('100%') }}", "100%"),
        Printed("{{ strftime_now('é%Yé') }}", "é2024é"),
        Printed("{{ strftime_now('%E') }}", "%E"),
        Printed("{{ strftime_now('%-') }}", "%-"),
    ]

    @Test(arguments: formats) func printsAsPythonDoes(_ row: Printed) throws {
        #expect(try rendered(row.source) == row.text)
    }

    private func printed(_ seconds: Int64, offset: Int = 0, _ format: String) throws -> String {
        var conversation = Conversation()
        conversation.now = TemplateTime(seconds: seconds, offset: offset)
        return try conversation.render("{{ strftime_now('\(format)') }}")
    }

    @Test func theZoneMovesTheDay() throws {
        // 2023-12-31 23:30 UTC.
        #expect(try printed(1_704_065_400, "%Y-%m-%d %H:%M") == "2023-12-31 23:30")
        #expect(try printed(1_704_065_400, offset: 3600, "%Y-%m-%d %H:%M %j") == "2024-01-01 00:30 001")
        #expect(try printed(1_704_065_400, offset: -86400, "%d %b %Y") == "30 Dec 2023")
    }

    /// Dates of one week each around the ends of years, where ISO's years differ from the calendar's.
    @Test(
        arguments: [
            (1_609_286_400, "2020-12-30 2020 W53 3"), (1_609_459_200, "2021-01-01 2020 W53 5"),
            (1_609_718_400, "2021-01-04 2021 W01 1"), (1_735_516_800, "2024-12-30 2025 W01 1"),
            (951_782_400, "2000-02-29 2000 W09 2"), (-1, "1969-12-31 1970 W01 3"),
            (4_107_542_400, "2100-03-01 2100 W09 1"), (-2_203_891_200, "1900-03-01 1900 W09 4"),
        ] as [(Int64, String)])
    func calendar(_ row: (seconds: Int64, text: String)) throws {
        #expect(try printed(row.seconds, "%Y-%m-%d %G W%V %u") == row.text)
    }

    @Test func impossibleMomentsDoNotTrap() throws {
        for seconds in [Int64.min, -(1 << 50), 1 << 50, .max] {
            for offset in [Int.min, 0, .max] { #expect(!(try printed(seconds, offset: offset, "%c %G %V %s")).isEmpty) }
        }
    }
}
