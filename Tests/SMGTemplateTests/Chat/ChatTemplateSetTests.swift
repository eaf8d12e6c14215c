import Testing

@testable import SMGTemplate

@Suite struct ChatTemplateSetTests {
    private func set(_ templates: [(String, String)]) throws -> ChatTemplateSet {
        ChatTemplateSet(try templates.map { ($0.0, try ChatTemplate(source: $0.1)) })
    }

    private func text(_ set: ChatTemplateSet, hasTools: Bool) throws -> String {
        try Conversation().render(try set.template(hasTools: hasTools))
    }

    @Test func theOnlyTemplateServesAll() throws {
        let set = ChatTemplateSet(try ChatTemplate(source: "one"))
        #expect(set.names == ["default"])
        #expect(try text(set, hasTools: false) == "one")
        #expect(try text(set, hasTools: true) == "one")
    }

    @Test func toolsHaveTheirOwn() throws {
        let set = try set([("tool_use", "tools"), ("default", "plain"), ("rag", "documents")])
        #expect(set.names == ["tool_use", "default", "rag"])
        #expect(try text(set, hasTools: false) == "plain")
        #expect(try text(set, hasTools: true) == "tools")
        #expect(try Conversation().render(try #require(set["rag"])) == "documents")
        #expect(set["other"] == nil)
    }

    @Test func withoutToolUseTheDefaultServesTools() throws {
        #expect(try text(try set([("rag", "documents"), ("default", "plain")]), hasTools: true) == "plain")
    }

    @Test func withoutADefaultThereIsNoChoice() throws {
        let set = try set([("tool_use", "tools"), ("rag", "documents")])
        #expect(try text(set, hasTools: true) == "tools")
        let error = #expect(throws: TemplateError.self) { _ = try set.template(hasTools: false) }
        #expect(error?.code == .input)
        #expect(error?.message == "the model has several chat templates but none called default: tool_use, rag")
    }

    @Test func theLastOfANameCounts() throws {
        let set = try set([("default", "first"), ("default", "last")])
        #expect(try text(set, hasTools: false) == "last")
    }
}
