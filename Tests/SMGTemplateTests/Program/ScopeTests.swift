import Testing

@testable import SMGTemplate

@Suite struct ScopeTests {
    private static let scopes = [
        Printed("{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}", "2"),
        Printed("{% set x = 1 %}{% for i in [1] %}{% set x = 2 %}{{ x }}{% endfor %}{{ x }}", "21"),
        Printed(
            "{% set ns = namespace(x=1) %}{% for i in range(3) %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}", "4"),
        Printed("{% if false %}{% set x = 1 %}{% endif %}[{{ x }}]", "[]"),
        Printed("{% for i in [1,2] %}{% if i == 1 %}{% set x = i %}{% endif %}[{{ x }}]{% endfor %}", "[1][]"),
        Printed("{% with x = 1, y = x %}{{ x }}[{{ y }}]{% endwith %}[{{ x }}]", "1[][]"),
        Printed("{% with %}{% set x = 1 %}{% endwith %}[{{ x }}]", "[]"),
        Printed("{% set x = 1 %}{% set y %}{% set x = 2 %}{{ x }}{% endset %}{{ x }}{{ y }}", "12"),
        Printed("{% set a, b = 1, 2 %}{{ a }}{{ b }}", "12"),
        Printed("{% set (a, (b, c)) = (1, (2, 3)) %}{{ a }}{{ b }}{{ c }}", "123"),
        Printed("{% set x | upper %}abc{% endset %}{{ x }}", "ABC"),
        Printed("{% set ns = namespace() %}{% set ns.a = 1 %}{{ ns.a }}[{{ ns.b }}]", "1[]"),
        Printed("{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}{{ ns['a'] }}", "121"),
        Printed("{% set ns = namespace(x=[1]) %}{% set ns.x = ns.x + [2] %}{{ ns.x }}", "[1, 2]"),
        Printed("{% set messages = messages[1:] %}{{ messages|length }}", "0"),
        Printed("{% for m in messages %}{% set content = m.content %}{{ content }}{% endfor %}[{{ content }}]", "Hi[]"),
        Printed("{% do [1] %}{{ 1 }}", "1"),
        Printed("{% set range = 3 %}{{ range }}", "3"),
        Printed("{% filter upper|trim %} a {% endfilter %}", "A"),
        Printed("{% filter replace('a', 'b') %}aaa{% endfilter %}", "bbb"),
        Printed("{% generation %}a{% set x = 1 %}{{ x }}{% endgeneration %}[{{ x }}]", "a1[]"),
    ]

    @Test(arguments: scopes) func namesMeanWhatJinjaMakesOfThem(_ row: Printed) throws {
        #expect(try rendered(row.source) == row.text)
    }

    /// What a branch sets starts as what is known outside, whichever branch it is.
    private static let branches = [
        Printed(
            "{% if false %}{% set x = 1 %}{% elif true %}{% set x = 2 %}{% else %}{% set x = 3 %}{% endif %}{{ x }}",
            "2"),
        Printed("{% if false %}{% set x = 1 %}{% elif false %}{% set y = 2 %}{% endif %}[{{ x }}{{ y }}]", "[]"),
        Printed("{% set x = 0 %}{% if true %}{% if true %}{% set x = 1 %}{% endif %}{{ x }}{% endif %}{{ x }}", "11"),
        Printed(
            "{% set x = 0 %}{% for i in [1, 2] %}{% if i == 2 %}{% if true %}{% set x = 5 %}{% endif %}{% endif %}{{ x }}{% endfor %}{{ x }}",
            "050"),
        Printed(
            "{% for i in [1, 2] %}{% if i == 1 %}{% set x = i %}{% elif i == 2 %}[{{ x }}]{% endif %}{% endfor %}", "[]"
        ),
        Printed("{% if tools %}{{ x }}{% else %}{% set x = 1 %}{% endif %}{{ x }}", "1"),
        Printed("{% if messages %}{% set messages = 1 %}{% endif %}{{ messages }}", "1"),
        Printed(
            "{% for i in [1] %}{% if false %}{% set messages = 1 %}{% endif %}{{ messages|length }}{% endfor %}", "1"),
        Printed(
            "{% macro f() %}{% if true %}{% set x = 1 %}{% else %}{{ x }}{% endif %}{{ x }}{% endmacro %}{% set x = 2 %}{{ f() }}",
            "1"),
    ]

    @Test(arguments: branches) func branchesShareTheirNames(_ row: Printed) throws {
        #expect(try rendered(row.source) == row.text)
    }

    /// The work of a compilation grows with the template alone, not with the names each `if` knows.
    @Test func manyNamesAndManyBranches() throws {
        let names = (0..<4000).map { "{% set a\($0) = \($0) %}" }.joined()
        let branches = (0..<4000).map { "{% if a\($0) == 3999 %}{% set b = a\($0) %}{% endif %}" }.joined()
        #expect(try rendered(names + branches + "{{ b }}") == "3999")
        let chain = (0..<4000).map { "{% elif a\($0) == 3999 %}{% set b\($0) = 1 %}{{ a\($0) }}" }.joined()
        #expect(try rendered(names + "{% if false %}" + chain + "{% endif %}{{ b3999 }}{{ b1 }}") == "39991")
    }
}
