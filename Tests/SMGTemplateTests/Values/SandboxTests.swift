import Testing

@testable import SMGTemplate

/// Templates reach nothing but values: no internals of an interpreter, and no way to change what they were given.
@Suite struct SandboxTests {
    private static let hidden = [
        Printed("[{{ ''.__class__ }}]", "[]"),
        Printed("{{ ''|attr('__class__') }}|", "|"),
        Printed("{{ '{0.__class__}'.format('') }}|", "|"),
        Printed("{{ '{a[__class__]}'.format(a={}) }}", ""),
        Printed("{{ ['']|map(attribute='__class__')|list }}", "[Undefined]"),
        Printed("{{ [1].append is defined }}", "False"),
        Printed("{% set ns = namespace() %}{% set ns._x = 1 %}", ""),
        Printed("{% set ns = namespace() %}{{ ns.__class__ }}|{{ ns._Namespace__attrs }}|", "||"),
        Printed("{{ ''.__class__ is defined }}", "False"),
        Printed("{{ ().__getitem__ }}|", "|"),
        Printed("{{ ''.join.__name__ }}|", "|"),
        Printed("{{ [].append is defined }}{{ {}.update is defined }}{{ [].index is defined }}", "FalseFalseTrue"),
        Printed("{% set ns = namespace(_x=1) %}{{ ns._x }}|{{ ns['_x'] }}|{{ ns._x is defined }}", "||False"),
        Printed("{% set ns = namespace() %}{% set ns.__class__ = 1 %}{{ ns.__class__ }}|", "|"),
    ]

    @Test(arguments: hidden) func internalsAreUndefined(_ row: Printed) throws {
        #expect(try rendered(row.source) == row.text)
    }

    @Test(arguments: [
        "''", "[]", "{}", "()", "1", "1.5", "true", "none", "range(3)", "range", "namespace()", "cycler(1)", "joiner()",
        "messages", "messages[0]", "messages[0].items()", "messages|map('string')", "''.join", "raise_exception", "f",
        "loop",
    ])
    func everyValueHidesThem(_ value: String) throws {
        let source = "{% macro f() %}{% endmacro %}{% for i in [1] %}"
        for name in ["__class__", "__init__", "__globals__", "__subclasses__", "__dict__", "__getitem__"] {
            for access in [".\(name)", "['\(name)']", "|attr('\(name)')"] {
                #expect(try rendered(source + "[{{ (\(value))\(access) }}]{% endfor %}") == "[]", "\(value)\(access)")
                let code = failureCode(source + "{{ ((\(value))\(access)).mro }}{% endfor %}")
                #expect(code == .forbidden || code == .undefined, "\(value)\(access): \(String(describing: code))")
            }
        }
    }

    /// A member of such a name is data, which only a subscript finds.
    @Test func membersOfSuchNames() throws {
        let kwargs = #"{"m": {"__class__": {"x": 1}, "_y": 2, "items": 3}}"#
        #expect(
            try rendered("{{ m.__class__ }}|{{ m['__class__'] }}|{{ m._y }}|{{ m['items'] }}", kwargs: kwargs)
                == "|{'x': 1}|2|3")
        #expect(failureCode("{{ m.__class__.x }}", kwargs: kwargs) == .forbidden)
        #expect(failureCode("{{ m.__class__() }}", kwargs: kwargs) == .forbidden)
    }

    private static let failing = [
        Failing("{{ ''.__class__.__mro__ }}", .forbidden, "access to attribute '__class__' is unsafe"),
        Failing("\n{{ messages.append(1) }}", .forbidden, "access to attribute 'append' is unsafe", line: 2),
        Failing("{{ messages.pop() }}", .forbidden, "access to attribute 'pop' is unsafe"),
        Failing("{{ [2, 1].sort() }}", .forbidden, "access to attribute 'sort' is unsafe"),
        Failing("{{ [].insert(0, 1) }}", .forbidden, "access to attribute 'insert' is unsafe"),
        Failing("{{ messages[0].update({}) }}", .forbidden, "access to attribute 'update' is unsafe"),
        Failing("{{ messages[0].setdefault('a', 1) }}", .forbidden, "access to attribute 'setdefault' is unsafe"),
        Failing("{{ messages[0].clear() }}", .forbidden, "access to attribute 'clear' is unsafe"),
        Failing("{% do messages[0].pop('role') %}", .forbidden, "access to attribute 'pop' is unsafe"),
        Failing("{% set x = messages.append %}{{ x(1) }}", .forbidden, "access to attribute 'append' is unsafe"),
        Failing("{{ '{0.__class__.__mro__}'.format('') }}", .forbidden, "access to attribute '__class__' is unsafe"),
        Failing("{% set d = {} %}{% set d.a = 1 %}", .type, "cannot assign attribute on non-namespace object"),
        Failing("{% set messages.a = 1 %}", .type, "cannot assign attribute on non-namespace object"),
    ]

    @Test(arguments: failing) func says(_ row: Failing) throws {
        let error = try #require(failure(row.source))
        #expect(error == TemplateError(row.code, row.message, line: row.line))
    }

    @Test func nothingOutsideIsThere() throws {
        for name in [
            "self", "context", "environment", "config", "request", "os", "open", "eval", "__import__", "super",
        ] {
            #expect(try rendered("{{ \(name) is defined }}") == "False", "\(name)")
            #expect(failureCode("{{ \(name)('x') }}") == .undefined, "\(name)")
        }
    }
}
