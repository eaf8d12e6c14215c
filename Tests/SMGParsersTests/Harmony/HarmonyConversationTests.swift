import SMGBase
import SMGJSON
import Testing

@testable import SMGParsers

@Suite struct HarmonyConversationTests {
    private static let head = """
        <|start|>system<|message|>You are ChatGPT, a large language model trained by OpenAI.
        Knowledge cutoff: 2024-06
        Current date: 2026-11-25

        Reasoning: medium

        # Valid channels: analysis, final. Channel must be included for every message.<|end|>
        """

    /// A request's conversation as one text.
    private func chat(_ body: String) throws -> String {
        try Array(body.utf8).withUnsafeBytes { bytes in
            let body = try JSONSlice(parsing: bytes)
            let prompt = HarmonyPrompt()
            HarmonyRenderer.render(
                try HarmonyConversation.chat(
                    messages: body["messages"]!, tools: FunctionTool.list(body["tools"]),
                    effort: body["reasoning_effort"], date: "2026-11-25"), into: prompt)
            return prompt.string
        }
    }

    private func responses(_ body: String) throws -> String {
        try Array(body.utf8).withUnsafeBytes { bytes in
            let body = try JSONSlice(parsing: bytes)
            let prompt = HarmonyPrompt()
            let history = body["history"].map { Array($0.elements) } ?? []
            HarmonyRenderer.render(
                try HarmonyConversation.responses(
                    history: history, input: body["input"]!, instructions: body["instructions"],
                    tools: FunctionTool.list(body["tools"]), effort: body["reasoning"]?["effort"], date: "2026-11-25"),
                into: prompt)
            return prompt.string
        }
    }

    @Test func aPlainChatHasAnEmptyDeveloperMessage() throws {
        #expect(
            try chat(
                #"{"messages":[{"role":"system","content":"Be kind."},{"role":"user","name":"bob","content":"Hi"}]}"#)
                == Self.head
                + "<|start|>developer<|message|><|end|><|start|>system<|message|>Be kind.<|end|>"
                + "<|start|>user:bob<|message|>Hi<|end|><|start|>assistant")
    }

    @Test func partsAreJoinedByLineFeeds() throws {
        let body =
            #"{"messages":[{"role":"user","content":[{"type":"text","text":"a\"b"},{"type":"image_url","image_url":{}},{"type":"text","text":"c"}]}]}"#
        #expect(try chat(body).hasSuffix("<|start|>user<|message|>a\"b\nc<|end|><|start|>assistant"))
    }

