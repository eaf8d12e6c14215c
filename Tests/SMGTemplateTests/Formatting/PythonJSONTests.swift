import Testing

@testable import SMGTemplate

/// `tojson` writes as Python's `json.dumps` does, without escapes for HTML.
@Suite struct PythonJSONTests {
    /// What the templates below work on.
    private static let kwargs =
        #"{"d": {"b": 1, "a": [1.0, 1e+16, 1e-07, true, null, "\u00e9\u0001\"\\/\ud83d\ude00\u2028<"], "c": {}}, "s": "Hello World", "big": 12345678901234567890, "f": 1e+22, "l": [{"n": "b", "v": 2}, {"n": "A", "v": 1}, {"n": "b", "v": 0}], "neg": -7}"#

    private static let written = [
        Printed(
            "{{ d|tojson }}",
            "{\"b\": 1, \"a\": [1.0, 1e+16, 1e-07, true, null, \"é\\u0001\\\"\\\\/😀\u{2028}<\"], \"c\": {}}"),
        Printed(
            "{{ d|tojson(indent=2) }}",
            "{\n  \"b\": 1,\n  \"a\": [\n    1.0,\n    1e+16,\n    1e-07,\n    true,\n    null,\n    \"é\\u0001\\\"\\\\/😀\u{2028}<\"\n  ],\n  \"c\": {}\n}"
        ),
        Printed(
            "{{ d|tojson(sort_keys=true) }}",
            "{\"a\": [1.0, 1e+16, 1e-07, true, null, \"é\\u0001\\\"\\\\/😀\u{2028}<\"], \"b\": 1, \"c\": {}}"),
        Printed(
            "{{ d|tojson(ensure_ascii=true) }}",
            #"{"b": 1, "a": [1.0, 1e+16, 1e-07, true, null, "\u00e9\u0001\"\\/\ud83d\ude00\u2028<"], "c": {}}"#),
        Printed(
            "{{ d|tojson(separators=(',',':')) }}",
            "{\"b\":1,\"a\":[1.0,1e+16,1e-07,true,null,\"é\\u0001\\\"\\\\/😀\u{2028}<\"],\"c\":{}}"),
        Printed(
            "{{ d|tojson(indent='\t') }}",
            "{\n\t\"b\": 1,\n\t\"a\": [\n\t\t1.0,\n\t\t1e+16,\n\t\t1e-07,\n\t\ttrue,\n\t\tnull,\n\t\t\"é\\u0001\\\"\\\\/😀\u{2028}<\"\n\t],\n\t\"c\": {}\n}"
        ),
        Printed("{{ [[],{}]|tojson(indent=1) }}", "[\n [],\n {}\n]"),
        Printed(
            "{{ d|tojson(indent=-1) }}",
            "{\n\"b\": 1,\n\"a\": [\n1.0,\n1e+16,\n1e-07,\ntrue,\nnull,\n\"é\\u0001\\\"\\\\/😀\u{2028}<\"\n],\n\"c\": {}\n}"
        ),
        Printed(
            "{{ d|tojson(indent=0) }}",
            "{\n\"b\": 1,\n\"a\": [\n1.0,\n1e+16,\n1e-07,\ntrue,\nnull,\n\"é\\u0001\\\"\\\\/😀\u{2028}<\"\n],\n\"c\": {}\n}"
        ),
        Printed("{{ (1,2)|tojson }}", "[1, 2]"),
        Printed("{{ {1:2, none:3, true:4, 1.5:5}|tojson }}", #"{"1": 4, "null": 3, "1.5": 5}"#),
        Printed(
            "{{ big|tojson }} {{ big }} {{ big + 1.0 }}",
            "12345678901234567890 12345678901234567890 1.2345678901234567e+19"),
        Printed(
            "{{ f }} {{ 1e16 }} {{ 123456789.0 }} {{ 0.1 + 0.2 }} {{ 1e-5 }} {{ 1e400 }} {{ -0.0 }}",
            "1e+22 1e+16 123456789.0 0.30000000000000004 1e-05 inf -0.0"),
        Printed("{{ 'a'|tojson|tojson }}", #""\"a\"""#),
        Printed("{{ ('<b>'|e)|tojson }}", #""&lt;b&gt;""#),
        Printed(
            "{{ d|tojson(true) }}",
            #"{"b": 1, "a": [1.0, 1e+16, 1e-07, true, null, "\u00e9\u0001\"\\/\ud83d\ude00\u2028<"], "c": {}}"#),
        Printed(
            "{{ d|tojson(separators=[',', ':'], indent=none) }}",
            "{\"b\":1,\"a\":[1.0,1e+16,1e-07,true,null,\"é\\u0001\\\"\\\\/😀\u{2028}<\"],\"c\":{}}"),
        Printed(
            "{{ d|tojson(indent=true) }}",
            "{\n \"b\": 1,\n \"a\": [\n  1.0,\n  1e+16,\n  1e-07,\n  true,\n  null,\n  \"é\\u0001\\\"\\\\/😀\u{2028}<\"\n ],\n \"c\": {}\n}"
        ),
        Printed("{{ 1e999|tojson }}{{ -1e999|tojson }}", "Infinity-Infinity"),
    ]

    @Test(arguments: written) func writesAsPythonDoes(_ row: Printed) throws {
        #expect(try rendered(row.source, kwargs: Self.kwargs) == row.text)
    }

    private static let failing = [
        Failing("{{ messages|tojson(nope=1) }}", .arguments, "tojson() got an unexpected keyword argument"),
        Failing("{{ {(1, 2): 3}|tojson }}", .type, "keys must be str, int, float, bool or None, not tuple"),
        Failing("{{ range(3)|tojson }}", .type, "Object of type range is not JSON serializable"),
        Failing("{{ namespace()|tojson }}", .type, "Object of type Namespace is not JSON serializable"),
        Failing("{{ nothing|tojson }}", .type, "Object of type Undefined is not JSON serializable"),
        Failing("{{ [1]|tojson(indent=1.5) }}", .type, "'float' object cannot be interpreted as an integer"),
        Failing("{{ [1]|tojson(separators=[',']) }}", .value, "tojson: separators must be two strings"),
        Failing("{{ [1]|tojson(separators=[1, 2]) }}", .type, "tojson: separators must be strings"),
        Failing(
            "{{ {'a': 1, 2: 3}|tojson(sort_keys=true) }}", .type,
            "'<' not supported between instances of 'int' and 'str'"),
    ]

    @Test(arguments: failing) func says(_ row: Failing) throws {
        let error = try #require(failure(row.source))
        #expect(error == TemplateError(row.code, row.message, line: row.line))
    }

    /// Members of the input keep their order, and its numbers their kinds.
    @Test func inputsComeOutAsTheyWent() throws {
        let kwargs = #"{"x": {"b": 1, "a": 1.0, "c": -0.0, "d": 1E+2, "e": 0.10, "f": [], "g": {}, "h": "\/\u00e9"}}"#
        #expect(
            try rendered("{{ x|tojson }}", kwargs: kwargs)
                == #"{"b": 1, "a": 1.0, "c": -0.0, "d": 100.0, "e": 0.1, "f": [], "g": {}, "h": "/é"}"#)
        // The last of two members with one name, in the place of the first.
        #expect(try rendered("{{ x|tojson }}", kwargs: #"{"x": {"a": 1, "b": 2, "a": 3}}"#) == #"{"a": 3, "b": 2}"#)
    }
}
