import SMGBase
import Testing

@testable import SMGHTTP

/// Whole exchanges between a client and a server session, with bytes cut at every kind of place.
@Suite struct HTTP2ExchangeTests {
    static let cuts = [1, 2, 3, 7, 9, 10, 16, 63, 1000, Int.max]

    @Test(arguments: cuts) func getWithBody(cut: Int) throws {
        let pair = try Pair(cut: cut)
        pair.server.recorder.whenRequest = { [server = pair.server] id, _ in
            try? server.session.submitResponse(
                id, status: 200, HTTP2Headers([("Content-Type", "text/plain"), ("x-a", "")]), endStream: false)
            try? server.session.send(id, Array("hello".utf8), endStream: true)
        }
        let id = try pair.request("GET", "/v1/models?x=1", [("Accept", "*/*")])
        try pair.pump()

        let seen = try #require(pair.server.recorder.logs[id])
        #expect(seen.method == "GET" && seen.path == "/v1/models?x=1")
        #expect(seen.scheme == "https" && seen.authority == "example.test")
        #expect(seen.fields == ["accept": "*/*"])
        #expect(seen.headEndedStream && seen.isEnded && seen.closes == 1 && seen.reset == nil)
        let answer = try #require(pair.client.recorder.logs[id])
        #expect(answer.status == 200 && answer.fields == ["content-type": "text/plain", "x-a": ""])
        #expect(String(decoding: answer.body, as: UTF8.self) == "hello")
        #expect(answer.isEnded && answer.closes == 1 && answer.reset == nil && !answer.headEndedStream)
        #expect(pair.client.session.openStreams == 0 && pair.server.session.openStreams == 0)
        #expect(pair.client.errors.isEmpty && pair.server.errors.isEmpty)
    }

    @Test(arguments: cuts) func postEchoedWithTrailersBothWays(cut: Int) throws {
        let pair = try Pair(cut: cut)
        let server = pair.server
        server.recorder.whenEnd = { id in
            try? server.session.submitResponse(id, status: 201, HTTP2Headers(), endStream: false)
            try? server.session.send(id, server.recorder.logs[id]?.body ?? [], endStream: false)
            try? server.session.submitTrailers(id, HTTP2Headers([("grpc-status", "0"), ("connection", "close")]))
        }
        let id = try pair.request("POST", "/echo", endStream: false)
        try pair.client.session.send(id, [1, 2, 3], endStream: false)
        try pair.client.session.send(id, [], endStream: false)
        try pair.client.session.send(id, [4], endStream: false)
        try pair.client.session.submitTrailers(id, HTTP2Headers([("X-Checksum", "abc")]))
        try pair.pump()

        let seen = try #require(server.recorder.logs[id])
        #expect(seen.body == [1, 2, 3, 4] && seen.trailers == ["x-checksum": "abc"] && seen.isEnded)
        let answer = try #require(pair.client.recorder.logs[id])
        #expect(answer.status == 201 && answer.body == [1, 2, 3, 4] && answer.trailers == ["grpc-status": "0"])
        #expect(answer.isEnded && answer.reset == nil && answer.closes == 1)
    }

    @Test func trailersOnlyAndEmptyBodies() throws {
        let pair = try Pair()
        let server = pair.server
        server.recorder.whenRequest = { id, headers in
            switch headers.path.string {
            case "/trailers-without-body":
                try? server.session.submitResponse(id, status: 200, HTTP2Headers(), endStream: false)
                try? server.session.submitTrailers(id, HTTP2Headers([("grpc-status", "12")]))
            case "/empty-body":
                try? server.session.submitResponse(id, status: 200, HTTP2Headers(), endStream: false)
                try? server.session.send(id, [], endStream: true)
            case "/empty-trailers":
                try? server.session.submitResponse(id, status: 200, HTTP2Headers(), endStream: false)
                try? server.session.submitTrailers(id, HTTP2Headers())
            default:
                try? server.session.submitResponse(id, status: 204, HTTP2Headers(), endStream: true)
            }
        }
        let ids = try ["/trailers-without-body", "/empty-body", "/empty-trailers", "/no-body"].map {
            try pair.request("GET", $0)
        }
        try pair.pump()
        let logs = ids.map { pair.client.recorder.logs[$0] }
        #expect(logs.map { $0?.status } == [200, 200, 200, 204])
        #expect(logs.map { $0?.isEnded } == [true, true, true, true])
        #expect(logs.map { $0?.reset } == [nil, nil, nil, nil])
        #expect(logs.map { $0?.headEndedStream } == [false, false, false, true])
        #expect(logs[0]?.trailers == ["grpc-status": "12"])
        #expect(logs[1]?.trailers == nil && logs[2]?.trailers == nil)
    }

    @Test func trailersAfterTheBodyWasSent() throws {
        let pair = try Pair()
        let server = pair.server
        server.recorder.whenRequest = { id, _ in
            try? server.session.submitResponse(id, status: 200, HTTP2Headers(), endStream: false)
            try? server.session.send(id, [9], endStream: false)
        }
        let id = try pair.request()
        try pair.pump()
        #expect(pair.client.recorder.logs[id]?.body == [9] && pair.client.recorder.logs[id]?.isEnded == false)
        try server.session.submitTrailers(id, HTTP2Headers([("grpc-status", "0")]))
        try pair.pump()
        #expect(pair.client.recorder.logs[id]?.trailers == ["grpc-status": "0"])
        #expect(pair.client.recorder.logs[id]?.isEnded == true)
    }

