import SMGBase
import SMGJSON
import SMGNet
import Testing

@testable import SMGSim

@Suite struct FaultTests {
    private static let path = "/v1/completions"

    @Test func aStatusForSomeRequests() async throws {
        try await withEngine { engine async throws in
            await engine.setFaults {
                $0.status = 429; $0.count = 2
            }
            for status in [429, 429, 200, 200] {
                let answer = try await engine.post(Self.path, Ask.completion())
                #expect(answer.status == status)
                #expect(status == 200 || answer["error.code"] == "simulated_failure")
            }
            #expect(await engine.engine.stats().faults == 2)
        }
    }

    @Test func errorsAtARate() async throws {
        try await withEngine { engine async throws in
            await engine.setFaults {
                $0.errorRate = 0.5; $0.errorStatus = 502
            }
            var failed = 0
            for _ in 0..<100 {
                if try await engine.post(Self.path, Ask.completion()).status == 502 { failed += 1 }
            }
            #expect((25...75).contains(failed))
            await engine.setFaults { $0.errorRate = 1 }
            #expect(try await engine.post(Self.path, Ask.completion()).status == 500)
        }
    }

    @Test(arguments: [true, false], [true, false])
    func cuts(stream: Bool, reset: Bool) async throws {
        try await withEngine { engine async throws in
            await engine.setFaults {
                $0.cutAfterTokens = 3; $0.reset = reset
            }
            let answer = try await engine.post(Self.path, Ask.completion(tokens: 5, stream: stream))
            #expect(answer.status == 200 && answer.end == (reset ? .reset : .truncated))
            if stream { #expect(answer.events.count == 3) }
            // An answer shorter than that is left alone.
            #expect(try await engine.post(Self.path, Ask.completion(tokens: 2, stream: stream)).end == .whole)
            #expect(await engine.engine.wait { $0.active == 0 }.load.running == 0)
        }
    }

    @Test(arguments: [true, false])
    func cutsBeforeTheHead(reset: Bool) async throws {
        try await withEngine { engine async throws in
            await engine.setFaults {
                $0.cutBeforeHead = true; $0.reset = reset
            }
            let answer = try await engine.post(Self.path, Ask.completion())
            #expect(answer.status == 0 && answer.end == (reset ? .reset : .truncated))
        }
    }

    @Test(arguments: [true, false])
    func stallsUntilThePlanChanges(stream: Bool) async throws {
        try await withEngine { engine async throws in
            await engine.setFaults { $0.stallBeforeHead = true }
            let client = try await engine.connect()
            try await client.send("POST", Self.path, Ask.completion(stream: stream))
            await engine.engine.wait { $0.faults == 1 }
            await engine.engine.setFaults(.none)
            #expect(try await client.receive().end == .whole)
            await engine.setFaults { $0.stallAfterTokens = 0 }
            try await client.send("POST", Self.path, Ask.completion(stream: stream))
            await engine.engine.wait { $0.faults == 2 }
            #expect(await engine.engine.stats().load.running == 1)
            await engine.engine.setFaults(.none)
            #expect(try await client.receive().end == .whole)
            client.close()
        }
    }

    @Test func malformedAnswers() async throws {
        try await withEngine { engine async throws in
            await engine.setFaults {
                $0.malformedHead = true; $0.count = 1
            }
            #expect(try await engine.post(Self.path, Ask.completion()).end == .malformed)
            await engine.setFaults { $0.lengthMismatch = true }
            #expect(try await engine.post(Self.path, Ask.completion()).end == .truncated)
            #expect(try await engine.post(Self.path, Ask.completion(stream: true)).end == .malformed)
        }
    }

    @Test(arguments: [true, false])
    func slowHeadsArriveWhole(stream: Bool) async throws {
        try await withEngine { engine async throws in
            await engine.setFaults { $0.slowHead = .microseconds(1) }
            let answer = try await engine.post(Self.path, Ask.completion(stream: stream))
            #expect(answer.status == 200 && answer.end == .whole)
            await engine.setFaults {
                $0.slowHead = .microseconds(1); $0.status = 503
            }
            #expect(try await engine.post(Self.path, Ask.completion(stream: stream)).status == 503)
        }
    }

    @Test func reusedConnectionsAreClosed() async throws {
        try await withEngine { engine async throws in
            await engine.setFaults { $0.closeReused = true }
            let client = try await engine.connect()
            try await client.send("POST", Self.path, Ask.completion())
            #expect(try await client.receive().status == 200)
            try await client.send("POST", Self.path, Ask.completion())
            let second = try await client.receive()
            #expect(second.status == 0 && second.end == .truncated)
            #expect(try await engine.post(Self.path, Ask.completion()).status == 200)
            client.close()
        }
    }

    @Test func connectionsAreDropped() async throws {
        try await withEngine { engine async throws in
            let before = try await engine.connect()
            try await before.send("GET", "/health", "")
            #expect(try await before.receive().status == 200)
            await engine.setFaults { $0.dropConnections = true }
            let dropped = try await engine.connect()
            #expect(try await dropped.receive().status == 0)
            // One that was there before still reaches the controls.
            try await before.send("POST", "/sim/fault", "{}")
            #expect(try await before.receive()["drop_connections"] == "false")
            #expect(try await engine.ask("GET", "/health").status == 200)
            #expect(await engine.engine.stats().connectionsDropped == 1)
            before.close()
            dropped.close()
        }
    }

    @Test func unhealthyUntilToldOtherwise() async throws {
        try await withEngine { engine async throws in
            await engine.setFaults {
                $0.unhealthy = true; $0.count = 1
            }
            #expect(try await engine.post(Self.path, Ask.completion()).status == 200)
            #expect(try await engine.ask("GET", "/health").status == 503)
            #expect(try await engine.ask("GET", "/health_generate").status == 503)
            await engine.engine.setFaults(.none)
            #expect(try await engine.ask("GET", "/health").status == 200)
        }
    }

    @Test func delaysPass() async throws {
        try await withEngine { engine async throws in
            await engine.setFaults { $0.delay = .milliseconds(1) }
            #expect(try await engine.post(Self.path, Ask.completion()).status == 200)
            #expect(await engine.engine.stats().faults == 1)
        }
    }

    @Test func plansReadBack() throws {
        var plan = FaultPlan()
        plan.count = 7
        plan.status = 418
        plan.errorRate = 0.25
        plan.errorStatus = 501
        plan.delay = .milliseconds(3)
        plan.stallBeforeHead = true
        plan.slowHead = .milliseconds(2)
        plan.stallAfterTokens = 4
        plan.cutAfterTokens = 5
        plan.cutBeforeHead = true
        plan.reset = true
        plan.malformedHead = true
        plan.lengthMismatch = true
        plan.closeReused = true
        plan.dropConnections = true
        plan.unhealthy = true
        #expect(try read(written(plan)) == plan)
        #expect(try read(written(.none)) == .none)
        #expect(try read("{}") == .none)
    }

    @Test(arguments: [
        "[]", "7", #"{"stall":true}"#, #"{"status":99}"#, #"{"status":"503"}"#, #"{"error_rate":1.1}"#,
        #"{"error_rate":-0.1}"#, #"{"reset":1}"#, #"{"delay_ms":-1}"#, #"{"delay_ms":1e99}"#, #"{"count":1.5}"#,
    ])
    func badPlansAreRefused(text: String) async throws {
        #expect(throws: FaultPlanError.self) { try read(text) }
        try await withEngine { engine async throws in
            let answer = try await engine.post("/sim/fault", text)
            #expect(answer.status == 400 && answer["error.code"] == "invalid_fault")
        }
    }

    private func read(_ text: String) throws -> FaultPlan {
        let bytes = ByteBuffer(Array(text.utf8))
        return try FaultPlan(json: JSONSlice(parsing: bytes.readable))
    }

    private func written(_ plan: FaultPlan) -> String {
        let bytes = ByteBuffer(capacity: 16)
        var writer = JSONWriter(bytes)
        plan.write(to: &writer)
        return bytes.readableString
    }
}
