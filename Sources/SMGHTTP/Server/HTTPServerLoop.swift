internal import SMGBase
package import SMGNet

/// The server's part on one loop: accepts connections, runs them, and knows which are idle.
package final class HTTPServerLoop {
    package let loop: EventLoop
    package let options: ServerOptions
    let handler: RequestHandler
    /// Answers a request that never became one: status, stable code, message.
    let onProtocolError: (ServerExchange, Int, String, String) -> Void
    package private(set) var connectionCount = 0
    /// Requests in the handler now.
    package private(set) var activeRequests = 0
    /// No further requests: connections end after the one in work.
    package private(set) var isDraining = false
    let allowsHTTP2: Bool
    var idle = IdleConnections()
    /// The `date` field's text, formatted once a second.
    var date = HTTPDate()

    package init(
        loop: EventLoop, options: ServerOptions, allowsHTTP2: Bool = true, handler: @escaping RequestHandler,
        onProtocolError: @escaping (ServerExchange, Int, String, String) -> Void
    ) {
        self.loop = loop
        self.options = options
        self.allowsHTTP2 = allowsHTTP2
        self.handler = handler
        self.onProtocolError = onProtocolError
    }

    /// Takes over an accepted socket. On the loop.
    package func accept(_ descriptor: Int32, from peer: SocketAddress) {
        guard let stream = try? ByteStream(loop: loop, connected: descriptor) else { return }
        guard connectionCount < options.maxConnectionsPerLoop else {
            refuse(stream)
            return
        }
        connectionCount += 1
        loop.spawn { [self] in
            await run(stream, peer)
            connectionCount -= 1
        }
    }

    private func run(_ stream: ByteStream, _ peer: SocketAddress) async {
        if let tls = options.tls {
            guard let alpn = try? await stream.startTLS(server: tls, within: options.headerReadTimeout) else {
                stream.closeDescriptor()
                return
            }
            if alpn == "h2", allowsHTTP2 {
                await HTTP2ServerConnection(server: self, stream: stream, peer: peer).serve(early: nil)
                return
            }
        }
        let connection = HTTP1ServerConnection(server: self, stream: stream, peer: peer)
        if case .http2(let early) = await connection.serve(early: nil) {
            await HTTP2ServerConnection(server: self, stream: stream, peer: peer).serve(early: early)
        }
    }

    /// One connection too many: a short answer beats a silent close.
    private func refuse(_ stream: ByteStream) {
        if options.tls == nil {
            let text: StaticString = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            _ = stream.write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }
        stream.closeDescriptor()
    }

    /// Ends idle connections now and the others after their request.
    package func beginDraining() {
        isDraining = true
        idle.closeAll()
        for connection in http2Connections.values { connection.value.beginDraining() }
    }

    /// Live HTTP/2 connections, to be told of draining.
    var http2Connections: [ObjectIdentifier: Unowned<HTTP2ServerConnection>] = [:]

    func requestBegan() { activeRequests += 1 }
    func requestEnded() { activeRequests -= 1 }
}

/// The HTTP/1 connections of a loop that wait for their next request. O(1) in and out: swap-remove by remembered index.
struct IdleConnections {
    private var connections: ContiguousArray<Unmanaged<HTTP1ServerConnection>> = []

    mutating func insert(_ connection: HTTP1ServerConnection) {
        connection.idleIndex = connections.count
        connections.append(.passUnretained(connection))
    }

    mutating func remove(_ connection: HTTP1ServerConnection) {
        let index = connection.idleIndex
        guard index >= 0 else { return }
        connection.idleIndex = -1
        let last = connections.removeLast()
        if index < connections.count {
            connections[index] = last
            last._withUnsafeGuaranteedRef { $0.idleIndex = index }
        }
    }

    /// Closing resumes each connection's task with an ended stream; it then leaves by itself.
    func closeAll() {
        for connection in connections {
            // A connection whose next request is already in the socket is served before it ends.
            connection._withUnsafeGuaranteedRef { if !$0.stream.isReadable { $0.stream.closeDescriptor() } }
        }
    }
}

/// A reference that does not keep its object: the object removes it when it goes.
struct Unowned<Object: AnyObject> {
    unowned let value: Object
}