    @Test func headHasLengthButNoBody() throws {
        let pair = try Pair()
        pair.server.recorder.whenRequest = { [server = pair.server] id, headers in
            #expect(headers.method.equals("HEAD"))
            try? server.session.submitResponse(
                id, status: 200, HTTP2Headers([("content-length", "12345")]), endStream: true)
        }
        let id = try pair.request("HEAD", "/")
        try pair.pump()
        let answer = try #require(pair.client.recorder.logs[id])
        #expect(answer.status == 200 && answer.fields["content-length"] == "12345")
        #expect(answer.isEnded && answer.body.isEmpty && answer.reset == nil)
    }

    @Test(arguments: [1, 9, Int.max]) func informationalResponses(cut: Int) throws {
        let pair = try Pair(cut: cut)
        pair.server.recorder.whenRequest = { [server = pair.server] id, _ in
            try? server.session.submitInformational(id, status: 100, HTTP2Headers())
            try? server.session.submitInformational(id, status: 103, HTTP2Headers([("link", "</a>")]))
            try? server.session.submitResponse(id, status: 200, HTTP2Headers(), endStream: true)
        }
        let id = try pair.request("POST", "/", [("expect", "100-continue")], endStream: true)
        try pair.pump()
        let answer = try #require(pair.client.recorder.logs[id])
        #expect(answer.informational == [100, 103] && answer.status == 200 && answer.isEnded)
    }

    @Test(arguments: [1, 17, Int.max]) func hundredStreamsInterleaved(cut: Int) throws {
        let pair = try Pair(cut: cut)
        let server = pair.server
        server.recorder.whenEnd = { id in
            try? server.session.submitResponse(id, status: 200, HTTP2Headers([("x-id", "\(id)")]), endStream: false)
        }
        let ids = try (0..<100).map { try pair.request("POST", "/\($0)", endStream: false) }
        #expect(pair.client.session.openStreams == 100)
        for round in 0..<3 {
            for id in ids { try pair.client.session.send(id, [UInt8(round), UInt8(id & 255)], endStream: round == 2) }
            try pair.pump()
        }
        for round in 0..<4 {
            for id in ids.reversed() {
                try server.session.send(id, Array("\(id):\(round) ".utf8), endStream: round == 3)
            }
            try pair.pump()
        }
        for id in ids {
            #expect(server.recorder.logs[id]?.body == [0, UInt8(id & 255), 1, UInt8(id & 255), 2, UInt8(id & 255)])
            let answer = try #require(pair.client.recorder.logs[id])
            #expect(answer.fields["x-id"] == "\(id)" && answer.isEnded && answer.closes == 1)
            let text = (0..<4).map { "\(id):\($0) " }.joined()
            #expect(String(decoding: answer.body, as: UTF8.self) == text)
        }
        #expect(server.session.openStreams == 0)
    }

    @Test func moreRequestsThanStreamsWait() throws {
        var configuration = HTTP2Configuration.server
        configuration.maxConcurrentStreams = 2
        let pair = try Pair(server: configuration)
        #expect(pair.client.session.peerMaxConcurrentStreams == 2)
        let server = pair.server
        let ids = try (0..<5).map { try pair.request("GET", "/\($0)") }
        #expect(!pair.client.session.canOpenStream)
        try pair.pump()
        #expect(server.recorder.logs.count == 2)
        for id in ids {
            try server.session.submitResponse(id, status: 200, HTTP2Headers(), endStream: true)
            try pair.pump()
        }
        #expect(ids.allSatisfy { pair.client.recorder.logs[$0]?.isEnded == true })
        #expect(pair.client.session.canOpenStream)
    }

    @Test func sensitiveFieldsAreNeverIndexed() throws {
        let pair = try Pair()
        let headers = HTTP2Headers()
        headers.set(method: "GET", path: "/")
        headers.add("x-api-key", "secret-secret", sensitive: true)
        _ = try pair.client.session.submitRequest(headers, endStream: true)
        let frame = try #require(try pair.client.takeFrames().first)
        // 0x10: literal, never indexed, new name (RFC 7541 §6.2.3).
        #expect(frame.type == 1 && frame.payload.contains(0x10))
    }

    @Test func requestPassedOnAsItCame() throws {
        let front = try Pair()
        let back = try Pair()
        front.server.recorder.whenRequest = { _, headers in
            _ = try? back.client.session.submitRequest(headers, endStream: true)
        }
        try front.request("GET", "/a?b", [("x-one", "1"), ("x-two", "2")])
        try front.pump()
        try back.pump()
        let log = try #require(back.server.recorder.logs[1])
        #expect(log.path == "/a?b" && log.authority == "example.test" && log.fields == ["x-one": "1", "x-two": "2"])
    }
}
