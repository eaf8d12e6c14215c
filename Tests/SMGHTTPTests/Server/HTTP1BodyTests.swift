import SMGBase
import SMGNet
import Testing

@testable import SMGHTTP

/// Request bodies: every framing, every size that meets a border, wanted or not.
@Suite(.timeLimit(.minutes(2))) struct HTTP1BodyTests {
    private static let get = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n"

    private static func sized(_ body: [UInt8], _ field: String = "") -> [UInt8] {
        Array("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.count)\r\n\(field)\r\n".utf8) + body
    }

    private static func chunked(_ body: [UInt8], chunk: Int, _ field: String = "") -> [UInt8] {
        var all = Array("POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\(field)\r\n".utf8)
        var at = 0
        while at < body.count {
            let end = min(at + chunk, body.count)
            all += Array("\(String(end - at, radix: 16))\r\n".utf8) + body[at..<end] + Array("\r\n".utf8)
            at = end
        }
        return all + Array("0\r\n\r\n".utf8)
    }

    /// Sends while reading, as answers may come before all is sent, and checks the echo and that the connection is
    /// still in step.
    private static func check(_ client: RawClient, _ request: [UInt8], _ body: [UInt8]) throws {
        try client.send(request + Array(get.utf8))
        let response = try client.response()
        #expect(response.body == Array("POST /b ".utf8) + body, "body of \(body.count)")
        #expect(try client.response().text == "GET /next ")
    }

    /// Around the size of the read buffer, with the head before it.
    @Test func sizesAroundTheBuffer() async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try RawClient(server.address)
        let buffer = BufferPool.bufferBytes
        let head = Self.sized(pattern(buffer)).count - buffer
        for size in Array(0...3) + Array(buffer - head - 3...buffer - head + 3) + Array(buffer - 2...buffer + 2) + [
            2 * buffer
        ] {
            try Self.check(client, Self.sized(pattern(size)), pattern(size))
            try Self.check(client, Self.chunked(pattern(size), chunk: 1000), pattern(size))
        }
        client.close()
        await server.stop()
    }

    /// Heads that leave exactly no room, or almost none, behind them in the buffer.
    @Test func headsAroundTheBuffer() async throws {
        let server = try await TestServer.start(handler: echo)
        let buffer = BufferPool.bufferBytes
        let body = pattern(300)
        let bare = Self.sized(body, "X: \r\n").count - body.count
        let bareChunked = Self.chunked(body, chunk: 7, "X: \r\n").count - Self.chunked(body, chunk: 7).count
        _ = bareChunked
        for room in [0, 1, 2, 3, 10, 299, 300, 301, 1023, 1024, 1025, 2047, 2048, 2049] {
            let filler = "X: \(String(repeating: "x", count: buffer - bare - room))\r\n"
            let client = try RawClient(server.address)
            try Self.check(client, Self.sized(body, filler), body)
            try Self.check(client, Self.chunked(body, chunk: 7, filler), body)
            // Head alone first, so that the buffer ends where the head does.
            let request = Self.chunked(body, chunk: 7, filler)
            let headEnd = request.firstRange(of: Array("\r\n\r\n".utf8))!.upperBound
            try client.send(request[..<headEnd])
            await server.settle()
            try Self.check(client, Array(request[headEnd...]), body)
            client.close()
        }
        await server.stop()
    }

    @Test func largeBodies() async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try RawClient(server.address)
        let body = pattern(5_000_000)
        for request in [Self.sized(body), Self.chunked(body, chunk: 70_000), Self.chunked(body, chunk: 9)] {
            try Self.check(client, request, body)
        }
        client.close()
        await server.stop()
    }

    /// Three bodies in three framings, cut at every place, with an event of the loop in between.
    @Test func bodiesSplitAnywhere() async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try RawClient(server.address)
        let body = pattern(40)
        for request in [Self.sized(body), Self.chunked(body, chunk: 13)] {
            for cut in 1..<request.count {
                try client.send(request[..<cut])
                await server.settle()
                try Self.check(client, Array(request[cut...]), body)
            }
        }
        client.close()
        await server.stop()
    }

    // MARK: - 100-continue

    @Test func continueIsSentWhenTheBodyIsWanted() async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try RawClient(server.address)
        for length in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
            try client.send("POST /b HTTP/1.1\r\nHost: h\r\n\(length)\r\nExpect: 100-continue\r\n\r\n")
            #expect(try client.read(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            #expect(client.isQuiet)
            try client.send(length.hasPrefix("C") ? "hello" : "5\r\nhello\r\n0\r\n\r\n")
            #expect(try client.response().text == "POST /b hello")
        }
        client.close()
        await server.stop()
    }

    @Test func continueIsNotSentWhenTheBodyIsThere() async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try RawClient(server.address)
        for _ in 0..<3 {
            let response = try client.exchange(
                "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello")
            #expect(response.status == 200 && response.text == "POST /b hello")
        }
        client.close()
        await server.stop()
    }

    /// Nobody knows whether the client still sends its body: the connection ends, and the answer arrives all the same.
    @Test(arguments: [true, false]) func finalAnswerInsteadOfContinue(clientSends: Bool) async throws {
        let server = try await TestServer.start { $0.answer("no", status: 401) }
        let client = try RawClient(server.address)
        try client.send("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 50000\r\nExpect: 100-continue\r\n\r\n")
        if clientSends { try client.send([UInt8](repeating: 0x41, count: 50_000)) }
        let response = try client.response()
        #expect(response.status == 401 && response.text == "no" && response.fields["connection"] == "close")
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }

    // MARK: - Bodies nobody reads

    @Test func smallUnreadBodiesAreDrained() async throws {
        let server = try await TestServer.start { $0.answer("ok") }
        let client = try RawClient(server.address)
        let body = pattern(20_000)
        for request in [
            Self.sized(body), Self.chunked(body, chunk: 999), Self.sized(pattern(10)), Self.sized(pattern(65_536)),
        ] {
            try client.send(request)
            let response = try client.response()
            #expect(response.text == "ok" && response.fields["connection"] == nil)
        }
        #expect(try client.exchange(Self.get).text == "ok")
        client.close()
        await server.stop()
    }

    /// A body above the drain limit, still being sent when the answer leaves: the answer must not be lost to a reset.
    @Test(arguments: [65_537, 1_000_000, 20_000_000]) func largeUnreadBodiesEndTheConnection(size: Int) async throws {
        let server = try await TestServer.start { $0.answer("no", status: 413) }
        let client = try RawClient(server.address)
        try client.send(Self.sized(pattern(size)))  // all of it, before anything is read
        let response = try client.response()
        #expect(response.status == 413 && response.text == "no" && response.fields["connection"] == "close")
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }

    /// The same with a client that has also said that it is done: its unread bytes would still cause a reset.
    @Test func largeUnreadBodyBehindAHalfClose() async throws {
        let server = try await TestServer.start { $0.answer("no", status: 413) }
        let client = try RawClient(server.address)
        try client.send(Self.sized(pattern(1_000_000)))
        client.endSending()
        #expect(try client.response().text == "no")
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }

    @Test func unreadChunksAboveTheLimitEndTheConnection() async throws {
        let server = try await TestServer.start { $0.answer("no", status: 400) }
        let client = try RawClient(server.address)
        try client.send(Self.chunked(pattern(300_000), chunk: 5000) + Array(Self.get.utf8))
        #expect(try client.response().text == "no")
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }

    // MARK: - Bodies that fail

    /// A body that was begun and given up: what follows in the connection must never be taken for a request. The chunks
    /// are made so that they read as requests, and as chunks again.
    @Test(arguments: [
        "Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\nzz\r\n\(HTTP1BodyTests.get)",
        "Transfer-Encoding: chunked\r\n\r\n4\r\nabcdX\r\n0\r\n\r\n\(HTTP1BodyTests.get)",
        "Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\nContent-Length: 3\r\n\r\n\(HTTP1BodyTests.get)",
    ]) func brokenChunksEndTheConnection(_ rest: String) async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try RawClient(server.address)
        let response = try client.exchange("POST /b HTTP/1.1\r\nHost: h\r\n\(rest)")
        #expect(response.status == 400 && response.fields["connection"] == "close")
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }

    @Test func bodiesAboveTheLimitAreNotReadAsRequests() async throws {
        let server = try await TestServer.start { exchange in
            do throws(RequestBodyError) {
                _ = try await exchange.readBody(limit: 10)
                exchange.answer("fine")
            } catch { exchange.answer("\(error)", status: 413) }
        }
        // The first chunk is too large; it holds what would be the end of the body and a request.
        let trap = "0\r\n\r\n\(Self.get)"
        let client = try RawClient(server.address)
        let response = try client.exchange(
            "POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\(String(trap.utf8.count, radix: 16))\r\n\(trap)\r\n0\r\n\r\n"
        )
        #expect(response.status == 413 && response.text == "tooLarge" && response.fields["connection"] == "close")
        #expect(try client.endsHere())
        client.close()
        // A known length above the limit is not read at all: a small one is drained and the connection goes on.
        let other = try RawClient(server.address)
        try other.send(Self.sized(pattern(11)) + Array(Self.get.utf8))
        #expect(try other.response().text == "tooLarge")
        #expect(try other.response().text == "fine")
        other.close()
        await server.stop()
    }

    @Test func clientThatEndsWithinItsBody() async throws {
        let failed = Shared<[String]>([])
        let server = try await TestServer.start { exchange in
            do throws(RequestBodyError) {
                _ = try await exchange.readBody(limit: 1 << 30)
            } catch {
                let text = "\(error) \(exchange.isClientGone)"
                failed.change { $0.append(text) }
                exchange.answer("broken", status: 400)
            }
        }
        var count = 0
        for request in [Self.sized(pattern(100)), Self.sized(pattern(100_000)), Self.chunked(pattern(100), chunk: 50)] {
            for ending in 0..<3 {
                let client = try RawClient(server.address)
                try client.send(request.dropLast(10))
                await server.settle()
                count += 1
                switch ending {
                case 0: client.close()
                case 1: client.reset()
                default:
                    client.endSending()
                    _ = try client.readToEnd()
                }
                await server.wait("the handler's notice") { failed.value.count == count }
                client.close()
            }
        }
        #expect(failed.value.allSatisfy { $0 == "broken true" })
        await server.stop()
    }
}
