import SMGBase
import SMGHTTP
import SMGNet
import Testing

@testable import SMGSim

@Suite struct EngineServerTests {
    @Test func tellsWhatItIs() async throws {
        try await withEngine({ $0.model = "tiny" }) { engine async throws in
            for path in ["/health", "/health_generate"] {
                let answer = try await engine.ask("GET", path)
                #expect(answer.status == 200 && answer.end == .whole)
            }
            for (path, member, value) in [
                ("/v1/models", "data.0.id", "tiny"), ("/get_model_info", "model_path", "tiny"),
                ("/model_info", "is_generation", "true"), ("/get_server_info", "max_total_num_tokens", "1048576"),
                ("/server_info", "served_model_name", "tiny"), ("/get_load", "0.num_reqs", "0"),
                ("/v1/loads", "loads.0.token_usage", "0.0"),
            ] {
                let answer = try await engine.ask("GET", path)
                #expect(answer.status == 200 && answer[member] == value)
            }
            let metrics = try await engine.ask("GET", "/metrics")
            #expect(metrics.text.contains("sglang:num_running_reqs{model_name=\"tiny\"} 0.0\n"))
        }
    }

    @Test func refusesWithErrorObjects() async throws {
        try await withEngine { engine async throws in
            #expect(try await engine.ask("GET", "/nowhere")["error.code"] == "not_found")
            #expect(try await engine.ask("GET", "/generate").status == 405)
            let broken = try await engine.post("/v1/chat/completions", "{")
            #expect(broken.status == 400 && broken["error.type"] == "invalid_request_error")
            let empty = try await engine.post("/v1/chat/completions", #"{"messages":[]}"#)
            #expect(empty.status == 400 && empty["error.param"] == "messages")
            for limit in ["-1", "1.5", "\"x\"", "99999999999999999999"] {
                let body = #"{"prompt":"x","max_tokens":\#(limit)}"#
                let answer = try await engine.post("/v1/completions", body)
                #expect(answer.status == 400 && answer["error.param"] == "max_tokens")
            }
            #expect(await engine.engine.stats().refused == 6)
        }
    }

    @Test func asksForItsKey() async throws {
        try await withEngine({ $0.apiKey = Secret("hunter2") }) { engine async throws in
            let path = "/v1/chat/completions"
            let without = try await engine.post(path, Ask.chat())
            #expect(without.status == 401 && without["error.code"] == "invalid_api_key")
            let wrong = try await engine.ask("POST", path, Ask.chat(), headers: "authorization: Bearer hunter3\r\n")
            #expect(wrong.status == 401)
            let right = try await engine.ask("POST", path, Ask.chat(), headers: "authorization: Bearer hunter2\r\n")
            #expect(right.status == 200)
            #expect(try await engine.ask("GET", "/health").status == 200)
            #expect(try await engine.ask("GET", "/sim/stats").status == 200)
            #expect(try await engine.ask("GET", "/v1/models").status == 401)
        }
    }

    @Test func keepsConnectionsAlive() async throws {
        try await withEngine { engine async throws in
            let client = try await engine.connect()
            for round in 1...3 {
                try await client.send("POST", "/generate", #"{"text":"\#(round)"}"#)
                #expect(try await client.receive().end == .whole)
            }
            // Two at once: the second waits in the socket.
            try await client.write(String(repeating: "GET /health HTTP/1.1\r\nhost: x\r\n\r\n", count: 2))
            #expect(try await client.receive().status == 200)
            #expect(try await client.receive().status == 200)
            try await client.write("GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            let last = try await client.receive()
            #expect(last.headers["connection"] == "close")
            #expect(try await client.receive().status == 0)
            client.close()
            let stats = await engine.engine.wait { $0.connectionsOpen == 0 }
            #expect(stats.connectionsAccepted == 1 && stats.requests["/generate"] == 3)
        }
    }

    @Test func readsBodiesInPieces() async throws {
        try await withEngine { engine async throws in
            let client = try await engine.connect()
            let text = String(repeating: "x", count: 3_000_000)
            try await client.send("POST", "/v1/completions", #"{"prompt":"\#(text)","max_tokens":1}"#)
            #expect(try await client.receive()["usage.prompt_tokens"] == "750000")
            try await client.write(
                "POST /generate HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
                    + "5\r\n{\"tex\r\n9\r\nt\":\"abc\"}\r\n0\r\n\r\n")
            #expect(try await client.receive()["meta_info.prompt_tokens"] == "1")
            try await client.write(
                "POST /generate HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 12\r\n\r\n")
            // Twelve bytes that are not quite an object.
            try await client.write(#"{"text":"ab""#)
            #expect(try await client.receive().status == 400)
            client.close()
        }
    }

    @Test func refusesWhatIsNotHTTP() async throws {
        try await withEngine { engine async throws in
            for (text, status) in [
                ("GARBAGE\r\n\r\n", 400), ("GET /health HTTP/1.1\r\n\r\n", 400),
                ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
            ] {
                let client = try await engine.connect()
                try await client.write(text)
                #expect(try await client.receive().status == status)
                client.close()
            }
        }
    }

    @Test func aPromptThatDoesNotFitIsRefused() async throws {
        try await withEngine({ $0.engine.kvBlocks = 4 }) { engine async throws in
            let answer = try await engine.post("/v1/completions", Ask.completion(tokens: 64))
            #expect(answer.status == 400 && answer["error.code"] == "context_length_exceeded")
            #expect(try await engine.post("/v1/completions", Ask.completion(tokens: 61)).status == 200)
        }
    }

    @Test func holdsBackForASlowReader() async throws {
        try await withEngine { engine async throws in
            let client = try await engine.connect()
            try await client.send("POST", "/v1/completions", Ask.completion(tokens: 50_000, stream: true))
            // Nothing is read until the kernel's buffers and the engine's own are full.
            await engine.engine.wait { $0.active == 1 }
            let answer = try await client.receive()
            #expect(answer.end == .whole && answer.events.count == 50_002)
            client.close()
        }
    }

    @Test func servesTheGatewaysOwnClient() async throws {
        try await withEngine { engine async throws in
            let pool = BlockingPool()
            let origin = UpstreamOrigin(host: "127.0.0.1", port: engine.engine.address.port, isTLS: false)
            let upstream = UpstreamPool(
                loop: engine.loop, origin: origin, options: UpstreamOptions(), resolver: Resolver(pool: pool))
            for _ in 0..<3 {
                let hook = CancelHook()
                let exchange = try await upstream.acquire(within: .seconds(10), hook: hook)
                let head = ByteBuffer(Array("GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n".utf8))
                try await exchange.send(
                    head: head.readable, body: UnsafeRawBufferPointer(start: nil, count: 0), method: .get, hook: hook)
                try await exchange.readHead(within: .seconds(10), hook: hook)
                let body = try await exchange.readBody(limit: 1 << 20, stall: .seconds(10), hook: hook)
                #expect(json(body.readableString, "data.0.id") == "sim-model")
            }
            #expect(await engine.engine.stats().connectionsAccepted == 1)
            upstream.shutDown()
            pool.shutdown()
        }
    }

    @Test func manyClientsAtOnce() async throws {
        try await withEngine({ $0.engine.maxRunning = 4 }) { engine async throws in
            for _ in 0..<50 {
                engine.loop.spawn {
                    for turn in 0..<4 {
                        let stream = turn % 2 == 0
                        let answer = try? await engine.post("/v1/chat/completions", Ask.chat(stream: stream))
                        #expect(answer?.status == 200 && answer?.end == .whole)
                    }
                }
            }
            let stats = await engine.engine.wait { $0.completed == 200 && $0.active == 0 }
            #expect(stats.cancelled == 0 && stats.completionTokens == 800 && stats.load.running == 0)
        }
    }
}
