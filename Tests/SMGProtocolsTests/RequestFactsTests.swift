import SMGBase
import SMGJSON
import SMGProtocols
import Testing

/// The facts of `body`.
private func facts(_ endpoint: Endpoint, _ body: String) throws(RequestError) -> RequestFacts {
    let bytes = Array(body.utf8)
    var result: Result<RequestFacts, RequestError>?
    bytes.withUnsafeBytes { bytes in
        do throws(RequestError) {
            result = .success(try RequestFacts(endpoint: endpoint, body: bytes, scan: JSONObjectScan()))
        } catch { result = .failure(error) }
    }
    return try result!.get()
}

@Suite struct RequestFactsTests {
    @Test(
        arguments: [
            (#"{"model":"llama","prompt":"x"}"#, "llama"), (#"{"model":"ll\u0061ma","prompt":"x"}"#, "llama"),
            (#"{"model":null,"prompt":"x"}"#, nil), (#"{"prompt":"x"}"#, nil), (#"{"model":"","prompt":"x"}"#, ""),
            (#"{"model":"a","prompt":"x","mod\u0065l":"b"}"#, "b"),
        ] as [(String, String?)])
    func readsModel(body: String, model: String?) throws {
        try withBytes(body) { bytes in
            let facts = try RequestFacts(endpoint: .completions, body: bytes, scan: JSONObjectScan())
            #expect(facts.modelName(in: bytes) == model)
            #expect(facts.model(in: bytes)?.string == model)
            #expect(facts.model(in: UnsafeRawBufferPointer(start: nil, count: 0)) == nil)
            #expect(facts.endpoint == .completions)
        }
    }

    @Test(arguments: [
        (#"{"prompt":"x"}"#, false), (#"{"prompt":"x","stream":null}"#, false),
        (#"{"prompt":"x","stream":false}"#, false),
        (#"{"prompt":"x","stream":true}"#, true), (#"{"stream":true,"prompt":"x","stream":false}"#, false),
    ])
    func readsStream(body: String, stream: Bool) throws {
        #expect(try facts(.completions, body).stream == stream)
    }

    /// What an engine may accept, passes: unknown members, nulls, odd values.
    @Test(
        arguments: [
            (.chatCompletions, #"{"messages":[{}],"foo":{"bar":[null]},"temperature":9,"tools":null}"#),
            (.chatCompletions, #"{"messages":["odd"]}"#), (.completions, #"{"prompt":[]}"#),
            (.completions, #"{"prompt":""}"#),
            (.completions, #"{"prompt":null,"prompt_embeds":"AAAA"}"#), (.embeddings, #"{"input":{"any":1}}"#),
            (.embeddings, #"{"messages":[{"role":"user","content":"x"}]}"#), (.classify, #"{"input":"x"}"#),
            (.generate, #"{"text":"x"}"#), (.generate, #"{"text":null,"input_ids":[1]}"#),
            (.generate, #"{"input_embeds":[[0.1]]}"#),
            (.rerank, #"{"query":"q","documents":["a"]}"#),
            (.v1Rerank, #"{"query":{"content":[]},"documents":{"content":[]}}"#),
            (.responses, #"{}"#), (.responses, #"{"prompt":{"id":"p"}}"#), (.messages, #"{}"#),
        ] as [(Endpoint, String)])
    func accepts(endpoint: Endpoint, body: String) throws {
        #expect(try facts(endpoint, body).modelRange == nil)
    }

    @Test(
        arguments: [
            (.chatCompletions, "", "json_parse_error", nil), (.chatCompletions, "[]", "json_parse_error", nil),
            (.chatCompletions, #"{"messages":"#, "json_parse_error", nil),
            (.chatCompletions, "{}", "missing_required_parameter", "messages"),
            (.chatCompletions, #"{"messages":null}"#, "missing_required_parameter", "messages"),
            (.chatCompletions, #"{"messages":"hi"}"#, "invalid_type", "messages"),
            (.chatCompletions, #"{"messages":{}}"#, "invalid_type", "messages"),
            (.chatCompletions, #"{"messages":[ ]}"#, "empty_messages", "messages"),
            (.chatCompletions, #"{"messages":[{}],"model":1}"#, "invalid_type", "model"),
            (.chatCompletions, #"{"messages":[{}],"stream":"true"}"#, "invalid_type", "stream"),
            (.chatCompletions, #"{"messages":[{}],"stream":1}"#, "invalid_type", "stream"),
            (.completions, "{}", "missing_required_parameter", "prompt"),
            (.completions, #"{"prompt":null}"#, "missing_required_parameter", "prompt"),
            (.embeddings, "{}", "missing_required_parameter", "input"),
            (.classify, #"{"input":null}"#, "missing_required_parameter", "input"),
            (.generate, #"{"sampling_params":{}}"#, "missing_required_parameter", "text"),
            (.rerank, #"{"documents":["a"]}"#, "missing_required_parameter", "query"),
            (.rerank, #"{"query":"q"}"#, "missing_required_parameter", "documents"),
            (.rerank, #"{"query":"q","documents":[]}"#, "empty_documents", "documents"),
            (.rerank, #"{"query":"q","documents":"a"}"#, "invalid_type", "documents"),
            (.v1Rerank, #"{"query":["q"],"documents":["a"]}"#, "invalid_type", "query"),
            (.v1Rerank, #"{"query":" ","documents":["a"]}"#, "empty_query", "query"),
            (.rerank, #"{"query":"","documents":["a"]}"#, "empty_query", "query"),
            (.rerank, #"{"query":" \n\u0009","documents":["a"]}"#, "empty_query", "query"),
            (.responses, #"{"stream":{}}"#, "invalid_type", "stream"),
            (.messages, #"{"model":[]}"#, "invalid_type", "model"),
        ] as [(Endpoint, String, String, String?)])
    func refuses(endpoint: Endpoint, body: String, code: String, parameter: String?) throws {
        let error = try #require(throws: RequestError.self) { try facts(endpoint, body) }
        #expect("\(error.code)" == code)
        #expect(error.parameter?.rawValue == parameter)
        #expect(parameter == nil || error.message.contains("'\(parameter!)'"))
        let buffer = ByteBuffer(capacity: 16)
        OpenAIErrorBody.append(error, to: buffer)
        let object = try JSONSlice(parsing: buffer.readable)["error"]
        #expect(object?["message"]?.string == error.message)
        #expect(object?["type"]?.string == "invalid_request_error")
        #expect(object?["code"]?.string == code && object?["param"]?.string == parameter)
    }

    @Test func explains() {
        func message(_ body: String) -> String? {
            do throws(RequestError) { _ = try facts(.chatCompletions, body) } catch { return error.message }
            return nil
        }
        #expect(message(#"{"messages":[1,}"#) == "The request body is not valid JSON: expected a value at offset 15.")
        #expect(message("{}") == "The required parameter 'messages' is missing.")
        #expect(message(#"{"messages":[]}"#) == "The parameter 'messages' must not be empty.")
        let stream = #"{"messages":[{}],"stream":"yes"}"#
        #expect(message(stream) == "The parameter 'stream' must be a boolean, not a string.")
    }

    @Test func writesErrorObjects() {
        let buffer = ByteBuffer(capacity: 16)
        OpenAIErrorBody.append(message: "No \"workers\"", type: "service_unavailable", code: "no_workers", to: buffer)
        let expected =
            #"{"error":{"message":"No \"workers\"","type":"service_unavailable","param":null,"code":"no_workers"}}"#
        #expect(buffer.readableString == expected)
    }
}
