import SMGBase
import SMGNet
import Testing

@testable import SMGHTTP

/// Requests one after the other, together, and in pieces.
@Suite(.timeLimit(.minutes(2))) struct HTTP1KeepAliveTests {
    private static let get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"

    @Test func oneConnectionServesManyRequests() async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try RawClient(server.address)
        for number in 0..<50 {
            let response = try client.exchange("GET /\(number)?q HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(response.text == "GET /\(number) ")
            #expect(response.fields["connection"] == nil)
            #expect(response.fields["date"]?.hasSuffix("GMT") == true)
        }
        let (connections, requests) = await server.server.activity()
        #expect((connections, requests) == (1, 0))
        client.close()
        await server.stop()
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        let server = try await TestServer.start { exchange in
            // Every third answer takes a while: those behind it must not overtake.
            if exchange.path.string.hasSuffix("0") { await exchange.loop.sleep(.milliseconds(2)) }
            await echo(exchange)
        }
        let client = try RawClient(server.address)
        var text = ""
        for number in 0..<100 {
            switch number % 3 {
            case 0: text += "GET /\(number) HTTP/1.1\r\nHost: h\r\n\r\n"
            case 1: text += "POST /\(number) HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
            default:
                text +=
                    "POST /\(number) HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"
            }
        }
        try client.send(text)
        for number in 0..<100 {
            let response = try client.response()
            let expected =
                number % 3 == 0 ? "GET /\(number) " : "POST /\(number) " + (number % 3 == 1 ? "hello" : "abcd")
            #expect(response.text == expected)
        }
        #expect(client.isQuiet)
        client.close()
        await server.stop()
    }

    /// More pipelined requests than any buffer holds, with large answers the client reads late.
    @Test func pipeliningIsBoundedAndWhole() async throws {
        let server = try await TestServer.start { $0.answer(String(repeating: "x", count: 20_000)) }
        let client = try RawClient(server.address)
        let count = 300
        let request = Array(
            "GET /some/longer/path/to/fill/buffers HTTP/1.1\r\nHost: example\r\nX: \(String(repeating: "y", count: 200))\r\n\r\n"
                .utf8)
        let all = Array(repeatElement(request, count: count).joined())
        var sent = 0
        var read = 0
        while read < count {
            if sent < all.count { sent += max(0, client.trySend(Array(all[sent...]))) }
            let response = try client.response()
            #expect(response.body.count == 20_000 && response.isComplete)
            read += 1
        }
        client.close()
        await server.stop()
    }

    @Test(arguments: [
        "GET /a HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
        "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nX-Trailer: 1\r\n\r\n",
        "\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n",
    ]) func splitAtEveryByte(_ request: String) async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try RawClient(server.address)
        let bytes = Array(request.utf8)
        let expected = request.contains("POST") ? "POST /a hello" : "GET /a "
        for cut in 1..<bytes.count {
            try client.send(bytes[..<cut])
            await server.settle()
            #expect(client.isQuiet)
            // The rest comes with the beginning of the next request, which is cut too.
            try client.send(bytes[cut...] + Array(Self.get.utf8.prefix(cut)))
            #expect(try client.response().text == expected)
            try client.send(Self.get.utf8.dropFirst(cut))
            #expect(try client.response().text == "GET /a ")
        }
        client.close()
        await server.stop()
    }

    @Test func oneByteAtATime() async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try RawClient(server.address)
        for byte in "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello".utf8 {
            try client.send([byte])
            await server.settle()
        }
        #expect(try client.response().text == "POST /a hello")
        client.close()
        await server.stop()
    }

    @Test func closeIsAnsweredAndDone() async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try RawClient(server.address)
        let response = try client.exchange("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n\(Self.get)")
        #expect(response.fields["connection"] == "close")
        #expect(response.text == "GET /a ")
        #expect(try client.endsHere())  // the request behind it is not served
        client.close()
        await server.stop()
    }

    @Test func http10ClosesUnlessAsked() async throws {
        let server = try await TestServer.start { exchange in
            if exchange.path.equals("/stream") {
                exchange.begin(.streaming)
                exchange.write(text: "all of it")
                exchange.finish()
            } else {
                await echo(exchange)
            }
        }
        let plain = try RawClient(server.address)
        #expect(try plain.exchange("GET /a HTTP/1.0\r\n\r\n").fields["connection"] == "close")
        #expect(try plain.endsHere())
        let kept = try RawClient(server.address)
        for _ in 0..<3 {
            let response = try kept.exchange("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(response.fields["connection"] == "keep-alive")
            #expect(response.text == "GET /a ")
        }
        // A body without length ends with the connection, whatever was asked for.
        let streamed = try kept.exchange("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(streamed.fields["transfer-encoding"] == nil && streamed.fields["connection"] == "close")
        #expect(streamed.text == "all of it")
        plain.close()
        kept.close()
        await server.stop()
    }

    @Test func targetForms() async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try RawClient(server.address)
        #expect(try client.exchange("GET http://x:1/p?q HTTP/1.1\r\nHost: h\r\n\r\n").text == "GET /p ")
        #expect(try client.exchange("GET http://x HTTP/1.1\r\nHost: h\r\n\r\n").text == "GET / ")
        #expect(try client.exchange("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").text == "OPTIONS * ")
        client.close()
        await server.stop()
    }

    @Test func answersWithoutBody() async throws {
        let server = try await TestServer.start { exchange in
            switch exchange.path.string {
            case "/204": exchange.answer("ignored", status: 204)
            case "/304":
                exchange.begin(.none, status: 304)
                exchange.finish()
            case "/stream":
                exchange.begin(.streaming)
                exchange.write(text: "hello")
                exchange.finish()
            case "/empty":
                exchange.begin(.none)
                exchange.finish()
            default: exchange.answer("hello")
            }
        }
        let client = try RawClient(server.address)
        func head(_ path: String) throws -> RawClient.Response {
            try client.send("HEAD \(path) HTTP/1.1\r\nHost: h\r\n\r\n")
            return try client.response(toHead: true)
        }
        #expect(try head("/").fields["content-length"] == "5")
        #expect(try head("/stream").fields["transfer-encoding"] == "chunked")
        #expect(try head("/204").fields["content-length"] == nil)
        #expect(try client.exchange("GET /204 HTTP/1.1\r\nHost: h\r\n\r\n").fields["content-length"] == nil)
        #expect(try client.exchange("GET /304 HTTP/1.1\r\nHost: h\r\n\r\n").fields["content-length"] == nil)
        #expect(try client.exchange("GET /empty HTTP/1.1\r\nHost: h\r\n\r\n").fields["content-length"] == "0")
        #expect(try client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").text == "hello")
        client.close()
        await server.stop()
    }

    /// The answer to what is no request must not wear the clothes of the answer before it.
    @Test func errorBehindAStreamedAnswer() async throws {
        let server = try await TestServer.start { exchange in
            exchange.begin(.streaming)
            exchange.write(text: "hello")
            exchange.finish()
            exchange.flush()
        }
        let client = try RawClient(server.address)
        #expect(try client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").text == "hello")
        let refused = try client.exchange("GET /\r\n\r\n")
        #expect(refused.status == 400)
        #expect(refused.text.contains(#""code":"invalid_request_line""#))
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }
}
