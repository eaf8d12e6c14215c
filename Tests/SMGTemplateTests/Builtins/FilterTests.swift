import Testing

@testable import SMGTemplate

@Suite struct FilterTests {
    /// What the templates below work on.
    private static let kwargs =
        #"{"d": {"b": 1, "a": [1.0, 1e+16, 1e-07, true, null, "\u00e9\u0001\"\\/\ud83d\ude00\u2028<"], "c": {}}, "s": "Hello World", "big": 12345678901234567890, "f": 1e+22, "l": [{"n": "b", "v": 2}, {"n": "A", "v": 1}, {"n": "b", "v": 0}], "neg": -7}"#

    private static let filters = [
        Printed(
            "{{ s|upper }}{{ s|lower }}{{ s|title }}{{ s|capitalize }}{{ s|length }}{{ s|reverse }}{{ s|first }}{{ s|last }}",
            "HELLO WORLDhello worldHello WorldHello world11dlroW olleHHd"),
        Printed("{{ 'hello wOrld-foo (bar)'|title }}", "Hello World-Foo (Bar)"),
        Printed("{{ 'ßa'|upper }}{{ 'ǆ'|capitalize }}{{ 'ΑΣ'|lower }}", "SSAǅας"),
        Printed("{{ l|map(attribute='n')|join(',') }}", "b,A,b"),
        Printed("{{ l|sort(attribute='n')|map(attribute='v')|list }}", "[1, 2, 0]"),
        Printed("{{ l|sort(attribute='n,v')|map(attribute='v')|list }}", "[1, 0, 2]"),
        Printed("{{ l|sort(attribute='n', case_sensitive=true)|map(attribute='v')|list }}", "[1, 2, 0]"),
        Printed("{{ l|sort(reverse=true, attribute='v')|map(attribute='v')|list }}", "[2, 1, 0]"),
        Printed("{{ l|selectattr('v')|list|length }}", "2"),
        Printed("{{ l|selectattr('v','>',0)|map(attribute='n')|list }}", "['b', 'A']"),
        Printed("{{ l|rejectattr('n','equalto','b')|list }}", "[{'n': 'A', 'v': 1}]"),
        Printed(
            "{{ l|groupby('n') }}", "[('A', [{'n': 'A', 'v': 1}]), ('b', [{'n': 'b', 'v': 2}, {'n': 'b', 'v': 0}])]"),
        Printed("{% for g, i in l|groupby('n') %}{{ g }}{{ i|length }}{% endfor %}", "A1b2"),
        Printed("{{ l|unique(attribute='n')|list|length }}", "2"),
        Printed("{{ [1,2,3,4,5]|batch(2)|list }}", "[[1, 2], [3, 4], [5]]"),
        Printed("{{ [1,2,3,4,5]|batch(2,'x')|list }}", "[[1, 2], [3, 4], [5, 'x']]"),
        Printed("{{ [1,2,3,4,5]|slice(2)|list }}", "[[1, 2, 3], [4, 5]]"),
        Printed("{{ [1,2,3,4,5]|slice(3,'x')|list }}", "[[1, 2], [3, 4], [5, 'x']]"),
        Printed(
            "{{ d|dictsort }}", #"[('a', [1.0, 1e+16, 1e-07, True, None, 'é\x01"\\/😀\u2028<']), ('b', 1), ('c', {})]"#),
        Printed(
            "{{ {'b':1,'A':2}|dictsort }}{{ {'b':1,'A':2}|dictsort(true) }}{{ {'b':1,'a':0}|dictsort(by='value') }}",
            "[('A', 2), ('b', 1)][('A', 2), ('b', 1)][('a', 0), ('b', 1)]"),
        Printed("{{ [3,1,2]|sort }}{{ [3,1,2]|sum }}{{ [3,1,2]|min }}{{ [3,1,2]|max }}", "[1, 2, 3]613"),
        Printed("{{ []|min }}|{{ []|first }}|{{ []|sum }}", "||0"),
        Printed(
            "{{ [1,2,3]|select('odd')|list }}{{ [1,2,3]|reject('odd')|list }}{{ [0,1,'']|select|list }}", "[1, 3][2][1]"
        ),
        Printed("{{ ['a','b']|map('upper')|list }}", "['A', 'B']"),
        Printed("{{ 'a b'|replace('a','b') }}{{ 'aaa'|replace('a','b',2) }}", "b bbba"),
        Printed("{{ ' a '|trim }}|{{ 'xax'|trim('x') }}", "a|a"),
        Printed(
            "{{ 'a\nb\n\nc'|indent }}|{{ 'a\nb'|indent(2, true) }}|{{ 'a\n\nb'|indent(2, blank=true) }}|{{ 'a\nb'|indent('> ') }}",
            "a\n    b\n\n    c|  a\n  b|a\n  \n  b|a\n> b"),
        Printed(
            "{{ 'foo bar baz qux'|truncate(9) }}|{{ 'foo bar baz qux'|truncate(9, true) }}|{{ 'foo bar baz qux'|truncate(11) }}|{{ 'foo bar'|truncate(3, true, '', 0) }}",
            "foo...|foo ba...|foo bar baz qux|foo"),
        Printed("{{ 'the quick brown fox'|wordwrap(8) }}", "the\nquick\nbrown\nfox"),
        Printed(
            "{{ 'abcdefghij'|wordwrap(3) }}|{{ 'abcdefghij kl'|wordwrap(3, false) }}|{{ 'well-known thing'|wordwrap(6) }}",
            "abc\ndef\nghi\nj|abcdefghij\nkl|well-\nknown\nthing"),
        Printed("{{ 'a b_c 1é'|wordcount }}", "3"),
        Printed("{{ 'a'|center(5) }}|", "  a  |"),
        Printed("{{ '%s-%d'|format('a', 3) }}{{ '%(a)s'|format(a=1) }}", "a-31"),
        Printed("{{ 'a b/ü?'|urlencode }}{{ {'a b':1,'c':'&'}|urlencode }}", "a%20b/%C3%BC%3Fa+b=1&c=%26"),
        Printed(
            "{{ 1000|filesizeformat }} {{ 1|filesizeformat }} {{ 1500000|filesizeformat }} {{ 1024|filesizeformat(true) }} {{ 0|filesizeformat }}",
            "1.0 kB 1 Byte 1.5 MB 1.0 KiB 0 Bytes"),
        Printed("{{ '<b>x</b> <!-- c --> y &amp; z'|striptags }}", "x y & z"),
        Printed(
            "{{ '<!-- a > b'|striptags }}|{{ '<<!-- x -->b>c'|striptags }}|{{ 'a<!-->b-->c'|striptags }}|{{ 'a < b'|striptags }}|{{ '<!-- a --><!-- b <i>'|striptags }}|{{ '<!<!-- a -->-- b -->c'|striptags }}",
            "<!-- a > b|b>c|ac|a < b|<!-- b <i>|-- b -->c"),
        Printed("{{ {'a':1,'b':none,'c':'<'}|xmlattr }}", #" a="1" c="&lt;""#),
        Printed(
            "{{ '<a>'|e }}{{ '<a>'|escape|escape }}{{ '<a>'|safe|e }}{{ '<a>'|forceescape }}",
            "&lt;a&gt;&lt;a&gt;<a>&lt;a&gt;"),
        Printed(
            "{{ ('<a>'|e) + '<b>' }}{{ '<b>' + ('<a>'|e) }}{{ '<b>' ~ ('<a>'|e) }}",
            "&lt;a&gt;&lt;b&gt;&lt;b&gt;&lt;a&gt;<b>&lt;a&gt;"),
        Printed(
            "{{ '12'|int }}{{ '1.9'|int }}{{ 'x'|int(5) }}{{ '0x1f'|int(0,16) }}{{ '0b11'|int(base=0) }}{{ 1.9|int }}{{ true|int }}{{ none|int }}",
            "1215313110"),
        Printed(
            "{{ '1.5'|float }}{{ 'x'|float }}{{ 'x'|float(1.0) }}{{ 'inf'|float }}{{ '1_0'|float }}", "1.50.01.0inf10.0"
        ),
        Printed(
            "{{ 2.5|round }}{{ 3.5|round }}{{ 2.675|round(2) }}{{ 2.1|round(0,'ceil') }}{{ 2.19|round(1,'floor') }}{{ 1234|round(-2) }}{{ 42|round }}",
            "2.04.02.673.02.1120042"),
        Printed("{{ -3|abs }}{{ -3.5|abs }}", "33.5"),
        Printed("{{ [1,2]|list }}{{ 'ab'|list }}{{ {'a':1}|list }}", "[1, 2]['a', 'b']['a']"),
        Printed("{{ {'a':1}|items|list }}{{ x|items|list }}", "[('a', 1)][]"),
        Printed("{{ 5|pprint }}{{ 'a'|pprint }}", "5'a'"),
        Printed("{{ [1,2]|join }}{{ [1,none,'a']|join('-') }}{{ l|join('|', attribute='n') }}", "121-None-ab|A|b"),
        Printed("{{ 'abc'|map('upper')|join }}", "ABC"),
        Printed("{{ s|attr('upper') is defined }}{{ d|attr('b') is defined }}", "TrueFalse"),
        Printed("{{ [[1,2],[3]]|map('length')|list }}{{ [[1,2],[3]]|sum(start=[]) }}", "[2, 1][1, 2, 3]"),
        Printed(
            "{{ l|map(attribute='zz', default='q')|list }}{{ l|map(attribute='n.0')|list }}",
            "['q', 'q', 'q']['b', 'A', 'b']"),
        Printed("{{ 's'|string is string }}{{ 1|string }}{{ none|string }}", "True1None"),
        Printed("{{ [3,1]|sort|first }}{{ (1,2)|last }}", "12"),
    ]

    @Test(arguments: filters) func givesWhatJinjaGives(_ row: Printed) throws {
        #expect(try rendered(row.source, kwargs: Self.kwargs) == row.text)
    }

    private static let failing = [
        Failing("\n{{ 'a'|nofilter }}", .unknownName, "no filter named 'nofilter'", line: 2),
        Failing("{{ 1 is notest }}", .unknownName, "no test named 'notest'"),
        Failing("{% filter nofilter %}{% endfilter %}", .unknownName, "no filter named 'nofilter'"),
        Failing("{% if true %}\n{{ a|nofilter }}{% endif %}", .unknownName, "no filter named 'nofilter'", line: 2),
        Failing("{{ ['a']|map('nothing')|list }}", .unknownName, "no filter named 'nothing'"),
        Failing("{{ [1]|select('nothing')|list }}", .unknownName, "no test named 'nothing'"),
        Failing("{{ 5|length }}", .type, "object of type 'int' has no len()"),
        Failing("{{ [1, 'a']|sort }}", .type, "'<' not supported between instances of 'str' and 'int'"),
        Failing("{{ 'a'|upper(1) }}", .arguments, "filter() takes 0 to 0 arguments"),
        Failing("{{ 'a'|replace('a') }}", .arguments, "replace() missing a required argument: 'new'"),
        Failing("{{ 'a'|default(1, 2, 3) }}", .arguments, "default() takes at most 2 arguments"),
    ]

    @Test(arguments: failing) func says(_ row: Failing) throws {
        let error = try #require(failure(row.source))
        #expect(error == TemplateError(row.code, row.message, line: row.line))
    }

    /// A name that nobody knows is no fault where nobody comes by: templates ask what there is.
    @Test func unknownNamesInBranchesAreFoundWhenReached() throws {
        #expect(try rendered("{% if false %}{{ a|nofilter }}{{ a is notest }}{% endif %}x") == "x")
        #expect(try rendered("{{ (a|nofilter) if false else 'x' }}") == "x")
        #expect(
            try rendered("{{ 'tojson' is filter }}{{ 'nofilter' is filter }}{{ 'odd' is test }}") == "TrueFalseTrue")
    }

    /// The same conversation gives the same prompt each time.
    @Test func nothingIsRandom() throws {
        #expect(try rendered("{{ [1, 2, 3]|random }}{{ 'abc'|random }}") == "1a")
        #expect(failureCode("{{ lipsum() }}") == .type)
    }
}
