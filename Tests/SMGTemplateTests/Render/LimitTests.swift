import SMGBase
import SMGJSON
import Testing

@testable import SMGTemplate

/// Every bound of a rendering ends it with the code of a limit.
@Suite struct LimitTests {
    private static let calls = [
        "{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}",
        "{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f(a=f) %}{{ a(a) }}{% endmacro %}{{ f(f) }}",
        "{% macro f() %}{% call f() %}{% endcall %}{{ caller }}{% endmacro %}{% call f() %}{% endcall %}",
        "{% macro f(x) %}{% set y %}{% if x %}{% for i in [x] %}{{ f(i) }}{% endfor %}{% endif %}{% endset %}{% endmacro %}{{ f(1) }}",
        "{% for x in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}",
        "{% set ns = namespace() %}{% for x in [1] recursive %}{% set ns.l = loop %}{{ ns.l([1]) }}{% endfor %}",
        "{% macro f(n) %}{{ 1 + (f(n) if n else 0) }}{% endmacro %}{{ f(1) }}",
    ]

    @Test(arguments: calls) func endlessCalls(_ source: String) {
        #expect(failureCode(source) == .limit)
    }

    @Test func callsWithinTheBound() throws {
        let source =
            "{% macro f(n) %}{{ f(n - 1) if n else 'x' }}{% endmacro %}{{ f(\(TemplateLimits.maximumCallDepth - 1)) }}"
        #expect(try rendered(source) == "x")
        #expect(failureCode(source.replacing("159", with: "160")) == .limit)
        // Bodies of many levels count as many.
        let deep = String(repeating: "{% if true %}", count: 60)
        let ends = String(repeating: "{% endif %}", count: 60)
        #expect(failureCode("{% macro f(n) %}\(deep){{ f(n - 1) if n }}\(ends){% endmacro %}{{ f(100) }}") == .limit)
    }

    private static let nested = [
        "{% for i in range(5000) %}{% set ns.x = [ns.x] %}{% set ns.y = [ns.y] %}{% endfor %}",
        "{% for i in range(5000) %}{% set ns.x = {'a': ns.x} %}{% set ns.y = {'a': ns.y} %}{% endfor %}",
        "{% for i in range(5000) %}{% set ns.x = (ns.x,) %}{% set ns.y = (ns.y,) %}{% endfor %}",
    ]

    @Test(arguments: nested) func valuesWithinEachOther(_ make: String) {
        let made = "{% set ns = namespace(x=0, y=0) %}" + make
        for use in [
            "{{ ns.x }}", "{{ ns.x|tojson }}", "{{ ns.x == ns.y }}", "{{ ns.x|string|length }}", "{{ '%r' % ns.x }}",
        ] {
            #expect(failureCode(made + use) == .limit, "\(use)")
        }
        #expect(throws: Never.self) { try rendered(made + "{{ ns.x|length }}") }
    }

    @Test func deepTuplesAsKeysAndInOrders() {
        let made = "{% set ns = namespace(x=0, y=0) %}" + Self.nested[2]
        for use in [
            "{{ {ns.x: 1} }}", "{{ ns.x < ns.y }}", "{{ [ns.x, ns.y]|sort }}", "{{ [ns.x, ns.y]|unique|list }}",
        ] {
            #expect(failureCode(made + use) == .limit, "\(use)")
        }
        #expect(failureCode("{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}") == .limit)
    }

    /// Lazy sequences call each other when the last one is read.
    @Test(arguments: [
        "map('string')", "select", "reject('none')", "map(attribute='x', default=1)", "unique(attribute='x')",
        "batch(1)",
    ])
    func lazySequencesOverEachOther(_ filter: String) throws {
        func source(_ count: Int) -> String {
            "{% set ns = namespace(x=[{'x': 1}]) %}{% for i in range(\(count)) %}{% set ns.x = ns.x|\(filter) %}{% endfor %}"
                + "{{ ns.x|list|length }}"
        }
        #expect(try rendered(source(50)) == "1")
        #expect(failureCode(source(20_000)) == .limit)
    }

    private static let large = [
        "{{ 'a' * 100000000 }}", "{{ [1] * 100000000 }}", "{{ 'ab' * 9223372036854775807 }}",
        "{% set ns = namespace(x='ab') %}{% for i in range(40) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{% set ns = namespace(x='ab') %}{% for i in range(40) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(40) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x='a') %}{% for i in range(40) %}{% set ns.x = ns.x.replace('a', 'aa') %}{% endfor %}",
        "{% set ns = namespace(x='a') %}{% for i in range(40) %}{% set ns.x = [ns.x, ns.x]|join %}{% endfor %}",
        "{% set ns = namespace(x='a') %}{% for i in range(40) %}{% set ns.x %}{{ ns.x }}{{ ns.x }}{% endset %}{% endfor %}",
        "{% set x = 'a' * 60000000 %}{{ x }}{{ x }}",
        "{% set x = 'a' * 60000000 %}{% filter upper %}{{ x }}{{ x }}{% endfilter %}",
        "{% set x = ('a' * 1000000).split('') if false else 'a' * 3000000 %}{{ (x|list)|length }}{{ (x|list)|length }}{{ (x|list)|length }}{{ (x|list)|length }}",
    ]

    @Test(arguments: large) func largeValuesAndOutputs(_ source: String) {
        #expect(failureCode(source) == .limit)
    }

    private static let wide = [
        "'a'|center(9999999999)", "'a'.ljust(2000000)", "'a'.zfill(2000000)", "'%2000000d' % 1", "'%.2000000f' % 1.5",
        "'%*d' % (2000000, 1)", "'{:2000000}'.format(1)", "'{:.2000000f}'.format(1.5)", "'a'|indent(2000000)",
        "[1]|tojson(indent=2000000)", "'a\tb'.expandtabs(2000000)",
    ]

    @Test(arguments: wide) func widths(_ expression: String) {
        #expect(failureCode("{{ \(expression) }}") == .limit)
    }

    @Test func ranges() throws {
        #expect(try rendered("{{ range(100000)|length }}") == "100000")
        for range in ["range(100001)", "range(0, -100001, -1)", "range(-9223372036854775807, 9223372036854775807)"] {
            #expect(failureCode("{{ \(range) }}") == .value, "\(range)")
        }
    }

    /// What a failed rendering printed is taken back, and the template can be used again.
    @Test func failuresLeaveNothingBehind() throws {
        let template = try ChatTemplate(source: "{{ 'a' * 1000 }}{% if n %}{{ 'a' * 100000000 }}{% endif %}")
        let json = ByteBuffer(Array(#"[[], {"n": 1}, {"n": 0}]"#.utf8))
        let slices = Array(try JSONSlice(parsing: json.readable).elements)
        let out = ByteBuffer(Array("kept".utf8))
        for round in 0..<4 {
            var input = ChatTemplateInput(messages: slices[0], now: TemplateTime(seconds: 0, offset: 0))
            input.kwargs = slices[1 + round % 2]
            do throws(TemplateError) {
                try template.render(input, into: out)
                #expect(round % 2 == 1)
            } catch {
                #expect(error.code == .limit && round % 2 == 0)
            }
            #expect(out.readable.count == 4 + (round + 1) / 2 * 1000)
        }
        withExtendedLifetime(json) {}
    }
}
