import SMGBase
import Testing

@testable import SMGSim

@Suite struct QueueAndCancelTests {
    @Test func waitsForASlotAndRefusesTheRest() async throws {
        try await withEngine({
            $0.engine.maxRunning = 1; $0.engine.maxQueue = 1
        }) { engine async throws in
            await engine.setFaults {
                $0.stallAfterTokens = 2; $0.count = 1
            }
            let first = try await engine.connect()
            try await first.send("POST", "/v1/completions", Ask.completion("first", stream: true))
            try await first.receiveEvents(2)
            let second = try await engine.connect()
            try await second.send("POST", "/v1/completions", Ask.completion("second", stream: true))
            let stats = await engine.engine.wait { $0.load.waiting == 1 }
            #expect(stats.load.running == 1 && stats.active == 2)
            #expect(try await engine.ask("GET", "/get_load")["0.num_waiting_reqs"] == "1")
            let third = try await engine.post("/v1/completions", Ask.completion("third"))
            #expect(third.status == 503 && third["error.code"] == "queue_full")
            await engine.engine.setFaults(.none)
            #expect(try await first.receive().events.last == "[DONE]")
            #expect(try await second.receive().events.last == "[DONE]")
            #expect(await engine.engine.wait { $0.completed == 2 }.load.running == 0)
            first.close()
            second.close()
        }
    }

    @Test func aLeavingClientFreesItsSlotAtOnce() async throws {
        try await withEngine({ $0.engine.maxRunning = 1 }) { engine async throws in
            await engine.setFaults {
                $0.stallAfterTokens = 1; $0.count = 1
            }
            let first = try await engine.connect()
            try await first.send("POST", "/v1/completions", Ask.completion("first", stream: true))
            try await first.receiveEvents(1)
            let second = try await engine.connect()
            try await second.send("POST", "/v1/completions", Ask.completion("second"))
            await engine.engine.wait { $0.load.waiting == 1 }
            first.close()
            #expect(try await second.receive().status == 200)
            let stats = await engine.engine.wait { $0.cancelled == 1 && $0.completed == 1 }
            #expect(stats.active == 0 && stats.load.running == 0 && stats.completionTokens == 1 + 4)
            second.close()
        }
    }

    @Test func aWaitingClientMayLeave() async throws {
        try await withEngine({ $0.engine.maxRunning = 1 }) { engine async throws in
            await engine.setFaults {
                $0.stallAfterTokens = 1; $0.count = 1
            }
            let first = try await engine.connect()
            try await first.send("POST", "/v1/completions", Ask.completion("first"))
            await engine.engine.wait { $0.load.running == 1 }
            let second = try await engine.connect()
            try await second.send("POST", "/v1/completions", Ask.completion("second"))
            await engine.engine.wait { $0.load.waiting == 1 }
            second.close()
            let stats = await engine.engine.wait { $0.cancelled == 1 }
            #expect(stats.load.waiting == 0 && stats.load.running == 1)
            await engine.engine.setFaults(.none)
            #expect(try await first.receive().status == 200)
            first.close()
        }
    }

    @Test func aClientMayLeaveBeforeTheFirstToken() async throws {
        try await withEngine({ $0.engine.prefillTokensPerSecond = 0.001 }) { engine async throws in
            for stream in [true, false] {
                let client = try await engine.connect()
                try await client.send("POST", "/v1/chat/completions", Ask.chat(stream: stream))
                await engine.engine.wait { $0.load.running == 1 }
                client.close()
                await engine.engine.wait { $0.active == 0 }
            }
            let stats = await engine.engine.stats()
            #expect(stats.cancelled == 2 && stats.completed == 0 && stats.load.running == 0)
        }
    }

    @Test func stoppingEndsEverything() async throws {
        try await withEngine { engine async throws in
            await engine.setFaults { $0.stallBeforeHead = true }
            let client = try await engine.connect()
            try await client.send("POST", "/v1/chat/completions", Ask.chat())
            await engine.engine.wait { $0.active == 1 }
            await engine.engine.stop()
            #expect(try await client.receive().status == 0)
            client.close()
        }
    }
}
