import Glibc
import SMGBase
import SMGNet
import SMGRouting
import Testing

@testable import SMGCore

/// Tokenizers and parsers over HTTP, from socket to socket.
@Suite struct TokenizationTests {
    /// A tokenizer of words with a chat template, in a folder of its own.
    static func model() throws -> String {
        var template = Array("/tmp/smg-test-XXXXXX".utf8CString)
        let folder = String(cString: try #require(mkdtemp(&template)))
        let words = ["<unk>", "<s>", "hello", "world", "user", ":", "assistant", "你好"]
        let vocabulary = words.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ",")
        try write(
            """
            {"version":"1.0","normalizer":null,"truncation":null,"padding":null,"decoder":null,
             "added_tokens":[{"id":1,"content":"<s>","special":true,"single_word":false,"lstrip":false,"rstrip":false,
               "normalized":false}],
             "pre_tokenizer":{"type":"Whitespace"},
             "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},
               {"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},
               {"Sequence":{"id":"B","type_id":0}}],"special_tokens":{"<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]}}},
             "model":{"type":"WordLevel","unk_token":"<unk>","vocab":{\(vocabulary)}}}
            """, to: folder + "/tokenizer.json")
        try write(
            """
            {"bos_token":"<s>","chat_template":"{{ bos_token }}{% for m in messages %}{{ m.role }} : {{ m.content }} \
            {% endfor %}{% if add_generation_prompt %}assistant :{% endif %}"}
            """, to: folder + "/tokenizer_config.json")
        return folder
    }

