import SMGBase
import SMGJSON
import Testing

@testable import SMGTemplate

@Suite struct ContentFormatTests {
    private func loop(_ body: String) -> String { "{% for message in messages %}\(body){% endfor %}" }

    @Test func templatesThatWalkOverParts() throws {
        let sources = [
            loop("{% for part in message.content %}{{ part.text }}{% endfor %}"),
            loop("{% for part in message['content'] %}{{ part.text }}{% endfor %}"),
            loop("{% for part in message.content[1:] %}{% endfor %}"),
            loop("{% for part in message.content|list %}{% endfor %}"),
            loop("{% set content = message.content %}{% for part in content %}{% endfor %}"),
            loop("{% if message.content is string %}a{% else %}{% for c in message.content %}{% endfor %}{% endif %}"),
            loop("{{ message.content[0].text }}"), loop("{% if message['content'][0] %}{% endif %}"),
            loop("{% set content = message.content %}{% if content[0] %}{% endif %}"),
            loop("{{ message.content|length }}"), loop("{% if content|length > 1 %}{% endif %}"),
            "{% macro f(x) %}{% if x is string %}{{ x }}{% else %}{% for i in x %}{{ i }}{% endfor %}{% endif %}{% endmacro %}",
        ]
        for source in sources { #expect(try ChatTemplate(source: source).contentFormat == .openai, "\(source)") }
    }

    @Test func templatesThatTakeStrings() throws {
        let sources = [
            "", "text", "{{ messages[0].content }}", loop("{{ message.content }}"), loop("{{ message.content|trim }}"),
            loop("{% set content = message.content %}{{ content }}"),
            loop("{% if message.content is string %}{% endif %}"),
            loop("{% for call in message.tool_calls %}{% endfor %}"), loop("{% for c in other.content %}{% endfor %}"),
            "{% for part in message.content %}{% endfor %}", loop("{{ message.content['0'] }}"),
            loop("{{ message.content[i] }}"),
            "{{ messages|length }}{{ messages[0] }}",
            "{% macro f(x) %}{% if x is string %}{{ x }}{% endif %}{% endmacro %}",
            "{% macro f(x) %}{% if x %}{% for i in x %}{% endfor %}{% endif %}{% endmacro %}",
        ]
        for source in sources { #expect(try ChatTemplate(source: source).contentFormat == .string, "\(source)") }
    }

    // MARK: - Content as text

    private func text(_ content: String) throws -> String {
        let json = ByteBuffer(Array(content.utf8))
        let out = ByteBuffer(Array("> ".utf8))
        MessageContent.appendText(of: try JSONSlice(parsing: json.readable), to: out)
        withExtendedLifetime(json) {}
        return out.readableString
    }

    @Test func partsBecomeLines() throws {
        #expect(try text(#""a\u00e9\n""#) == "> aé\n")
        #expect(try text(#"[{"type": "text", "text": "a"}, {"type": "image_url"}, {"text": "\u00e9"}]"#) == "> a\né")
        #expect(try text(#"[{"type": "text", "text": ""}, {"type": "text", "text": "b"}]"#) == "> \nb")
        for nothing in [
            "null", "[]", "{}", "5", #"[{"type": "text"}, {"type": "input", "text": "x"}, 1, "s", {"text": 5}]"#,
        ] {
            #expect(try text(nothing) == "> ", "\(nothing)")
        }
    }

    @Test func messagesWithPartsAreWrittenAsText() throws {
        let json = ByteBuffer(
            Array(
                #"[{"content": [{"type": "text", "text": "a\"\n"}, {"text": "b"}], "x": [1, {}]}, 5, {"content": "s", "n": 1.0}]"#
                    .utf8))
        var writer = JSONWriter(ByteBuffer(capacity: 64))
        MessageContent.writeWithTextContent(try JSONSlice(parsing: json.readable), to: &writer)
        withExtendedLifetime(json) {}
        let written = writer.buffer.readableString.filter { $0 != " " }
        #expect(written == #"[{"content":"a\"\n\nb","x":[1,{}]},5,{"content":"s","n":1.0}]"#)
    }
}
