internal import SMGBase
internal import SMGNet

/// One HTTP/2 connection from a client: moves bytes between the socket and the session, and starts a task a stream.
///
/// This file holds its life and what the session tells; output and leaving have theirs.
final class HTTP2ServerConnection: HTTP2Handler {
    let server: HTTPServerLoop
    let stream: ByteStream
    let peer: SocketAddress
    /// Set when serving begins.
    private(set) var session: HTTP2Session! = nil
    var exchanges: [Int32: HTTP2ServerExchange] = [:]
    /// Produced and not yet sent. Nil while there is nothing.
    var output: ByteBuffer?
    private var spareHeaders: HTTP2Headers?
    /// For short texts on their way into a header block.
    let scratch = ByteBuffer(capacity: 64)
    /// The session is on the stack: it must not be entered again.
    var isInsideSession = false
    /// The session is on the stack because of something a handler did.
    var isProducing = false
    /// Nothing is read or written any more.
    var isOver = false
    var leaving = Leaving.not
    private var readsInARow = 0
    /// Idle time, stalled streams, or the confirmation of our leaving: whichever is due. See `armTimer`.
    private(set) var timer: LoopTimer! = nil

    // Spelled out because the override the compiler makes by itself is warned of as recursive.
    private override init() { fatalError("made with init(server:stream:peer:)") }

    init(server: HTTPServerLoop, stream: ByteStream, peer: SocketAddress) {
        self.server = server
        self.stream = stream
        self.peer = peer
        super.init()
    }

    // MARK: - The connection's life

    /// Serves streams until the connection ends; `early` holds bytes read before HTTP/2 was recognised.
    func serve(early: ByteBuffer?) async {
        guard let session = try? HTTP2Session(role: .server, handler: self, configuration: .server) else {
            if let early { stream.loop.buffers.give(early) }
            stream.closeDescriptor()
            return
        }
        self.session = session
        // SAFETY: the timer is removed in `end`, before this object can go.
        timer = LoopTimer { [unowned(unsafe) self] in tick() }
        armTimer(server.options.headerReadTimeout)
        stream.delegate = self
        server.http2Connections[ObjectIdentifier(self)] = Unowned(value: self)
        if let early {
            receive(early)
            stream.loop.buffers.give(early)
        }
        while !isOver {
            pumpOutput()
            if isOver || session.isFinished { break }
            guard await readMore() else { break }
            await stream.pauseAfterBurst(&readsInARow)
        }
        await end()
    }

    /// Waits for bytes and gives them to the session. False at the end of the connection. The buffer is borrowed for the
    /// read alone: a quiet connection holds none.
    private func readMore() async -> Bool {
        if !stream.isReadable {
            readsInARow = 0
            guard case .ready = await stream.waitReadable() else { return false }
        }
        let input = stream.loop.buffers.take()
        defer { stream.loop.buffers.give(input) }
        switch stream.read(into: input) {
        case .bytes:
            receive(input)
            return true
        case .wouldBlock: return true
        case .endOfStream, .failed: return false
        }
    }

    private func receive(_ input: ByteBuffer) {
        isInsideSession = true
        // A thrown error has queued its GOAWAY; the loop sends it and sees the session finished.
        try? session.receive(input.readable, now: stream.loop.now)
        isInsideSession = false
    }

    /// Tells every stream that is still open, and lets the client read the last word before the socket closes.
    private func end() async {
        server.http2Connections[ObjectIdentifier(self)] = nil
        stream.loop.remove(timer)
        let isOrderly = session.isFinished && !isOver
        isOver = true
        isInsideSession = true
        session.connectionLost()
        if isOrderly, await sendRest() { await stream.linger(silence: server.options.lingerTimeout) }
        stream.closeDescriptor()
        if let output { stream.loop.buffers.give(output) }
        output = nil
    }

    // MARK: - Header blocks

    func takeHeaderBlock() -> HTTP2Headers {
        let block = spareHeaders ?? HTTP2Headers()
        spareHeaders = nil
        block.clear()
        return block
    }

    func giveHeaderBlock(_ block: HTTP2Headers) { spareHeaders = block }

    // MARK: - What the session tells

    override func onRequestHead(_ id: Int32, _ headers: HTTP2Headers, endStream: Bool) {
        guard let exchange = HTTP2ServerExchange(connection: self, id: id, headers: headers, endStream: endStream)
        else {
            session.reset(id, .protocolError)
            return
        }
        if exchanges.isEmpty, leaving != .noticed { armTimer(server.options.writeStallTimeout) }
        exchanges[id] = exchange
        // Accepted while the gateway was leaving already: this is the one request it is served for.
        if server.isDraining { beginDraining() }
        server.requestBegan()
        stream.loop.spawn { [self] in
            await server.handler(exchange)
            handled(exchange)
        }
    }

    private func handled(_ exchange: HTTP2ServerExchange) {
        exchange.onClientGone = nil
        exchange.onDrained = nil
        if !exchange.isResponseBegun, !exchange.isClientGone {
            server.onProtocolError(exchange, 500, "internal_error", "The gateway did not answer.")
        }
        exchange.abort()  // unless the response is finished, or was given up
        exchange.isHandled = true
        if exchange.isStreamOver { server.requestEnded() }
        scheduleOutput()
    }

    override func onData(_ id: Int32, _ bytes: UnsafeRawBufferPointer) { exchanges[id]?.bodyArrived(bytes) }
    override func onEnd(_ id: Int32) { exchanges[id]?.requestBodyEnded() }
    override func onReset(_ id: Int32, _ code: HTTP2ErrorCode) { exchanges[id]?.cut() }
    override func onStreamWritable(_ id: Int32) { exchanges[id]?.roomAgain() }

    override func onClose(_ id: Int32) {
        guard let exchange = exchanges.removeValue(forKey: id) else { return }
        exchange.cut()
        exchange.isStreamOver = true
        if exchange.isHandled { server.requestEnded() }
        if exchanges.isEmpty, leaving == .not { armTimer(server.options.idleTimeout) }
    }

    override func onPong(_ payload: UInt64) { leavingConfirmed(payload) }
}

extension HTTP2ServerConnection: StreamDelegate {
    func streamWritable(_ stream: ByteStream) { pumpOutput() }

    /// The client takes nothing any more.
    func streamTimedOut(_ stream: ByteStream) {
        isOver = true
        stream.abort()
    }
}
