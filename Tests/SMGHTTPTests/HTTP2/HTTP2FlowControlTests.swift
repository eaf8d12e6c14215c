import SMGBase
import Testing

@testable import SMGHTTP

@Suite struct HTTP2FlowControlTests {
    static let megabyte = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }

    @Test(arguments: [(4093, 5000), (Int.max, 1 << 20), (9, 1 << 16)])
    func megabyteBothWays(cut: Int, limit: Int) throws {
        let pair = try Pair(cut: cut)
        pair.limit = limit
        let server = pair.server
        server.recorder.whenEnd = { id in
            try? server.session.submitResponse(id, status: 200, HTTP2Headers(), endStream: false)
            try? server.session.send(id, server.recorder.logs[id]?.body ?? [], endStream: true)
        }
        let id = try pair.request("POST", "/", [("content-length", "\(1 << 20)")], endStream: false)
        try pair.client.session.send(id, Self.megabyte, endStream: true)
        try pair.pump()
        #expect(server.recorder.logs[id]?.body == Self.megabyte)
        #expect(pair.client.recorder.logs[id]?.body == Self.megabyte)
        #expect(pair.client.recorder.logs[id]?.isEnded == true && pair.client.recorder.logs[id]?.reset == nil)
    }

    @Test func stalledReaderHoldsOneWindow() throws {
        let pair = try Pair()
        let (client, server) = (pair.client, pair.server)
        server.recorder.consumes = false
        let id = try pair.request("POST", "/", endStream: false)
        try client.session.send(id, Self.megabyte, endStream: true)
        try pair.pump()
        let window = HTTP2Limits.streamWindow
        #expect(server.recorder.logs[id]?.body.count == window)
        #expect(client.session.queuedBytes(id) == Self.megabyte.count - window)
        #expect(!client.session.wantsWrite)

        // Below half of the window no credit is sent: one update is worth many small reads.
        server.session.consume(id, window / 2 - 1)
        try pair.pump()
        #expect(server.recorder.logs[id]?.body.count == window)
        server.session.consume(id, 1)
        try pair.pump()
        #expect(server.recorder.logs[id]?.body.count == window + window / 2)

        while let got = server.recorder.logs[id], !got.isEnded {
            server.session.consume(id, window)
            try pair.pump()
        }
        #expect(server.recorder.logs[id]?.body == Self.megabyte)
    }

    @Test func stalledStreamLeavesTheOthersRunning() throws {
        let pair = try Pair()
        let server = pair.server
        server.recorder.consumes = false
        let slow = try pair.request("POST", "/slow", endStream: false)
        try pair.client.session.send(slow, Self.megabyte, endStream: true)
        try pair.pump()
        server.recorder.consumes = true
        let fast = try pair.request("POST", "/fast", endStream: false)
        try pair.client.session.send(fast, Self.megabyte, endStream: true)
        try pair.pump()
        #expect(server.recorder.logs[fast]?.isEnded == true)
        #expect(server.recorder.logs[slow]?.body.count == HTTP2Limits.streamWindow)
    }

    /// Bytes that a closed stream never gave back would close the connection's window for good.
    @Test func resetStreamsReturnTheirCredit() throws {
        var configuration = HTTP2Configuration.server
        configuration.connectionWindow = 512 * 1024
        let pair = try Pair(server: configuration)
        let server = pair.server
        server.recorder.consumes = false
        for round in 0..<8 {
            let id = try pair.request("POST", "/\(round)", endStream: false)
            try pair.client.session.send(id, Self.megabyte, endStream: true)
            try pair.pump()
            #expect(server.recorder.logs[id]?.body.count == HTTP2Limits.streamWindow)
            if round % 2 == 0 { server.session.reset(id, .cancel) } else { pair.client.session.reset(id, .cancel) }
            try pair.pump()
            #expect(server.session.openStreams == 0)
        }
    }

    @Test func consumingTooMuchIsHarmless() throws {
        let pair = try Pair()
        let server = pair.server
        server.recorder.consumes = false
        let id = try pair.request("POST", "/", endStream: false)
        try pair.client.session.send(id, [1, 2, 3], endStream: false)
        try pair.pump()
        server.session.consume(id, Int.max)
        server.session.consume(id, 1)
        server.session.consume(id, -5)
        server.session.consume(77, 5)
        try pair.client.session.send(id, Self.megabyte, endStream: true)
        try pair.pump()
        #expect(server.recorder.logs[id]?.body.count == HTTP2Limits.streamWindow)
        #expect(server.errors.isEmpty && pair.client.errors.isEmpty)
    }

    @Test(arguments: [1, 9, 100, 16393, 20000]) func outputIsBounded(limit: Int) throws {
        let pair = try Pair()
        let id = try pair.request("POST", "/", endStream: false)
        try pair.client.session.send(id, Array(Self.megabyte.prefix(200_000)), endStream: true)
        let slack = HTTP2Limits.maxFrameSize + 9
        var bytes: [UInt8] = []
        while true {
            let more = try pair.client.take(atMost: limit)
            if more.isEmpty { break }
            #expect(more.count < limit + slack)
            bytes += more
        }
        pair.server.feed(bytes)
        #expect(pair.server.recorder.logs[id]?.body.count == 200_000)
        #expect(pair.server.recorder.logs[id]?.isEnded == true)
    }

    @Test func queueAndLowWaterMark() throws {
        let pair = try Pair()
        let (client, server) = (pair.client, pair.server)
        let chunk = [UInt8](repeating: 7, count: 48 * 1024)
        var produced = 0
        let total = 20
        server.recorder.whenRequest = { id, _ in
            try? server.session.submitResponse(id, status: 200, HTTP2Headers(), endStream: false)
            try? server.session.send(id, chunk, endStream: false)
            produced = 1
        }
        server.recorder.whenWritable = { id in
            #expect(server.session.queuedBytes(id) < HTTP2Limits.lowWaterMark)
            produced += 1
            try? server.session.send(id, chunk, endStream: produced == total)
        }
        pair.limit = 10_000
        let id = try pair.request()
        try pair.pump()
        #expect(produced == total && server.recorder.logs[id]?.writableCalls == total - 1)
        #expect(client.recorder.logs[id]?.body.count == total * chunk.count)
        #expect(client.recorder.logs[id]?.isEnded == true)
        #expect(server.session.queuedBytes(id) == 0)
    }

    @Test func smallQueuesAreNotReportedWritable() throws {
        let pair = try Pair()
        let server = pair.server
        server.recorder.whenRequest = { id, _ in
            try? server.session.submitResponse(id, status: 200, HTTP2Headers(), endStream: false)
            try? server.session.send(id, [1, 2, 3], endStream: false)
        }
        let id = try pair.request()
        try pair.pump()
        #expect(server.recorder.logs[id]?.writableCalls == 0)
        #expect(pair.client.recorder.logs[id]?.body == [1, 2, 3])
    }

    @Test func paddingIsGivenBack() throws {
        let server = try rawServer()
        server.recorder.consumes = false
        server.feed(Frame.headers(1, HPACK.post, end: false).bytes)
        // Each frame: 1 byte of length, 1 of data, 200 of padding. Only the data stays counted.
        let padded = Frame(type: 0, flags: 8, stream: 1, payload: [200, 65] + [UInt8](repeating: 0, count: 200))
        for _ in 0..<900 { server.feed(padded.bytes) }
        let credit = try server.takeFrames().filter { $0.type == 8 && $0.stream == 1 }
        #expect(!credit.isEmpty && server.errors.isEmpty)
        #expect(server.recorder.logs[1]?.body.count == 900)
    }

    @Test func peerThatIgnoresTheWindowIsCut() throws {
        let server = try rawServer()
        server.recorder.consumes = false
        server.feed(Frame.headers(1, HPACK.post, end: false).bytes)
        let data = Frame.data(1, [UInt8](repeating: 1, count: 16384)).bytes
        for _ in 0..<20 { server.feed(data) }
        #expect(server.recorder.logs[1]?.body.count == HTTP2Limits.streamWindow)
        let last = try #require(try server.takeFrames().last)
        #expect(last.type == 3 || last.type == 7)
        #expect(last.code == .flowControlError)
    }
}
