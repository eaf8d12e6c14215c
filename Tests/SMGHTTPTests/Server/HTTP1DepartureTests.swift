import SMGBase
import SMGNet
import Testing

@testable import SMGHTTP

/// Clients that leave, and clients that only stop sending.
@Suite(.timeLimit(.minutes(2))) struct HTTP1DepartureTests {
    private static let get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

    /// Windows that no delay of the machine outlasts.
    private static var patient: ServerOptions {
        var options = ServerOptions()
        options.halfCloseWindow = .seconds(3600)
        options.halfCloseWindowWhileAnswering = .seconds(3600)
        return options
    }

    /// A handler that begins an answer, then waits for its client's departure.
    private static func waiting(
        _ begun: Flag, _ gone: Flag, begins: Bool = true
    ) -> @Sendable (ServerExchange) async -> Void {
        { exchange in
            exchange.onClientGone = { gone.set() }
            if begins {
                exchange.begin(.streaming)
                exchange.write(text: "hello")
                exchange.flush()
            }
            begun.set()
            await gone.wait()
        }
    }

    enum Departure: CaseIterable { case close, reset }

    @Test(arguments: Departure.allCases, [true, false])
    func departureIsSeenWithinATurn(_ departure: Departure, begins: Bool) async throws {
        var options = ServerOptions()
        options.halfCloseWindow = TimeSpan(nanoseconds: -1)
        options.halfCloseWindowWhileAnswering = TimeSpan(nanoseconds: -1)
        let (begun, gone) = (Flag(), Flag())
        let server = try await TestServer.start(options, handler: Self.waiting(begun, gone, begins: begins))
        let client = try RawClient(server.address)
        try client.send(Self.get)
        await begun.wait()
        if begins { _ = try client.read(through: "hello") }
        if departure == .reset { client.reset() } else { client.close() }
        await server.settle()
        #expect(gone.isSet)
        await server.stop()
    }

    /// By default an end right behind the request is no departure, but a reset is one at any time.
    @Test func halfCloseRightBehindTheRequestIsAnswered() async throws {
        let (begun, go) = (Flag(), Flag())
        let server = try await TestServer.start(Self.patient) { exchange in
            if exchange.path.equals("/late") { begun.set() } else { exchange.begin(.streaming) }
            exchange.write(text: "a")
            exchange.flush()
            if !exchange.path.equals("/late") { begun.set() }
            await go.wait()
            if !exchange.isResponseBegun { exchange.begin(.streaming) }
            exchange.write(text: "b")
            exchange.finish()
        }
        for path in ["/late", "/begun"] {
            let client = try RawClient(server.address)
            try client.send("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n")
            if path == "/begun" { await begun.wait() }
            client.endSending()
            await server.settle()
            go.set()
            let response = try client.response()
            #expect(response.isComplete && response.text.hasSuffix("b"))
            #expect(try client.endsHere())
            client.close()
        }
        await server.stop()
    }

    @Test func halfClosedClientGetsItsAnswers() async throws {
        let server = try await TestServer.start(Self.patient) { exchange in
            await exchange.loop.sleep(.milliseconds(3))
            await echo(exchange)
        }
        let requests = [
            Self.get, "GET / HTTP/1.0\r\n\r\n", Self.get + Self.get + Self.get,
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        ]
        for request in requests {
            let client = try RawClient(server.address)
            try client.send(request)
            client.endSending()
            for _ in 0..<(request == requests[2] ? 3 : 1) {
                #expect(try client.response().text.hasSuffix(request.hasPrefix("POST") ? "hello" : " "))
            }
            #expect(try client.endsHere())
            client.close()
        }
        await server.stop()
    }

    /// A departure taken for a half-close shows as soon as bytes are sent.
    @Test func departureWithinTheWindowShowsWhenWriting() async throws {
        let (begun, go, gone) = (Flag(), Flag(), Flag())
        let server = try await TestServer.start(Self.patient) { exchange in
            exchange.onClientGone = { gone.set() }
            begun.set()
            await go.wait()
            exchange.begin(.streaming)
            while !exchange.isClientGone {
                exchange.write(text: "x")
                exchange.flush()
                await exchange.loop.sleep(.milliseconds(1))
            }
            await gone.wait()
        }
        let client = try RawClient(server.address)
        try client.send(Self.get)
        await begun.wait()
        client.close()
        await server.settle()
        #expect(!gone.isSet)
        go.set()
        await gone.wait()
        await server.stop()
    }

    /// The request's sender is gone before it is looked at: unix sockets tell that at once.
    @Test func requestOfNobodyIsNotServed() async throws {
        let served = Shared(0)
        let (begun, go) = (Flag(), Flag())
        let path = "/tmp/smg-test-\(UInt64.random(in: 0 ..< .max)).sock"
        let server = try await TestServer.start(address: SocketAddress(unixPath: path)!) { exchange in
            served.change { $0 += 1 }
            begun.set()
            await go.wait()
            exchange.answer("x")
        }
        let client = try RawClient(server.address)
        try client.send(Self.get + Self.get)
        await begun.wait()
        client.close()
        await server.settle()
        go.set()
        await server.stop()
        #expect(served.value == 1)
    }

    /// The client is found gone inside a write. The producer must see that when its call returns, hear of it later, and
    /// no buffer may be in two hands: the pool's are compared by what they hold.
    @Test(arguments: [10, 9000, 400_000]) func departureFoundWhileWriting(size: Int) async throws {
        let (begun, go, done) = (Flag(), Flag(), Flag())
        let order = Shared<[String]>([])
        let server = try await TestServer.start { exchange in
            exchange.onClientGone = { order.change { $0.append("told") } }
            exchange.begin(.streaming)
            exchange.flush()
            begun.set()
            await go.wait()
            // The reset has been handled by the kernel, not yet by the loop: this task keeps the loop until it is seen.
            let bytes = pattern(size)
            for _ in 0..<100_000 where !exchange.isClientGone {
                bytes.withUnsafeBytes { exchange.write($0) }
                exchange.flush()
            }
            order.change { $0.append("seen") }
            let buffers = (0..<8).map { _ in exchange.loop.buffers.take() }
            #expect(exchange.isClientGone && buffers.allSatisfy { $0.isEmpty && $0.readerIndex == 0 })
            #expect(Set(buffers.map { ObjectIdentifier($0) }).count == 8)
            for buffer in buffers { exchange.loop.buffers.give(buffer) }
            await exchange.loop.sleep(.milliseconds(1))
            done.set()
        }
        let client = try RawClient(server.address)
        try client.send(Self.get)
        await begun.wait()
        // Reset on the loop's own thread, right before the handler goes on, so that no event comes between.
        let last = LoopBound(client)
        server.loop.execute {
            last.value.reset()
            go.set()
        }
        await done.wait()
        #expect(order.value == ["seen", "told"])
        await server.stop()
    }

    @Test func producerThatWaitsIsReleased() async throws {
        let (begun, done) = (Flag(), Flag())
        let server = try await TestServer.start { exchange in
            exchange.begin(.streaming)
            let block = [UInt8](repeating: 1, count: 1 << 20)
            while !exchange.isClientGone {
                block.withUnsafeBytes { exchange.write($0) }
                begun.set()
                _ = await exchange.waitForRoom()
            }
            done.set()
        }
        for ending in Departure.allCases {
            let client = try RawClient(server.address, receiveBuffer: 4096)
            try client.send(Self.get)
            await begun.wait()
            await server.settle()
            if ending == .close { client.close() } else { client.reset() }
            await done.wait()
        }
        await server.stop()
    }
}
