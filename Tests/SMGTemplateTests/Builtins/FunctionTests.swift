import Testing

@testable import SMGTemplate

@Suite struct FunctionTests {
    private static let functions = [
        Printed(
            "{{ range(3) }}{{ range(1, 10, 3)|list }}{{ range(5, 0, -2)|list }}{{ range(0)|list }}",
            "range(0, 3)[1, 4, 7][5, 3, 1][]"),
        Printed(
            "{{ dict(a=1, b=2) }}{{ dict([('a', 1)]) }}{{ dict({'a': 1}, b=2) }}{{ dict(a=1, **{'c': 3}) }}",
            "{'a': 1, 'b': 2}{'a': 1}{'a': 1, 'b': 2}{'a': 1, 'c': 3}"),
        Printed(
            "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.current }}",
            "ababNonea"),
        Printed("{% set j = joiner('|') %}{{ j() }}{{ j() }}{{ j() }}", "||"),
        Printed("{% set j = joiner() %}{{ j() }}{{ j() }}", ", "),
        Printed("{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}{{ ns['a'] }}[{{ ns.c }}]", "121[]"),
        Printed(
            "{{ range is callable }}{{ namespace is defined }}{{ raise_exception is defined }}{{ strftime_now is defined }}",
            "TrueTrueTrueTrue"),
        Printed("{% set range = 3 %}{{ range }}", "3"),
    ]

    @Test(arguments: functions) func givesWhatJinjaGives(_ row: Printed) throws {
        #expect(try rendered(row.source) == row.text)
    }

    private static let failing = [
        Failing("a\n{{ raise_exception('Roles must alternate: ' ~ 1) }}", .raised, "Roles must alternate: 1", line: 2),
        Failing("{{ raise_exception(message='x') }}", .raised, "x"),
        Failing("{{ raise_exception(none) }}", .raised, "None"),
        Failing("{{ raise_exception() }}", .arguments, "raise_exception() missing a required argument: 'message'"),
        Failing("{% set x = raise_exception %}{{ x('later') }}", .raised, "later"),
        Failing("{{ strftime_now(5) }}", .type, "strftime() argument 1 must be str, not int"),
        Failing("{{ strftime_now() }}", .arguments, "strftime_now() missing a required argument: 'format'"),
        Failing("{{ range() }}", .arguments, "range() takes 1 to 3 arguments"),
        Failing("{{ range('a') }}", .type, "'str' object cannot be interpreted as an integer"),
        Failing("{{ range(1, 2, 0) }}", .value, "range() arg 3 must not be zero"),
        Failing("{{ cycler() }}", .type, "at least one item has to be provided"),
        Failing("{{ dict([1]) }}", .type, "'int' object is not iterable"),
        Failing("{{ dict([(1, 2, 3)]) }}", .value, "dictionary update sequence element has length 3; 2 is required"),
        Failing("{{ joiner()(1) }}", .arguments, "joiner() takes 0 to 0 arguments"),
    ]

    @Test(arguments: failing) func says(_ row: Failing) throws {
        let error = try #require(failure(row.source))
        #expect(error == TemplateError(row.code, row.message, line: row.line))
    }

    /// What a template raises ends the rendering wherever it stands; what is not reached raises nothing.
    @Test func raisingEndsEverything() throws {
        let source =
            "{% macro f() %}{% set x %}{% for i in [1] %}{{ raise_exception('deep') }}{% endfor %}{% endset %}{% endmacro %}"
        #expect(failure(source + "{{ [f()]|map('upper')|list }}")?.message == "deep")
        #expect(
            try rendered("{{ 'x' if true else raise_exception('no') }}{{ true or raise_exception('no') }}") == "xTrue")
    }
}
