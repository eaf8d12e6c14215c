import Testing

@testable import SMGTemplate

@Suite struct ParserTests {
    private static let expressions = [
        Printed("{{ 1 + 2 * 3 }} {{ (1 + 2) * 3 }} {{ 2 ** 3 ** 2 }} {{ -2 ** 2 }} {{ 7 - 2 - 1 }}", "7 9 64 4 4"),
        Printed("{{ not true or true }} {{ not (true or true) }} {{ true or false and false }}", "True False True"),
        Printed("{{ 1 if true else 2 if true else 3 }} {{ 1 if false else 2 if false else 3 }}", "1 3"),
        Printed("{{ -1|abs }} {{ (-1)|abs }} {{ 1 + -1|abs }}", "1 1 2"),
        Printed("{{ 'a' not in 'abc' }} {{ not 'a' in 'abc' }}", "False False"),
        Printed(
            "{{ 1 is odd and 2 is even }} {{ 3 is divisibleby 3 }} {{ 3 is not even }} {{ 3 is divisibleby(2) or 1 }}",
            "True True True 1"),
        Printed("{{ [1, 2,][0] }} {{ (1,) }} {{ () }} {{ (1) }} {{ 1, 2 }} {{ {'a': 1,}.a }}", "1 (1,) () 1 (1, 2) 1"),
        Printed("{{ [[1, 2], [3]][0][1] }} {{ 'abc'.upper()[1] }} {{ {'a': [1]}.a.0 }}", "2 B 1"),
        Printed("{{ 'a b'.split()|map('upper')|join('-')|lower }}", "a-b"),
        Printed("{% for x in 1, 2 if x > 1 %}{{ x }}{% endfor %}", "2"),
    ]

    @Test(arguments: expressions) func bindsAsJinjaDoes(_ row: Printed) throws {
        #expect(try rendered(row.source) == row.text)
    }

    private static let expressionFailures = [
        Failing("{{ }}", .syntax, "expected an expression, got 'end of print statement'"),
        Failing("{{ 1 2 }}", .syntax, "expected token 'end of print statement', got 'integer'"),
        Failing("\n{{ 1 ", .syntax, "unexpected end of template, expected 'end of print statement'", line: 2),
        Failing("{{ a\n+\n\n}}", .syntax, "unexpected 'end of print statement'", line: 4),
        Failing("{{ a. }}", .syntax, "expected name or number"),
        Failing("{{ a.'b' }}", .syntax, "expected name or number"),
        Failing("{{ a| }}", .syntax, "expected token 'name', got 'end of print statement'"),
        Failing("{{ a is b is c }}", .syntax, "tests cannot be chained with is"),
        Failing("{{ {1 2} }}", .syntax, "expected token ':', got 'integer'"),
        Failing("{{ [1 2] }}", .syntax, "expected token ',', got 'integer'"),
        Failing("{{ a; b }}", .syntax, "expected token 'end of print statement', got ';'"),
        Failing("{{ f(a=1, 2) }}", .syntax, "invalid syntax for function call expression"),
        Failing("{{ f(a=1, a=2) }}", .syntax, "keyword argument repeated: a"),
        Failing("{{ f(**a, **b) }}", .syntax, "invalid syntax for function call expression"),
        Failing("{{ f(*a, *b) }}", .syntax, "invalid syntax for function call expression"),
    ]

    private static let statementFailures = [
        Failing("{% %}", .syntax, "tag name expected"),
        Failing("\n{% foo %}", .syntax, "unknown tag 'foo'", line: 2),
        Failing("a{% endif %}", .syntax, "unknown tag 'endif'"),
        Failing("{% for x in y %}\n{% endif %}", .syntax, "unknown tag 'endif'; expected endfor or else", line: 2),
        Failing("{% if x %}\n", .syntax, "unexpected end of template; expected elif or else or endif"),
        Failing("{% set x %}", .syntax, "unexpected end of template; expected endset"),
        Failing("{% generation %}", .syntax, "unexpected end of template; expected endgeneration"),
        Failing("{% set none = 1 %}", .syntax, "can't assign to 'none'"),
        Failing("{% set 1 = 2 %}", .syntax, "can't assign to this expression"),
        Failing("{% set a.b.c = 1 %}", .syntax, "expected token 'end of statement block', got '.'"),
        Failing("{% set x = %}", .syntax, "expected an expression, got 'end of statement block'"),
        Failing("{% for x y %}{% endfor %}", .syntax, "expected token 'in', got 'y'"),
        Failing("{% with a %}{% endwith %}", .syntax, "expected token '=', got 'end of statement block'"),
        Failing("{% macro %}{% endmacro %}", .syntax, "expected token 'name', got 'end of statement block'"),
        Failing("{% macro f(a=1, b) %}{% endmacro %}", .syntax, "non-default argument follows default argument"),
        Failing("{% macro f(a, a) %}{% endmacro %}", .syntax, "duplicate argument 'a'"),
        Failing("{% call x %}{% endcall %}", .syntax, "expected call"),
    ]

