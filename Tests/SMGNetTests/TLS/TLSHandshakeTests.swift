import SMGBase
import Testing

@testable import SMGNet

@Suite struct TLSHandshakeTests {
    private let parts = TLSParts()

    @Test(
        arguments: [
            (["http/1.1", "h2"], "h2"), (["http/1.1"], "http/1.1"), (["h2", "other"], "h2"), ([], nil),
        ] as [([String], String?)])
    func agreesOnTheServersFirstProtocol(offered: [String], expected: String?) throws {
        let pair = try TLSPair(parts.server(), parts.client { $0.protocols = offered })
        #expect(pair.handshake() == (.done(0), .done(0)))
        #expect(pair.server.negotiatedALPN == expected && pair.client.negotiatedALPN == expected)
        #expect(pair.server.protocolVersion == "TLSv1.3")
        #expect(pair.server.isHandshakeDone && pair.client.isHandshakeDone)
    }

    @Test func refusesForeignProtocols() throws {
        let pair = try TLSPair(parts.server(), parts.client { $0.protocols = ["h3", "h"] })
        let ends = pair.handshake()
        #expect(ends.server.failureKind == .noApplicationProtocol)
        #expect(ends.client.failureKind == .noApplicationProtocol)
        #expect(pair.server.handshake() == ends.server)
    }

    @Test func servesWithoutProtocolList() throws {
        let pair = try TLSPair(parts.server { $0.protocols = [] }, parts.client())
        #expect(pair.handshake() == (.done(0), .done(0)))
        #expect(pair.client.negotiatedALPN == nil)
    }

    @Test(arguments: [
        ("localhost", "DNS:localhost"), ("LocalHost.", "DNS:localhost"), ("a.example.com", "DNS:*.example.com"),
        ("127.0.0.1", "IP:127.0.0.1"), ("::1", "IP:::1"), ("[::1]", "IP:::1"), ("fe80::1%1", "IP:fe80::1"),
    ])
    func acceptsMatchingNames(host: String, names: String) throws {
        let identity = TestCertificates.leaf(parts.authority, names: names).identity()
        let pair = try TLSPair(parts.server { $0.identity = identity }, parts.client(), host: host)
        #expect(pair.handshake() == (.done(0), .done(0)))
    }

    @Test(arguments: [
        ("example.com", "DNS:localhost"), ("example.com", "DNS:*.example.com"),
        ("a.b.example.com", "DNS:*.example.com"),
        ("ab.example.com", "DNS:a*.example.com"), ("127.0.0.2", "IP:127.0.0.1"), ("127.0.0.1", "DNS:127.0.0.1"),
        ("::2", "IP:::1"),
    ])
    func refusesOtherNames(host: String, names: String) throws {
        let identity = TestCertificates.leaf(parts.authority, names: names).identity()
        let pair = try TLSPair(parts.server { $0.identity = identity }, parts.client(), host: host)
        let ends = pair.handshake()
        #expect(ends.client.failureKind == .hostnameMismatch)
        #expect(ends.server.failureKind == .peerRejectedCertificate)
        #expect(pair.client.read().0 == ends.client && pair.client.write("x") == ends.client)
    }

    @Test(arguments: ["", ".", "a\0b", String(repeating: "a", count: 254)])
    func refusesImpossibleNames(host: String) throws {
        let (server, client) = (try parts.server(), try parts.client())
        let error = #expect(throws: TLSError.self) { try TLSPair(server, client, host: host) }
        #expect(error?.kind == .badOption)
    }

    @Test func sendsNamesButNoAddresses() throws {
        for (host, expected) in [("localhost.", "localhost"), ("127.0.0.1", nil)] as [(String, String?)] {
            let pair = try TLSPair(parts.server(), parts.client(), host: host)
            pair.handshake()
            #expect(Below.serverName(pair.server) == expected)
        }
    }

    @Test func refusesCertificatesOutOfTime() throws {
        let day = TestCertificates.day
        for (from, to, kind) in [
            (-2 * day, -day, TLSError.Kind.certificateExpired), (day, 2 * day, .certificateNotYetValid),
        ] {
            let identity = TestCertificates.leaf(parts.authority, notBefore: from, notAfter: to).identity()
            let pair = try TLSPair(parts.server { $0.identity = identity }, parts.client())
            #expect(pair.handshake().client.failureKind == kind)
        }
    }

