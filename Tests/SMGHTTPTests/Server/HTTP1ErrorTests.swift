import SMGBase
import SMGNet
import Testing

@testable import SMGHTTP

/// What is no request is answered with a status, a code and the connection's end, and the answer always arrives.
@Suite(.timeLimit(.minutes(2))) struct HTTP1ErrorTests {
    @Test func everyRefusedHeadIsAnswered() async throws {
        let server = try await TestServer.start(handler: echo)
        var seen: Set<String> = []
        for (head, code) in RequestHeadCases.rejected {
            let client = try RawClient(server.address)
            // More bytes behind, unread by the server: closing on them would reset the connection.
            try client.send(head)
            try client.send(String(repeating: "\r\nmore: bytes", count: 3000))
            let response = try client.response()
            let status = HTTPParseError(rawValue: code)?.status
            #expect(response.status == status, "\(code)")
            #expect(response.text.contains(#""code":"\#(code)""#))
            #expect(response.fields["connection"] == "close" && response.isComplete)
            #expect(try client.endsHere())
            client.close()
            seen.insert(code)
        }
        #expect(seen.count > 15)
        await server.stop()
    }

    @Test(arguments: [
        ("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: h\r\n\r\n", 414, "target_too_long"),
        ("GET / HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: "a", count: 70_000))\r\n\r\n", 431, "head_too_large"),
        ("GET / HTTP/1.1\r\nHost: h\r\n\(String(repeating: "X: y\r\n", count: 200))\r\n", 431, "too_many_fields"),
        ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "unsupported_transfer_encoding"),
        ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505, "unsupported_http_version"),
        ("GET / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\n\r\n", 417, "unsupported_expectation"),
    ]) func limitsHaveTheirStatus(_ request: String, _ status: Int, _ code: String) async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try RawClient(server.address)
        try client.send(request)
        let response = try client.response()
        #expect(response.status == status)
        #expect(response.text.contains(code))
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }

    /// Answers before the bad request leave before its own.
    @Test func errorBehindPipelinedRequests() async throws {
        let server = try await TestServer.start { exchange in
            await exchange.loop.sleep(.milliseconds(1))
            await echo(exchange)
        }
        let client = try RawClient(server.address)
        let good = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
        try client.send(good + good + "BAD\r\n\r\n" + good)
        #expect(try client.response().text == "GET /a ")
        #expect(try client.response().text == "GET /a ")
        #expect(try client.response().status == 400)
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }

    @Test func handlerThatSaysNothing() async throws {
        let server = try await TestServer.start { _ in }
        for request in [
            "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
        ] {
            let client = try RawClient(server.address)
            let response = try client.exchange(request)
            #expect(response.status == 500 && response.text.contains("internal_error"))
            #expect(response.fields["connection"] == "close")
            #expect(try client.endsHere())
            client.close()
        }
        let client = try RawClient(server.address)
        try client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try client.response(toHead: true).status == 500)
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }

    @Test func oneConnectionTooMany() async throws {
        var options = ServerOptions()
        options.maxConnectionsPerLoop = 2
        let server = try await TestServer.start(options, handler: echo)
        let kept = [try RawClient(server.address), try RawClient(server.address)]
        await server.settle()
        let refused = try RawClient(server.address)
        try refused.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        let response = try refused.response()
        #expect(response.status == 503 && response.fields["retry-after"] == "1")
        #expect(try refused.endsHere())
        refused.close()
        for client in kept {
            #expect(try client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status == 200)
            client.close()
        }
        await server.wait("room") { await server.server.activity().connections == 0 }
        let later = try RawClient(server.address)
        #expect(try later.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status == 200)
        later.close()
        await server.stop()
    }

    /// Every prefix of the HTTP/2 preface, then something else; and the preface itself where HTTP/2 is not allowed.
    @Test func prefaceLookalikes() async throws {
        let server = try await TestServer.start(allowsHTTP2: false, handler: echo)
        let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
        for cut in 1..<preface.count {
            let client = try RawClient(server.address)
            try client.send(preface[..<cut])
            await server.settle()
            try client.send(Array("?".utf8))
            try client.send("\r\n\r\n")
            #expect([400, 505].contains(try client.response().status), "cut at \(cut)")
            #expect(try client.endsHere())
            client.close()
        }
        let client = try RawClient(server.address)
        try client.send(preface)
        #expect(try client.response().status == 505)
        #expect(try client.endsHere())
        client.close()
        await server.stop()
    }
}
