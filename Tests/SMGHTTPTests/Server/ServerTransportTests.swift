import CLinux
import SMGBase
import SMGNet
import Testing

@testable import SMGHTTP

/// The ways in: unix sockets, IPv6, several loops, TLS.
@Suite(.timeLimit(.minutes(2))) struct ServerTransportTests {
    private static let get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

    @Test(arguments: [1, 2]) func unixSocket(loops: Int) async throws {
        let path = "/tmp/smg-test-\(UInt64.random(in: 0 ..< .max)).sock"
        let server = try await TestServer.start(address: SocketAddress(unixPath: path)!, loops: loops, handler: echo)
        for _ in 0..<4 {
            let client = try RawClient(server.address)
            #expect(try client.exchange(Self.get).text == "GET / ")
            client.close()
        }
        await server.stop()
        #expect(access(path, F_OK) != 0)
    }

    @Test(arguments: ["::1", "::"]) func ipv6(host: String) async throws {
        guard let address = SocketAddress(literal: host, port: 0),
            let server = try? await TestServer.start(address: address, handler: { $0.answer($0.clientAddress) })
        else { return }  // a machine without IPv6
        let client = try RawClient(SocketAddress(literal: "::1", port: server.address.port)!)
        #expect(try client.exchange(Self.get).text == "::1")
        client.close()
        await server.stop()
    }

    @Test func severalLoopsShareAPort() async throws {
        let used = Shared<Set<Int>>([])
        let server = try await TestServer.start(loops: 3) { exchange in
            let index = exchange.loop.index
            used.change { $0.insert(index) }
            await echo(exchange)
        }
        for _ in 0..<60 {
            let client = try RawClient(server.address)
            #expect(try client.exchange(Self.get).status == 200)
            client.close()
        }
        #expect(used.value.count > 1)
        await server.stop()
    }

    /// What every connection of a listener has, asked of the accepted socket itself.
    @Test func acceptedSocketsAreTuned() async throws {
        let found = Shared<[Int32]>([])
        let server = try await TestServer.start { exchange in
            let descriptor = (exchange as! HTTP1ServerConnection).stream.descriptor
            let asked: [(Int32, Int32)] = [
                (Int32(IPPROTO_TCP), Int32(TCP_NODELAY)), (SOL_SOCKET, SO_KEEPALIVE),
                (Int32(IPPROTO_TCP), Int32(TCP_KEEPIDLE)), (Int32(IPPROTO_TCP), Int32(TCP_KEEPINTVL)),
                (Int32(IPPROTO_TCP), Int32(TCP_KEEPCNT)),
            ]
            for (level, name) in asked {
                var value: Int32 = -1
                var length = socklen_t(4)
                getsockopt(descriptor, level, name, &value, &length)
                let read = value
                found.change { $0.append(read) }
            }
            exchange.answer("")
        }
        let client = try RawClient(server.address)
        #expect(try client.exchange(Self.get).status == 200)
        #expect(found.value == [1, 1, 30, 10, 3])
        client.close()
        await server.stop()
    }

    // MARK: - TLS

    private static func tls(offering protocols: [String]) throws -> (ServerOptions, TLSClientContext) {
        let (certificate, key) = TestIdentity.make()
        var options = ServerOptions()
        options.tls = try TLSServerContext(
            TLSServerOptions(
                identity: TLSIdentity(
                    certificateChain: .memory(Secret(certificate)), privateKey: .memory(Secret(key)))))
        var client = TLSClientOptions()
        client.trustSystemRoots = false
        client.extraRoots = [.memory(Secret(certificate))]
        client.protocols = protocols
        return (options, try TLSClientContext(client))
    }

    @Test(arguments: [[], ["http/1.1"]]) func tlsHTTP1(protocols: [String]) async throws {
        let (options, context) = try Self.tls(offering: protocols)
        let server = try await TestServer.start(options, handler: echo)
        let client = try RawClient(server.address)
        #expect(try client.startTLS(context) == protocols.first ?? "")
        let body = pattern(300_000)
        for _ in 0..<3 {
            try client.send(Array("POST /t HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body)
            #expect(try client.response().body == Array("POST /t ".utf8) + body)
        }
        try client.send("BAD\r\n\r\n")
        #expect(try client.response().status == 400)
        #expect(try client.endsHere())  // with close_notify
        client.close()
        await server.stop()
    }

    /// The client's request comes together with the end of its handshake, before the loop has looked at the socket even
    /// once: the session has swallowed both, and no event tells of the request.
    @Test func tlsRequestRightBehindTheHandshake() async throws {
        let (options, context) = try Self.tls(offering: [])
        let server = try await TestServer.start(options, handler: echo)
        for _ in 0..<50 {
            let client = try RawClient(server.address)
            _ = try client.startTLS(context)
            #expect(try client.exchange(Self.get).text == "GET / ")
            client.close()
        }
        await server.stop()
    }

    @Test func tlsHTTP2() async throws {
        let (options, context) = try Self.tls(offering: ["h2", "http/1.1"])
        let server = try await TestServer.start(options, handler: echo)
        let raw = try RawClient(server.address)
        #expect(try raw.startTLS(context) == "h2")
        let client = try HTTP2Client(raw)
        let body = pattern(1_000_000)
        let ids = try (0..<5).map { _ in try client.open("POST", "/t", body: body) }
        try client.run { ids.allSatisfy { client.log($0).closes > 0 } }
        for id in ids { #expect(client.log(id).body == Array("POST /t ".utf8) + body) }
        raw.close()
        await server.stop()
    }

    /// Large answers to a slow reader: partial writes keep OpenSSL's rule that bytes once offered are offered again.
    @Test func tlsSlowReader() async throws {
        let (options, context) = try Self.tls(offering: [])
        let total = 5_000_000
        let server = try await TestServer.start(options) { exchange in
            exchange.begin(.streaming)
            let bytes = pattern(total)
            for at in stride(from: 0, to: total, by: 40_000) {
                bytes[at..<min(at + 40_000, total)].withUnsafeBytes { exchange.write($0) }
                exchange.write(text: "!")
                exchange.flush()
                guard await exchange.waitForRoom() else { return }
            }
            exchange.finish()
        }
        let client = try RawClient(server.address, receiveBuffer: 8192)
        _ = try client.startTLS(context)
        let response = try client.exchange(Self.get)
        #expect(response.isComplete && response.body.count == total + total / 40_000)
        client.close()
        await server.stop()
    }

    /// Whoever does not speak TLS, stops in the middle of the handshake, or says nothing.
    @Test func tlsHandshakesThatFail() async throws {
        var (options, _) = try Self.tls(offering: [])
        options.headerReadTimeout = .milliseconds(20)
        let server = try await TestServer.start(options, handler: echo)
        for text in [Self.get, "\u{16}\u{3}\u{1}\u{0}\u{80}", ""] {
            let client = try RawClient(server.address)
            if !text.isEmpty { try client.send(text) }
            while (try? client.read()) == true {}
            client.close()
        }
        let gone = try RawClient(server.address)
        gone.reset()
        await server.stop()
    }
}
