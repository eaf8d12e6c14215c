import SMGBase
import SMGConfig
import SMGNet
import SMGRouting
import Testing

@testable import SMGCore

/// The gateway from socket to socket.
@Suite struct GatewayTests {
    // MARK: - Relay

    @Test func bodyReachesTheWorkerByteForByte() async throws {
        try await withLoops { group in
            let worker = try await ScriptedWorker.start(on: group.loops[0]) { _ in [.answer(#"{"a" : 1 }"#)] }
            try await withGateway(group.loops[0], [worker]) { fixture in
                let body = """
                    { "messages" : [ {"role":"user","content":"h\\u00e9 \\/ é"} ],\t"zzz":{"b":1,"a":[1,2.50,1e3]},
                      "temperature" : 0.70 , "model":"m","stream":null, "zzz": 2 }
                    """
                let reply = try #require(await fixture.chat(body))
                #expect(reply.status == 200 && reply.isComplete)
                #expect(reply.body == #"{"a" : 1 }"#)
                #expect(reply["content-type"] == ["application/json"])
                let request = try #require(worker.requests.all.first)
                #expect(worker.requests.all.count == 1)
                #expect(request.body == body)
                #expect(request.method == "POST" && request.path == "/v1/chat/completions")
                #expect(request.field("host") == ["127.0.0.1:\(worker.address.port)"])
                #expect(request.field("content-length") == ["\(body.utf8.count)"])
                #expect(request.field("content-type") == ["application/json"])
                #expect(request.field("connection").isEmpty && request.field("transfer-encoding").isEmpty)
            }
        }
    }

    @Test(arguments: [
        ("/generate", "/generate"), ("/v1/completions", "/v1/completions"), ("/v1/embeddings", "/v1/embeddings"),
        ("/rerank", "/v1/rerank"), ("/v1/rerank", "/v1/rerank"), ("/v1/messages", "/v1/messages"),
    ]) func everyEndpointHasItsPathUpstream(path: String, upstream: String) async throws {
        try await withLoops { group in
            let worker = try await ScriptedWorker.start(on: group.loops[0])
            try await withGateway(group.loops[0], [worker]) { fixture in
                let body = Chat.body(and: #","prompt":"x","text":"x","input":"x","query":"q","documents":["d"]"#)
                #expect(await fixture.fetch("POST", path, body: body)?.status == 200)
                #expect(worker.requests.all.map(\.path) == [upstream])
            }
        }
    }

    @Test func streamIsPassedOnAsItComes() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let gate = Gate()
            let worker = try await ScriptedWorker.start(on: loop) { _ in
                [
                    .streamHead, .chunk("data: one\n\n"), .wait(gate), .chunk("data: two\n\ndata: [DONE]\n\n"),
                    .lastChunk,
                ]
            }
            try await withGateway(loop, [worker]) { fixture in
                let (first, whole) = try await loop.run { () -> Result<(String, String), any Error> in
                    await Result<(String, String), any Error>.catching {
                        let client = try await fixture.connect()
                        try await client.send(Self.request(Chat.streamed))
                        let first = await client.read(until: "data: one\n\n")
                        gate.open()
                        return (first, await client.read())
                    }
                }.get()
                #expect(!first.contains("two"), "the first event came before the second was sent")
                let reply = try #require(Reply(whole))
                #expect(reply.status == 200 && reply.isComplete)
                #expect(reply["content-type"] == ["text/event-stream"])
                #expect(reply.body == "data: one\n\ndata: two\n\ndata: [DONE]\n\n")
            }
        }
    }

    /// A chat request as text, on a connection that ends after it.
    static func request(_ body: String = Chat.plain, close: Bool = true) -> String {
        "POST /v1/chat/completions HTTP/1.1\r\nhost: g\r\n\(close ? "connection: close\r\n" : "")"
            + "content-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test func workersErrorsArePassedOn() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let worker = try await ScriptedWorker.start(on: loop) { request in
                [.answer(request.body.contains("501") ? 501 : 400, #"{"error":"too long"}"#)]
            }
            try await withGateway(loop, [worker], #""cb_failure_threshold":1"#) { fixture in
                for status in [400, 501] {
                    let reply = try #require(await fixture.chat(Chat.body(and: ",\"x\":\(status)")))
                    #expect(reply.status == status && reply.body == #"{"error":"too long"}"#)
                }
                #expect(worker.requests.all.count == 2, "neither is tried again")
                #expect(fixture.gateway.registry.snapshot.workers[0].breakerPhase == .closed)
            }
        }
    }

    // MARK: - No worker

    @Test func modelsAreKeptApart() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let alpha = try await ScriptedWorker.start(on: loop, model: "alpha")
            let beta = try await ScriptedWorker.start(on: loop, model: "beta")
            try await withGateway(loop, [alpha, beta]) { fixture in
                for _ in 0..<4 { #expect(await fixture.chat(Chat.body(model: "beta"))?.status == 200) }
                #expect(alpha.requests.all.isEmpty && beta.requests.all.count == 4)
                let reply = try #require(await fixture.chat(Chat.body(model: "gamma")))
                #expect(reply.status == 404)
                #expect(reply["x-smg-error-code"] == ["model_not_found"])
                #expect(reply.body.contains(#""code":"model_not_found""#) && reply.body.contains(#""param":"model""#))
                #expect(reply.body.contains("gamma"))
                let models = try #require(await fixture.fetch("GET", "/v1/models"))
                #expect(models.body.contains(#""id":"alpha""#) && models.body.contains(#""id":"beta""#))
            }
        }
    }

    @Test func withoutWorkersTheServiceIsUnavailable() async throws {
        try await withLoops { group in
            try await withGateway(group.loops[0], []) { fixture in
                let reply = try #require(await fixture.chat())
                #expect(reply.status == 503)
                #expect(reply["x-smg-error-code"] == ["no_workers"] && reply["retry-after"] == ["1"])
                #expect(await fixture.fetch("GET", "/readiness")?.status == 503)
                #expect(await fixture.fetch("GET", "/health")?.status == 200)
            }
        }
    }

    @Test func whenAllBreakersAreOpenNobodyIsAsked() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let worker = try await ScriptedWorker.start(on: loop) { _ in [.answer(500, "{}")] }
            let options = #""cb_failure_threshold":2,"disable_retries":true,"cb_timeout_duration_secs":1000"#
            try await withGateway(loop, [worker], options) { fixture in
                for _ in 0..<2 { #expect(await fixture.chat()?.status == 500) }
                let reply = try #require(await fixture.chat())
                #expect(reply.status == 503 && reply["x-smg-error-code"] == ["no_available_workers"])
                #expect(worker.requests.all.count == 2)
            }
        }
    }

