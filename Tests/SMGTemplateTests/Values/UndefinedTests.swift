import Testing

@testable import SMGTemplate

/// Undefined values may be printed, tested and iterated, as in Jinja's default.
@Suite struct UndefinedTests {
    private static let harmless = [
        Printed("[{{ x }}]", "[]"),
        Printed("{{ x is defined }}{{ x is undefined }}", "FalseTrue"),
        Printed(
            "{{ x|default('d') }}{{ ''|default('d') }}{{ ''|default('d', true) }}{{ none|default('d') }}", "ddNone"),
        Printed("{{ x ~ 'a' }}", "a"),
        Printed("{{ x == y }}", "True"),
        Printed("{{ messages[0].nope }}|{{ messages[0]['nope'] }}", "|"),
        Printed("{{ messages[9] }}", ""),
        Printed("{% if x %}1{% else %}2{% endif %}", "2"),
        Printed("{{ x and 1 }}", ""),
        Printed("{{ not x }}", "True"),
        Printed("{{ x or 'y' }}", "y"),
        Printed("{{ x|length }}", "0"),
        Printed("{{ x|list }}", "[]"),
        Printed("{{ x|upper }}", ""),
        Printed("{{ 'a' if x }}", ""),
        Printed("{{ 'a' in x }}", "False"),
        Printed("{{ x in [1] }}", "False"),
        Printed("{{ x|join(',') }}", ""),
        Printed("{{ x|first }}", ""),
        Printed("{{ [x] }}", "[Undefined]"),
        Printed("{{ {'a': x} }}", "{'a': Undefined}"),
        Printed("{{ none.x }}", ""),
        Printed("{{ ''.nope }}", ""),
        Printed("{{ 1 .nope }}", ""),
        Printed("{{ '%s' % x }}", ""),
        Printed("{{ x|string|length }}", "0"),
        Printed(
            "{{ x is none }}{{ x is string }}{{ x is iterable }}{{ x is mapping }}{{ x is sequence }}",
            "FalseFalseTrueFalseTrue"),
        Printed("{% set y = x %}{{ y is defined }}", "False"),
        Printed("{{ x|map('upper')|list }}", "[]"),
        Printed("{{ (x|default([]))|length }}", "0"),
        Printed("{{ x|default }}|", "|"),
        Printed("{{ x|sort }}", "[]"),
        Printed("{{ x|trim }}|", "|"),
        Printed("{{ x|replace('a','b') }}|", "|"),
    ]

    @Test(arguments: harmless) func isEmpty(_ row: Printed) throws {
        #expect(try rendered(row.source) == row.text)
    }

    private static let failing = [
        Failing("{{ x.y }}", .undefined, "'x' is undefined"),
        Failing("\n{{ x['y'] }}", .undefined, "'x' is undefined", line: 2),
        Failing("{{ x() }}", .undefined, "'x' is undefined"),
        Failing("{{ x + 1 }}", .undefined, "'x' is undefined"),
        Failing("{{ 1 + x }}", .undefined, "'x' is undefined"),
        Failing("{{ x < 1 }}", .undefined, "'x' is undefined"),
        Failing("{{ -x }}", .undefined, "'x' is undefined"),
        Failing("{{ x|int }}", .undefined, "'x' is undefined"),
        Failing("{{ x[0:1] }}", .undefined, "'x' is undefined"),
        Failing("{% for i in x.y %}{% endfor %}", .undefined, "'x' is undefined"),
        Failing("{{ x.y is defined }}", .undefined, "'x' is undefined"),
        Failing("{{ x.y.z|default('q') }}", .undefined, "'x' is undefined"),
        Failing("{{ messages[0].a.b }}", .undefined, "'dict object' has no attribute 'a'"),
        Failing("{{ messages[9].x }}", .undefined, "'list object' has no attribute '9'"),
        Failing("{{ none.x.y }}", .undefined, "None has no attribute 'x'"),
        Failing("{{ messages[0].nope() }}", .undefined, "'dict object' has no attribute 'nope'"),
        Failing("{{ 'a'.nope() }}", .undefined, "'str object' has no attribute 'nope'"),
        Failing("{{ ([]|first).x }}", .undefined, "No first item, sequence was empty."),
        Failing("{{ x|tojson }}", .type, "Object of type Undefined is not JSON serializable"),
    ]

    @Test(arguments: failing) func says(_ row: Failing) throws {
        let error = try #require(failure(row.source))
        #expect(error == TemplateError(row.code, row.message, line: row.line))
    }
}
