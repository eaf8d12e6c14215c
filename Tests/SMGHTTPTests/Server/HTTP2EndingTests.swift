import SMGBase
import SMGNet
import Testing

@testable import SMGHTTP

/// Clients, streams and servers that leave, and clients that stand still, over HTTP/2.
@Suite(.timeLimit(.minutes(2))) struct HTTP2EndingTests {
    private static let short = TimeSpan.milliseconds(20)

    /// Counts departures; streams wait for theirs.
    private static func waiting(_ begun: Shared<Int>, _ gone: Shared<Int>) -> @Sendable (ServerExchange) async -> Void {
        { exchange in
            let left = Flag()
            exchange.onClientGone = {
                gone.change { $0 += 1 }
                left.set()
            }
            if exchange.path.equals("/begin") {
                exchange.begin(.streaming)
                exchange.write(text: "hello")
                exchange.flush()
            }
            begun.change { $0 += 1 }
            await left.wait()
        }
    }

    @Test(arguments: ["/", "/begin"]) func resetStreamIsADeparture(path: String) async throws {
        let (begun, gone) = (Shared(0), Shared(0))
        let server = try await TestServer.start(handler: Self.waiting(begun, gone))
        let client = try HTTP2Client(server.address)
        let ids = try (0..<3).map { _ in try client.open("GET", path) }
        try client.push()
        await server.wait("all streams") { begun.value == 3 }
        client.session.reset(ids[1], .cancel)
        try client.push()
        await server.settle()
        #expect(gone.value == 1)
        client.raw.close()
        await server.settle()
        #expect(gone.value == 3)
        await server.stop()
    }

    @Test(arguments: [true, false]) func lostConnectionWithManyStreams(reset: Bool) async throws {
        let (begun, gone) = (Shared(0), Shared(0))
        let server = try await TestServer.start(handler: Self.waiting(begun, gone))
        let client = try HTTP2Client(server.address)
        for number in 0..<100 { _ = try client.open("GET", number % 2 == 0 ? "/" : "/begin") }
        try client.push()
        await server.wait("all streams") { begun.value == 100 }
        if reset { client.raw.reset() } else { client.raw.close() }
        await server.settle()
        #expect(gone.value == 100)
        await server.stop()
    }

    /// The last stream of a lost connection must not leave an idle timer behind: it would fire into freed memory.
    @Test func lostConnectionLeavesNoTimer() async throws {
        var options = ServerOptions()
        // Long enough that a machine that pauses between connecting and asking does not end the connection.
        options.idleTimeout = .milliseconds(300)
        let (begun, gone) = (Shared(0), Shared(0))
        let server = try await TestServer.start(options, handler: Self.waiting(begun, gone))
        for round in 1...20 {
            let client = try HTTP2Client(server.address)
            _ = try client.open()
            try client.push()
            await server.wait("the stream") { begun.value == round }
            client.raw.reset()
            await server.wait("the departure") { gone.value == round }
        }
        // Longer than the idle time, on the loop's own clock.
        await server.loop.pause(.milliseconds(450))
        await server.stop()
    }

    /// Streams whose bodies are being read when the connection goes.
    @Test func lostConnectionWhileReadingBodies() async throws {
        let outcomes = Shared<[String]>([])
        let server = try await TestServer.start { exchange in
            do throws(RequestBodyError) { _ = try await exchange.readBody(limit: 1 << 20) } catch {
                let text = "\(error) \(exchange.isClientGone)"
                outcomes.change { $0.append(text) }
                exchange.answer("too late")
            }
        }
        let client = try HTTP2Client(server.address)
        for _ in 0..<10 { _ = try client.open("POST", "/", body: pattern(100), ends: false) }
        try client.push()
        await server.settle()
        client.raw.close()
        await server.stop()
        #expect(outcomes.value == Array(repeating: "broken true", count: 10))
    }

    /// A protocol fault ends the connection with a GOAWAY that arrives, though bytes of the client are unread.
    @Test func faultIsTold() async throws {
        let (begun, gone) = (Shared(0), Shared(0))
        let server = try await TestServer.start(handler: Self.waiting(begun, gone))
        let client = try HTTP2Client(server.address)
        _ = try client.open()
        try client.push()
        await server.wait("the stream") { begun.value == 1 }
        // DATA on stream 0, and much behind it.
        try client.raw.send([0, 0, 1, 0, 0, 0, 0, 0, 0, 7] + [UInt8](repeating: 0, count: 300_000))
        try client.run { client.hasGoAway }
        #expect(client.recorder.goAways.first?.code == .protocolError)
        while try client.raw.read() {}
        await server.wait("the departure") { gone.value == 1 }
        client.raw.close()
        await server.stop()
    }

    // MARK: - Standing still

    @Test func idleConnectionEnds() async throws {
        var options = ServerOptions()
        options.idleTimeout = Self.short
        options.headerReadTimeout = Self.short
        let server = try await TestServer.start(options, handler: echo)
        for requests in 0..<3 {
            let client = try HTTP2Client(server.address)
            try client.push()
            // After a stream too: the reader has been waiting since before it.
            for _ in 0..<requests { #expect(try client.exchange().status == 200) }
            try client.run { client.hasGoAway }
            #expect(client.recorder.goAways.last?.code == .noError)
            #expect(try !client.run { false })
            client.raw.close()
        }
        await server.stop()
    }

    @Test func stalledBody() async throws {
        var options = ServerOptions()
        options.bodyStallTimeout = Self.short
        let server = try await TestServer.start(options, handler: echo)
        let client = try HTTP2Client(server.address)
        let id = try client.open("POST", "/", body: pattern(10), ends: false)
        try client.run { client.log(id).closes > 0 }
        #expect(client.log(id).status == 408)
        client.raw.close()
        await server.stop()
    }

    /// A client that lets no byte of a stream go, while the socket itself is fine: the stream is ended, others are not.
    @Test(arguments: [true, false]) func clientWithClosedWindow(finished: Bool) async throws {
        var options = ServerOptions()
        options.writeStallTimeout = Self.short
        let gone = Flag()
        let server = try await TestServer.start(options) { exchange in
            guard exchange.path.equals("/big") else { return exchange.answer("small") }
            exchange.onClientGone = { gone.set() }
            exchange.begin(.streaming)
            let block = [UInt8](repeating: 1, count: 600_000)
            block.withUnsafeBytes { exchange.write($0) }
            if finished {
                exchange.finish()
            } else {
                #expect(!(await exchange.waitForRoom()))
                await gone.wait()
            }
        }
        let client = try HTTP2Client(server.address)
        client.recorder.consumes = false
        let id = try client.open("GET", "/big")
        try client.run { client.log(id).closes > 0 }
        #expect(client.log(id).reset == .cancel && client.log(id).body.count == HTTP2Limits.streamWindow)
        #expect(try client.exchange("GET", "/small").text == "small")
        client.raw.close()
        await server.stop()
    }

    /// Wide windows and a socket nobody reads: what the socket does not take must show in the streams' queues.
    @Test func slowSocketHoldsProducersBack() async throws {
        let most = Shared(0)
        let written = Shared(0)
        let total = 20_000_000
        let server = try await TestServer.start { exchange in
            exchange.begin(.streaming)
            let block = pattern(50_000)
            for _ in 0..<total / block.count {
                block.withUnsafeBytes { exchange.write($0) }
                exchange.flush()
                let buffered = exchange.bufferedBytes
                most.change { $0 = max($0, buffered) }
                written.change { $0 += block.count }
                guard await exchange.waitForRoom() else { return }
            }
            exchange.finish()
        }
        let client = try HTTP2Client(server.address, receiveBuffer: 16_384, streamWindow: 1 << 30)
        let id = try client.open()
        try client.push()
        try client.run { client.log(id).hadHead }
        await server.settle()
        // The kernel's buffers, one output buffer and a full queue: everything else would be ours and unbounded.
        #expect(written.value < 12_000_000)
        try client.run { client.log(id).closes > 0 }
        #expect(client.log(id).body.count == total && client.log(id).isWhole)
        #expect(most.value <= ServerExchange.highWaterBytes + 50_000)
        client.raw.close()
        await server.stop()
    }

    @Test func socketNobodyReadsEnds() async throws {
        var options = ServerOptions()
        options.writeStallTimeout = Self.short
        let gone = Flag()
        let server = try await TestServer.start(options) { exchange in
            exchange.onClientGone = { gone.set() }
            exchange.begin(.streaming)
            let block = [UInt8](repeating: 1, count: 100_000)
            while !exchange.isClientGone {
                block.withUnsafeBytes { exchange.write($0) }
                exchange.flush()
                _ = await exchange.waitForRoom()
            }
            await gone.wait()
        }
        let client = try HTTP2Client(server.address, receiveBuffer: 4096, streamWindow: 1 << 30)
        _ = try client.open()
        try client.push()
        await gone.wait()
        client.raw.close()
        await server.stop()
    }

    // MARK: - Draining

    @Test func drainingLetsStreamsFinish() async throws {
        let (begun, go) = (Shared(0), Flag())
        var options = ServerOptions()
        options.drainNoticeTimeout = .seconds(3600)  // only the client's confirmation counts here
        let server = try await TestServer.start(options) { exchange in
            begun.change { $0 += 1 }
            await go.wait()
            await echo(exchange)
        }
        let busy = try HTTP2Client(server.address)
        let idle = try HTTP2Client(server.address)
        let first = try busy.open("GET", "/a")
        try busy.push()
        try idle.push()
        await server.wait("the stream") { begun.value == 1 }
        await server.server.beginDraining()
        // Sent before the notice can have been read: it is served.
        let second = try busy.open("GET", "/b")
        try busy.push()
        await server.wait("the stream") { begun.value == 2 }
        try busy.run { busy.recorder.goAways.count >= 2 }
        go.set()
        #expect(try !busy.run { false })
        #expect(busy.log(first).text == "GET /a " && busy.log(second).text == "GET /b ")
        #expect(busy.log(first).isWhole && busy.log(second).isWhole)
        #expect(busy.recorder.goAways.map(\.last) == [Int32.max, second])
        #expect(try !idle.run { false })
        #expect(idle.hasGoAway)
        busy.raw.close()
        idle.raw.close()
        await server.stop()
    }

    /// A client that does not confirm the notice.
    @Test func drainingDoesNotWaitForever() async throws {
        var options = ServerOptions()
        options.drainNoticeTimeout = Self.short
        options.lingerTimeout = Self.short
        let server = try await TestServer.start(options, handler: echo)
        let client = try HTTP2Client(server.address)
        #expect(try client.exchange().status == 200)
        await server.server.beginDraining()
        await server.stop()
        client.raw.close()
    }

    /// Connected before, heard of after.
    @Test func connectionInTheQueueIsServedOnce() async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try HTTP2Client(server.address)
        await server.settle()
        await server.server.beginDraining()
        let id = try client.open("GET", "/a")
        #expect(try !client.run { false })
        #expect(client.log(id).text == "GET /a " && client.hasGoAway)
        client.raw.close()
        await server.stop()
    }
}
