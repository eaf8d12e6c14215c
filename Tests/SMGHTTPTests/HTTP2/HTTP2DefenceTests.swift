import SMGBase
import Testing

@testable import SMGHTTP

/// Each defence, triggered by frames written by hand, and the honest behaviour just below it.
@Suite struct HTTP2DefenceTests {
    /// Asserts that `end` gave up for `error` and told the peer to calm down.
    private func expectEnd(_ end: End, _ error: HTTP2Error, _ sourceLocation: SourceLocation = #_sourceLocation) throws
    {
        #expect(end.errors == [error], sourceLocation: sourceLocation)
        #expect(end.session.failure == error, sourceLocation: sourceLocation)
        let frames = try end.takeFrames()
        #expect(frames.last { $0.type == 7 }?.code == .enhanceYourCalm, sourceLocation: sourceLocation)
        #expect(end.session.isFinished, sourceLocation: sourceLocation)
    }

    @Test func rapidReset() throws {
        let server = try rawServer()
        var id: UInt32 = 1
        for _ in 0..<HTTP2Limits.resetBurst {
            server.feed(Frame.headers(id, HPACK.get).bytes + Frame.reset(id).bytes)
            _ = try server.take()
            id += 2
        }
        #expect(server.errors.isEmpty && server.session.openStreams == 0)
        server.feed(Frame.headers(id, HPACK.get).bytes + Frame.reset(id).bytes)
        try expectEnd(server, .rapidReset)
    }

    @Test func patientResetsAreFine() throws {
        let server = try rawServer()
        var id: UInt32 = 1
        for _ in 0..<(HTTP2Limits.resetBurst * 3) {
            server.feed(Frame.headers(id, HPACK.get).bytes + Frame.reset(id).bytes)
            server.now = server.now + .milliseconds(1000 / HTTP2Limits.resetsPerSecond)
            _ = try server.take()
            id += 2
        }
        #expect(server.errors.isEmpty)
    }

    /// The same attack with us made to send the resets: each stream is given a body that contradicts its length.
    @Test func provokedResets() throws {
        let server = try rawServer()
        let block = HPACK.block([
            (":method", "POST"), (":scheme", "https"), (":path", "/"), (":authority", "a"), ("content-length", "1"),
        ])
        var id: UInt32 = 1
        while server.errors.isEmpty, id < 2000 {
            server.feed(Frame.headers(id, block, end: false).bytes + Frame.data(id, [1, 2]).bytes)
            if server.errors.isEmpty { _ = try server.take() }
            id += 2
        }
        #expect(Int(id / 2) <= HTTP2Limits.resetBurst + 2)
        try expectEnd(server, .rapidReset)
    }

    @Test func refusedStreamsAreCounted() throws {
        let server = try End(.server)
        // No SETTINGS acknowledgement: excess streams are refused one by one.
        server.feed(Frame.preface + Frame.settings().bytes)
        var id: UInt32 = 1
        while server.errors.isEmpty, id < 4000 {
            server.feed(Frame.headers(id, HPACK.get).bytes)
            _ = try server.take()
            id += 2
        }
        #expect(server.recorder.logs.count == HTTP2Limits.maxConcurrentStreams)
        #expect(Int(id / 2) <= HTTP2Limits.maxConcurrentStreams + HTTP2Limits.resetBurst + 2)
        #expect(server.errors == [.rapidReset])
    }

    @Test func tooManyStreamsAfterTheAcknowledgement() throws {
        let server = try rawServer()
        for index in 0..<HTTP2Limits.maxConcurrentStreams {
            server.feed(Frame.headers(UInt32(2 * index + 1), HPACK.get).bytes)
        }
        #expect(server.recorder.logs.count == HTTP2Limits.maxConcurrentStreams && server.session.failure == nil)
        server.feed(Frame.headers(UInt32(2 * HTTP2Limits.maxConcurrentStreams + 1), HPACK.get).bytes)
        let frames = try server.takeFrames()
        #expect(frames.last?.type == 7 && frames.last?.code == .protocolError)
        #expect(server.session.failure == .protocolViolation)
    }

    @Test func continuationFlood() throws {
        let server = try rawServer()
        server.feed(Frame.headers(1, HPACK.get, endHeaders: false).bytes)
        for _ in 0..<HTTP2Limits.maxContinuations {
            server.feed(Frame.continuation(1, HPACK.literal("a", "b")).bytes)
        }
        #expect(server.errors.isEmpty)
        server.feed(Frame.continuation(1, []).bytes)
        try expectEnd(server, .continuationFlood)
    }

    @Test(arguments: [1, 11, Int.max]) func continuationsWithinTheLimit(cut: Int) throws {
        let server = try rawServer()
        var bytes = Frame.headers(1, HPACK.get, endHeaders: false).bytes
        for n in 1...HTTP2Limits.maxContinuations {
            bytes +=
                Frame.continuation(1, HPACK.literal("n\(n)", "v"), endHeaders: n == HTTP2Limits.maxContinuations).bytes
        }
        server.feed(bytes, cut: cut)
        #expect(server.recorder.logs[1]?.fields.count == HTTP2Limits.maxContinuations)
        #expect(server.errors.isEmpty)
    }

    /// Frames of a block for a stream that is being ignored are skipped by the codec, not by the guard.
    @Test func continuationFloodOnAnIgnoredStream() throws {
        let server = try rawServer()
        server.session.goAway(lastStream: 0, .noError)
        _ = try server.take()
        server.feed(Frame.headers(5, HPACK.get, endHeaders: false).bytes)
        for _ in 0...HTTP2Limits.maxContinuations { server.feed(Frame.continuation(5, []).bytes) }
        #expect(server.errors == [.continuationFlood])
    }

    @Test(arguments: [true, false]) func longHeaderListGets431(endStream: Bool) throws {
        let server = try rawServer()
        let long = HPACK.literal("x-long", String(repeating: "a", count: 12_000))
        var bytes = Frame.headers(1, HPACK.get, end: endStream, endHeaders: false).bytes
        for n in 1...6 { bytes += Frame.continuation(1, long, endHeaders: n == 6).bytes }
        server.feed(bytes + Frame.headers(3, HPACK.get).bytes)
        let frames = try server.takeFrames()
        #expect(server.recorder.logs[1] == nil && server.recorder.logs[3]?.isEnded == true)
        #expect(frames.contains { $0.type == 1 && $0.stream == 1 && $0.flags & 1 == 1 })
        #expect(frames.contains { $0.type == 3 && $0.stream == 1 && $0.code == .noError } == !endStream)
        #expect(server.session.openStreams == 1 && server.session.failure == nil)
    }

    @Test func manyFieldsGet431() throws {
        let pair = try Pair()
        let id = try pair.request(
            "GET", "/", (0..<HTTP2Limits.maxHeaderFields).map { ("n\($0)", "v") }, endStream: true)
        let fine = try pair.request(
            "GET", "/", (0..<(HTTP2Limits.maxHeaderFields - 4)).map { ("n\($0)", "v") }, endStream: true)
        try pair.pump()
        #expect(pair.client.recorder.logs[id]?.status == 431 && pair.client.recorder.logs[id]?.isEnded == true)
        #expect(pair.server.recorder.logs[id] == nil)
        #expect(pair.server.recorder.logs[fine]?.fields.count == HTTP2Limits.maxHeaderFields - 4)
    }

    @Test func longTrailersAndResponsesResetTheirStream() throws {
        let server = try rawServer()
        server.feed(Frame.headers(1, HPACK.post, end: false).bytes)
        server.feed(Frame.headers(1, HPACK.block((0..<200).map { ("n\($0)", "v") })).bytes)
        let frames = try server.takeFrames()
        #expect(frames.contains { $0.type == 3 && $0.code == .enhanceYourCalm })
        #expect(server.recorder.logs[1]?.reset == .enhanceYourCalm && server.recorder.logs[1]?.isEnded == false)

        let client = try rawClient()
        client.feed(Frame.headers(1, HPACK.block([(":status", "200")] + (0..<200).map { ("n\($0)", "v") })).bytes)
        _ = try client.take()
        #expect(client.recorder.logs[1]?.reset == .enhanceYourCalm && client.recorder.logs[1]?.status == 0)
    }

    /// One big table entry, then single bytes that each repeat it.
    @Test func hpackBomb() throws {
        let server = try rawServer()
        let name = HPACK.string("x"), value = HPACK.string(String(repeating: "v", count: 3900))
        let entry = [0x40] + name + value
        let bomb = HPACK.get + entry + [UInt8](repeating: 0xbe, count: 12_000)
        server.feed(Frame.headers(1, bomb).bytes)
        try expectEnd(server, .headerBomb)
        #expect(server.recorder.logs.isEmpty)
    }

    @Test func bombOfSmallFields() throws {
        let server = try rawServer()
        // 0x82 and up are entries of the static table; 0x90 is "accept-encoding: gzip, deflate".
        server.feed(Frame.headers(1, HPACK.get + [UInt8](repeating: 0x90, count: 8000)).bytes)
        try expectEnd(server, .headerBomb)
    }

    static let idleFrames: [(String, Frame)] = [
        ("PING", .ping()), ("PING acknowledgement", .ping(ack: true)), ("SETTINGS", .settings([(3, 1)])),
        ("PRIORITY", Frame(type: 2, stream: 1, payload: [0, 0, 0, 0, 1])),
        ("PRIORITY_UPDATE", Frame(type: 16, payload: [0, 0, 0, 1])),
        ("unknown", Frame(type: 0xfa, stream: 9, payload: [0])), ("empty DATA", .data(1)),
        ("padding only", Frame(type: 0, flags: 8, stream: 1, payload: [2, 0, 0])),
    ]

    @Test(arguments: idleFrames.indices) func floodOfIdleFrames(index: Int) throws {
        let server = try rawServer()
        server.feed(Frame.headers(1, HPACK.post, end: false).bytes)
        let bytes = Self.idleFrames[index].1.bytes
        var sent = 0
        while server.errors.isEmpty, server.session.failure == nil, sent <= 2 * HTTP2Limits.controlFrameBurst {
            server.feed(bytes)
            sent += 1
            _ = try server.take()
        }
        #expect(sent <= HTTP2Limits.controlFrameBurst + 1, "\(Self.idleFrames[index].0)")
        #expect(sent > HTTP2Limits.controlFrameBurst - 10, "\(Self.idleFrames[index].0)")
        #expect(server.errors == [.controlFrameFlood])
        #expect(server.session.isFinished)
    }

    @Test func steadyPingsAreFine() throws {
        let server = try rawServer()
        for _ in 0..<(3 * HTTP2Limits.controlFrameBurst) {
            server.feed(Frame.ping().bytes)
            server.now = server.now + .milliseconds(2)
            _ = try server.take()
        }
        #expect(server.errors.isEmpty && server.session.failure == nil)
    }

    /// A peer that asks and does not read makes answers pile up.
    @Test(arguments: [Frame.ping(), Frame.settings()]) func unreadAcknowledgements(frame: Frame) throws {
        let server = try rawServer()
        var sent = 0
        while server.errors.isEmpty, sent < 500 {
            server.feed(frame.bytes)
            sent += 1
        }
        #expect(sent == HTTP2Limits.maxQueuedAcks + 1)
        try expectEnd(server, .acknowledgementFlood)
    }

    @Test func windowUpdateFlood() throws {
        let server = try rawServer()
        for _ in 0..<HTTP2Limits.windowUpdateCredit { server.feed(Frame.windowUpdate(0, 1).bytes) }
        #expect(server.errors.isEmpty)
        server.feed(Frame.windowUpdate(0, 1).bytes)
        try expectEnd(server, .windowUpdateFlood)
    }

    @Test func windowUpdatesForDataAreFine() throws {
        let server = try rawServer()
        server.recorder.whenRequest = { id, _ in
            try? server.session.submitResponse(id, status: 200, HTTP2Headers(), endStream: false)
        }
        server.feed(Frame.headers(1, HPACK.get).bytes)
        for _ in 0..<(3 * HTTP2Limits.windowUpdateCredit) {
            try server.session.send(1, [1], endStream: false)
            _ = try server.take()
            server.feed(Frame.windowUpdate(0, 1).bytes + Frame.windowUpdate(1, 1).bytes)
        }
        #expect(server.errors.isEmpty)
    }

    @Test func streamsAfterGoAway() throws {
        let server = try rawServer()
        server.feed(Frame.headers(1, HPACK.get).bytes)
        server.session.goAway(.noError)
        _ = try server.take()
        for index in 1...HTTP2Limits.maxStreamsAfterGoAway {
            server.feed(Frame.headers(UInt32(2 * index + 1), HPACK.get).bytes)
        }
        #expect(server.recorder.logs.count == 1 && server.errors.isEmpty)
        server.feed(Frame.headers(9001, HPACK.get).bytes)
        try expectEnd(server, .streamsAfterGoAway)
    }

    @Test func endlessInformationalResponses() throws {
        let client = try rawClient()
        for _ in 0...HTTP2Limits.maxInformationalResponses {
            client.feed(Frame.headers(1, HPACK.block([(":status", "103")]), end: false).bytes)
        }
        _ = try client.take()
        let log = try #require(client.recorder.logs[1])
        #expect(log.informational.count == HTTP2Limits.maxInformationalResponses)
        #expect(log.reset == .enhanceYourCalm && log.closes == 1 && client.session.failure == nil)
    }

    @Test func workerMayResetManyStreams() throws {
        let client = try rawClient()
        let headers = HTTP2Headers()
        headers.set(method: "GET", path: "/")
        for _ in 0..<(HTTP2Limits.resetBurst * 2) {
            let id = try client.session.submitRequest(headers, endStream: true)
            _ = try client.take()
            client.feed(Frame.reset(UInt32(id), 7).bytes)
            #expect(client.recorder.logs[id]?.reset == .refusedStream)
        }
        #expect(client.errors.isEmpty)
    }
}
