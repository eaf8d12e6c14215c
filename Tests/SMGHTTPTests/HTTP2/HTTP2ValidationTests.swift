import SMGBase
import Testing

@testable import SMGHTTP

/// What the peer may not send, and what we do not send.
@Suite struct HTTP2ValidationTests {
    static let invalidRequests: [(String, [(String, String)])] = [
        ("no method", [(":scheme", "https"), (":path", "/"), (":authority", "a")]),
        ("no scheme", [(":method", "GET"), (":path", "/"), (":authority", "a")]),
        ("no path", [(":method", "GET"), (":scheme", "https"), (":authority", "a")]),
        ("empty path", [(":method", "GET"), (":scheme", "https"), (":path", ""), (":authority", "a")]),
        (
            "two paths",
            [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":path", "/b"), (":authority", "a")]
        ),
        ("status", [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":status", "200")]),
        ("unknown pseudo", [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":foo", "1")]),
        ("late pseudo", [(":method", "GET"), (":scheme", "https"), ("a", "b"), (":path", "/")]),
        ("connection", valid + [("connection", "close")]),
        ("keep-alive", valid + [("keep-alive", "5")]),
        ("proxy-connection", valid + [("proxy-connection", "close")]),
        ("transfer-encoding", valid + [("transfer-encoding", "chunked")]),
        ("upgrade", valid + [("upgrade", "h2c")]),
        ("te", valid + [("te", "gzip")]),
        ("two lengths", valid + [("content-length", "1"), ("content-length", "2")]),
        ("length without body", valid + [("content-length", "5")]),
        ("length not a number", valid + [("content-length", "x")]),
    ]
    static let valid = [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "a.test")]

    @Test(arguments: invalidRequests.indices) func malformedRequestIsReset(index: Int) throws {
        let server = try rawServer()
        server.feed(Frame.headers(1, HPACK.block(Self.invalidRequests[index].1)).bytes)
        server.feed(Frame.headers(3, HPACK.get).bytes)
        let frames = try server.takeFrames()
        #expect(frames.contains { $0.type == 3 && $0.stream == 1 && $0.code == .protocolError })
        #expect(server.recorder.logs[1] == nil, "\(Self.invalidRequests[index].0)")
        // Only the stream is at fault.
        #expect(server.recorder.logs[3]?.isEnded == true && server.session.failure == nil)
    }

    /// A field name in upper case, or a value with control bytes, is either refused with its stream or dropped; it never
    /// reaches the application.
    @Test(arguments: [("X-Upper", "1"), ("a", "b\r\nc: d"), ("a", "b\u{0}c"), ("a b", "c"), ("", "c")])
    func invalidFieldsNeverArrive(name: String, value: String) throws {
        let server = try rawServer()
        server.feed(Frame.headers(1, HPACK.block(Self.valid + [(name, value)])).bytes)
        _ = try server.takeFrames()
        #expect(server.recorder.logs[1]?.fields.isEmpty ?? true)
    }

    @Test func teTrailersIsAllowed() throws {
        let server = try rawServer()
        server.feed(Frame.headers(1, HPACK.block(Self.valid + [("te", "trailers")])).bytes)
        #expect(server.recorder.logs[1]?.fields == ["te": "trailers"])
    }

    @Test func bodyLongerThanItsLength() throws {
        let server = try rawServer()
        let block = HPACK.block([
            (":method", "POST"), (":scheme", "https"), (":path", "/"), (":authority", "a"), ("content-length", "3"),
        ])
        server.feed(Frame.headers(1, block, end: false).bytes + Frame.data(1, [1, 2]).bytes)
        server.feed(Frame.data(1, [3, 4], end: true).bytes)
        let frames = try server.takeFrames()
        #expect(frames.contains { $0.type == 3 && $0.code == .protocolError })
        #expect(server.recorder.logs[1]?.isEnded == false && server.recorder.logs[1]?.reset == .protocolError)
        #expect(server.recorder.logs[1]?.closes == 1)
    }

    static let fatal: [(String, [UInt8], HTTP2ErrorCode)] = [
        ("DATA on stream 0", Frame.data(0, [1]).bytes, .protocolError),
        ("DATA on an idle stream", Frame.data(5, [1]).bytes, .protocolError),
        ("HEADERS on stream 0", Frame.headers(0, HPACK.get).bytes, .protocolError),
        ("HEADERS on an even stream", Frame.headers(2, HPACK.get).bytes, .protocolError),
        ("lone CONTINUATION", Frame.continuation(1, [], endHeaders: true).bytes, .protocolError),
        (
            "frame inside a header block",
            Frame.headers(1, HPACK.get, endHeaders: false).bytes + Frame.ping().bytes, .protocolError
        ),
        (
            "continued on another stream",
            Frame.headers(1, HPACK.get, endHeaders: false).bytes + Frame.continuation(3, []).bytes, .protocolError
        ),
        ("SETTINGS acknowledgement nobody waits for", Frame.settings(ack: true).bytes, .protocolError),
        ("PING of 7 bytes", Frame(type: 6, payload: [UInt8](repeating: 0, count: 7)).bytes, .frameSizeError),
        ("SETTINGS of 5 bytes", Frame(type: 4, payload: [0, 0, 0, 0, 0]).bytes, .frameSizeError),
        ("SETTINGS on a stream", Frame(type: 4, stream: 1).bytes, .protocolError),
        ("WINDOW_UPDATE of 0", Frame.windowUpdate(0, 0).bytes, .protocolError),
        ("window overflow", Frame.windowUpdate(0, 0x7fff_ffff).bytes, .flowControlError),
        ("RST_STREAM on stream 0", Frame.reset(0).bytes, .protocolError),
        ("RST_STREAM on an idle stream", Frame.reset(7).bytes, .protocolError),
        (
            "frame too long", Frame(type: 0, stream: 1, payload: [UInt8](repeating: 0, count: 16385)).bytes,
            .frameSizeError
        ),
        ("bad HPACK", Frame.headers(1, [0xff, 0xff, 0xff, 0xff, 0xff]).bytes, .compressionError),
        ("PUSH_PROMISE", Frame(type: 5, flags: 4, stream: 1, payload: [0, 0, 0, 2]).bytes, .protocolError),
        ("padding longer than the frame", Frame(type: 1, flags: 13, stream: 1, payload: [9, 1]).bytes, .protocolError),
        ("bad initial window", Frame.settings([(4, 0x8000_0000)]).bytes, .flowControlError),
        ("bad push setting", Frame.settings([(2, 2)]).bytes, .protocolError),
        ("bad frame size setting", Frame.settings([(5, 100)]).bytes, .protocolError),
        ("33 settings", Frame.settings((100..<133).map { ($0, 1) }).bytes, .protocolError),
    ]

    @Test(arguments: fatal.indices, [1, 5, Int.max]) func brokenProtocolEndsTheConnection(index: Int, cut: Int) throws {
        let (name, bytes, code) = Self.fatal[index]
        let server = try rawServer()
        server.feed(bytes, cut: cut)
        let frames = try server.takeFrames()
        let last = try #require(frames.last { $0.type == 7 }, "\(name)")
        if name == "33 settings" {
            #expect(last.code != .noError)
        } else {
            #expect(last.code == code, "\(name)")
        }
        #expect(server.session.isFinished && server.session.failure != nil)
        #expect(server.recorder.logs.isEmpty)
        // Whatever follows is ignored.
        server.feed(Frame.headers(9, HPACK.get).bytes)
        #expect(server.recorder.logs.isEmpty)
    }

    @Test func wrongPreface() throws {
        let server = try End(.server)
        server.feed(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(server.errors == [.badPreface] && server.session.failure == .badPreface)
        let frames = try server.takeFrames()
        #expect(frames.last?.type == 7 && frames.last?.code == .protocolError)
        #expect(server.session.isFinished)
    }

    @Test func firstFrameMustBeSettings() throws {
        let server = try End(.server)
        server.feed(Frame.preface + Frame.ping().bytes)
        let frames = try server.takeFrames()
        #expect(frames.last?.type == 7 && frames.last?.code == .protocolError && server.session.isFinished)
        #expect(server.session.failure == .protocolViolation)
    }

    @Test func unknownFramesAreSkipped() throws {
        let server = try rawServer()
        server.feed(
            Frame(type: 0xbe, flags: 0xff, stream: 3, payload: [1, 2, 3]).bytes + Frame.headers(1, HPACK.get).bytes)
        #expect(server.recorder.logs[1]?.isEnded == true && server.errors.isEmpty)
    }

    // MARK: What a worker may not send

    @Test(arguments: [
        [(":status", "abc")], [(":status", "200"), (":status", "200")], [("a", "b")], [(":status", "101")],
        [(":status", "004")], [(":status", "000")],
        [(":status", "200"), ("connection", "close")], [(":status", "100")],
    ])
    func malformedResponseIsReset(fields: [(String, String)]) throws {
        let client = try rawClient()
        client.feed(Frame.headers(1, HPACK.block(fields)).bytes)
        _ = try client.take()
        let log = try #require(client.recorder.logs[1])
        #expect(!log.isEnded && log.reset == .protocolError && log.closes == 1)
    }

    @Test func responseBodyCutShortIsNoSuccess() throws {
        let client = try rawClient()
        client.feed(Frame.headers(1, HPACK.block([(":status", "200"), ("content-length", "10")]), end: false).bytes)
        client.feed(Frame.data(1, [1, 2, 3], end: true).bytes)
        _ = try client.take()
        let log = try #require(client.recorder.logs[1])
        #expect(!log.isEnded && log.reset == .protocolError)
    }

    @Test func resetWithoutErrorIsNoSuccess() throws {
        let client = try rawClient()
        client.feed(Frame.headers(1, HPACK.block([(":status", "200")]), end: false).bytes)
        client.feed(Frame.data(1, [1, 2, 3]).bytes + Frame.reset(1, 0).bytes)
        let log = try #require(client.recorder.logs[1])
        #expect(!log.isEnded && log.reset == .noError && log.closes == 1)
    }

    @Test func pushIsRefused() throws {
        let client = try rawClient()
        client.feed(Frame(type: 5, flags: 4, stream: 1, payload: [0, 0, 0, 2] + HPACK.get).bytes)
        let frames = try client.takeFrames()
        #expect(frames.last?.type == 7 && frames.last?.code == .protocolError)
    }

    // MARK: What we do not send

    @Test(arguments: [("a b", "c"), ("a", "b\nc"), ("a", "b\u{0}"), ("", "x"), (":path", "/x"), ("a", " b")])
    func invalidFieldsAreNotSent(name: String, value: String) throws {
        let pair = try Pair()
        #expect(throws: HTTP2Error.invalidHeader) { try pair.request("GET", "/", [(name, value)]) }
        try pair.pump()
        #expect(pair.server.recorder.logs.isEmpty && pair.client.session.openStreams == 0)
    }

    @Test(arguments: [("G T", "/"), ("", "/"), ("GET", ""), ("GET", "/a b"), ("GET", "/\r\n")])
    func invalidRequestLinesAreNotSent(method: String, path: String) throws {
        let pair = try Pair()
        #expect(throws: HTTP2Error.invalidHeader) { try pair.request(method, path) }
    }

    @Test func connectionFieldsAreLeftOut() throws {
        let pair = try Pair()
        let id = try pair.request(
            "GET", "/",
            [
                ("Connection", "keep-alive"), ("Keep-Alive", "5"), ("Transfer-Encoding", "chunked"), ("Upgrade", "x"),
                ("Proxy-Connection", "close"), ("TE", "gzip"), ("HTTP2-Settings", "AAA"), ("X-Kept", "1"),
                ("te", "Trailers"),
            ])
        try pair.pump()
        #expect(pair.server.recorder.logs[id]?.fields == ["x-kept": "1", "te": "Trailers"])
    }

    @Test func tooManyBytesAreNotSent() throws {
        let pair = try Pair()
        let long = String(repeating: "x", count: HTTP2Limits.maxSentHeaderListBytes)
        #expect(throws: HTTP2Error.headersTooLarge) { try pair.request("GET", "/", [("a", long)]) }
    }
}
