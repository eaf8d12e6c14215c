import Testing

@testable import SMGTemplate

@Suite struct OperatorTests {
    private static let values = [
        Printed(
            "{{ 7 // 2 }}{{ -7 // 2 }}{{ 7 % -3 }}{{ -7 % 3 }}{{ 7.5 // 2 }}{{ 7 / 2 }}{{ 2 ** 10 }}{{ 2 ** -1 }}{{ 2 ** 0.5 }}",
            "3-4-223.03.510240.51.4142135623730951"),
        Printed(
            "{{ 1 == 1.0 }}{{ true == 1 }}{{ '1' == 1 }}{{ [1] == (1,) }}{{ none == false }}{{ [1,2] < [1,3] }}{{ 'a' < 'b' }}",
            "TrueTrueFalseFalseFalseTrueTrue"),
        Printed("{{ 'a' * 3 }}{{ 3 * 'a' }}{{ [1] * 2 }}{{ 'a' * -1 }}{{ 'a' * true }}", "aaaaaa[1, 1]a"),
        Printed(
            "{{ 1 in [1,2] }}{{ 'a' in 'abc' }}{{ 'x' not in 'abc' }}{{ 'a' in {'a':1} }}{{ 3 in range(5) }}{{ 3 in range(0,5,2) }}{{ 4.0 in range(5) }}{{ -4 in range(0,-5,-1) }}{{ -5 in range(0,-5,-1) }}{{ 1 in range(0,-5,-1) }}{{ -3 in range(0,-9,-2) }}{{ 0 in range(0) }}",
            "TrueTrueTrueTrueTrueFalseTrueTrueFalseFalseFalseFalse"),
        Printed("{{ 'a' if true else 'b' }}{{ 'a' if false }}{{ 'a' if false else 'b' if false else 'c' }}", "ac"),
        Printed("{{ 1 and 2 }}{{ 0 or '' }}|{{ none or false }}", "2|False"),
        Printed(
            "{{ 3 is odd }}{{ 4 is even }}{{ 4 is divisibleby 2 }}{{ 1 is number }}{{ true is boolean }}{{ true is integer }}{{ 1.0 is float }}{{ 'a' is string }}{{ {} is mapping }}{{ [] is sequence }}{{ none is none }}{{ 1 is sameas 1 }}{{ 'a' is in 'abc' }}{{ 1 is eq 1 }}{{ 2 is gt 1 }}{{ 'A' is upper }}{{ 'upper' is filter }}{{ 'odd' is test }}{{ range is callable }}",
            "TrueTrueTrueTrueTrueFalseTrueTrueTrueTrueTrueTrueTrueTrueTrueTrueTrueTrueTrue"),
        Printed("{{ 3 is not odd }}{{ 'a' is not defined }}", "FalseFalse"),
        Printed("{{ 9223372036854775807 + 0 }}", "9223372036854775807"),
        Printed("{{ '0' * 3 ~ 1 }}", "0001"),
        Printed("{{ {'a': 1, 'a': 2} }}{{ {1: 'a', 1.0: 'b', true: 'c'} }}", "{'a': 2}{1: 'c'}"),
        Printed(
            #"{{ [none, true, 1.5, 'a\'b', "a'b\"", (), (1,), {'k': [1]}] }}"#,
            #"[None, True, 1.5, "a'b", 'a\'b"', (), (1,), {'k': [1]}]"#),
        Printed("{{ 'a\nb\\\\\t\u{0}é' | list }}", #"['a', '\n', 'b', '\\', '\t', '\x00', 'é']"#),
        Printed("{{ range(3) }}{{ range(1,10,3)|list }}{{ range(5,0,-2)|list }}", "range(0, 3)[1, 4, 7][5, 3, 1]"),
        Printed(
            "{{ dict(a=1, b=2) }}{{ dict([('a',1)]) }}{{ dict({'a':1}, b=2) }}",
            "{'a': 1, 'b': 2}{'a': 1}{'a': 1, 'b': 2}"),
        Printed(
            "{% set c = cycler('a','b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.current }}",
            "ababNonea"),
        Printed("{% set j = joiner('|') %}{{ j() }}{{ j() }}{{ j() }}", "||"),
        Printed("{{ {} == {} }}{{ {'a':1} == {'a':1.0} }}{{ [] == [] }}{{ {'a':1} != {'a':2} }}", "TrueTrueTrueTrue"),
        Printed("{{ 5.real }}", "5"),
        Printed("{{ (5).bit_length() }}{{ (-5)|string }}{{ 1.5.is_integer() }}", "3-5False"),
        Printed("{{ 1.__class__ }}", ""),
    ]

    @Test(arguments: values) func areAsInPython(_ row: Printed) throws {
        #expect(try rendered(row.source) == row.text)
    }

    private static let failing = [
        Failing("{{ 1 / 0 }}", .value, "division by zero"),
        Failing("\n{{ 1 % 0 }}", .value, "division by zero", line: 2),
        Failing("{{ 1.0 // 0 }}", .value, "division by zero"),
        Failing("{{ 1 < 'a' }}", .type, "'<' not supported between instances of 'int' and 'str'"),
        Failing("{{ 'a' + 1 }}", .type, #"can only concatenate str (not "int") to str"#),
        Failing("{{ 1 + 'a' }}", .type, "unsupported operand type(s) for +: 'int' and 'str'"),
        Failing("{{ [1] + (2,) }}", .type, "unsupported operand type(s) for +: 'list' and 'tuple'"),
        Failing("{{ 1 in 'abc' }}", .type, "'in <string>' requires string as left operand, not int"),
        Failing("{{ 1 in 5 }}", .type, "argument of type 'int' is not iterable"),
        Failing("{{ {[1]: 2} }}", .type, "unhashable type: 'list'"),
        Failing("{{ 'abc'[::0] }}", .value, "slice step cannot be zero"),
        Failing("{{ {}[1:] }}", .type, "unhashable type: 'slice'"),
        Failing("{{ -'a' }}", .type, "bad operand type for unary -: 'str'"),
    ]

    @Test(arguments: failing) func says(_ row: Failing) throws {
        let error = try #require(failure(row.source))
        #expect(error == TemplateError(row.code, row.message, line: row.line))
    }

    /// Integers have 64 bits here: a result beyond them is an error, never another number.
    @Test func overflowIsAnError() throws {
        let most = "9223372036854775807"
        for source in [
            "\(most) + 1", "-\(most) - 2", "\(most) * 2", "2 ** 63", "(-\(most) - 1) // -1", "-(-\(most) - 1)",
            "(-\(most) - 1)|abs", "1e30|int", "'\(most)0'|int", "[\(most), 1]|sum", "10 ** 400",
        ] {
            #expect(failureCode("{{ \(source) }}") == .value, "\(source)")
        }
        #expect(
            try rendered("{{ (-\(most) - 1) % -1 }} {{ 2 ** 62 }} {{ -\(most) - 1 }}")
                == "0 4611686018427387904 -9223372036854775808")
    }

    @Test func membershipInRangesAtTheEndsOfIntegers() throws {
        let least = "(-9223372036854775807 - 1)"
        #expect(try rendered("{{ \(least) in range(0, -5, -1) }}") == "False")
        #expect(try rendered("{{ \(least) in range(5) }}{{ 9223372036854775807 in range(-5, 5) }}") == "FalseFalse")
        #expect(try rendered("{{ \(least) in range(\(least), \(least) + 2) }}") == "True")
        #expect(try rendered("{{ range(9223372036854775806, 9223372036854775807)|list }}") == "[9223372036854775806]")
        #expect(
            try rendered("{{ [1, 2, 3][::\(least)] }}{{ 'abc'[9223372036854775807:] }}{{ 'abc'[\(least)] }}|") == "[3]|"
        )
    }

    /// Integers of the input beyond 64 bits are kept as they are written.
    @Test func largeIntegersOfTheInput() throws {
        let kwargs = #"{"big": 123456789012345678901234567890}"#
        #expect(
            try rendered("{{ big }} {{ big|tojson }} {{ big == big }} {{ big > 1 }}", kwargs: kwargs)
                == "123456789012345678901234567890 123456789012345678901234567890 True True")
        #expect(failureCode("{{ big + 1 }}", kwargs: kwargs) == .value)
        #expect(failureCode("{{ -big }}", kwargs: kwargs) == .value)
        let digits = String(repeating: "9", count: TemplateLimits.maximumDigits)
        #expect(try rendered("{{ big }}", kwargs: #"{"big": \#(digits)}"#) == digits)
        #expect(failure("{{ big }}", kwargs: #"{"big": \#(digits)9}"#)?.code == .input)
    }
}
