import Testing

@testable import SMGNet

@Suite struct TLSClientCertificateTests {
    private let parts = TLSParts()
    private let clients = TestCertificates.authority("Client CA")

    /// Handshakes and passes a byte, so that a TLS 1.3 client hears of a refusal that comes after its own end.
    private func run(_ server: TLSServerContext, _ client: TLSClientContext) throws -> (TLSResult, TLSResult) {
        let pair = try TLSPair(server, client)
        var (server, client) = pair.handshake()
        if server == .done(0) { server = pair.server.write("x") }
        if client == .done(0) { client = pair.client.read().0 }
        return (server, client)
    }

    @Test func requiresACertificate() throws {
        let server = try parts.server { $0.clientAuthentication = .require(roots: [clients.root]) }
        let good = TestCertificates.leaf(clients).identity()
        #expect(try run(server, parts.client { $0.identity = good }) == (.done(1), .done(1)))
        let (missing, refused) = try run(server, parts.client())
        #expect(missing.failureKind == .clientCertificateMissing)
        #expect(refused.failureKind == .peerRejectedCertificate)
        let foreign = TestCertificates.leaf(parts.authority).identity()
        let (unknown, told) = try run(server, parts.client { $0.identity = foreign })
        #expect(unknown.failureKind == .certificateVerifyFailed)
        #expect(told.failureKind == .peerRejectedCertificate)
        let old = TestCertificates.leaf(clients, notBefore: -100, notAfter: -50).identity()
        #expect(try run(server, parts.client { $0.identity = old }).0.failureKind == .certificateExpired)
    }

    @Test func asksForACertificate() throws {
        let server = try parts.server { $0.clientAuthentication = .request(roots: [clients.root]) }
        #expect(try run(server, parts.client()) == (.done(1), .done(1)))
        let good = TestCertificates.leaf(clients).identity()
        #expect(try run(server, parts.client { $0.identity = good }) == (.done(1), .done(1)))
        let foreign = TestCertificates.leaf(parts.authority).identity()
        #expect(
            try run(server, parts.client { $0.identity = foreign }).0.failureKind == .certificateVerifyFailed)
    }

    @Test func resumesConnectionsWithCertificates() throws {
        let server = try parts.server { $0.clientAuthentication = .require(roots: [clients.root]) }
        let identity = TestCertificates.leaf(clients).identity()
        let client = try parts.client { $0.identity = identity }
        #expect(try run(server, client) == (.done(1), .done(1)))
        let pair = try TLSPair(server, client)
        #expect(pair.handshake() == (.done(0), .done(0)))
        #expect(pair.client.isResumed && pair.server.isResumed)
    }

    @Test func needsRootsToCheckWith() {
        let error = #expect(throws: TLSError.self) {
            try parts.server { $0.clientAuthentication = .require(roots: []) }
        }
        #expect(error?.kind == .badTrustStore)
    }
}
