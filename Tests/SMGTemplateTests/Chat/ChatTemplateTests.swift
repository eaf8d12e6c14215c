import SMGBase
import SMGJSON
import Testing

@testable import SMGTemplate

@Suite struct ChatTemplateTests {
    // MARK: - Variables

    @Test func variablesOfEveryTemplate() throws {
        var conversation = Conversation()
        let source = "{{ messages|length }} {{ tools is none }} {{ documents is none }} {{ add_generation_prompt }}"
        #expect(try conversation.render(source) == "1 True True True")
        conversation.tools = #"[{"type": "function"}]"#
        conversation.documents = #"[{"title": "T"}, {}]"#
        conversation.addGenerationPrompt = false
        #expect(try conversation.render(source) == "1 False False False")
        #expect(try conversation.render("{{ tools[0].type }}{{ documents[0]['title'] }}") == "functionT")
    }

    @Test func specialTokensByName() throws {
        var conversation = Conversation()
        conversation.specialTokens = [("bos_token", "<s>"), ("eos_token", "é</s>")]
        #expect(try conversation.render("{{ bos_token }}{{ eos_token }}{{ pad_token is defined }}") == "<s>é</s>False")
    }

    @Test func argumentsOfTheCallerComeFirst() throws {
        var conversation = Conversation()
        conversation.specialTokens = [("bos_token", "<s>")]
        conversation.kwargs = #"{"bos_token": "B", "add_generation_prompt": 7, "tools": [1], "range": 5, "x": null}"#
        let source =
            "{{ bos_token }}{{ add_generation_prompt }}{{ tools }}{{ range }}{{ x is none }}{{ messages|length }}"
        #expect(try conversation.render(source) == "B7[1]5True1")
        conversation.kwargs = #"{"messages": []}"#
        #expect(try conversation.render("{{ messages|length }}") == "0")
    }

    @Test(arguments: ["[]", "1", "\"a\"", "null"]) func argumentsMustBeAnObject(_ kwargs: String) {
        #expect(
            Conversation(kwargs: kwargs).failure("x")
                == TemplateError(.input, "the template's arguments must be an object", line: 0))
    }

    @Test(arguments: [
        ("{}", "messages must be an array"), ("1", "messages must be an array"),
        ("[1]", "each message must be an object"), ("[{}, []]", "each message must be an object"),
    ])
    func messagesMustBeObjects(_ row: (messages: String, message: String)) {
        #expect(Conversation(row.messages).failure("x") == TemplateError(.input, row.message, line: 0))
    }

    // MARK: - Preparation

    @Test func nullMembersAreDropped() throws {
        var conversation = Conversation(#"[{"role": "assistant", "content": null, "tool_calls": [{"id": null}]}]"#)
        let source = "{{ messages[0].keys()|list }}{{ messages[0].content is defined }}{{ messages[0].tool_calls[0] }}"
        #expect(try conversation.render(source) == "['role', 'tool_calls']False{'id': None}")
        conversation.preparation = []
        #expect(try conversation.render(source) == "['role', 'content', 'tool_calls']True{'id': None}")
    }

    @Test(arguments: ["reasoning_content", "thinking", "reasoning"]) func reasoningIsSharedUnderItsNames(_ name: String)
        throws
    {
        var conversation = Conversation(#"[{"role": "assistant", "\#(name)": "hm", "content": "x"}]"#)
        let source = "{{ messages[0].reasoning_content }}|{{ messages[0].thinking }}|{{ messages[0].content }}"
        #expect(try conversation.render(source) == "hm|hm|x")
        conversation.preparation = [.dropsNullMembers]
        let own = name == "reasoning_content" ? "hm||x" : name == "thinking" ? "|hm|x" : "||x"
        #expect(try conversation.render(source) == own)
    }

    @Test func messagesWithoutReasoningGetNone() throws {
        #expect(try rendered("{{ messages[0].keys()|list }}") == "['role', 'content']")
    }

    // MARK: - Templates

    private static let chatML = """
        {%- for message in messages %}
            {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\\n' }}
        {%- endif %}
        """

    @Test func aWholeConversation() throws {
        var conversation = Conversation(
            #"[{"role": "system", "content": "Be\n brief."}, {"role": "user", "content": "Hé\u00e9 \"x\""}]"#)
        let text = "<|im_start|>system\nBe\n brief.<|im_end|>\n<|im_start|>user\nHéé \"x\"<|im_end|>\n"
        #expect(try conversation.render(Self.chatML) == text + "<|im_start|>assistant\n")
        conversation.addGenerationPrompt = false
        #expect(try conversation.render(Self.chatML) == text)
    }

    /// Tags around what the model said change nothing in what is printed, but open a scope.
    @Test func generationTags() throws {
        let source =
            "{% for m in messages %}{% generation %}\n{{ m.content }}{% set x = 1 %}{% endgeneration %}\n[{{ x }}]{% endfor %}"
        #expect(try rendered(source) == "Hi[]")
    }

    @Test func sourcesThatAreNotUTF8AreRepaired() throws {
        let source: [UInt8] = Array("a".utf8) + [0xff, 0xe2, 0x82] + Array("{{ 1 }}".utf8)
        let template = try source.withUnsafeBytes { try ChatTemplate(source: $0) }
        #expect(try Conversation().render(template) == "a\u{fffd}\u{fffd}1")
        #expect(template.sourceBytes == 14)
    }

    @Test func rendersBehindWhatABufferHolds() throws {
        let template = try ChatTemplate(source: "{{ messages[0].content }}")
        let json = ByteBuffer(Array(#"[{"content": "é"}]"#.utf8))
        let input = ChatTemplateInput(messages: try JSONSlice(parsing: json.readable), now: Conversation().now)
        let out = ByteBuffer(Array("kept ".utf8))
        for _ in 0..<2 { try template.render(input, into: out) }
        withExtendedLifetime(json) {}
        #expect(out.readableString == "kept éé")
    }
}
