import SMGBase
import SMGNet
import Testing

@testable import SMGHTTP

/// Every wait a client can cause ends.
@Suite(.timeLimit(.minutes(2))) struct HTTP1TimeoutTests {
    private static let get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
    private static let short = TimeSpan.milliseconds(20)

    @Test func silentConnectionEnds() async throws {
        var options = ServerOptions()
        options.headerReadTimeout = Self.short
        let server = try await TestServer.start(options, handler: echo)
        let client = try RawClient(server.address)
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }

    @Test func slowHeadIsAnswered() async throws {
        var options = ServerOptions()
        options.headerReadTimeout = Self.short
        let server = try await TestServer.start(options, handler: echo)
        for first in ["", Self.get] {
            let client = try RawClient(server.address)
            if !first.isEmpty { #expect(try client.exchange(first).status == 200) }
            try client.send("GET / HTTP/1.1\r\nHo")
            let response = try client.response()
            #expect(response.status == 408 && response.text.contains("request_header_timeout"))
            #expect(try client.endsHere())
            client.close()
        }
        await server.stop()
    }

    /// A client that always has one more byte ready never lets the server wait: the time counts all the same.
    @Test func busySlowHeadIsAnswered() async throws {
        var options = ServerOptions()
        options.headerReadTimeout = Self.short
        options.headLimits = HeadLimits(headBytes: 1 << 30)
        let server = try await TestServer.start(options, handler: echo)
        let client = try RawClient(server.address)
        try client.send("GET / HTTP/1.1\r\nHost: h\r\nX: ")
        while client.isQuiet { if client.trySend([UInt8](repeating: 0x61, count: 16)) < 0 { await server.settle() } }
        #expect(try client.response().status == 408)
        client.close()
        await server.stop()
    }

    @Test func idleConnectionEnds() async throws {
        var options = ServerOptions()
        options.idleTimeout = Self.short
        let server = try await TestServer.start(options, handler: echo)
        let client = try RawClient(server.address)
        #expect(try client.exchange(Self.get).status == 200)
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }

    @Test(arguments: [
        "Content-Length: 100\r\n\r\nabc", "Content-Length: 100000\r\n\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    ])
    func stalledBody(_ rest: String) async throws {
        var options = ServerOptions()
        options.bodyStallTimeout = Self.short
        let server = try await TestServer.start(options, handler: echo)
        let client = try RawClient(server.address)
        let response = try client.exchange("POST / HTTP/1.1\r\nHost: h\r\n\(rest)")
        #expect(response.status == 408 && response.text == "stalled" && response.fields["connection"] == "close")
        // What comes later belongs to the body that was given up, whatever it looks like.
        try? client.send(Self.get)
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }

    /// A body that is not wanted and does not come either.
    @Test func unwantedBodyThatDoesNotCome() async throws {
        var options = ServerOptions()
        options.bodyStallTimeout = Self.short
        let server = try await TestServer.start(options) { $0.answer("ok") }
        let client = try RawClient(server.address)
        #expect(try client.exchange("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc").text == "ok")
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }

    /// A client that takes its answer but does not close.
    @Test func lingeringEnds() async throws {
        var options = ServerOptions()
        options.lingerTimeout = Self.short
        let server = try await TestServer.start(options, handler: echo)
        let client = try RawClient(server.address)
        #expect(try client.exchange("BAD\r\n\r\n").status == 400)
        await server.wait("the end") { await server.server.activity().connections == 0 }
        client.close()
        await server.stop()
    }

    // MARK: - Slow readers

    @Test func backPressureBoundsMemory() async throws {
        let most = Shared(0)
        let full = Flag()
        let total = 8_000_000
        let server = try await TestServer.start { exchange in
            exchange.begin(.known(total))
            let block = pattern(100_000)
            for _ in 0..<total / block.count {
                block.withUnsafeBytes { exchange.write($0) }
                exchange.flush()
                let buffered = exchange.bufferedBytes
                most.change { $0 = max($0, buffered) }
                if buffered > ServerExchange.highWaterBytes { full.set() }
                guard await exchange.waitForRoom() else { return }
            }
            exchange.finish()
        }
        let client = try RawClient(server.address, receiveBuffer: 16_384)
        try client.send(Self.get)
        await full.wait()
        let response = try client.response()
        #expect(response.isComplete && response.body.count == total)
        let block = pattern(100_000)
        for at in stride(from: 0, to: total, by: block.count) {
            #expect(response.body[at..<at + block.count].elementsEqual(block))
        }
        #expect(most.value > ServerExchange.highWaterBytes && most.value <= ServerExchange.highWaterBytes + 100_000)
        client.close()
        await server.stop()
    }

    /// Many small writes without a flush do not pile up.
    @Test func unflushedWritesLeave() async throws {
        let most = Shared(0)
        let server = try await TestServer.start { exchange in
            exchange.begin(.streaming)
            for _ in 0..<100_000 {
                exchange.write(text: "0123456789")
                let buffered = exchange.bufferedBytes
                if buffered > most.value { most.value = buffered }
                if buffered > ServerExchange.highWaterBytes { guard await exchange.waitForRoom() else { return } }
            }
            exchange.finish()
        }
        let client = try RawClient(server.address)
        let response = try client.exchange(Self.get)
        #expect(response.isComplete && response.body.count == 1_000_000)
        #expect(most.value <= ServerExchange.highWaterBytes + 100)
        client.close()
        await server.stop()
    }

    /// The stall ends the connection although the producer keeps trying: only bytes taken count.
    @Test(arguments: [true, false]) func clientThatTakesNothing(producerTries: Bool) async throws {
        var options = ServerOptions()
        options.writeStallTimeout = Self.short
        let gone = Flag()
        let server = try await TestServer.start(options) { exchange in
            exchange.onClientGone = { gone.set() }
            exchange.begin(.streaming)
            let block = [UInt8](repeating: 1, count: 50_000)
            while exchange.bufferedBytes <= ServerExchange.highWaterBytes / 2 {
                block.withUnsafeBytes { exchange.write($0) }
                exchange.flush()
            }
            while producerTries, !exchange.isClientGone {
                exchange.write(text: "x")
                exchange.flush()
                await exchange.loop.sleep(.milliseconds(1))
            }
            await gone.wait()
            #expect(exchange.isClientGone)
        }
        let client = try RawClient(server.address, receiveBuffer: 4096)
        try client.send(Self.get)
        await gone.wait()
        await server.stop()
        #expect(throws: RawClient.Failure.self) { _ = try client.readToEnd() }
        client.close()
    }

    /// The answer is finished and the handler gone; the client still takes nothing.
    @Test func finishedAnswerNobodyTakes() async throws {
        var options = ServerOptions()
        options.writeStallTimeout = Self.short
        let server = try await TestServer.start(options) { exchange in
            exchange.answer(String(repeating: "x", count: 10_000_000))
        }
        let client = try RawClient(server.address, receiveBuffer: 4096)
        try client.send(Self.get)
        await server.stop()
        client.close()
    }
}
