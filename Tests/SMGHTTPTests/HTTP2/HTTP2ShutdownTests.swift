import SMGBase
import Testing

@testable import SMGHTTP

/// Resets, GOAWAY, pings and the end of a connection.
@Suite struct HTTP2ShutdownTests {
    @Test(arguments: [1, 9, Int.max]) func clientCancels(cut: Int) throws {
        let pair = try Pair(cut: cut)
        let server = pair.server
        server.recorder.whenRequest = { id, _ in
            try? server.session.submitResponse(id, status: 200, HTTP2Headers(), endStream: false)
            try? server.session.send(id, [1], endStream: false)
        }
        let id = try pair.request()
        try pair.pump()
        pair.client.session.reset(id, .cancel)
        try pair.pump()
        #expect(server.recorder.logs[id]?.reset == .cancel && server.recorder.logs[id]?.closes == 1)
        // Our own cancellation is not reported as the peer's.
        #expect(pair.client.recorder.logs[id]?.reset == nil && pair.client.recorder.logs[id]?.closes == 1)
        #expect(throws: HTTP2Error.streamClosed) { try server.session.send(id, [2], endStream: true) }
        #expect(server.session.openStreams == 0 && pair.client.session.openStreams == 0)
    }

    @Test func serverResetsInTheMiddle() throws {
        let pair = try Pair()
        let server = pair.server
        server.recorder.whenRequest = { id, _ in
            try? server.session.submitResponse(id, status: 200, HTTP2Headers(), endStream: false)
            try? server.session.send(id, [1, 2], endStream: false)
        }
        let id = try pair.request()
        try pair.pump()
        server.session.reset(id, .internalError)
        server.session.reset(id, .cancel)
        try pair.pump()
        let answer = try #require(pair.client.recorder.logs[id])
        #expect(answer.body == [1, 2] && !answer.isEnded && answer.reset == .internalError && answer.closes == 1)
    }

    /// The server may answer without reading the request to its end.
    @Test func earlyAnswerStopsTheUpload() throws {
        let pair = try Pair()
        let server = pair.server
        server.recorder.consumes = false
        server.recorder.whenRequest = { id, _ in
            try? server.session.submitResponse(id, status: 413, HTTP2Headers(), endStream: true)
        }
        let id = try pair.request("POST", "/", endStream: false)
        try pair.client.session.send(id, [UInt8](repeating: 1, count: 1 << 20), endStream: true)
        try pair.pump()
        let answer = try #require(pair.client.recorder.logs[id])
        #expect(answer.status == 413 && answer.isEnded && answer.reset == .noError && answer.closes == 1)
        #expect(server.recorder.logs[id]?.reset == nil && server.recorder.logs[id]?.closes == 1)
        #expect(pair.client.session.openStreams == 0 && server.session.openStreams == 0)
    }

    @Test func resetInsideTheRequestCallback() throws {
        let pair = try Pair()
        let server = pair.server
        server.recorder.whenRequest = { id, _ in server.session.reset(id, .refusedStream) }
        let id = try pair.request("POST", "/", endStream: false)
        try pair.client.session.send(id, [1], endStream: true)
        try pair.pump()
        #expect(server.recorder.logs[id]?.isEnded == false && server.recorder.logs[id]?.body == [])
        #expect(server.recorder.logs[id]?.closes == 1)
        #expect(pair.client.recorder.logs[id]?.reset == .refusedStream)
    }

    @Test func cancelledBeforeItWasSent() throws {
        let pair = try Pair()
        let id = try pair.request()
        pair.client.session.reset(id, .cancel)
        try pair.pump()
        #expect(pair.client.recorder.logs[id]?.closes == 1 && pair.client.session.openStreams == 0)
        #expect(pair.server.session.openStreams == 0)
        let next = try pair.request()
        try pair.pump()
        #expect(pair.server.recorder.logs[next]?.isEnded == true)
    }

    @Test(arguments: [1, Int.max]) func gracefulGoAway(cut: Int) throws {
        let pair = try Pair(cut: cut)
        let (client, server) = (pair.client, pair.server)
        let first = try pair.request()
        try pair.pump()
        server.session.shutdownNotice()
        // This one crosses the notice on the wire and must still be served.
        let second = try pair.request()
        try pair.pump()
        #expect(client.recorder.goAways.map(\.last) == [Int32.max])
        #expect(!client.session.canOpenStream && client.session.isPeerLeaving)
        #expect(throws: HTTP2Error.connectionClosing) { try pair.request() }

        server.session.goAway(.noError)
        try pair.pump()
        #expect(client.recorder.goAways.map(\.last) == [Int32.max, second])
        #expect(client.recorder.goAways.map(\.code) == [.noError, .noError])
        #expect(!server.session.isFinished)
        for id in [first, second] {
            try server.session.submitResponse(id, status: 200, HTTP2Headers(), endStream: false)
            try server.session.send(id, [1], endStream: true)
        }
        try pair.pump()
        #expect(client.recorder.logs[first]?.isEnded == true && client.recorder.logs[second]?.isEnded == true)
        #expect(server.session.isFinished && client.session.isFinished)
        #expect(server.session.failure == nil && client.session.failure == nil)
    }