    @Test func refusesUnknownAuthorities() throws {
        let pair = try TLSPair(TLSParts(authority: TestCertificates.authority("Other CA")).server(), parts.client())
        let ends = pair.handshake()
        guard case .failed(let error) = ends.client else {
            Issue.record("\(ends.client)")
            return
        }
        #expect(error.kind == .certificateVerifyFailed && !error.reason.isEmpty)
        #expect(error.code == "certificate_verify_failed")
        #expect(ends.server.failureKind == .peerRejectedCertificate)
    }

    @Test func refusesSelfSignedLeavesAndTrustsThemWhenTold() throws {
        let request = TestCertificates.Request(commonName: "self", alternativeNames: "DNS:localhost")
        let own = TestCertificates.make(request, issuer: nil)
        let server = try parts.server { $0.identity = own.identity() }
        #expect(try TLSPair(server, parts.client()).handshake().client.failureKind == .certificateVerifyFailed)
        let trusting = try parts.client { $0.extraRoots = [own.root] }
        #expect(try TLSPair(server, trusting).handshake() == (.done(0), .done(0)))
    }

    @Test func presentsItsIntermediates() throws {
        let request = TestCertificates.Request(commonName: "Intermediate", isAuthority: true)
        let intermediate = TestCertificates.make(request, issuer: parts.authority)
        let leaf = TestCertificates.leaf(intermediate)
        let whole = try parts.server { $0.identity = leaf.identity(chain: intermediate.certificate) }
        #expect(try TLSPair(whole, parts.client()).handshake() == (.done(0), .done(0)))
        let partial = try parts.server { $0.identity = leaf.identity() }
        #expect(try TLSPair(partial, parts.client()).handshake().client.failureKind == .certificateVerifyFailed)
    }

    @Test func skipsChecksOnlyWhenTold() throws {
        let stranger = try TLSParts().server()
        for host in ["other.example", "192.0.2.1"] {
            let pair = try TLSPair(stranger, parts.client { $0.insecureSkipVerify = true }, host: host)
            #expect(pair.handshake() == (.done(0), .done(0)))
        }
    }

    @Test func systemRootsAloneTrustNoTestAuthority() throws {
        let client = try TLSClientContext()
        #expect(try TLSPair(parts.server(), client).handshake().client.failureKind == .certificateVerifyFailed)
    }

    @Test func speaksTLS12AndNothingOlder() throws {
        let client = try parts.client()
        Below.limit(client, to: .tls12)
        let pair = try TLSPair(parts.server(), client)
        #expect(pair.handshake() == (.done(0), .done(0)))
        #expect(pair.client.protocolVersion == "TLSv1.2")
        let old = try parts.client()
        Below.makeOld(old)
        let ends = try TLSPair(parts.server(), old).handshake()
        #expect(ends.server.failureKind == .protocolVersion)
        #expect(ends.client.failureKind == .protocolVersion)
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nhost: x\r\n\r\n", "CONNECT x:443 HTTP/1.1\r\n\r\n", "\u{1}\u{2}garbage, no TLS\r\n",
    ])
    func recognisesWhatIsNotTLS(text: String) throws {
        let pair = try TLSPair(parts.server(), parts.client())
        pair.inject(text.utf8)
        #expect(pair.server.handshake().failureKind == .notTLS)
    }

    @Test func aHangUpInTheHandshakeIsAnEndNotAFailure() throws {
        let pair = try TLSPair(parts.server(), parts.client())
        #expect(pair.client.handshake() == .wantRead)
        pair.closeClient()
        var end = pair.server.handshake()
        if !end.isEnd { end = pair.server.handshake() }
        // The kernel may tell of the closed peer on the answer's write or on the next read.
        #expect(end == .closed || end.failureKind == .connectionLost)
        #expect(!pair.server.peerClosedCleanly)
        #expect(pair.server.shutdown() == end || pair.server.shutdown() == .closed)
    }

    @Test func aRandomStreamNeverGetsThrough() throws {
        var random = FastRandom(seed: 3)
        let server = try parts.server()
        let client = try parts.client()
        for _ in 0..<200 {
            let pair = try TLSPair(server, client)
            #expect(pair.client.handshake() == .wantRead)
            // A real ClientHello with a few bytes changed.
            var bytes = pair.intercept()
            for _ in 0...random.below(4) { bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next()) }
            pair.inject(bytes)
            pair.cutClient()
            var end = pair.server.handshake()
            for _ in 0..<5 where !end.isEnd { end = pair.server.handshake() }
            #expect(end == .closed || end.failureKind != nil)
        }
    }
}
