import Testing

@testable import SMGTemplate

@Suite struct LoopTests {
    private static let loops = [
        Printed(
            "{% for i in range(5) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}",
            "013"),
        Printed("{% for i in [] %}x{% else %}empty{% endfor %}", "empty"),
        Printed("{% for i in [1] %}{% break %}{% else %}else{% endfor %}", "else"),
        Printed("{% for i in [1,2] %}{% continue %}{% else %}else{% endfor %}", "else"),
        Printed(
            "{% for i in [3,4,5] %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {% endfor %}",
            "1032TrueFalse3 2121FalseFalse3 3210FalseTrue3 "),
        Printed("{% for i in [1,2,3] %}{{ loop.previtem }}-{{ loop.nextitem }} {% endfor %}", "-2 1-3 2- "),
        Printed("{% for i in [1,1,2] %}{{ loop.changed(i) }} {% endfor %}", "True False True "),
        Printed("{% for i in range(4) %}{{ loop.cycle('a','b','c') }}{% endfor %}", "abca"),
        Printed("{% for a, b in [(1,2),(3,4)] %}{{ a }}{{ b }}{% endfor %}", "1234"),
        Printed("{% for k, v in {'a':1,'b':2}.items() %}{{ k }}{{ v }}{% endfor %}", "a1b2"),
        Printed(
            "{% for x in [1,[2,[3]]] recursive %}{{ loop.depth }}{% if x is iterable %}{{ loop(x) }}{% else %}{{ x }}{% endif %}{% endfor %}",
            "11122233"),
        Printed(
            "{% for i in [1,2,3,4] if i is odd %}{{ loop.index }}/{{ loop.length }}:{{ i }} {% endfor %}",
            "1/2:1 2/2:3 "),
        Printed(
            "{% for i in range(3) %}{% for j in range(3) %}{% if j == 1 %}{% break %}{% endif %}{{ i }}{{ j }} {% endfor %}{% endfor %}",
            "00 10 20 "),
        Printed(
            "{% for i in range(3) %}{% set x %}{{ i }}{% if i == 1 %}{% break %}{% endif %}{% endset %}{{ x }}{% endfor %}",
            "0"),
        Printed("{% for i in 'héé' %}{{ i }},{% endfor %}", "h,é,é,"),
        Printed("{% for i in x %}a{% else %}b{% endfor %}", "b"),
        Printed("{% for x in range(3) %}{{ x }}{% endfor %}{{ x }}", "012"),
        Printed(
            "{% for i in [1,2] %}{% for j in [1,2] %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}", "121122"
        ),
        Printed("{% for i in [1,2,3]|reverse %}{{ loop.length }}{{ i }}{% endfor %}", "333231"),
        Printed("{% for i in {'a':1}|items %}{{ i }}{% endfor %}", "('a', 1)"),
        Printed("{{ loop }}", ""),
        Printed("{% for i in range(3) %}{{ loop }}{% endfor %}", "<LoopContext 1/3><LoopContext 2/3><LoopContext 3/3>"),
        Printed("{% for i in range(10)|batch(3) %}{{ i }}{% endfor %}", "[0, 1, 2][3, 4, 5][6, 7, 8][9]"),
        Printed(
            "{% for i in [1,2,3] %}{% if loop.first %}{% continue %}{% endif %}{{ loop.previtem }}{% endfor %}", "12"),
        Printed(
            "{% for i in [1,2] %}{% filter upper %}a{% if i==1 %}{% continue %}{% endif %}b{% endfilter %}{% endfor %}",
            "AB"),
        Printed(
            "{% for i in range(2) %}{% with a = i %}{% if a %}{% break %}{% endif %}{{ a }}{% endwith %}{% endfor %}",
            "0"),
    ]

    @Test(arguments: loops) func runsAsInJinja(_ row: Printed) throws {
        #expect(try rendered(row.source) == row.text)
    }

    private static let failing = [
        Failing("{% for i in none %}{% endfor %}", .type, "'NoneType' object is not iterable"),
        Failing("\n{% for i in 5 %}{% endfor %}", .type, "'int' object is not iterable", line: 2),
        Failing("{% for a, b in [(1, 2, 3)] %}{% endfor %}", .value, "too many values to unpack"),
        Failing("{% for a, b in [(1,)] %}{% endfor %}", .value, "not enough values to unpack"),
        Failing(
            "{% for i in [1] %}{{ loop([i]) }}{% endfor %}", .type,
            "the loop must have the 'recursive' marker to be called recursively"),
        Failing("{{ loop.index }}", .undefined, "'loop' is undefined"),
        Failing("{% for loop in x %}{% endfor %}", .syntax, "can't assign to special loop variable"),
        Failing("{% for x in y %}{% set loop = 1 %}{% endfor %}", .syntax, "can't assign to special loop variable"),
        Failing("{% break %}", .syntax, "break or continue outside of a loop"),
        Failing(
            "{% for x in y %}{% endfor %}\n{% continue %}", .syntax, "break or continue outside of a loop", line: 2),
        Failing(
            "{% for x in [1] %}{% macro f() %}{% break %}{% endmacro %}{% endfor %}", .syntax,
            "break or continue outside of a loop"),
        Failing(
            "{% for x in [1] %}{% generation %}{% break %}{% endgeneration %}{% endfor %}", .syntax,
            "break or continue outside of a loop"),
    ]

    @Test(arguments: failing) func says(_ row: Failing) throws {
        let error = try #require(failure(row.source))
        #expect(error == TemplateError(row.code, row.message, line: row.line))
    }

    /// What a captured block printed before the loop ended belongs to nobody.
    @Test func leavingACaptureDropsItsText() throws {
        for tag in ["break", "continue"] {
            #expect(try rendered("a{% for i in [1] %}{% set x %}b{% \(tag) %}{% endset %}{% endfor %}c") == "ac")
            #expect(
                try rendered("a{% for i in [1] %}{% filter upper %}b{% \(tag) %}{% endfilter %}{% endfor %}c") == "ac")
        }
    }
}
