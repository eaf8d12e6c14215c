import Testing

@testable import SMGTemplate

@Suite struct NumberFormatTests {
    private static let formats = [
        Printed(
            "{{ 1e16 }} {{ 123456789.0 }} {{ 0.1 + 0.2 }} {{ 1e-5 }} {{ 0.0001 }} {{ -0.0 }} {{ 1e22 }} {{ 5e-324 }} {{ 1.7976931348623157e308 }}",
            "1e+16 123456789.0 0.30000000000000004 1e-05 0.0001 -0.0 1e+22 5e-324 1.7976931348623157e+308"),
        Printed(
            "{{ 2.5|round }} {{ 3.5|round }} {{ 2.675|round(2) }} {{ 1.005|round(2) }} {{ -0.5|round }} {{ 12345.678|round(-2) }}",
            "2.0 4.0 2.67 1.0 -0.0 12300.0"),
        Printed("{{ 2.1|round(0, 'ceil') }} {{ 2.19|round(1, 'floor') }} {{ -2.1|round(0, 'floor') }}", "3.0 2.1 -3.0"),
        Printed(
            "{{ '%.0f %.2f %.10f' % (0.5, 2.675, 0.1) }} {{ '%e %.3e %G' % (1.5, 123456.0, 1e-10) }}",
            "0 2.67 0.1000000000 1.500000e+00 1.235e+05 1E-10"),
        Printed("{{ '{:g} {:g} {:.3g} {:#g}'.format(1e20, 0.0001, 1234.5, 1.0) }}", "1e+20 0.0001 1.23e+03 1.00000"),
        Printed(
            "{{ '{:.2%} {:,.1f} {:+.1f} {:e}'.format(0.123, 1234567.89, 1.0, 0) }}",
            "12.30% 1,234,567.9 +1.0 0.000000e+00"),
        Printed(
            "{{ '{:05d} {:>6} {:<6}| {:^6}| {:*^7} {:=+6d}'.format(42, 1, 2, 3, 4, 5) }}",
            "00042      1 2     |   3   | ***4*** +    5"),
        Printed("{{ '{:x} {:#x} {:b} {:#o} {:X} {:c}'.format(255, 255, 5, 8, 255, 65) }}", "ff 0xff 101 0o10 FF A"),
        Printed("{{ '{:,} {:_} {:_x}'.format(1234567, 1234567, 1234567) }}", "1,234,567 1_234_567 12_d687"),
        Printed("{{ '{:0=4,}|{:05,}|{:08,}|{:0=12_x}'.format(1, 12, -5, 255) }}", "0,001|0,012|-000,005|00_0000_00ff"),
        Printed("{{ '{:010}|{:010}|{:>010}'.format('abc', 5, 'x') }}", "abc0000000|0000000005|000000000x"),
        Printed("{{ '{!r:>6} {!s:^5} {!a}'.format('a', 1, 'é') }}", #"   'a'   1   '\xe9'"#),
        Printed(
            "{{ '%5s|%-5s|%.2s|%05.1f|%+d|% d|%#x|%c' % ('a', 'b', 'cde', 2.5, 3, 4, 255, 'z') }}",
            "    a|b    |cd|002.5|+3| 4|0xff|z"),
        Printed("{{ '%*d|%-*d|%.*f' % (4, 1, 4, 2, 1, 2.55) }}", "   1|2   |2.5"),
        Printed("{{ '%(a)s %(b)05d %%' % {'a': 1, 'b': 2} }}", "1 00002 %"),
        Printed(
            "{{ '{0} {1} {0} {a} {b[0]} {c.real} {d[k]}'.format(1, 2, a=3, b=[4], c=5, d={'k': 6}) }}", "1 2 1 3 4 5 6"),
        Printed("{{ '{:{}}|{:{w}.{p}f}'.format(1, 4, 2.5, w=7, p=2) }}", "   1|   2.50"),
        Printed(
            "{{ '1.5'|float }} {{ '1_0'|float }} {{ ' 2 '|float }} {{ 'nan'|float }} {{ '-inf'|float }} {{ 'x'|float(9) }} {{ '1__0'|float }}",
            "1.5 10.0 2.0 nan -inf 9 0.0"),
        Printed(
            "{{ '12'|int }} {{ ' -7 '|int }} {{ '1_000'|int }} {{ '0x1f'|int(0, 16) }} {{ '0b11'|int(0, 2) }} {{ 'z'|int(0, 36) }} {{ '1.9'|int }} {{ '١٢'|int }}",
            "12 -7 1000 31 3 35 1 12"),
    ]

    @Test(arguments: formats) func printsAsPythonDoes(_ row: Printed) throws {
        #expect(try rendered(row.source) == row.text)
    }

    /// Zeros that fill the width have their groups too, and grow it rather than begin with a separator.
    @Test func groupsOfZeros() throws {
        let wanted = ["1", "1", "01", "001", "0,001", "0,001", "00,001", "000,001", "0,000,001", "0,000,001"]
        for (width, text) in wanted.enumerated() {
            #expect(try rendered("{{ '{:0=\(max(width, 1)),}'.format(1) }}") == text)
        }
        #expect(
            try rendered("{{ '{:010,}|{:+012,.1f}'.format('inf'|float, '-inf'|float) }}") == "0000000inf|-00000000inf")
    }

    @Test(arguments: [
        ("'{:d}'.format('a')", TemplateError.Code.value), ("'{:.2d}'.format(1)", .value), ("'{:s}'.format(1)", .value),
        ("'{:=5}'.format('a')", .value), ("'{:,}'.format('a')", .value), ("'{:q}'.format(1)", .value),
        ("'{:c}'.format(1114112)", .value), ("'{:5}'.format([1])", .type), ("'{:5}'.format(none)", .type),
        ("'%x' % 1.5", .type),
        ("'%c' % 'ab'", .type), ("'%c' % 1114112", .value), ("'%.'|format(1)", .value), ("'%(a)s' % 1", .type),
        ("'%(b)s' % {'a': 1}", .value), ("'{:{:{}}}'.format(1, 2, 3)", .value), ("'{a}'.format(1)", .value),
    ])
    func wrongFormats(_ row: (expression: String, code: TemplateError.Code)) {
        #expect(failureCode("{{ \(row.expression) }}") == row.code, "\(row.expression)")
    }
}
