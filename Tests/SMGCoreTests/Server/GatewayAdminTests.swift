import SMGBase
import SMGConfig
import SMGJSON
import SMGNet
import SMGRouting
import Testing

@testable import SMGCore

/// The gateway's own endpoints and the life of its workers, from socket to socket.
@Suite struct GatewayAdminTests {
    /// Path segments with everything escaped that needs it.
    static func escaped(_ url: String) -> String { url.replacing(":", with: "%3A").replacing("/", with: "%2F") }

    // MARK: - Workers

    @Test func workersAreAddedShownAndRemoved() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let worker = try await ScriptedWorker.start(on: loop, model: "alpha")
            try await withGateway(loop, [], #""drain_settle_secs":0"#) { fixture in
                let added = try #require(
                    await fixture.fetch("POST", "/workers", body: #"{"url":"\#(worker.url)/","labels":{"zone":"a"}}"#))
                #expect(added.status == 202)
                let location = try #require(added["location"].first)
                #expect(location.hasPrefix("/workers/"))
                await fixture.workersReady(1)
                #expect(worker.questions.all.map(\.path) == ["/health", "/server_info", "/model_info"])
                for path in [location, "/workers/" + Self.escaped(worker.url), "/workers/" + worker.url] {
                    let shown = try #require(await fixture.fetch("GET", path))
                    #expect(shown.status == 200, "\(path)")
                    #expect(shown.body.contains(#""model_id":"alpha""#) && shown.body.contains(#""zone":"a""#))
                    #expect(shown.body.contains(#""status":"ready""#))
                }
                let again = try #require(await fixture.fetch("POST", "/workers", body: #"{"url":"\#(worker.url)"}"#))
                #expect(again.status == 409 && again["x-smg-error-code"] == ["worker_already_exists"])
                let list = try #require(await fixture.fetch("GET", "/workers"))
                #expect(list.body.contains(#""total":1"#) && list.body.contains(#""regular_count":1"#))

                #expect(await fixture.fetch("DELETE", "/workers/" + Self.escaped(worker.url))?.status == 202)
                await eventually(loop, "is gone") { await fixture.fetch("GET", location)?.status == 404 }
                let gone = try #require(await fixture.fetch("DELETE", location))
                #expect(gone.status == 404 && gone["x-smg-error-code"] == ["worker_not_found"])
                #expect(await fixture.chat(Chat.body(model: "alpha"))?.status == 503)
                #expect(await fixture.fetch("POST", "/workers", body: #"{"url":"\#(worker.url)"}"#)?.status == 202)
                await fixture.workersReady(1)
            }
        }
    }

    @Test func refusedDescriptionsAddNothing() async throws {
        try await withLoops { group in
            try await withGateway(group.loops[0], []) { fixture in
                for (body, code) in [
                    ("", "json_parse_error"), (#"{"url":"w"}"#, "invalid_request"),
                    ("{}", "missing_required_parameter"),
                    (#"{"url":"http://w","api_key":"a\r\nx: y"}"#, "invalid_request"),
                ] {
                    let reply = try #require(await fixture.fetch("POST", "/workers", body: body))
                    #expect(reply.status == 400 && reply["x-smg-error-code"] == [code])
                }
                #expect(await fixture.fetch("GET", "/workers/%zz")?.status == 400)
                #expect(await fixture.fetch("GET", "/workers/nobody")?.status == 404)
                #expect(fixture.gateway.registry.pending.isEmpty)
            }
        }
    }

    @Test func aWorkerThatIsNotThereStaysPendingAndCanBeRemoved() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let port = try RefusingPort()
            let url = port.url
            try await withGateway(loop, []) { fixture in
                let added = try #require(await fixture.fetch("POST", "/workers", body: #"{"url":"\#(url)"}"#))
                let location = try #require(added["location"].first)
                await eventually(loop, "was tried") {
                    await fixture.fetch("GET", location)?.body.contains("cannot connect") ?? false
                }
                let shown = try #require(await fixture.fetch("GET", location))
                #expect(shown.body.contains(#""status":"pending""#) && shown.body.contains(#""job_type":"AddWorker""#))
                #expect(await fixture.fetch("GET", "/readiness")?.status == 503)
                #expect(await fixture.fetch("DELETE", location)?.status == 202)
                #expect(await fixture.fetch("GET", location)?.status == 404)
                #expect(fixture.gateway.registry.pending.isEmpty)
            }
            withExtendedLifetime(port) {}
        }
    }

    @Test func removalLetsRequestsFinish() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let gate = Gate()
            let worker = try await ScriptedWorker.start(on: loop) { _ in
                [.streamHead, .chunk("data: 1\n\n"), .wait(gate), .chunk("data: 2\n\n"), .lastChunk]
            }
            try await withGateway(loop, [worker], #""drain_settle_secs":0"#) { fixture in
                let registry = fixture.gateway.registry
                let known = registry.snapshot.workers[0]
                async let running = fixture.chat(Chat.streamed)
                await eventually(loop, "runs") { known.slot.load == 1 }
                #expect(await fixture.fetch("DELETE", "/workers/" + known.id)?.status == 202)
                #expect(known.status == .draining)
                #expect(await fixture.chat()?.status == 503, "nothing new")
                #expect(await fixture.fetch("GET", "/workers/" + known.id)?.body.contains("draining") ?? false)
                #expect(worker.requests.all.count == 1)
                gate.open()
                let reply = try #require(await running)
                #expect(reply.isComplete && reply.body == "data: 1\n\ndata: 2\n\n")
                await eventually(loop, "is forgotten") { registry.worker(known.id) == nil }
            }
        }
    }

    // MARK: - Asking all workers

    @Test func cachesOfAllWorkersAreFlushed() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let good = try await ScriptedWorker.start(on: loop)
            let bad = try await ScriptedWorker.start(on: loop) { _ in [.answer(500, "")] }
            try await withGateway(loop, [good], #""api_key":"s3cret""#) { fixture in
                let key = ["authorization: Bearer s3cret"]
                let all = try #require(await fixture.fetch("POST", "/flush_cache", key))
                #expect(all.status == 200 && all.body.contains(#""status":"success""#))
                #expect(all.body.contains(#""workers_flushed":1"#))
                #expect(good.requests.all.map(\.path) == ["/flush_cache"] && good.requests.all[0].method == "POST")
                #expect(good.requests.all[0].field("authorization") == ["Bearer s3cret"])
                #expect(await fixture.fetch("POST", "/workers", key, body: #"{"url":"\#(bad.url)"}"#)?.status == 202)
                await fixture.workersReady(2)
                let some = try #require(await fixture.fetch("POST", "/flush_cache", key))
                #expect(some.status == 206 && some.body.contains(#""status":"partial_success""#))
                #expect(some.body.contains(#""successful":["\#(good.url)"]"#))
                #expect(some.body.contains(#"{"worker":"\#(bad.url)","error":"HTTP 500"}"#))
                #expect(bad.requests.all[0].field("authorization").isEmpty)
            }
        }
    }

    @Test func loadsOfAllWorkersAreAsked() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let answers = [#"[{"num_tokens":5},{"num_tokens":7}]"#, "nonsense", #"{"num_tokens":3}"#, "[{}]", "[]"]
            let workers = try await answers.asyncMap { answer in
                try await ScriptedWorker.start(on: loop) { _ in [.answer(answer)] }
            }
            let silent = try await ScriptedWorker.start(on: loop) { _ in [.reset] }
            try await withGateway(loop, workers + [silent]) { fixture in
                let reply = try #require(await fixture.fetch("GET", "/get_loads"))
                #expect(reply.status == 200)
                for (worker, load) in zip(workers + [silent], [12, -1, 3, -1, 0, -1]) {
                    #expect(reply.body.contains(#"{"worker":"\#(worker.url)","load":\#(load)}"#))
                }
                #expect(workers[0].requests.all.map(\.path) == ["/get_load"])
            }
        }
    }

    @Test func withoutWorkersNobodyIsAsked() async throws {
        try await withLoops { group in
            try await withGateway(group.loops[0], []) { fixture in
                let flushed = try #require(await fixture.fetch("POST", "/flush_cache"))
                #expect(flushed.status == 200 && flushed.body.contains(#""total_workers":0"#))
                #expect(await fixture.fetch("GET", "/get_loads")?.body == #"{"workers":[]}"#)
                #expect(await fixture.fetch("GET", "/v1/models")?.body == #"{"object":"list","data":[]}"#)
                #expect(await fixture.fetch("GET", "/get_model_info")?.status == 503)
            }
        }
    }

    @Test func questionsAboutTheModelGoToAWorker() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let worker = try await ScriptedWorker.start(on: loop) { request in
                request.path == "/health_generate" ? [.answer(200, "fine", type: "text/plain")] : [.answer(#"{"x":1}"#)]
            }
            try await withGateway(loop, [worker]) { fixture in
                let health = try #require(await fixture.fetch("GET", "/health_generate"))
                #expect(health.status == 200 && health.body == "fine" && health["content-type"] == ["text/plain"])
                let info = try #require(await fixture.fetch("GET", "/get_model_info"))
                #expect(info.status == 200 && info.body == #"{"x":1}"#)
            }
        }
    }

    // MARK: - Readiness and the end

    @Test func readinessFollowsTheWorkers() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let worker = try await ScriptedWorker.start(on: loop)
            let options =
                #""health_check_interval_secs":0.02,"health_failure_threshold":2,"health_success_threshold":2"#
            try await withGateway(loop, [worker], options) { fixture in
                let ready = try #require(await fixture.fetch("GET", "/readiness"))
                #expect(ready.status == 200)
                #expect(ready.body == #"{"status":"ready","healthy_workers":1,"total_workers":1}"#)
                worker.setHealth(500)
                await eventually(loop, "is not ready") { await fixture.fetch("GET", "/readiness")?.status == 503 }
                let reply = try #require(await fixture.chat())
                #expect(reply.status == 503 && reply["x-smg-error-code"] == ["no_available_workers"])
                worker.setHealth(200)
                await eventually(loop, "is ready again") { await fixture.fetch("GET", "/readiness")?.status == 200 }
                #expect(await fixture.chat()?.status == 200)
            }
        }
    }

    @Test func aGatewayThatStopsFinishesWhatItHas() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let gate = Gate()
            let worker = try await ScriptedWorker.start(on: loop) { _ in [.wait(gate), .answer("{}")] }
            try await withGateway(loop, [worker], stops: false) { fixture in
                async let running = fixture.chat()
                await eventually(loop, "runs") { worker.requests.all.count == 1 }
                async let cut = fixture.gateway.stop(grace: .seconds(20))
                let metrics = fixture.gateway.metricsAddress
                await eventually(loop, "says that it leaves") {
                    await metrics.fetch(loop, "GET", "/readiness")?.body.contains("draining") ?? false
                }
                gate.open()
                #expect(await running?.status == 200)
                #expect(await cut == 0)
                #expect(await fixture.chat() == nil, "nobody listens any more")
            }
        }
    }

    // MARK: - Metrics

    @Test func metricsTellOfWorkersAndForgetThem() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let worker = try await ScriptedWorker.start(on: loop)
            try await withGateway(loop, [worker], #""drain_settle_secs":0"#) { fixture in
                let metrics = fixture.gateway.metricsAddress
                #expect(await fixture.chat()?.status == 200)
                let text = try #require(await metrics.fetch(loop, "GET", "/metrics")).body
                for line in [
                    #"smg_worker_health{worker="\#(worker.url)"} 1"#,
                    #"sgl_router_processed_requests_total{worker="\#(worker.url)"} 1"#,
                    #"smg_worker_cb_transitions_total{worker="\#(worker.url)"} 0"#,
                    #"sgl_router_requests_total{route="/v1/chat/completions"} 1"#,
                ] { #expect(text.contains(line), "\(line)") }
                let id = fixture.gateway.registry.snapshot.workers[0].id
                #expect(await fixture.fetch("DELETE", "/workers/" + id)?.status == 202)
                await eventually(loop, "is gone") { fixture.gateway.registry.worker(id) == nil }
                // Shown one last time, then gone.
                await eventually(loop, "its series are gone") {
                    let text = await metrics.fetch(loop, "GET", "/metrics")?.body ?? worker.url
                    return !text.contains(worker.url)
                }
                #expect(await metrics.fetch(loop, "POST", "/metrics")?.status == 405)
            }
        }
    }

    // MARK: - CORS

    @Test func anyOriginMayReadUnlessThereIsAList() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            try await withGateway(loop, []) { fixture in
                let plain = try #require(await fixture.fetch("GET", "/health"))
                #expect(plain["access-control-allow-origin"].isEmpty && plain["vary"].isEmpty)
                let page = try #require(await fixture.fetch("GET", "/health", ["origin: https://any.example"]))
                #expect(page["access-control-allow-origin"] == ["*"])
                #expect(page["access-control-expose-headers"] == ["x-request-id, x-smg-error-code, retry-after"])
            }
            let options = #""cors_allowed_origins":["https://Chat.example.com","http://localhost:3000"]"#
            try await withGateway(loop, [], options) { fixture in
                for path in ["/health", "/nowhere", "/v1/models", "/readiness"] {
                    for (origin, allowed) in [
                        ("https://chat.example.com", true), ("http://localhost:3000", true),
                        ("https://evil.example", false),
                        ("https://chat.example.com.evil.example", false), ("null", false),
                    ] {
                        let reply = try #require(await fixture.fetch("GET", path, ["origin: \(origin)"]))
                        #expect(reply["access-control-allow-origin"] == (allowed ? [origin] : []), "\(path) \(origin)")
                        #expect(reply["vary"] == ["origin"])
                    }
                    // A cache must not give an answer without the field to a page.
                    #expect(await fixture.fetch("GET", path)?["vary"] == ["origin"])
                }
            }
        }
    }

    @Test func preflightsAreAnsweredWithoutAKey() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let options = #""cors_allowed_origins":["https://a.example"],"api_key":"s3cret""#
            try await withGateway(loop, [], options) { fixture in
                for path in ["/v1/chat/completions", "/workers/x"] {
                    let reply = try #require(
                        await fixture.fetch(
                            "OPTIONS", path,
                            [
                                "origin: https://a.example", "access-control-request-method: DELETE",
                                "access-control-request-headers: authorization, x-own",
                            ]))
                    #expect(reply.status == 204 && reply.isComplete && reply.body.isEmpty)
                    #expect(reply["access-control-allow-origin"] == ["https://a.example"])
                    #expect(reply["access-control-allow-methods"].first?.contains("DELETE") ?? false)
                    #expect(reply["access-control-allow-headers"] == ["authorization, x-own"])
                    #expect(reply["access-control-max-age"] == ["3600"])
                }
                // Without both fields it is an ordinary request.
                #expect(await fixture.fetch("OPTIONS", "/workers", ["origin: https://a.example"])?.status == 405)
                let denied = try #require(
                    await fixture.fetch(
                        "OPTIONS", "/x", ["origin: https://b.example", "access-control-request-method: GET"]))
                #expect(denied["access-control-allow-origin"].isEmpty)
            }
        }
    }
}
