import SMGBase
import SMGJSON
import SMGProtocols
import Testing

/// The routing text of `body`.
private func text(_ endpoint: Endpoint, _ body: String, limit: Int = .max) throws -> String {
    try withBytes(body) { bytes in
        let scan = JSONObjectScan()
        try scan.scan(bytes)
        let buffer = ByteBuffer(capacity: 16)
        PromptText.append(endpoint, scan: scan, body: bytes, to: buffer, limit: limit)
        return buffer.readableString
    }
}

@Suite struct PromptTextTests {
    @Test func chat() throws {
        let body = #"""
            {"model":"m", "messages" : [
              {"role":"system","content":"You are\nkind."},
              {"role":"user","name":"bob","content":[{"type":"text","text":"What is"},
                {"type":"image_url","image_url":{"url":"data:AAAA","text":"no"}},{"text":"this?","type":"text"}]},
              {"tool_calls":[{"id":"c1","type":"function","function":{"arguments":"{\"a\":1}","name":"look"}}],
               "reasoning_content":"I should look.","content":null,"role":"assistant"},
              {"role":"tool","tool_call_id":"c1","content":"a cat"},
              {"role":"assistant","reasoning_content":"Clear.","content":"A \u732b."},
              {"role":"assistant","content":"","function_call":{"name":"old","arguments":"{}"}},
              {"role":"function","name":"old","content":"done"},
              {"role":"developer","content":"And now?"}
            ], "temperature":1}
            """#
        let expected = [
            "You are\nkind.", "What is", "this?", "I should look.", "look", #"{"a":1}"#, "a cat", "A 猫.", "Clear.",
            "old",
            "{}", "done", "And now?",
        ]
        #expect(try text(.chatCompletions, body) == expected.joined(separator: " "))
    }

    @Test(
        arguments: [
            (.completions, #"{"prompt":"Once"}"#, "Once"), (.completions, #"{"prompt":["a","","b c"]}"#, "a b c"),
            (.completions, #"{"prompt":[1,22, 333]}"#, "1 22 333"), (.completions, #"{"prompt":[[1,2],[3]]}"#, "1 2 3"),
            (.completions, #"{"prompt":null}"#, ""), (.completions, #"{"prompt":[]}"#, ""), (.completions, "{}", ""),
            (.generate, #"{"text":"hi","input_ids":[1]}"#, "hi"), (.generate, #"{"text":["a","b"]}"#, "a b"),
            (.generate, #"{"text":null,"input_ids":[5,-6]}"#, "5 -6"),
            (.generate, #"{"input_ids":[[1,2],[3,4]]}"#, "1 2 3 4"),
            (.embeddings, #"{"input":"x"}"#, "x"), (.embeddings, #"{"input":["x","y"]}"#, "x y"),
            (.embeddings, #"{"input":[[7,8],[9]]}"#, "7 8 9"),
            (.embeddings, #"{"messages":[{"role":"user","content":"from chat"}]}"#, "from chat"),
            (.classify, #"{"input":["x",true,null,"y"]}"#, "x y"),
            (.rerank, #"{"query":"q r","documents":["d"]}"#, "q r"),
            (.v1Rerank, #"{"documents":["d"],"query":"q"}"#, "q"),
        ] as [(Endpoint, String, String)])
    func simpleEndpoints(endpoint: Endpoint, body: String, expected: String) throws {
        #expect(try text(endpoint, body) == expected)
    }

    @Test func responses() throws {
        #expect(try text(.responses, #"{"input":"hi","instructions":"Be kind."}"#) == "Be kind. hi")
        let body = #"""
            {"input":[{"role":"user","content":"plain"},
              {"type":"message","role":"user","content":[{"type":"input_text","text":"typed"},
                {"type":"input_image","image_url":"data:AAAA"}]},
              {"type":"reasoning","summary":[{"type":"summary_text","text":"short"}],
               "content":[{"type":"reasoning_text","text":"long"}]},
              {"type":"function_call","call_id":"1","name":"f","arguments":"{}"},
              {"type":"function_call_output","call_id":"1","output":"ok"},
              {"type":"function_call_output","call_id":"2","output":[{"type":"input_text","text":"part"}]},
              {"type":"message","role":"assistant","content":[{"type":"output_text","text":"bye"}]}]}
            """#
        #expect(try text(.responses, body) == "plain typed long short f {} ok part bye")
    }

    @Test func messages() throws {
        let body = #"""
            {"messages":[{"role":"user","content":"q"},
              {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},
                {"type":"text","text":"let me"},{"type":"tool_use","id":"1","name":"get","input":{"x": [1]}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[{"text":"r1"}]},
                {"type":"tool_result","tool_use_id":"2","content":"r2"}]}],
             "system":[{"type":"text","text":"sys"}],"max_tokens":5}
            """#
        #expect(try text(.messages, body) == #"sys q hm let me get {"x": [1]} r1 r2"#)
        #expect(try text(.messages, #"{"system":"s","messages":[]}"#) == "s")
    }

    /// Members in another order give the same text.
    @Test func doesNotDependOnMemberOrder() throws {
        let one = #"""
            {"messages":[{"role":"assistant","content":"a","reasoning_content":"b",
              "tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}]}
            """#
        let two = #"""
            {"messages":[{"tool_calls":[{"function":{"arguments":"{}","name":"f"}}],
              "reasoning_content":"b","content":"a","role":"assistant"}]}
            """#
        #expect(try text(.chatCompletions, one) == "a b f {}")
        #expect(try text(.chatCompletions, two) == "a b f {}")
    }

    @Test func stopsAtTheLimit() throws {
        let body =
            #"{"messages":[{"content":"aé"},{"content":"日\u65e5"},{"content":[{"text":"xyz"}]},{"content":"end"}]}"#
        let whole = try text(.chatCompletions, body)
        #expect(whole == "aé 日日 xyz end")
        var last = ""
        for limit in -1...whole.utf8.count + 1 {
            let part = try text(.chatCompletions, body, limit: limit)
            #expect(part.utf8.count <= max(limit, 0) && whole.hasPrefix(part) && part.utf8.count >= last.utf8.count)
            #expect(!part.contains("\u{fffd}"))
            last = part
        }
        #expect(last == whole)
        #expect(try text(.completions, #"{"prompt":[12,345]}"#, limit: 4) == "12 3")
    }

    /// Deeper than any real request: left out, not followed.
    @Test func boundsNesting() throws {
        let deep = String(repeating: "[", count: 400) + "\"x\"" + String(repeating: "]", count: 400)
        #expect(try text(.completions, "{\"prompt\":[\(deep),\"y\"]}") == "y")
        let items = String(repeating: "{\"content\":[", count: 100) + "\"x\"" + String(repeating: "]}", count: 100)
        #expect(try text(.chatCompletions, "{\"messages\":[\(items),{\"content\":\"y\"}]}") == "y")
    }

    @Test(arguments: [
        #"{"messages":[1,true,null,"s",[],{"content":{"text":"t"}},{"content":5},{"tool_calls":{}},{"function":[]}]}"#,
        #"{"messages":[{"content":"a","content":"b","text":"c","name":"n","output":{"k":"v"}}]}"#,
    ])
    func toleratesOddShapes(body: String) throws {
        withBytes(body) { #expect(RequestProperties.violation($0) == nil) }
        #expect(try !text(.chatCompletions, body).isEmpty)
    }
}
