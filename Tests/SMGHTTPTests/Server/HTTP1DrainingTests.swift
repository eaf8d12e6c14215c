import SMGBase
import SMGNet
import Testing

@testable import SMGHTTP

/// A server that leaves: what is idle ends, what is in work finishes, what is on its way is served.
@Suite(.timeLimit(.minutes(2))) struct HTTP1DrainingTests {
    private static let get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

    @Test func idleEndsAndActiveFinishes() async throws {
        let (begun, go) = (Flag(), Flag())
        let server = try await TestServer.start { exchange in
            guard exchange.path.equals("/slow") else { return await echo(exchange) }
            begun.set()
            await go.wait()
            await echo(exchange)
        }
        let idle = try RawClient(server.address)
        #expect(try idle.exchange(Self.get).status == 200)
        let active = try RawClient(server.address)
        try active.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
        await begun.wait()
        await server.server.beginDraining()
        #expect(try idle.endsHere())
        #expect(await server.server.activity() == (1, 1))
        go.set()
        let response = try active.response()
        #expect(response.status == 200 && response.fields["connection"] == "close")
        #expect(try active.endsHere())
        idle.close()
        active.close()
        await server.stop()
    }

    /// The head had left before draining began: the connection ends behind the answer all the same.
    @Test func answerBegunBeforeDraining() async throws {
        let (begun, go) = (Flag(), Flag())
        let server = try await TestServer.start { exchange in
            exchange.begin(.streaming)
            exchange.write(text: "a")
            exchange.flush()
            begun.set()
            await go.wait()
            exchange.write(text: "b")
            exchange.finish()
        }
        let client = try RawClient(server.address)
        try client.send(Self.get)
        await begun.wait()
        await server.server.beginDraining()
        go.set()
        let response = try client.response()
        #expect(response.text == "ab" && response.isComplete && response.fields["connection"] == nil)
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }

    @Test func freshConnectionIsServedOnce() async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try RawClient(server.address)
        await server.settle()
        await server.server.beginDraining()
        await server.settle()
        let response = try client.exchange(Self.get)
        #expect(response.status == 200 && response.fields["connection"] == "close")
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }

    /// A request lies in the socket of an idle connection, and the loop has not heard of it when it is told to drain.
    @Test func requestInTheSocketIsServed() async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try RawClient(server.address)
        #expect(try client.exchange(Self.get).status == 200)
        let (sender, part) = (LoopBound(client), server.parts[0])
        let sent = await server.loop.call {
            defer { part.value.beginDraining() }
            return (try? sender.value.send(Self.get)) != nil
        }
        #expect(sent)
        let response = try client.response()
        #expect(response.status == 200 && response.fields["connection"] == "close")
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }

    /// Connections that wait to be accepted are served before the port goes, and later ones are refused.
    @Test func acceptQueueIsServed() async throws {
        let server = try await TestServer.start(handler: echo)
        let address = server.address
        let opened = Shared<[LoopBound<RawClient>]>([])
        // The loop is kept busy while they connect: all are in the queue when it is told to stop.
        await server.loop.call {
            let clients = (0..<200).compactMap { _ in try? RawClient(address) }.map { LoopBound($0) }
            opened.value = clients
        }
        await server.server.beginDraining()
        #expect(opened.value.count == 200)
        for client in opened.value {
            #expect(try client.value.exchange(Self.get).status == 200)
            #expect(try client.value.endsHere())
        }
        #expect(throws: RawClient.Failure.self) { _ = try RawClient(address) }
        opened.value.forEach { $0.value.close() }
        await server.stop()
    }

    /// The answer is finished but the client slow: it is work until the kernel has all of it.
    @Test func slowAnswerIsNotIdle() async throws {
        let handled = Flag()
        let server = try await TestServer.start { exchange in
            exchange.answer(String(repeating: "x", count: 8_000_000))
            handled.set()
        }
        let client = try RawClient(server.address, receiveBuffer: 8192)
        try client.send(Self.get)
        await handled.wait()
        await server.settle()
        await server.server.beginDraining()
        #expect(await server.server.activity() == (1, 1))
        let response = try client.response()
        #expect(response.isComplete && response.body.count == 8_000_000)
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }
}
