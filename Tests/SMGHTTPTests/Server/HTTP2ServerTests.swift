import SMGBase
import SMGNet
import Testing

@testable import SMGHTTP

/// Requests and answers over HTTP/2.
@Suite(.timeLimit(.minutes(2))) struct HTTP2ServerTests {
    @Test func manyRequestsOnOneConnection() async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try HTTP2Client(server.address)
        for number in 0..<50 {
            let answer = try client.exchange("GET", "/\(number)?q")
            #expect(answer.status == 200 && answer.text == "GET /\(number) " && answer.isWhole)
            #expect(answer.fields["content-length"] == "\(answer.body.count)" && answer.fields["date"] != nil)
        }
        client.raw.close()
        await server.stop()
    }

    @Test func concurrentStreamsWithBodies() async throws {
        let server = try await TestServer.start { exchange in
            if exchange.path.string.hasSuffix("3") { await exchange.loop.sleep(.milliseconds(2)) }
            await echo(exchange)
        }
        let client = try HTTP2Client(server.address)
        let ids = try (0..<100).map { try client.open("POST", "/\($0)", body: pattern($0 * 2000)) }
        try client.run { ids.allSatisfy { client.log($0).closes > 0 } }
        for (number, id) in ids.enumerated() {
            #expect(client.log(id).body == Array("POST /\(number) ".utf8) + pattern(number * 2000))
            #expect(client.log(id).isWhole)
        }
        client.raw.close()
        await server.stop()
    }

    /// Bodies far beyond every window, both ways at once.
    @Test func flowControlBothWays() async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try HTTP2Client(server.address)
        let body = pattern(6_000_000)
        let ids = try (0..<3).map { _ in try client.open("POST", "/b", body: body) }
        try client.run { ids.allSatisfy { client.log($0).closes > 0 } }
        for id in ids { #expect(client.log(id).body == Array("POST /b ".utf8) + body && client.log(id).isWhole) }
        client.raw.close()
        await server.stop()
    }

    /// The preface is recognised by the HTTP/1 parser, however it is cut, and no byte behind it is lost.
    @Test func prefaceSplitAtEveryByte() async throws {
        let server = try await TestServer.start(handler: echo)
        let probe = try HTTP2Client(RawClient(server.address))
        _ = try probe.open("POST", "/p", body: Array("hello".utf8))
        let count = try probe.produced().count
        probe.raw.close()
        for cut in 1..<count {
            let client = try HTTP2Client(server.address)
            let id = try client.open("POST", "/p", body: Array("hello".utf8))
            let bytes = try client.produced()
            try client.raw.send(bytes[..<cut])
            await server.settle()
            try client.raw.send(bytes[cut...])
            try client.run { client.log(id).closes > 0 }
            #expect(client.log(id).text == "POST /p hello", "cut at \(cut)")
            client.raw.close()
        }
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
        let client = try HTTP2Client(server.address)
        let head = try client.exchange("HEAD")
        #expect(head.fields["content-length"] == "5" && head.body.isEmpty && head.headEndedStream)
        #expect(try client.exchange("HEAD", "/stream").headEndedStream)
        let none = try client.exchange("GET", "/204")
        #expect(none.status == 204 && none.fields["content-length"] == nil && none.headEndedStream)
        #expect(try client.exchange("GET", "/304").headEndedStream)
        #expect(try client.exchange("GET", "/empty").fields["content-length"] == "0")
        #expect(try client.exchange("GET", "/stream").text == "hello")
        client.raw.close()
        await server.stop()
    }

    @Test func trailersAndContinue() async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try HTTP2Client(server.address)
        let id = try client.open("POST", "/t", body: Array("hello".utf8), ends: false)
        let trailers = HTTP2Headers()
        trailers.append("x-check", "1")
        try client.session.submitTrailers(id, trailers)
        try client.run { client.log(id).closes > 0 }
        #expect(client.log(id).text == "POST /t hello")
        // A client that waits to be asked for its body.
        let waits = try client.open("POST", "/c", fields: [("expect", "100-continue")], ends: false)
        try client.run { client.log(waits).informational == [100] }
        try Array("hello".utf8).withUnsafeBytes { _ = try client.session.send(waits, $0, endStream: true) }
        try client.run { client.log(waits).closes > 0 }
        #expect(client.log(waits).text == "POST /c hello")
        client.raw.close()
        await server.stop()
    }

    @Test func answersThatAreNone() async throws {
        let server = try await TestServer.start { exchange in
            switch exchange.path.string {
            case "/silent": return
            case "/begun": exchange.begin(.streaming)
            case "/abort":
                exchange.begin(.streaming)
                exchange.write(text: "part")
                exchange.abort()
            case "/short":
                exchange.begin(.known(10))
                exchange.write(text: "short")
                exchange.finish()
            case "/long":
                exchange.begin(.known(3))
                exchange.write(text: "long")
                exchange.finish()
            case "/cut": exchange.abort()
            default: await echo(exchange)
            }
        }
        let client = try HTTP2Client(server.address)
        let silent = try client.exchange("GET", "/silent")
        #expect(silent.status == 500 && silent.text.contains("internal_error") && silent.isWhole)
        for path in ["/begun", "/abort", "/short", "/long", "/cut"] {
            let answer = try client.exchange("GET", path)
            #expect(answer.reset == .internalError && !answer.isEnded, "\(path)")
            // What was written before the cut arrives.
            if path == "/abort" { #expect(answer.text == "part") }
            if path == "/long" { #expect(answer.text.count < 3) }
        }
        #expect(try client.exchange("GET", "/fine").status == 200)
        client.raw.close()
        await server.stop()
    }

    /// The answer comes before the request is whole: the rest is called off, and the connection goes on.
    @Test func earlyAnswer() async throws {
        let server = try await TestServer.start { $0.answer("no", status: 413) }
        let client = try HTTP2Client(server.address)
        for _ in 0..<3 {
            let id = try client.open("POST", "/e", body: pattern(100_000), ends: false)
            try client.run { client.log(id).closes > 0 }
            #expect(client.log(id).text == "no" && client.log(id).isWhole)
        }
        client.raw.close()
        await server.stop()
    }

    @Test func bodyAboveTheLimit() async throws {
        let server = try await TestServer.start { exchange in
            do throws(RequestBodyError) {
                _ = try await exchange.readBody(limit: 1000)
                exchange.answer("fine")
            } catch { exchange.answer("\(error)", status: 413) }
        }
        let client = try HTTP2Client(server.address)
        #expect(try client.exchange("POST", "/", body: pattern(1001)).text == "tooLarge")
        #expect(try client.exchange("POST", "/", body: pattern(1000)).text == "fine")
        let announced = try client.open("POST", "/", fields: [("content-length", "1001")], ends: false)
        try client.run { client.log(announced).closes > 0 }
        #expect(client.log(announced).text == "tooLarge")
        client.raw.close()
        await server.stop()
    }

    @Test func badTargetsAreReset() async throws {
        let server = try await TestServer.start(handler: echo)
        let client = try HTTP2Client(server.address)
        #expect(try client.exchange("OPTIONS", "*").text == "OPTIONS * ")
        client.raw.close()
        await server.stop()
    }
}