    @Test func anOpenBreakerIsProbedWhenItsTimeIsOver() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let seen = Journal<Void>()
            let worker = try await ScriptedWorker.start(on: loop) { _ in
                seen.append(())
                return [seen.all.count == 1 ? .reset : .answer("{}")]
            }
            let options =
                #""cb_failure_threshold":1,"cb_success_threshold":1,"cb_timeout_duration_secs":0.05,"#
                + #""disable_retries":true,"disable_health_check":true"#
            try await withGateway(loop, [worker], options) { fixture in
                #expect(await fixture.chat()?.status == 502)
                // Nobody scrapes, nobody checks its health: time alone lets it be tried again.
                await eventually(loop, "answers again") { await fixture.chat()?.status == 200 }
                #expect(fixture.gateway.registry.snapshot.workers[0].breakerPhase == .closed)
            }
        }
    }

    // MARK: - Attempts

    @Test(arguments: [ScriptedWorker.Step.reset, .close, .answer(503, "{}"), .answer(429, "{}"), .answer(500, "{}")])
    func anotherWorkerIsTriedAndNeverTheSameTwice(fault: ScriptedWorker.Step) async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let seen = Journal<Int>()
            // The first two that are asked fail; the third is the last one left.
            let workers = try await (0..<3).asyncMap { number in
                try await ScriptedWorker.start(on: loop) { _ in
                    seen.append(number)
                    return seen.all.count < 3 ? [fault] : [.answer(#"{"by":\#(number)}"#)]
                }
            }
            try await withGateway(loop, workers) { fixture in
                let reply = try #require(await fixture.chat())
                #expect(reply.status == 200)
                #expect(seen.all.count == 3)
                #expect(Set(seen.all).count == 3)
            }
        }
    }

    @Test func theLastAnswerIsPassedOn() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let worker = try await ScriptedWorker.start(on: loop) { _ in [.answer(503, #"{"busy":true}"#)] }
            try await withGateway(loop, [worker], #""retry_max_retries":5"#) { fixture in
                let reply = try #require(await fixture.chat())
                #expect(reply.status == 503 && reply.body == #"{"busy":true}"#)
                #expect(worker.requests.all.count == 5)
                #expect(Set(worker.requests.all.map(\.body)).count == 1)
            }
        }
    }

    @Test func aKeptConnectionThatDiedIsReplacedSilently() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            // The second request on a connection finds it closed.
            let worker = try await ScriptedWorker.start(on: loop) { request in
                request.turn == 0 ? [.answer("{}")] : [.close]
            }
            try await withGateway(loop, [worker], #""disable_retries":true,"cb_failure_threshold":1"#, eventLoops: 1) {
                fixture in
                for _ in 0..<6 { #expect(await fixture.chat()?.status == 200) }
                #expect(worker.requests.all.contains { $0.turn == 1 }, "connections were used again")
                #expect(fixture.gateway.registry.snapshot.workers[0].breakerPhase == .closed)
            }
        }
    }

    @Test func aFreshConnectionThatDiesIsAFailure() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let worker = try await ScriptedWorker.start(on: loop) { _ in [.reset] }
            try await withGateway(loop, [worker], #""disable_retries":true"#) { fixture in
                let reply = try #require(await fixture.chat())
                #expect(reply.status == 502 && reply["x-smg-error-code"] == ["worker_connection_reset"])
                #expect(worker.requests.all.count == 1)
            }
        }
    }

    @Test func aStreamThatBreaksIsToldAndCut() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            for ending in [ScriptedWorker.Step.close, .reset] {
                let worker = try await ScriptedWorker.start(on: loop) { _ in
                    [.streamHead, .chunk("data: one\n\n"), .chunk("data: tw"), ending]
                }
                try await withGateway(loop, [worker]) { fixture in
                    let reply = try #require(await fixture.chat(Chat.streamed))
                    #expect(reply.status == 200)
                    #expect(!reply.isComplete, "a part must not pass for the whole")
                    #expect(reply.body.hasPrefix("data: one\n\n"))
                    let last = try #require(reply.body.split(separator: "\n\n").last)
                    #expect(last.hasPrefix(#"data: {"error":{"#) && last.contains("worker_stream_broken"))
                    #expect(worker.requests.all.count == 1, "what was begun is not tried again")
                }
            }
        }
    }

    @Test func anAnswerThatBreaksIsCut() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let worker = try await ScriptedWorker.start(on: loop) { _ in
                [.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"half\":"), .close]
            }
            try await withGateway(loop, [worker]) { fixture in
                let reply = try #require(await fixture.chat())
                #expect(reply.status == 200 && !reply.isComplete)
                #expect(reply.body == "{\"half\":")
                #expect(worker.requests.all.count == 1)
            }
        }
    }

    @Test func aClientThatLeavesFreesTheWorker() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let never = Gate()
            let worker = try await ScriptedWorker.start(on: loop) { _ in
                [.streamHead, .chunk("data: 1\n\n"), .wait(never)]
            }
            try await withGateway(loop, [worker], #""max_concurrent_requests":1"#) { fixture in
                let slot = fixture.gateway.registry.snapshot.workers[0].slot
                await loop.run {
                    guard let client = try? await fixture.connect() else { return }
                    try? await client.send(Self.request())
                    _ = await client.read(until: "data: 1\n\n")
                    #expect(slot.load == 1)
                    client.reset()
                }
                await eventually(loop, "load and permit are given back") {
                    slot.load == 0 && fixture.gateway.shared.limiter.load == (0, 0)
                }
                #expect(fixture.gateway.registry.snapshot.workers[0].breakerPhase == .closed)
            }
            never.open()
        }
    }

    // MARK: - Keys

    @Test func theKeyIsAskedFor() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let worker = try await ScriptedWorker.start(on: loop)
            try await withGateway(loop, [worker], #""api_key":"s3cret""#) { fixture in
                for fields in [
                    [], ["authorization: Bearer wrong!"], ["authorization: s3cret"], ["authorization: Basic s3cret"],
                    ["authorization: Bearer "], ["authorization: Bearer s3cret2"], ["x-api-key: s3cre"],
                ] {
                    let reply = try #require(await fixture.chat(fields: fields))
                    #expect(reply.status == 401 && reply["x-smg-error-code"] == ["invalid_api_key"])
                    #expect(reply["www-authenticate"] == ["Bearer"])
                    #expect(await fixture.fetch("GET", "/workers", fields)?.status == 401)
                    #expect(await fixture.fetch("DELETE", "/workers/x", fields)?.status == 401)
                    #expect(await fixture.fetch("POST", "/flush_cache", fields)?.status == 401)
                    #expect(await fixture.fetch("GET", "/get_loads", fields)?.status == 401)
                }
                #expect(worker.requests.all.isEmpty)
                for path in ["/health", "/readiness", "/v1/models", "/get_server_info"] {
                    #expect(await fixture.fetch("GET", path)?.status == 200)
                }
                for fields in [
                    ["authorization: Bearer s3cret"], ["authorization: bearer s3cret"], ["x-api-key: s3cret"],
                ] {
                    #expect(await fixture.chat(fields: fields)?.status == 200)
                }
                // The listed worker has the gateway's key, whatever the client sent.
                for request in worker.requests.all {
                    #expect(request.field("authorization") == ["Bearer s3cret"])
                    #expect(request.field("x-api-key").isEmpty)
                }
            }
        }
    }

    @Test func theGatewaysKeyStaysWithItsOwnWorkers() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let foreign = try await ScriptedWorker.start(on: loop)
            let keyed = try await ScriptedWorker.start(on: loop)
            try await withGateway(loop, [], #""api_key":"s3cret","policy":"round_robin""#) { fixture in
                let key = ["authorization: Bearer s3cret"]
                #expect(
                    await fixture.fetch("POST", "/workers", key, body: #"{"url":"\#(foreign.url)"}"#)?.status == 202)
                await fixture.workersReady(1)
                for fields in [key, ["x-api-key: s3cret"]] {
                    #expect(await fixture.chat(fields: fields)?.status == 200)
                }
                for request in foreign.requests.all + foreign.questions.all {
                    #expect(request.field("authorization").isEmpty && request.field("x-api-key").isEmpty)
                }
                #expect(foreign.requests.all.count == 2)
                let added = await fixture.fetch(
                    "POST", "/workers", key, body: #"{"url":"\#(keyed.url)","api_key":"its-own"}"#)
                #expect(added?.status == 202)
                await fixture.workersReady(2)
                for _ in 0..<6 { #expect(await fixture.chat(fields: key)?.status == 200) }
                #expect(!keyed.requests.all.isEmpty)
                for request in keyed.requests.all { #expect(request.field("authorization") == ["Bearer its-own"]) }
                let list = try #require(await fixture.fetch("GET", "/workers", key))
                #expect(!list.body.contains("its-own") && !list.body.contains("s3cret"))
            }
        }
    }

    @Test func withoutAKeyOfItsOwnTheGatewayPassesTheClientsOn() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let worker = try await ScriptedWorker.start(on: loop)
            try await withGateway(loop, [worker]) { fixture in
                let fields = [
                    "authorization: Bearer users", "cookie: a=b", "x-custom: 1", "connection: x-hop", "x-hop: 1",
                ]
                #expect(await fixture.chat(fields: fields)?.status == 200)
                let request = try #require(worker.requests.all.first)
                #expect(request.field("authorization") == ["Bearer users"])
                #expect(request.field("x-custom") == ["1"])
                #expect(request.field("cookie").isEmpty && request.field("x-hop").isEmpty)
            }
        }
    }

    // MARK: - Request ids

    @Test func requestIDsAreEchoedAndForwarded() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let worker = try await ScriptedWorker.start(on: loop) { _ in
                [.send("HTTP/1.1 200 OK\r\nx-request-id: workers-own\r\ncontent-length: 2\r\n\r\n{}")]
            }
            try await withGateway(loop, [worker]) { fixture in
                for (fields, id) in [
                    (["x-request-id: abc-1"], "abc-1"), (["x-correlation-id: corr"], "corr"),
                    (["x-trace-id: tr", "x-correlation-id: corr"], "corr"), (["request-id: plain"], "plain"),
                ] {
                    let reply = try #require(await fixture.chat(fields: fields))
                    #expect(reply["x-request-id"] == [id])
                    #expect(worker.requests.all.last?.field("x-request-id") == [id])
                }
                let reply = try #require(await fixture.chat())
                let id = try #require(reply["x-request-id"].first)
                #expect(id.wholeMatch(of: /chatcmpl-[A-Za-z0-9]{24}/) != nil)
                #expect(worker.requests.all.last?.field("x-request-id") == [id])
                for (path, pattern) in [
                    ("/v1/completions", #"cmpl-[A-Za-z0-9]{24}"#), ("/generate", #"gnt-[A-Za-z0-9]{24}"#),
                    ("/v1/responses", #"resp-[A-Za-z0-9]{24}"#), ("/v1/embeddings", #"req-[A-Za-z0-9]{24}"#),
                ] {
                    let reply = try #require(
                        await fixture.fetch("POST", path, body: #"{"model":"m","prompt":"x","text":"x","input":"x"}"#))
                    #expect(try reply["x-request-id"].first?.wholeMatch(of: Regex(pattern)) != nil, "\(path)")
                }
                // Errors and the gateway's own answers carry one too.
                #expect(await fixture.chat("{")?["x-request-id"].count == 1)
                #expect(await fixture.fetch("GET", "/nowhere", ["x-request-id: e"])?["x-request-id"] == ["e"])
                #expect(await fixture.fetch("GET", "/v1/models", ["x-request-id: e"])?["x-request-id"] == ["e"])
            }
        }
    }

    // MARK: - Limits

    @Test func requestsAboveTheLimitWaitOrAreRefused() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let gate = Gate()
            let worker = try await ScriptedWorker.start(on: loop) { _ in [.wait(gate), .answer("{}")] }
            let options = #""max_concurrent_requests":1,"queue_size":1,"queue_timeout_secs":20"#
            try await withGateway(loop, [worker], options) { fixture in
                let limiter = fixture.gateway.shared.limiter
                async let first = fixture.chat()
                await eventually(loop, "runs") { limiter.load == (0, 1) }
                async let second = fixture.chat()
                await eventually(loop, "waits") { limiter.load == (1, 1) }
                let refused = try #require(await fixture.chat())
                #expect(refused.status == 429 && refused["retry-after"] == ["1"])
                #expect(refused["x-smg-error-code"] == ["queue_full"])
                #expect(await fixture.fetch("GET", "/health")?.status == 200, "only inference is limited")
                gate.open()
                #expect(await first?.status == 200)
                #expect(await second?.status == 200)
                await eventually(loop, "permits come back") { limiter.load == (0, 0) }
            }
        }
    }

    @Test func waitingEndsWithTheQueuesTimeout() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let gate = Gate()
            let worker = try await ScriptedWorker.start(on: loop) { _ in [.wait(gate), .answer("{}")] }
            let options = #""max_concurrent_requests":1,"queue_size":5,"queue_timeout_secs":0.02"#
            try await withGateway(loop, [worker], options) { fixture in
                let limiter = fixture.gateway.shared.limiter
                async let first = fixture.chat()
                await eventually(loop, "runs") { limiter.load == (0, 1) }
                let late = try #require(await fixture.chat())
                #expect(late.status == 408 && late["x-smg-error-code"] == ["queue_timeout"])
                gate.open()
                #expect(await first?.status == 200)
            }
        }
    }

    @Test func aWaitingClientThatLeavesFreesItsPlace() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let gate = Gate()
            let worker = try await ScriptedWorker.start(on: loop) { _ in [.wait(gate), .answer("{}")] }
            try await withGateway(loop, [worker], #""max_concurrent_requests":1,"queue_size":1"#) { fixture in
                let limiter = fixture.gateway.shared.limiter
                async let first = fixture.chat()
                await eventually(loop, "runs") { limiter.load == (0, 1) }
                for _ in 0..<3 {
                    await loop.run {
                        guard let client = try? await fixture.connect() else { return }
                        try? await client.send(Self.request())
                        await eventually(loop, "waits") { limiter.load == (1, 1) }
                        client.reset()
                    }
                    await eventually(loop, "left") { limiter.load == (0, 1) }
                }
                gate.open()
                #expect(await first?.status == 200)
                #expect(worker.requests.all.count == 1)
            }
        }
    }

    @Test func bodiesAreBounded() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let worker = try await ScriptedWorker.start(on: loop)
            try await withGateway(loop, [worker], #""max_payload_size":200"#) { fixture in
                @Sendable func body(_ count: Int) -> String {
                    let empty = Chat.body(and: ",\"x\":\"\"")
                    return empty.replacing(
                        "\"\"", with: "\"" + String(repeating: "x", count: count - empty.count) + "\"")
                }
                #expect(await fixture.chat(body(200))?.status == 200)
                let large = try #require(await fixture.chat(body(201)))
                #expect(large.status == 413 && large["x-smg-error-code"] == ["payload_too_large"])
                let chunked = await loop.run { () -> String? in
                    guard let client = try? await fixture.connect() else { return nil }
                    let text = body(201)
                    try? await client.send(
                        "POST /generate HTTP/1.1\r\nhost: g\r\ntransfer-encoding: chunked\r\n\r\n"
                            + "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n0\r\n\r\n")
                    let answer = await client.read(until: "payload_too_large\"}}")
                    client.close()
                    return answer
                }
                #expect(chunked?.hasPrefix("HTTP/1.1 413 ") ?? false)
                #expect(worker.requests.all.count == 1)
            }
        }
    }

    /// What follows a body that was given up belongs to nobody: it must not be read as another request.
    @Test func nothingIsReadBehindABodyThatWasGivenUp() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            try await withGateway(loop, [], #""max_payload_size":200"#) { fixture in
                let answers = await loop.run { () -> String in
                    guard let client = try? await fixture.connect() else { return "" }
                    // The chunk is announced longer than what is sent of it at first.
                    try? await client.send(
                        "POST /generate HTTP/1.1\r\nhost: g\r\ntransfer-encoding: chunked\r\n\r\n1000\r\n"
                            + String(repeating: "x", count: 300))
                    _ = await client.read(until: "payload_too_large\"}}")
                    try? await client.send("0\r\n\r\nGET /health HTTP/1.1\r\nhost: g\r\nconnection: close\r\n\r\n")
                    let answers = await client.read()
                    client.close()
                    return answers
                }
                #expect(answers.hasPrefix("HTTP/1.1 413 "))
                #expect(!answers.contains("HTTP/1.1 200"))
            }
        }
    }

    @Test func whatIsNoRequestIsRefused() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let worker = try await ScriptedWorker.start(on: loop)
            try await withGateway(loop, [worker]) { fixture in
                for body in ["", "{", "[]", "nonsense", #"{"model":1,"messages":[]}"#, "{\"model\":\"m\",}"] {
                    let reply = try #require(await fixture.chat(body))
                    #expect(reply.status == 400, "\(body)")
                    #expect(reply.body.hasPrefix(#"{"error":{"message":"#) && reply["x-smg-error-code"].count == 1)
                }
                let unknown = try #require(await fixture.fetch("GET", "/v2/x"))
                #expect(unknown.status == 404 && unknown["x-smg-error-code"] == ["unknown_url"])
                let method = try #require(await fixture.fetch("GET", "/v1/chat/completions"))
                #expect(method.status == 405 && method["allow"] == ["POST"])
                #expect(worker.requests.all.isEmpty)
            }
        }
    }
}

extension Result where Failure == any Error {
    /// The outcome of `body`, to be carried across tasks.
    static func catching(_ body: () async throws -> Success) async -> Result {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}

extension Sequence {
    func asyncMap<T>(_ transform: (Element) async throws -> T) async throws -> [T] {
        var mapped: [T] = []
        for element in self { mapped.append(try await transform(element)) }
        return mapped
    }
}
