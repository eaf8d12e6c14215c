import Testing

@testable import SMGTemplate

@Suite struct MacroTests {
    private static let macros = [
        Printed("{% macro f() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ f() }}{% set x = 2 %}{{ f() }}", "12"),
        Printed("{% set x = 1 %}{% macro f(x) %}{{ x }}{% endmacro %}{{ f(5) }}{{ x }}", "51"),
        Printed("{% set x = 1 %}{% macro f() %}{% set x = 2 %}{{ x }}{% endmacro %}{{ f() }}{{ x }}", "21"),
        Printed(
            "{% macro f(a, b=2, c='z') %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ f(1) }}{{ f(1, c=3) }}{{ f(b=1, a=0) }}",
            "12z12301z"),
        Printed("{% macro f(a) %}[{{ a }}]{% endmacro %}{{ f() }}", "[]"),
        Printed("{% macro f() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, 2, a=3) }}", "(1, 2){'a': 3}"),
        Printed("{% macro f() %}<{{ caller() }}>{% endmacro %}{% call f() %}x{% endcall %}", "<x>"),
        Printed("{% macro f() %}{{ caller(1, 2) }}{% endmacro %}{% call(a, b) f() %}{{ a }}{{ b }}{% endcall %}", "12"),
        Printed("{% macro f() %}{{ caller is defined }}{% endmacro %}{{ f() }}", "False"),
        Printed("{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}", "3210"),
        Printed("{% macro f(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}", "11"),
        Printed(
            "{% macro outer() %}{% macro inner() %}i{% endmacro %}{{ inner() }}{% endmacro %}{{ outer() }}{{ inner is defined }}",
            "iFalse"),
        Printed("{% macro f() %}x{% endmacro %}{{ f.name }}{{ f.arguments }}{{ f }}", "f()<Macro 'f'>"),
        Printed("{% set f = 1 %}{% macro g() %}{{ f }}{% endmacro %}{% for f in [2] %}{{ g() }}{% endfor %}", "1"),
        Printed("{% for i in [1,2] %}{% macro f() %}{{ i }}{% endmacro %}{{ f() }}{% endfor %}", "12"),
        Printed("{% if true %}{% macro f() %}1{% endmacro %}{% endif %}{{ f() }}", "1"),
        Printed("{% macro f(a, b, c=3) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ f(*[1, 2], **{'c': 4}) }}", "124"),
        Printed("{% macro f(a) %}{{ a }}{{ varargs|length }}{% endmacro %}{{ f(*range(5)) }}", "04"),
        Printed("{% macro f(a) %}{{ a }}{% endmacro %}{% set g = f %}{{ g('x') }}{{ [f][0]('y') }}", "xy"),
        Printed(
            "{% macro f(a) %}{{ caller(a) }}{% endmacro %}{% call(x) f(1) %}{% call(y) f(2) %}{{ x }}{{ y }}{% endcall %}{% endcall %}",
            "12"),
        Printed(
            "{% macro f(caller=none) %}{{ caller is none }}{{ caller() if caller }}{% endmacro %}{{ f() }}{% call f() %}c{% endcall %}",
            "TrueFalsec"),
    ]

    @Test(arguments: macros) func calledAsInJinja(_ row: Printed) throws {
        #expect(try rendered(row.source) == row.text)
    }

    private static let failing = [
        Failing(
            "{% macro f(a) %}{% endmacro %}\n{{ f(1, 2) }}", .arguments, "macro 'f' takes not more than 1 argument(s)",
            line: 2),
        Failing("{% macro f(a) %}{% endmacro %}{{ f(b=2) }}", .arguments, "macro 'f' takes no keyword argument 'b'"),
        Failing(
            "{% macro f() %}x{% endmacro %}{% call f() %}y{% endcall %}", .arguments,
            "macro 'f' takes no keyword argument 'caller'"),
        Failing("{{ f() }}{% macro f() %}x{% endmacro %}", .undefined, "'f' is undefined"),
        Failing("{% macro f() %}{{ caller() }}{% endmacro %}{{ f() }}", .undefined, "No caller defined"),
        Failing("{{ 1() }}", .type, "'int' object is not callable"),
        Failing("{{ messages() }}", .type, "'list' object is not callable"),
        Failing("{% macro f(a) %}{% endmacro %}{{ f(*5) }}", .type, "'int' object is not iterable"),
        Failing("{% macro f(a) %}{% endmacro %}{{ f(**5) }}", .type, "argument after ** must be a mapping"),
        Failing(
            "{% macro f(a) %}{{ kwargs }}{% endmacro %}{{ f(a=1, **{'a': 2}) }}", .arguments,
            "multiple values for keyword argument 'a'"),
    ]

    @Test(arguments: failing) func says(_ row: Failing) throws {
        let error = try #require(failure(row.source))
        #expect(error == TemplateError(row.code, row.message, line: row.line))
    }

    /// After a call, errors are again in the line of the caller.
    @Test func linesFollowTheCalls() throws {
        #expect(failure("{% macro f() %}\n{{ 1 + none }}\n{% endmacro %}\n{{ f() }}")?.line == 2)
        #expect(failure("{% macro f() %}\n{{ 1 }}\n{% endmacro %}\n{{ f() ~ (1 + none) }}")?.line == 4)
    }
}