    /// A chat template stands alone: what would need a loader or another output format is refused by name.
    private static let unsupported = [
        Failing("{% include 'x' %}", .syntax, "'include' is not supported: a chat template stands alone"),
        Failing("\n{% extends 'x' %}", .syntax, "'extends' is not supported: a chat template stands alone", line: 2),
        Failing("{% import 'x' as y %}", .syntax, "'import' is not supported: a chat template stands alone"),
        Failing("{% from 'x' import y %}", .syntax, "'from' is not supported: a chat template stands alone"),
        Failing("{% block x %}{% endblock %}", .syntax, "'block' is not supported: a chat template stands alone"),
        Failing("{% autoescape true %}{% endautoescape %}", .syntax, "only 'autoescape false' is supported"),
    ]

    @Test(arguments: expressionFailures + statementFailures + unsupported) func says(_ row: Failing) throws {
        let error = try #require(failure(row.source))
        #expect(error == TemplateError(row.code, row.message, line: row.line))
    }

    // MARK: - Bounds

    private func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    @Test func bracketsNestToABound() throws {
        #expect(try rendered("{{ " + repeated("(", 40) + "1" + repeated(")", 40) + " }}") == "1")
        for (open, close) in [("(", ")"), ("[", "]"), ("{'a':", "}"), ("f(", ")"), ("a[", "]")] {
            for count in [TemplateLimits.maximumNesting + 1, 100_000] {
                let source = "\n{{ " + repeated(open, count) + "1" + repeated(close, count) + " }}"
                let error = try #require(failure(source))
                #expect(error.code == .limit && error.line == 2, "\(open)")
            }
        }
    }

    @Test func blocksNestToABound() throws {
        func nested(_ count: Int) -> String { repeated("{% if true %}", count) + "x" + repeated("{% endif %}", count) }
        #expect(try rendered(nested(TemplateLimits.maximumNesting - 2)) == "x")
        #expect(failureCode(nested(TemplateLimits.maximumNesting + 1)) == .limit)
        for tag in ["for x in y", "set x", "macro f()", "call f()", "filter trim", "with", "generation"] {
            #expect(failureCode(repeated("{% \(tag) %}", 20_000)) == .limit, "\(tag)")
        }
    }

    @Test func operatorsChainToABound() throws {
        func chain(_ part: String, _ count: Int) -> String { "{{ 1" + repeated(part, count) + " }}" }
        for part in [" + 1", " - 1", " * 1", " or 0", " and 1", "|abs", "[0]", ".a", "()", " is odd", " if 1 else 1"] {
            let error = failure(chain(part, 50_000))
            #expect(error?.code == (part == " is odd" ? .syntax : .limit), "\(part)")
            #expect(error?.line == 1)
        }
        for prefix in ["not ", "-", "+", "- not "] {
            #expect(failure("{{ " + repeated(prefix, 50_000) + "1 }}") != nil, "\(prefix)")
        }
        #expect(try rendered(chain(" + 1", TemplateLimits.maximumExpressionHeight - 2)) == "199")
    }

    /// What does not make trees higher has no bound but the source's.
    @Test func flatChainsMayBeLong() throws {
        #expect(try rendered("{{ (1" + repeated(" ~ 1", 5000) + ")|length }}") == "5001")
        #expect(try rendered("{{ 1" + repeated(" < 2 > 1", 5000) + " }}") == "True")
        #expect(try rendered("{{ [1" + repeated(", 1", 5000) + "]|sum }}") == "5001")
        #expect(try rendered("{% if 0 %}" + repeated("{% elif 0 %}", 5000) + "{% else %}x{% endif %}") == "x")
    }

    @Test func argumentsHaveABound() throws {
        func call(_ count: Int) -> String {
            "{{ [" + Array(repeating: "1", count: 3).joined(separator: ",") + "]|f("
                + Array(repeating: "1", count: count).joined(separator: ",") + ") }}"
        }
        #expect(failure(call(TemplateLimits.maximumArguments))?.code == .unknownName)
        #expect(failure(call(TemplateLimits.maximumArguments + 1))?.message == "too many arguments")
        let names = (0...TemplateLimits.maximumArguments).map { "a\($0)" }.joined(separator: ", ")
        #expect(failure("{% macro f(\(names)) %}{% endmacro %}")?.message == "too many arguments")
    }
}