    @Test func callsAndResultsFindEachOther() throws {
        let text = try chat(
            #"""
            {"reasoning_effort":"minimal","tools":[{"type":"function","function":{"name":"w","description":"Weather."}},
             {"type":"function","function":{"name":"w"}}],
             "messages":[{"role":"user","content":"Q"},
              {"role":"assistant","content":"One moment.","reasoning_content":"Think.","tool_calls":[
                {"id":"c1","type":"function","function":{"name":"w","arguments":"{\"a\": 1}"}}]},
              {"role":"tool","tool_call_id":"c1","content":"sunny"},{"role":"tool","tool_call_id":"c9","content":null}]}
            """#)
        #expect(text.contains("Reasoning: low"))
        #expect(text.contains("# Valid channels: analysis, commentary, final."))
        #expect(text.contains("Calls to these tools must go to the commentary channel: 'functions'."))
        #expect(
            text.contains(
                "namespace functions {\n\n// Weather.\ntype w = () => any;\n\n} // namespace functions<|end|>"))
        #expect(
            text.hasSuffix(
                "<|start|>assistant<|channel|>analysis<|message|>Think.<|end|>"
                    + "<|start|>assistant<|channel|>commentary<|message|>One moment.<|end|>"
                    + "<|start|>assistant to=functions.w<|channel|>commentary json<|message|>{\"a\": 1}<|call|>"
                    + "<|start|>functions.w to=assistant<|message|>sunny<|end|>"
                    + "<|start|>functions.c9 to=assistant<|message|><|end|><|start|>assistant"))
    }

    @Test func answersAreFinalAndForgetTheirReasoning() throws {
        #expect(
            try chat(
                #"{"messages":[{"role":"assistant","content":"A","reasoning_content":"R"},{"role":"user","content":"Q"}]}"#
            ).hasSuffix(
                "<|start|>assistant<|channel|>final<|message|>A<|end|><|start|>user<|message|>Q<|end|><|start|>assistant"
            ))
    }

    @Test func deprecatedCallsAreCalls() throws {
        #expect(
            try chat(
                #"{"messages":[{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"r"}]}"#
            ).hasSuffix(
                "<|start|>assistant to=functions.f<|channel|>commentary json<|message|>{}<|call|>"
                    + "<|start|>functions.f to=assistant<|message|>r<|end|><|start|>assistant"))
    }

    @Test func whatTheModelCannotReadIsRefused() {
        func code(_ body: String) -> HarmonyError? {
            do {
                _ = try chat(body)
                return nil
            } catch { return error as? HarmonyError }
        }
        #expect(
            code(#"{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}]}"#)
                == HarmonyError(code: .unsupportedContent, index: 0))
        #expect(code(#"{"messages":[{"role":"user"},{"role":"king"}]}"#) == HarmonyError(code: .unknownRole, index: 1))
        #expect(code(#"{"messages":[{"content":"x"}]}"#) == HarmonyError(code: .unknownRole, index: 0))
        #expect(code(#"{"messages":[3]}"#) == HarmonyError(code: .invalidMessages, index: 0))
        #expect(code(#"{"messages":"x"}"#) == HarmonyError(code: .invalidMessages, index: 0))
        #expect(code(#"{"messages":[{"role":"user","content":7}]}"#) == HarmonyError(code: .invalidMessages, index: 0))
    }

    @Test func responsesOfTextAndInstructions() throws {
        #expect(try responses(#"{"input":"Hi"}"#) == Self.head + "<|start|>user<|message|>Hi<|end|><|start|>assistant")
        #expect(
            try responses(#"{"input":"Hi","instructions":"Rhyme.","reasoning":{"effort":"high"}}"#)
                == Self.head.replacing("medium", with: "high")
                + "<|start|>developer<|message|># Instructions\n\nRhyme.<|end|>"
                + "<|start|>user<|message|>Hi<|end|><|start|>assistant")
    }

    @Test func responseItems() throws {
        let text = try responses(
            #"""
            {"history":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Q"}]},
              {"type":"function_call","call_id":"c1","name":"w","arguments":"{}"}],
             "input":[{"type":"reasoning","content":[{"type":"reasoning_text","text":"a"},{"type":"reasoning_text","text":"b"}]},
              {"type":"reasoning","encrypted_content":"xyz"},
              {"type":"function_call_output","call_id":"c1","output":"sunny"},
              {"type":"function_call","call_id":"c2","name":"v","arguments":"{}","output":"done"},
              {"role":"assistant","content":"A"},{"role":"developer","content":"D"}]}
            """#)
        #expect(
            text == Self.head
                + "<|start|>user<|message|>Q<|end|>"
                + "<|start|>assistant to=functions.w<|channel|>commentary json<|message|>{}<|call|>"
                + "<|start|>functions.w to=assistant<|message|>sunny<|end|>"
                + "<|start|>assistant to=functions.v<|channel|>commentary json<|message|>{}<|call|>"
                + "<|start|>functions.v to=assistant<|message|>done<|end|>"
                + "<|start|>assistant<|channel|>final<|message|>A<|end|><|start|>developer<|message|>D<|end|>"
                + "<|start|>assistant")
    }

    @Test func itemsTheModelCannotBeToldOfAreRefused() {
        func code(_ input: String) -> HarmonyError? {
            do {
                _ = try responses("{\"input\":\(input)}")
                return nil
            } catch { return error as? HarmonyError }
        }
        for type in ["computer_call", "mcp_call", "local_shell_call", "image_generation_call", "nonsense"] {
            #expect(code("[{\"type\":\"\(type)\"}]") == HarmonyError(code: .unsupportedItem, index: 0))
        }
        #expect(
            code(#"[{"role":"user","content":"x"},{"type":"function_call_output","call_id":"c","output":""}]"#)
                == HarmonyError(code: .unknownCallID, index: 1))
        #expect(code("7") == HarmonyError(code: .invalidMessages, index: 0))
        for code in HarmonyError.Code.allCases { #expect(!HarmonyError(code: code, index: 3).message.isEmpty) }
    }

    @Test func routingGoesByTheLastUserMessage() throws {
        try Array(
            #"{"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"},{"role":"assistant","content":"c"}]}"#
                .utf8
        )
        .withUnsafeBytes { bytes in
            let messages = try HarmonyConversation.chat(
                messages: JSONSlice(parsing: bytes)["messages"]!, tools: [], effort: nil, date: "")
            #expect(HarmonyConversation.routingText(messages)?.string == "b")
        }
    }

    @Test func gptOssIsKnownByNameTypeOrArchitecture() {
        #expect(HarmonyModel.isHarmony(id: "openai/GPT-OSS-120b"))
        #expect(HarmonyModel.isHarmony(id: "mine", architectures: ["GptOssForCausalLM"]))
        #expect(HarmonyModel.isHarmony(id: "mine", modelType: "gpt_oss"))
        #expect(!HarmonyModel.isHarmony(id: "gpt-4o", architectures: ["LlamaForCausalLM"], modelType: "llama"))
        #expect(!HarmonyModel.isHarmony(id: ""))
    }
}
