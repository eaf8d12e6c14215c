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
    /// Requests whose answers are not yet handed to the kernel.
    package private(set) var activeRequests = 0
    /// No further requests: connections end after the one in work.
    package private(set) var isDraining = false
    let allowsHTTP2: Bool
    var idle = IdleConnections()
    /// Live HTTP/2 connections, to be told of draining.
    var http2Connections: [ObjectIdentifier: Unowned<HTTP2ServerConnection>] = [:]
    /// The `date` field's text, formatted once a second.
    var date = HTTPDate()
    /// Connections above the limit that are being told so.
    private var refusals = 0

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
        guard connectionCount < options.maxConnectionsPerLoop else { return refuse(stream) }
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

    /// One connection too many: a short answer beats a silent close, for as many at a time as cannot do harm.
    private func refuse(_ stream: ByteStream) {
        guard options.tls == nil, refusals < ServerOptions.maxRefusals else { return stream.closeDescriptor() }
        let text: StaticString =
            "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        _ = stream.write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        refusals += 1
        loop.spawn { [self] in
            await stream.linger(silence: options.lingerTimeout)
            stream.closeDescriptor()
            refusals -= 1
        }
    }

    /// Ends idle connections now and the others after their request.
    package func beginDraining() {
        isDraining = true
        idle.wakeAll()
        for connection in http2Connections.values { connection.value.beginDraining() }
    }

    func requestBegan() { activeRequests += 1 }
    func requestEnded() { activeRequests -= 1 }
}

/// A reference that does not keep its object: the object removes it when it goes.
struct Unowned<Object: AnyObject> {
    unowned let value: Object
}