    @Test func streamsBehindGoAwayAreRefused() throws {
        let client = try rawClient()
        let headers = HTTP2Headers()
        headers.set(method: "GET", path: "/second")
        let second = try client.session.submitRequest(headers, endStream: true)
        _ = try client.take()
        client.feed(Frame.goAway(1, 0).bytes)
        #expect(client.recorder.logs[second]?.reset == .refusedStream)
        #expect(client.recorder.logs[second]?.closes == 1 && client.recorder.logs[1]?.closes != 1)
    }

    @Test func queuedRequestFailsWhenThePeerLeaves() throws {
        let client = try rawClient()
        let headers = HTTP2Headers()
        headers.set(method: "GET", path: "/")
        let late = try client.session.submitRequest(headers, endStream: false)
        try client.session.send(late, [1], endStream: true)
        client.feed(Frame.goAway(1, 0).bytes)
        _ = try client.take()
        #expect(client.recorder.logs[late]?.reset == .refusedStream && client.recorder.logs[late]?.closes == 1)
    }

    @Test func pingAndPong() throws {
        let pair = try Pair(cut: 3)
        pair.client.session.ping(0x0123_4567_89ab_cdef)
        pair.server.session.ping(42)
        try pair.pump()
        #expect(pair.client.recorder.pongs == [0x0123_4567_89ab_cdef] && pair.server.recorder.pongs == [42])
    }

    @Test func settingsAreReported() throws {
        let pair = try Pair()
        #expect(pair.client.recorder.settings == 1 && pair.server.recorder.settings == 1)
        #expect(pair.client.session.peerMaxConcurrentStreams == HTTP2Limits.maxConcurrentStreams)
    }

    @Test func terminateFromACallback() throws {
        let pair = try Pair()
        let server = pair.server
        server.recorder.whenRequest = { _, _ in server.session.terminate(.internalError) }
        let id = try pair.request()
        try pair.pump()
        #expect(server.session.isFinished && server.session.failure == nil)
        #expect(pair.client.recorder.goAways.last?.code == .internalError)
        pair.client.session.connectionLost()
        #expect(pair.client.recorder.logs[id]?.closes == 1)
    }

    @Test func connectionLostEndsEveryStream() throws {
        let pair = try Pair()
        let ids = try (0..<3).map { try pair.request("POST", "/\($0)", endStream: false) }
        try pair.pump()
        pair.client.session.connectionLost()
        pair.server.session.connectionLost(.internalError)
        #expect(ids.allSatisfy { pair.client.recorder.logs[$0]?.reset == .cancel })
        #expect(ids.allSatisfy { pair.server.recorder.logs[$0]?.reset == .internalError })
        #expect(ids.allSatisfy { pair.server.recorder.logs[$0]?.closes == 1 })
        pair.client.session.connectionLost()
        #expect(ids.allSatisfy { pair.client.recorder.logs[$0]?.closes == 1 })
        #expect(throws: HTTP2Error.connectionClosing) { try pair.request() }
    }

    @Test func connectionLostFromACallback() throws {
        let pair = try Pair()
        let server = pair.server
        server.recorder.whenRequest = { _, _ in server.session.connectionLost() }
        let id = try pair.request("POST", "/", endStream: false)
        try pair.client.session.send(id, [1], endStream: true)
        let bytes = try pair.client.take()
        server.feed(bytes + bytes)
        #expect(server.recorder.logs[id]?.closes == 1 && server.recorder.logs[id]?.body == [])
    }

    @Test func callsFromInsideCallbacksAreRefused() throws {
        let pair = try Pair()
        let server = pair.server
        var seen: [HTTP2Error] = []
        server.recorder.whenRequest = { _, _ in
            do throws(HTTP2Error) {
                _ = try server.session.produce(into: ByteBuffer(capacity: 16), atMost: 10)
            } catch { seen.append(error) }
            do throws(HTTP2Error) {
                try server.session.receive(HTTP2Headers.view("x"), now: server.now)
            } catch { seen.append(error) }
        }
        try pair.request()
        try pair.pump()
        #expect(seen == [.reentered, .reentered] && server.errors.isEmpty)
    }

    @Test func misuseIsAnErrorAndNotATrap() throws {
        let pair = try Pair()
        let server = pair.server
        let none = HTTP2Headers()
        #expect(throws: HTTP2Error.streamClosed) {
            try server.session.submitResponse(9, status: 200, none, endStream: true)
        }
        #expect(throws: HTTP2Error.connectionClosing) { try server.session.submitRequest(none, endStream: true) }
        #expect(throws: HTTP2Error.streamClosed) { try server.session.submitTrailers(3, none) }
        server.session.reset(5, .cancel)
        let id = try pair.request()
        try pair.pump()
        #expect(throws: HTTP2Error.streamClosed) { try server.session.send(id, [1], endStream: true) }
        #expect(throws: HTTP2Error.invalidHeader) {
            try server.session.submitResponse(id, status: 99, none, endStream: true)
        }
        #expect(throws: HTTP2Error.invalidHeader) { try server.session.submitInformational(id, status: 101, none) }
        try server.session.submitResponse(id, status: 200, none, endStream: false)
        #expect(throws: HTTP2Error.streamClosed) {
            try server.session.submitResponse(id, status: 200, none, endStream: true)
        }
        try server.session.send(id, [1], endStream: true)
        #expect(throws: HTTP2Error.streamClosed) { try server.session.send(id, [1], endStream: true) }
        #expect(throws: HTTP2Error.streamClosed) { try server.session.submitTrailers(id, none) }
        try pair.pump()
        #expect(pair.client.recorder.logs[id]?.body == [1])
    }
}
