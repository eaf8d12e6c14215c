import SMGBase
import Testing

@testable import SMGTemplate

@Suite struct LexerTests {
    private static let whitespace = [
        Printed("a\n  {% if true %}\n  b\n  {% endif %}\nc", "a\n  b\nc"),
        Printed("  {{ 1 }}\n  {{ 2 }}\n", "  1\n  2"),
        Printed("a {%- if true -%} b {%- endif -%} c", "abc"),
        Printed("a\n\n{%- set x = 1 %}\n\nb", "a\nb"),
        Printed("  {%+ if true %}x{% endif %}", "  x"),
        Printed("a\n {# c #}\nb", "a\nb"),
        Printed("a {#- c -#} b", "ab"),
        Printed("a\n  {#+ c #}\nb", "a\n  b"),
        Printed("{% if true +%}\nx{% endif %}", "\nx"),
        Printed("{{- 1 -}}  2", "12"),
        Printed("  {{- 'a' }}\n\t{%- if true %}\n\tb{% endif %}", "a\tb"),
        Printed("x\n", "x"),
        Printed("x\n\n", "x\n"),
        Printed("\n\nx", "\n\nx"),
        Printed("a\r\n{% if true %}\r\nb\r\n{% endif %}\r\n", "a\nb\n"),
        Printed("a\rb", "a\nb"),
        Printed("{% set x %}\n a\n{% endset %}[{{ x }}]", "[ a\n]"),
        Printed("{%- for i in range(2) -%}\n {{- i }} \n{%- endfor -%}", "01"),
        Printed("a\u{a0}{%- if true %}b{% endif %}", "ab"),
        Printed("{% for i in [1,2] %}\n  {{ i }}\n{% endfor %}\nend", "  1\n  2\nend"),
    ]

    @Test(arguments: whitespace) func whitespaceAroundTags(_ row: Printed) throws {
        #expect(try rendered(row.source) == row.text)
    }

    private static let raw = [
        Printed("{% raw %} {{ x }} {% endraw %}\ny", " {{ x }} y"),
        Printed("{% raw -%}  {{ x }}  {%- endraw %}  y", "{{ x }}  y"),
        Printed("a\n  {%- raw %} z {% endraw %}", "a z "),
        Printed("  {% raw %}\n  a\n  {% endraw %}\nb", "\n  a\nb"),
        Printed("{% raw %}{% if %}{# {% endraw %}", "{% if %}{# "),
    ]

    @Test(arguments: raw) func rawBlocks(_ row: Printed) throws {
        #expect(try rendered(row.source) == row.text)
    }

    private static let literals = [
        Printed("{{ 1_000 }} {{ 0x1F }} {{ 0b11 }} {{ 0o17 }} {{ 1_0.5e1 }} {{ 2e3 }}", "1000 31 3 15 105.0 2000.0"),
        Printed(#"{{ '\t\x41\u00e9\101\q\'' }}"#, "\tAéA\\q'"),
        Printed(#"{{ "a'b" }}"#, "a'b"),
        Printed("{{ 'a\\\nb' }}", "ab"),
        Printed(#"{{ 'a' 'b' "c" }}"#, "abc"),
        Printed("{{ 'é' '日' }}", "é日"),
        Printed(#"{{ '\U0001f600' }}"#, "😀"),
        Printed("{{ true }}{{ True }}{{ none }}{{ None }}{{ false }}", "TrueTrueNoneNoneFalse"),
    ]

    @Test(arguments: literals) func literalsAreReadAsInPython(_ row: Printed) throws {
        #expect(try rendered(row.source) == row.text)
    }

    /// The halves of a surrogate pair in two escapes make one character: Python could not print them.
    @Test func surrogatePairsJoin() throws {
        #expect(try rendered(#"{{ '\ud83d\ude00' }}"#) == "😀")
        #expect(try rendered(#"{{ '\ud83d' }}"#) == "\u{fffd}")
    }

    private static let failing = [
        Failing("a\n{{ 1 $ 2 }}", .syntax, "unexpected character '$'", line: 2),
        Failing("a\r\nb\r\n{{ $ }}", .syntax, "unexpected character '$'", line: 3),
        Failing("{{ a ? b }}", .syntax, "unexpected character '?'"),
        Failing("{{ 'abc }}", .syntax, #"unexpected character "'""#),
        Failing("\n{{ \"abc }}", .syntax, #"unexpected character '"'"#, line: 2),
        Failing("a\n\n{{ (1 }}", .syntax, "unexpected '}', expected ')'", line: 3),
        Failing("{{ 1) }}", .syntax, "unexpected ')'"),
        Failing("{{ [1) }}", .syntax, "unexpected ')', expected ']'"),
        Failing("x\n{# x", .syntax, "missing end of comment tag", line: 2),
        Failing("a\n{% raw %}\n x", .syntax, "missing end of raw directive", line: 2),
        Failing("{{ é€ }}", .syntax, "invalid character in identifier"),
        Failing(#"{{ '\x4' }}"#, .syntax, "truncated escape in a string"),
        Failing(#"{{ '\u12' }}"#, .syntax, "truncated escape in a string"),
        Failing(#"{{ '\U00110000' }}"#, .syntax, "illegal Unicode character in a string"),
        Failing(#"{{ '\N{DASH}' }}"#, .syntax, "named Unicode escapes are not supported"),
        Failing("{{ 9223372036854775808 }}", .value, "integer 9223372036854775808 does not fit 64 bits"),
        Failing("\n{{ 0xffffffffffffffff }}", .value, "integer 0xffffffffffffffff does not fit 64 bits", line: 2),
    ]

    @Test(arguments: failing) func says(_ row: Failing) throws {
        let error = try #require(failure(row.source))
        #expect(error == TemplateError(row.code, row.message, line: row.line))
    }

    @Test func linesAreCountedInsideTagsStringsAndComments() throws {
        for before in [
            "{#\n\n#}", "{% raw %}\n\n{% endraw %}", "{{ '\n\n' }}", "{{ 1\n\n}}", "\n\n", "{%-\n\nset x = 1 %}",
        ] {
            #expect(failure(before + "{{ $ }}")?.line == 3, "\(before)")
        }
    }

    @Test func largestSource() throws {
        let text = String(repeating: "a", count: TemplateLimits.maximumSourceBytes)
        #expect(try rendered(text) == text)
        #expect(failure(text + "a") == TemplateError(.limit, "the template is larger than 1048576 bytes", line: 0))
    }

    /// Nothing between the ends of tags is lost: any cut of a template compiles or fails with a line of it.
    @Test func anyCutFailsWithALineOfItsOwn() throws {
        let source = Array(
            "a\n{%- for x in [1, 'é'] -%}\n {{ [x]|join('\\x41') }} {# c #}{% raw %}{{{% endraw %}\n{% endfor %}".utf8)
        for cut in 0...source.count {
            let part = String(decoding: source[..<cut], as: UTF8.self)
            guard let error = failure(part) else { continue }
            #expect(error.code == .syntax)
            #expect((1...5).contains(error.line), "\(part)")
        }
    }
}
