import Testing

@testable import SMGTemplate

@Suite struct CompilerTests {
    private static let constants = [
        Printed("{{ 'a' ~ 'b' ~ 1 ~ 'c' ~ 'd' }}", "ab1cd"),
        Printed("{{ 'a' + 'b' + 'c' }}", "abc"),
        Printed("{{ [1, 'a', (2, 3), {'k': [none]}] }}", "[1, 'a', (2, 3), {'k': [None]}]"),
        Printed("{{ {'a': 1, 'a': 2, 1: 3, 1.0: 4} }}", "{'a': 2, 1: 4}"),
        Printed("{{ -1 }}", "-1"),
        Printed("{{ not '' }}", "True"),
        Printed("{{ '' or 'x' and 'y' }}", "y"),
        Printed("{{ 1.50 }}", "1.5"),
        Printed("{{ true }}", "True"),
        Printed("{{ (1,) }}", "(1,)"),
        Printed(#"{{ 'é\n' }}"#, "é\n"),
    ]

    /// What is known while compiling comes out as what is not.
    @Test(arguments: constants) func foldedAndNot(_ row: Printed) throws {
        #expect(try rendered(row.source) == row.text)
        let hidden = row.source.replacing("{{ ", with: "{{ [").replacing(" }}", with: "][one - 1] }}")
        #expect(try rendered(hidden, kwargs: #"{"one": 1}"#) == row.text)
    }

    /// Constant strings in a row become one, however many they are.
    @Test func longChainsOfConstants() throws {
        let parts = Array(repeating: "'0123456789abcdef'", count: 20_000).joined(separator: " ~ ")
        #expect(try rendered("{{ (\(parts))|length }}") == "320000")
        let mixed = Array(repeating: "'ab' ~ n ~ 'c' ~ 'd'", count: 5000).joined(separator: " ~ ")
        #expect(try rendered("{{ (\(mixed))|length }}", kwargs: #"{"n": 7}"#) == "25000")
    }

    /// A constant that cannot be is a matter of run time: nobody may come by.
    @Test func impossibleConstants() throws {
        #expect(try rendered("{% if false %}{{ 1 / 0 }}{{ {[]: 1} }}{{ 'a' + 1 }}{{ -'a' }}{% endif %}x") == "x")
        #expect(failure("a\n{{ {[]: 1} }}") == TemplateError(.type, "unhashable type: 'list'", line: 2))
        #expect(failureCode("{{ -9223372036854775807 - 2 }}") == .value)
    }

    @Test func linesOfErrorsWhileRendering() {
        for (source, line) in [
            ("{{ 1 }}\n{{ 1 / 0 }}", 2), ("{% if true %}\n\n{{ 1 / 0 }}{% endif %}", 3),
            ("{% for i in [1] %}\n{% set x = 1 / 0 %}{% endfor %}", 2), ("a\n{% set x %}\n{{ 1 / 0 }}{% endset %}", 3),
            ("{% for i in [1] %}\n{% endfor %}\n{% for i in 1 / 0 %}{% endfor %}", 3),
            ("\n\n{% if 1 / 0 %}{% endif %}", 3),
        ] {
            #expect(failure(source) == TemplateError(.value, "division by zero", line: line), "\(source)")
        }
    }

    /// A compiled template is the same for every rendering.
    @Test func renderingsShareNothing() throws {
        let template = try ChatTemplate(
            source:
                "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}{{ x }}"
        )
        for (messages, kwargs, wanted) in [
            ("[{}, {}]", #"{"x": 1}"#, "21"), ("[]", "{}", "0"), ("[{}]", #"{"x": "é"}"#, "1é"),
        ] {
            var conversation = Conversation(messages)
            conversation.kwargs = kwargs
            #expect(try conversation.render(template) == wanted)
        }
    }
}
