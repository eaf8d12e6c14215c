import CLinux

@testable import SMGNet

/// Both ends of one connection over a socket pair, pumped by hand.
final class TLSPair {
    let server: TLSSession
    let client: TLSSession
    private(set) var serverDescriptor: Int32
    private(set) var clientDescriptor: Int32

    init(_ serverContext: TLSServerContext, _ clientContext: TLSClientContext, host: String = "localhost") throws {
        var pair: [Int32] = [-1, -1]
        precondition(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &pair) == 0)
        (serverDescriptor, clientDescriptor) = (pair[0], pair[1])
        server = try serverContext.makeSession(descriptor: pair[0])
        client = try clientContext.makeSession(descriptor: pair[1], host: host)
    }

    deinit {
        closeServer()
        closeClient()
    }

    /// Small socket buffers, so that writes come to a stop.
    func shrinkBuffers() {
        for descriptor in [serverDescriptor, clientDescriptor] {
            var size: Int32 = 4096
            setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    func closeServer() {
        if serverDescriptor >= 0 { close(serverDescriptor) }
        serverDescriptor = -1
    }

    func closeClient() {
        if clientDescriptor >= 0 { close(clientDescriptor) }
        clientDescriptor = -1
    }

    /// The client's socket ends its direction, without a word from TLS.
    func cutClient() { _ = CLinux.shutdown(clientDescriptor, Int32(SHUT_WR)) }

    /// Takes away what the client sent.
    func intercept() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = CLinux.recv(serverDescriptor, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(0, count)))
    }

    /// Sends raw bytes from the client's socket.
    func inject(_ bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        precondition(CLinux.send(clientDescriptor, bytes, bytes.count, 0) == bytes.count)
    }

    /// Runs both handshakes until each has an end.
    @discardableResult
    func handshake() -> (server: TLSResult, client: TLSResult) {
        var ends: (server: TLSResult, client: TLSResult) = (.wantRead, .wantRead)
        for _ in 0..<50 {
            if !ends.client.isEnd { ends.client = client.handshake() }
            if !ends.server.isEnd { ends.server = server.handshake() }
            if ends.client.isEnd && ends.server.isEnd { break }
        }
        return ends
    }
}

extension TLSResult {
    /// Whether more readiness changes nothing.
    var isEnd: Bool {
        switch self {
        case .wantRead, .wantWrite: false
        case .done, .closed, .failed: true
        }
    }

    var failureKind: TLSError.Kind? {
        if case .failed(let error) = self { error.kind } else { nil }
    }
}

extension TLSSession {
    func write(_ text: String) -> TLSResult {
        Array(text.utf8).withUnsafeBytes { write($0) }
    }

    /// One read of at most `limit` bytes.
    func read(_ limit: Int = 65_536) -> (TLSResult, [UInt8]) {
        var bytes = [UInt8](repeating: 0, count: limit)
        let result = bytes.withUnsafeMutableBytes { read(into: $0) }
        guard case .done(let count) = result else { return (result, []) }
        return (result, Array(bytes.prefix(count)))
    }
}

/// The usual parts: an authority, a server identity, contexts.
struct TLSParts {
    var authority = TestCertificates.authority()

    func server(_ change: (inout TLSServerOptions) -> Void = { _ in }) throws -> TLSServerContext {
        var options = TLSServerOptions(identity: TestCertificates.leaf(authority).identity())
        change(&options)
        return try TLSServerContext(options)
    }

    func client(_ change: (inout TLSClientOptions) -> Void = { _ in }) throws -> TLSClientContext {
        var options = TLSClientOptions()
        options.trustSystemRoots = false
        options.extraRoots = [authority.root]
        change(&options)
        return try TLSClientContext(options)
    }
}
