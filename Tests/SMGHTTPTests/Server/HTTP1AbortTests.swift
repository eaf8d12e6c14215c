import SMGBase
import SMGNet
import Testing

@testable import SMGHTTP

/// An answer that was cut never looks whole, and one that does not keep its word is cut.
@Suite(.timeLimit(.minutes(2))) struct HTTP1AbortTests {
    enum Way: CaseIterable { case abort, handlerReturns }

    /// Sends a request to a handler that writes `text` under `length` and gives up; returns what the client saw.
    private func cut(
        _ way: Way, _ request: String, _ length: ResponseLength, _ text: String, flush: Bool = true
    ) async throws -> Result<RawClient.Response, RawClient.Failure> {
        let server = try await TestServer.start { exchange in
            exchange.begin(length)
            exchange.write(text: text)
            if flush { exchange.flush() }
            if way == .abort {
                exchange.abort()
                // Nothing may follow.
                exchange.write(text: "more")
                exchange.finish()
                exchange.flush()
                #expect(exchange.isClientGone && !exchange.isResponseFinished)
            }
        }
        let client = try RawClient(server.address)
        let result: Result<RawClient.Response, RawClient.Failure>
        do { result = .success(try client.exchange(request)) } catch { result = .failure(error as! RawClient.Failure) }
        if case .success = result {
            // The end follows; a reset is an end too.
            do { #expect(try client.endsHere()) } catch {}
        }
        client.close()
        await server.stop()
        return result
    }

    @Test(arguments: Way.allCases) func chunkedHasNoLastChunk(_ way: Way) async throws {
        let server = try await TestServer.start { exchange in
            exchange.begin(.streaming)
            exchange.write(text: "part")
            if way == .abort { exchange.abort() }
        }
        let client = try RawClient(server.address)
        try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        // Pipelined bytes that nobody will read: they must not turn the end into a reset that takes the part with it.
        try client.send(String(repeating: "GET / HTTP/1.1\r\nHost: h\r\n\r\n", count: 2000))
        let text = String(decoding: try client.readToEnd(), as: UTF8.self)
        #expect(text.hasSuffix("\r\n\r\n4\r\npart\r\n"))
        client.close()
        await server.stop()
    }

    @Test(arguments: Way.allCases) func lengthIsNotReached(_ way: Way) async throws {
        let response = try await cut(way, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", .known(10), "part").get()
        #expect(response.text == "part" && !response.isComplete)
    }

    @Test(arguments: Way.allCases) func http10IsReset(_ way: Way) async throws {
        let result = try await cut(way, "GET / HTTP/1.0\r\n\r\n", .streaming, "part")
        if case .success(let response) = result { #expect(!response.isComplete) }
    }

    /// All bytes are written, but nobody said that they are all: what has not left stays, and the rest is a reset.
    @Test(arguments: Way.allCases) func lengthIsReachedButNotFinished(_ way: Way) async throws {
        let result = try await cut(way, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", .known(4), "part", flush: false)
        if case .success(let response) = result { #expect(!response.isComplete) }
    }

    @Test func shorterThanAnnounced() async throws {
        let server = try await TestServer.start { exchange in
            exchange.begin(.known(10))
            exchange.write(text: "short")
            exchange.finish()
            #expect(!exchange.isResponseFinished)
        }
        let client = try RawClient(server.address)
        let response = try client.exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(response.text == "short" && !response.isComplete)
        client.close()
        await server.stop()
    }

    /// Not one byte beyond the announced length may leave: it would be read as the next answer.
    @Test(arguments: [1, 20_000]) func longerThanAnnounced(excess: Int) async throws {
        let server = try await TestServer.start { exchange in
            exchange.begin(.known(10))
            exchange.write(text: "01234")
            exchange.flush()
            exchange.write(text: "56789" + String(repeating: "X", count: excess))
            exchange.finish()
        }
        let client = try RawClient(server.address)
        try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        do {
            let response = try client.response()
            #expect(!response.isComplete && response.text == "01234")
        } catch { #expect(error as? RawClient.Failure != nil) }
        client.close()
        await server.stop()
    }

    @Test func abortBeforeTheHead() async throws {
        let server = try await TestServer.start { $0.abort() }
        let client = try RawClient(server.address)
        try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(throws: RawClient.Failure.self) { _ = try client.response() }
        client.close()
        await server.stop()
    }

    /// What was written before the cut arrives even when the client is slow.
    @Test func slowClientGetsThePartBeforeTheCut() async throws {
        let size = 3_000_000
        let server = try await TestServer.start { exchange in
            exchange.begin(.streaming)
            let block = [UInt8](repeating: 0x61, count: size)
            block.withUnsafeBytes { exchange.write($0) }
            exchange.write(text: "error event")
            exchange.abort()
        }
        let client = try RawClient(server.address, receiveBuffer: 8192)
        try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        await server.settle()
        let text = String(decoding: try client.readToEnd(), as: UTF8.self)
        #expect(text.count > size && text.hasSuffix("b\r\nerror event\r\n"))
        client.close()
        await server.stop()
    }
}
