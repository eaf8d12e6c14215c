import SMGBase
import SMGJSON
import Testing

@testable import SMGTemplate

/// Work that neither prints nor makes values is paid for in steps all the same: else templates could run for hours.
@Suite struct BoundedWorkTests {
    /// Steps that one rendering of `source` takes.
    private func steps(_ source: String) throws -> Int {
        let program = try Compiler.compile(try Parser.parse(Array(source.utf8)))
        let json = ByteBuffer(Array("[]".utf8))
        let input = ChatTemplateInput(
            messages: try JSONSlice(parsing: json.readable), now: TemplateTime(seconds: 0, offset: 0))
        let renderer = Renderer(program, out: ByteBuffer(capacity: 64))
        _ = try renderer.bind(input, program, mentionsContent: true)
        try renderer.run(program)
        withExtendedLifetime(json) {}
        return TemplateLimits.maximumSteps - renderer.steps
    }

    /// What `statement` takes beyond `values`.
    private func steps(_ statement: String, after values: String) throws -> Int {
        try steps(values + statement) - steps(values)
    }

    @Test func endlessLoopsEnd() {
        let values = "{% set x = range(100000)|list %}"
        let loops = "{% for a in x %}{% for b in x %}{% for c in x %}{% endfor %}{% endfor %}{% endfor %}"
        #expect(failure(values + loops) == TemplateError(.limit, "the template takes too many steps", line: 1))
    }

    @Test func everyItemIsPaidFor() throws {
        let values =
            "{% set x = range(1000)|list %}{% set t = ('b',) * 1000 %}"
            + "{% set d = dict({}.fromkeys(x|map('string')), a=1) %}"
        for statement in [
            "{% for i in x %}{% endfor %}", "{% for i in x %}{{ loop.index if 0 }}{% endfor %}",
            "{{ x.count(-1) }}", "{{ x.index(999) }}", "{{ x|sum }}", "{{ 'a'.startswith(t) }}",
            "{{ '{a}'.format(**d) }}",
            "{% for i in x if 0 %}{% endfor %}", "{% for i in x recursive %}{% endfor %}", "{{ -1 in x }}",
            "{{ x|select('none')|list }}", "{{ x|max if 0 else x|min }}", "{{ x|sort|first }}", "{{ x == x + [] }}",
        ] {
            #expect(try steps(statement, after: values) >= 1000, "\(statement)")
        }
    }

    @Test func longChainsArePaidFor() throws {
        let values = "{% set e = '' %}{% set x = range(1000)|list %}"
        let targets = Array(repeating: "a", count: 1000).joined(separator: ",")
        for statement in [
            "{{ e" + String(repeating: " ~ e", count: 999) + " }}",
            "{% if 1" + String(repeating: " == 1", count: 1000) + " %}{% endif %}",
            "{% if e %}" + String(repeating: "{% elif e %}", count: 1000) + "{% endif %}", "{% set \(targets) = x %}",
        ] {
            #expect(try steps(statement, after: values) >= 1000, "\(statement.prefix(40))")
        }
        let sum = "{{ e" + String(repeating: " + e", count: 150) + " }}"
        #expect(try steps(sum, after: values) >= 150)
        // Variables of a block that is entered again and again.
        let variables = (0..<1600).map { "{% set a\($0) = 1 %}" }.joined()
        let loop = "{% for i in range(10) %}{% if 0 %}\(variables){% endif %}{% endfor %}"
        #expect(try steps(loop) >= 10 * 1600 / TemplateLimits.variablesPerStep)
    }

    private static let size = 640_000

