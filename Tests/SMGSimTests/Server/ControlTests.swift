import SMGBase
import SMGNet
import Testing

@testable import SMGSim

@Suite struct ControlTests {
    @Test func remembersTheLastRequest() async throws {
        try await withEngine { engine async throws in
            let body = Ask.chat("ünïcode")
            _ = try await engine.ask("POST", "/v1/chat/completions?a=b", body, headers: "X-Thing: 1\r\nx-thing: 2\r\n")
            let stats = try await engine.ask("GET", "/sim/stats")
            #expect(stats["last_request.method"] == "POST")
            #expect(stats["last_request.target"] == "/v1/chat/completions?a=b")
            #expect(stats["last_request.headers.1"] == #"["x-thing","1"]"#)
            #expect(stats["last_request.headers.2.1"] == "2")
            #expect(stats["last_request.body_bytes"] == "\(body.utf8.count)")
            #expect(stats["last_request.body_sha256"] == sha256(body).hex)
            #expect(stats["requests./v1/chat/completions"] == "1" && stats["name"] == "sim")
            #expect(stats["received"] == "1")
            #expect(try await engine.ask("GET", "/sim/last_body").text == body)
            let last = try #require(await engine.engine.stats().lastRequest)
            #expect(last.header("x-thing") == "1" && last.header("none") == nil && last.body == Array(body.utf8))
        }
    }

    @Test func waitsForCounters() async throws {
        try await withEngine { engine async throws in
            let watcher = try await engine.connect()
            try await watcher.send("GET", "/sim/wait?completed=2&active=0&timeout_ms=30000", "")
            _ = try await engine.post("/v1/chat/completions", Ask.chat())
            _ = try await engine.post("/v1/chat/completions", Ask.chat())
            let met = try await watcher.receive()
            #expect(met.status == 200 && met["completed"] == "2")
            watcher.close()
            let late = try await engine.ask("GET", "/sim/wait?completed=3&timeout_ms=1")
            #expect(late.status == 408 && late["completed"] == "2")
            #expect(try await engine.ask("GET", "/sim/wait").status == 200)
            for bad in ["nothing=1", "completed", "completed=x", "completed=-1"] {
                #expect(try await engine.ask("GET", "/sim/wait?\(bad)").status == 400)
            }
        }
    }

    @Test func aWatcherMayLeave() async throws {
        try await withEngine { engine async throws in
            let watcher = try await engine.connect()
            try await watcher.send("GET", "/sim/wait?completed=1&timeout_ms=30000", "")
            await engine.engine.wait { $0.requests["/sim/wait"] == 1 }
            watcher.close()
            await engine.engine.wait { $0.connectionsOpen == 0 }
            #expect(try await engine.post("/v1/chat/completions", Ask.chat()).status == 200)
        }
    }
}
