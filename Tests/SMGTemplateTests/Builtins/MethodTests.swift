import Testing

@testable import SMGTemplate

@Suite struct MethodTests {
    /// What the templates below work on.
    private static let kwargs =
        #"{"d": {"b": 1, "a": [1.0, 1e+16, 1e-07, true, null, "\u00e9\u0001\"\\/\ud83d\ude00\u2028<"], "c": {}}, "s": "Hello World", "big": 12345678901234567890, "f": 1e+22, "l": [{"n": "b", "v": 2}, {"n": "A", "v": 1}, {"n": "b", "v": 0}], "neg": -7}"#

    private static let methods = [
        Printed(
            "{{ s.split() }}{{ 'a,b,,c'.split(',') }}{{ 'a,b,c'.split(',', 1) }}{{ 'a b c'.rsplit(' ', 1) }}{{ ' a  b '.split(none, 1) }}{{ ''.split(',') }}{{ ''.split() }}",
            "['Hello', 'World']['a', 'b', '', 'c']['a', 'b,c']['a b', 'c']['a', 'b '][''][]"),
        Printed(
            "{{ 'a\nb\r\nc\u{b}d'.splitlines() }}{{ 'a\nb'.splitlines(true) }}", #"['a', 'b', 'c', 'd']['a\n', 'b']"#),
        Printed(
            "{{ s.find('o') }}{{ s.rfind('o') }}{{ s.find('o', 5) }}{{ s.find('zz') }}{{ s.index('W') }}{{ s.count('l') }}{{ s.count('') }}",
            "477-16312"),
        Printed(
            "{{ s.startswith('He') }}{{ s.startswith(('x','H')) }}{{ s.endswith('d', 0, 5) }}{{ s.startswith('W', 6) }}",
            "TrueTrueFalseTrue"),
        Printed(
            "{{ 'xxaxx'.strip('x') }}{{ 'xxa'.lstrip('x') }}{{ 'axx'.rstrip('x') }}|{{ ' a '.strip() }}|{{ 'abcba'.strip('ab') }}",
            "aaa|a|c"),
        Printed(
            "{{ s.replace('l', 'L') }}{{ s.replace('l', 'L', 1) }}{{ 'ab'.replace('', '-') }}",
            "HeLLo WorLdHeLlo World-a-b-"),
        Printed("{{ ','.join(['a','b']) }}{{ ','.join('ab') }}", "a,ba,b"),
        Printed(
            "{{ 'a-b-c'.partition('-') }}{{ 'a-b-c'.rpartition('-') }}{{ 'abc'.partition('-') }}{{ 'abc'.rpartition('-') }}",
            "('a', '-', 'b-c')('a-b', '-', 'c')('abc', '', '')('', '', 'abc')"),
        Printed("{{ 'abc'.removeprefix('a') }}{{ 'abc'.removesuffix('c') }}{{ 'abc'.removesuffix('') }}", "bcababc"),
        Printed(
            "{{ 'a'.center(4, '*') }}{{ 'a'.ljust(3) }}|{{ 'a'.rjust(3) }}{{ '-5'.zfill(4) }}{{ 'ab'.center(5,'*') }}",
            "*a**a  |  a-005**ab*"),
        Printed(
            "{{ '{} {}'.format(1, 'a') }}{{ '{1}{0}'.format(1, 2) }}{{ '{a}'.format(a=1) }}{{ '{:>5}|{:<5}|{:^5}|{:05d}'.format(1, 2, 3, 4) }}{{ '{:.2f} {:,} {:x} {:e} {:%} {:g}'.format(1.5, 1000, 255, 1.5, 0.5, 1e10) }}{{ '{!r}'.format('a') }}{{ '{{}}'.format() }}{{ '{0[0]}'.format([1]) }}",
            "1 a211    1|2    |  3  |000041.50 1,000 ff 1.500000e+00 50.000000% 1e+10'a'{}1"),
        Printed(
            "{{ '%5.1f|%-5d|%05d|%x|%s|%r|%%|%c' % (1.25, 3, 4, 255, 'a', 'b', 65) }}", "  1.2|3    |00004|ff|a|'b'|%|A"
        ),
        Printed("{{ '%(a)s' % {'a': 1} }}", "1"),
        Printed(
            "{{ s.isdigit() }}{{ '12'.isdigit() }}{{ '²'.isdigit() }}{{ '²'.isdecimal() }}{{ 'ab'.isalpha() }}{{ 'a1'.isalnum() }}{{ ' '.isspace() }}{{ 'A'.isupper() }}{{ 'a'.islower() }}{{ 'Ab'.istitle() }}",
            "FalseTrueTrueFalseTrueTrueTrueTrueTrueTrue"),
        Printed(
            #"{{ s.title() }}{{ s.swapcase() }}{{ s.casefold() }}{{ "they're".title() }}"#,
            "Hello WorldhELLO wORLDhello worldThey'Re"),
        Printed("{{ 'a\tb'.expandtabs(4) }}", "a   b"),
        Printed(
            "{{ d.get('zz') }}{{ d.get('zz', 1) }}{{ d.keys()|list }}{{ d.values()|list|length }}{{ d.items()|list|length }}{{ d.copy() == d }}",
            "None1['b', 'a', 'c']33True"),
        Printed("{{ [1,2,1].count(1) }}{{ [1,2].index(2) }}{{ (1,2).index(1) }}", "210"),
        Printed(
            "{{ 'abc'[0] }}{{ 'abc'[-1] }}{{ 'abc'[1:] }}{{ 'abc'[::-1] }}{{ 'abcdef'[1:5:2] }}{{ 'é日😀'[1:] }}{{ [1,2,3][::2] }}{{ [1,2,3][-2:] }}{{ range(5)[1:3]|list }}{{ (1,2,3)[1:] }}",
            "acbccbabd日😀[1, 3][2, 3][1, 2](2, 3)"),
        Printed("{{ [1,2,3][10:] }}{{ [1,2,3][:-10] }}{{ [1,2,3][5:1:-1] }}", "[][][3]"),
    ]

    @Test(arguments: methods) func giveWhatPythonGives(_ row: Printed) throws {
        #expect(try rendered(row.source, kwargs: Self.kwargs) == row.text)
    }

    private static let failing = [
        Failing("{{ 'abc'.index('z') }}", .value, "substring not found"),
        Failing("{{ [1].index(2) }}", .value, "the value is not in the list"),
        Failing("{{ 'a'.split('') }}", .value, "empty separator"),
        Failing("{{ ','.join([1]) }}", .type, "sequence item 0: expected str instance, int found"),
        Failing("{{ 'a'.startswith(1) }}", .type, "first arg must be str or a tuple of str, not int"),
        Failing("{{ 'a'.center('x') }}", .type, "'str' object cannot be interpreted as an integer"),
        Failing("{{ 'a'.center(5, 'xy') }}", .type, "the fill character must be exactly one character long"),
        Failing("{{ 'a'.encode() }}", .type, "str.encode() is not supported in templates"),
        Failing("{{ 'a'.nosuch() }}", .undefined, "'str object' has no attribute 'nosuch'"),
        Failing("{{ 'a'.upper(1) }}", .arguments, "str method() takes 0 to 0 arguments"),
        Failing("{{ {}.get() }}", .arguments, "get() takes 1 to 2 arguments"),
        Failing("{{ '{'.format(1) }}", .value, "Single '{' encountered in format string"),
        Failing("{{ '}'.format(1) }}", .value, "Single '}' encountered in format string"),
        Failing(
            "{{ '{} {0}'.format(1) }}", .value,
            "cannot switch from manual field specification to automatic field numbering"),
        Failing("{{ '%d' % 'a' }}", .type, "%d format: a real number is required, not str"),
        Failing("{{ '%s %s' % 'a' }}", .type, "not enough arguments for format string"),
        Failing("{{ '%s' % ('a', 'b') }}", .type, "not all arguments converted during string formatting"),
        Failing("{{ '%' % 1 }}", .value, "incomplete format"),
        Failing("{{ '%z' % 1 }}", .value, "unsupported format character 'z'"),
    ]

    @Test(arguments: failing) func says(_ row: Failing) throws {
        let error = try #require(failure(row.source))
        #expect(error == TemplateError(row.code, row.message, line: row.line))
    }
}