    /// Text that is compared, searched or copied and dropped again.
    @Test(arguments: [
        "{{ 'b' in big }}", "{{ big == other }}", "{{ big.find('b') }}", "{{ big.count('b') }}", "{{ big < other }}",
        "{{ big in few }}", "{{ big in many }}", "{{ many[big] }}", "{{ many.get(big) }}",
        "{{ big.startswith(other) }}",
        "{{ big is startingwith other }}", "{{ '%.1s' % big }}", "{{ big|length }}", "{{ big[-1] }}", "{{ big[9:9] }}",
        "{{ (big|center(1))[0:1] }}", "{{ big|int }}", "{{ big|float }}", "{{ (big|trim)[0:1] }}",
        "{{ (big|striptags)[0:1] }}",
        "{{ (big|wordwrap(640000))[0:1] }}",
        "{% for i in [1] %}{% set x %}{{ big }}{% break %}{% endset %}{% endfor %}",
        "{% for i in [1] %}{% filter trim %}{{ big }}{% continue %}{% endfilter %}{% endfor %}",
    ])
    func longTextsArePaidFor(_ statement: String) throws {
        let keys = (0..<9).map { "\($0): 1" }.joined(separator: ", ")
        let values =
            "{% set big = 'a' * \(Self.size) %}{% set other = 'a' * \(Self.size) %}"
            + "{% set few = {other: 0} %}{% set many = {\(keys), other: 0} %}"
        #expect(try steps(statement, after: values) >= Self.size / TemplateLimits.bytesPerStep)
    }

    /// Text whose characters are looked up.
    @Test(arguments: [
        "{{ text|wordcount }}", "{{ text is lower }}", "{{ text.isalpha() }}", "{{ text.istitle() }}",
        "{{ (text|upper)[0:1] }}",
        "{{ text.casefold()[0:1] }}", "{{ ('%r' % text)[0:1] }}", "{{ (text|pprint)[0:1] }}",
        "{{ ('{!a}'.format(text))[0:1] }}",
    ])
    func charactersArePaidFor(_ statement: String) throws {
        let values = "{% set text = 'é' * 20000 %}"
        #expect(try steps(statement, after: values) >= 40_000 / TemplateLimits.characterBytesPerStep)
    }

    /// Digits and widths that formats ask for.
    @Test(arguments: [
        "{{ '%.100000d' % 1 }}", "{{ '%.100000f' % 1 }}", "{{ '{:0=100000,}'.format(1) }}", "{{ 'a'.center(100000) }}",
    ])
    func widthsArePaidFor(_ statement: String) throws {
        #expect(try steps(statement) >= 70_000)
    }

    /// Numbers cost what their digits take.
    @Test func numbersArePaidFor() throws {
        let values = "{% set f = 2.5 %}{% set small = 5e-324 %}"
        for statement in [
            "{{ f }}", "{{ f|round }}", "{{ f|tojson }}", "{{ '%.1f' % f }}", "{{ '{:e}'.format(f) }}",
            "{{ '1.5'|float }}",
            "{{ '15'|int }}", "{{ '%d' % 5 }}", "{{ '{:x}'.format(5) }}", "{{ 1500|filesizeformat }}",
            "{{ strftime_now('%c') }}",
        ] {
            #expect(try steps(statement, after: values) >= TemplateLimits.stepsPerNumber, "\(statement)")
        }
        #expect(try steps("{{ small|round(300) }}", after: values) >= 1000)
        #expect(try steps("{{ '%.0f' % small }}", after: values) >= 1000)
    }

    /// Searches whose every place would be tried again at every other one.
    @Test func hardSearches() throws {
        #expect(try rendered("{{ ('<' * 300000)|striptags|length }}") == "300000")
        #expect(try rendered("{{ ('<!--' * 100000)|striptags|length }}") == "400000")
        #expect(try rendered("{{ ('a' * 300000).rfind('b' ~ 'a' * 100000) }}") == "-1")
        #expect(try rendered("{{ ('a' * 300000).rfind('a' * 100000 ~ 'b') }}") == "-1")
        #expect(try rendered("{{ ('b' ~ 'a' * 300000).rfind('a' * 100000) }}") == "200001")
        #expect(try rendered("{{ ('ab' * 100000 ~ 'c').rfind('ab' * 50000) }}") == "100000")
        #expect(
            try rendered(
                "{{ ('abcabcab' * 9).rfind('abcababcabcababcabcab') }} {{ 'abcab'.rfind('abcababcabcababcabcab') }}")
                == "51 -1")
        #expect(try rendered("{{ ('a' * 30000)|wordwrap(1)|length }}") == "59999")
        #expect(try rendered("{{ '{:0=300000,}'.format(1)|length }}") == "300001")
    }
}