    private static func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
    }

    private func withModel(_ options: String = "", _ body: @Sendable (GatewayFixture, String) async throws -> Void)
        async throws
    {
        let folder = try Self.model()
        defer {
            for name in ["tokenizer.json", "tokenizer_config.json"] { unlink(folder + "/" + name) }
            rmdir(folder)
        }
        try await withLoops { group in
            let more = options.isEmpty ? "" : "," + options
            try await withGateway(group.loops[0], [], #""tokenizer_path":"\#(folder)"\#(more)"#) { fixture in
                await eventually(group.loops[0], "the tokenizer is loaded") {
                    fixture.gateway.shared.tokenizers.configured?.tokenizer != nil
                }
                try await body(fixture, folder)
            }
        }
    }

    @Test func textsAndConversationsBecomeTokensAndBack() async throws {
        try await withModel { fixture, _ in
            func ask(_ path: String, _ body: String) async throws -> String {
                let reply = try #require(await fixture.fetch("POST", path, body: body))
                #expect(reply.status == 200, "\(reply.body)")
                return reply.body
            }
            let one = try await ask("/v1/tokenize", #"{"prompt":"hello world 你好 x"}"#)
            #expect(one == #"{"tokens":[1,2,3,7,0],"count":5,"char_count":16}"#)
            let plain = try await ask("/v1/tokenize", #"{"prompt":"hello","add_special_tokens":false}"#)
            #expect(plain == #"{"tokens":[2],"count":1,"char_count":5}"#)
            let many = try await ask("/v1/tokenize", #"{"prompt":["hello","world world"],"return_token_strs":true}"#)
            #expect(
                many == #"{"tokens":[[1,2],[1,3,3]],"token_strs":[["<s>","hello"],["<s>","world","world"]],"#
                    + #""count":[2,3],"char_count":[5,11]}"#)
            let chat = try await ask(
                "/v1/tokenize", #"{"messages":[{"role":"user","content":[{"type":"text","text":"hello"}]}]}"#)
            #expect(chat.hasPrefix(#"{"tokens":[1,4,5,2,6,5],"count":6"#))
            #expect(try await ask("/v1/detokenize", #"{"tokens":[1,2,3]}"#) == #"{"text":"hello world"}"#)
            let batch = #"{"tokens":[[2],[1,3]],"skip_special_tokens":false}"#
            #expect(try await ask("/v1/detokenize", batch) == #"{"text":["hello","<s> world"]}"#)
        }
    }

    @Test func mistakesAreNamed() async throws {
        try await withModel { fixture, _ in
            for (path, body, status, code) in [
                ("/v1/tokenize", "{}", 400, "missing_required_parameter"),
                ("/v1/tokenize", "[1", 400, "json_parse_error"),
                ("/v1/tokenize", #"{"prompt":7}"#, 400, "invalid_request"),
                ("/v1/tokenize", #"{"prompt":["a",1]}"#, 400, "invalid_request"),
                ("/v1/tokenize", #"{"model":"other","prompt":"a"}"#, 400, "tokenizer_not_found"),
                ("/v1/tokenize", #"{"messages":[{"role":"user","content":1}],"tools":3}"#, 200, ""),
                ("/v1/detokenize", #"{"tokens":[-1]}"#, 400, "invalid_request"),
                ("/v1/detokenize", #"{"tokens":["a"]}"#, 400, "invalid_request"),
                ("/v1/detokenize", "{}", 400, "missing_required_parameter"),
                ("/parse/function_call", #"{"text":"a","tool_call_parser":"none"}"#, 400, "invalid_request"),
                ("/parse/function_call", #"{"tool_call_parser":"json"}"#, 400, "missing_required_parameter"),
                ("/parse/reasoning", #"{"text":"a"}"#, 400, "missing_required_parameter"),
            ] {
                let reply = try #require(await fixture.fetch("POST", path, body: body))
                #expect(reply.status == status, "\(path) \(body): \(reply.body)")
                if status != 200 { #expect(reply["x-smg-error-code"] == [code], "\(path) \(body)") }
            }
        }
    }

    @Test func tokenizersAreAddedShownAndRemoved() async throws {
        try await withModel { fixture, folder in
            let document = #"{"name":"second","source":"\#(folder)/tokenizer.json"}"#
            let added = try #require(await fixture.fetch("POST", "/v1/tokenizers", body: document))
            #expect(added.status == 202)
            let place = try #require(added["location"].first)
            await eventually(fixture.loop, "is loaded") {
                await fixture.fetch("GET", place + "/status")?.body.contains("completed") ?? false
            }
            #expect(await fixture.fetch("POST", "/v1/tokenizers", body: document)?.status == 409)
            #expect(await fixture.fetch("GET", "/v1/tokenizers/second")?.body.contains(#""vocab_size":8"#) ?? false)
            let list = try #require(await fixture.fetch("GET", "/v1/tokenizers"))
            #expect(list.body.contains(#""name":"second""#) && list.body.contains(folder))
            let used = try #require(
                await fixture.fetch("POST", "/v1/tokenize", body: #"{"model":"second","prompt":"hello"}"#))
            #expect(used.body.hasPrefix(#"{"tokens":[1,2]"#))
            #expect(await fixture.fetch("DELETE", "/v1/tokenizers/second")?.status == 200)
            #expect(await fixture.fetch("GET", place)?.status == 404)

            let missing = #"{"name":"none","source":"/nowhere/at/all"}"#
            #expect(await fixture.fetch("POST", "/v1/tokenizers", body: missing)?.status == 202)
            await eventually(fixture.loop, "has failed") {
                await fixture.fetch("GET", "/v1/tokenizers/none/status")?.body.contains("failed") ?? false
            }
            // A name whose tokenizer could not be loaded may be tried again.
            #expect(await fixture.fetch("POST", "/v1/tokenizers", body: missing)?.status == 202)
        }
    }

    @Test func cachesRememberAndTellOfIt() async throws {
        let options = #""tokenizer_cache_enable_l0":true,"tokenizer_cache_enable_l1":true"#
        try await withModel(options) { fixture, _ in
            let name = try #require(fixture.gateway.shared.tokenizers.configured).id
            for _ in 0..<3 {
                let reply = await fixture.fetch("POST", "/v1/tokenize", body: #"{"prompt":"hello <s> world"}"#)
                #expect(reply?.body.hasPrefix(#"{"tokens":[1,2,1,3]"#) ?? false)
            }
            let shown = try #require(await fixture.fetch("GET", "/v1/tokenizers/\(name)"))
            #expect(shown.body.contains(#""cache_l0":{"hits":2,"misses":1,"entries":1,"#), "\(shown.body)")
            #expect(shown.body.contains(#""cache_l1":{"hits":0,"#), "\(shown.body)")
        }
    }

    @Test func answersAreTakenApart() async throws {
        try await withModel { fixture, _ in
            let calls = try #require(
                await fixture.fetch(
                    "POST", "/parse/function_call",
                    body: #"""
                        {"text":"So: <tool_call>\n{\"name\":\"f\",\"arguments\":{\"a\": 1}}\n</tool_call>",
                         "tool_call_parser":"qwen","tools":[{"type":"function","function":{"name":"f"}}]}
                        """#))
            #expect(calls.status == 200)
            #expect(calls.body.contains(#""function":{"name":"f","arguments":"{\"a\":1}"}"#), "\(calls.body)")
            #expect(calls.body.hasPrefix(#"{"remaining_text":"So: "#))
            let thought = try #require(
                await fixture.fetch(
                    "POST", "/parse/reasoning", body: #"{"text":"<think>hm</think>yes","reasoning_parser":"qwen3"}"#))
            #expect(thought.body == #"{"normal_text":"yes","reasoning_text":"hm","success":true}"#)
        }
    }

    /// Long enough to leave the event loop: the answers are the same, mistakes among them.
    @Test func longWorkIsDoneOnThePool() async throws {
        try await withModel { fixture, _ in
            func ask(_ path: String, _ body: String, _ status: Int = 200) async throws -> String {
                #expect(body.utf8.count > BlockingPool.inlineBytes)
                let reply = try #require(await fixture.fetch("POST", path, body: body))
                #expect(reply.status == status, "\(reply.body)")
                return reply.body
            }
            let count = 5000
            let words = Array(repeating: "hello", count: count)
            let ids = Array(repeating: "2", count: count).joined(separator: ",")
            #expect(
                try await ask("/v1/tokenize", #"{"prompt":"\#(words.joined(separator: " "))"}"#)
                    == #"{"tokens":[1,\#(ids)],"count":\#(count + 1),"char_count":\#(6 * count - 1)}"#)
            #expect(
                try await ask("/v1/detokenize", #"{"tokens":[\#(ids)]}"#)
                    == #"{"text":"\#(words.joined(separator: " "))"}"#)
            #expect(
                try await ask("/v1/detokenize", #"{"tokens":[\#(ids),"x"]}"#, 400).contains("'tokens' must be an array")
            )
            let long = String(repeating: "b", count: 9000)
            let call = #"{\"name\":\"f\",\"arguments\":{\"a\":\"\#(long)\"}}"#
            let tools = #""tools":[{"type":"function","function":{"name":"f"}}]"#
            let parsed = try await ask(
                "/parse/function_call", #"{"text":"\#(call)","tool_call_parser":"json",\#(tools)}"#)
            #expect(parsed.contains(#"\"a\":\"\#(long)\""#), "\(parsed.prefix(200))")
            let thought = try await ask(
                "/parse/reasoning", #"{"text":"<think>\#(long)</think>yes","reasoning_parser":"qwen3"}"#)
            #expect(thought.contains(#""reasoning_text":"\#(long)""#) && thought.contains(#""yes""#))
        }
    }

    @Test func routingGoesByTokens() async throws {
        let folder = try Self.model()
        try await withLoops { group in
            let loop = group.loops[0]
            let workers = [
                try await ScriptedWorker.start(on: loop, model: "m"),
                try await ScriptedWorker.start(on: loop, model: "m"),
            ]
            let options = #""tokenizer_path":"\#(folder)","routing_tokens":true,"policy":"cache_aware""#
            try await withGateway(loop, workers, options) { fixture in
                await eventually(loop, "the tokenizer is loaded") {
                    fixture.gateway.shared.tokenizers.configured?.tokenizer != nil
                }
                #expect(await fixture.chat()?.status == 200)
                // "user : hi assistant :" behind <s>, four bytes an id.
                let index = try #require(fixture.gateway.registry.snapshot.all.policy.index)
                let ids: [UInt32] = [1, 4, 5, 0, 6, 5]
                let match = ids.withUnsafeBytes { index.match($0) }
                #expect(match.bytes == 24)
            }
        }
        for name in ["tokenizer.json", "tokenizer_config.json"] { unlink(folder + "/" + name) }
        rmdir(folder)
    }
}
