import Testing

@testable import SMGTemplate

/// The final message is continued: the rendering ends where its content does.
@Suite struct ContinuationTests {
    private static let source = "{% for m in messages %}<{{ m.role }}>{{ m.content }}</s>\n{% endfor %}end"

    private func conversation(_ messages: String) -> Conversation {
        var conversation = Conversation(messages)
        conversation.addGenerationPrompt = false
        conversation.continueFinalMessage = true
        return conversation
    }

    private func final(_ content: String) -> Conversation {
        conversation(#"[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": \#(content)}]"#)
    }

    @Test func endsBehindTheContent() throws {
        #expect(try final(#""Once upon""#).render(Self.source) == "<user>Hi</s>\n<assistant>Once upon")
        #expect(try final(#""Once upon ""#).render(Self.source) == "<user>Hi</s>\n<assistant>Once upon ")
        #expect(try final(#""""#).render(Self.source) == "<user>Hi</s>\n<assistant>")
        #expect(try final(#""é\n""#).render(Self.source) == "<user>Hi</s>\n<assistant>é\n")
    }

    /// What stands in an earlier message too is continued in the final one.
    @Test func theLastOccurrenceCounts() throws {
        #expect(try final(#""Hi""#).render(Self.source) == "<user>Hi</s>\n<assistant>Hi")
        #expect(try final(#""Hi""#).render(Self.source + "{{ messages[-1].content }}!").hasSuffix("</s>\nendHi"))
    }

    /// A template that trims its messages has no space to go on behind.
    @Test func trimmedContentEndsTrimmed() throws {
        let source = "{% for m in messages %}<{{ m.role }}>{{ m.content|trim }}</s>{% endfor %}"
        #expect(try final(#""Once upon  ""#).render(source) == "<user>Hi</s><assistant>Once upon")
    }

    @Test func partsAreContinuedInTheLastText() throws {
        let source =
            "{% for m in messages %}{% if m.content is string %}{{ m.content }}{% else %}{% for p in m.content %}[{{ p.text }}]{% endfor %}{% endif %}{% endfor %}"
        let content = #"[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}, {"type": "image"}]"#
        #expect(try final(content).render(source) == "Hi[a][b")
    }

    @Test func nothingIsLeftOfTheTag() throws {
        let template = try ChatTemplate(source: Self.source)
        for _ in 0..<2 {
            #expect(try final(#""x""#).render(template).hasSuffix("<assistant>x"))
            var plain = final(#""x""#)
            plain.continueFinalMessage = false
            #expect(try plain.render(template) == "<user>Hi</s>\n<assistant>x</s>\nend")
        }
    }

    private static let failing: [(String, String, String)] = [
        ("[]", source, "continue_final_message is set but there are no messages"),
        (
            #"[{"role": "user"}]"#, source,
            "continue_final_message is set but the final message has no content to continue"
        ),
        (
            #"[{"role": "user", "content": null}]"#, source,
            "continue_final_message is set but the final message has no content to continue"
        ),
        (#"[{"role": "user", "content": 5}]"#, source, "the final message's content cannot be continued"),
        (
            #"[{"role": "user", "content": []}]"#, source,
            "continue_final_message is set but there is no text to continue in the final message"
        ),
        (
            #"[{"role": "user", "content": "Hi"}]"#, "{{ messages|length }}",
            "continue_final_message is set but the template does not use the content"
        ),
        (
            #"[{"role": "user", "content": "Hi"}]"#, "{{ messages[0].content|length }}",
            "continue_final_message is set but the final message does not appear in the chat"
        ),
    ]

    @Test(arguments: failing) func says(_ row: (messages: String, source: String, message: String)) throws {
        let error = try #require(conversation(row.messages).failure(row.source))
        #expect(error == TemplateError(.input, row.message, line: error.line))
    }

    @Test func notTogetherWithAPrompt() {
        var both = final(#""x""#)
        both.addGenerationPrompt = true
        #expect(
            both.failure(Self.source)?.message == "continue_final_message and add_generation_prompt exclude each other")
    }
}
