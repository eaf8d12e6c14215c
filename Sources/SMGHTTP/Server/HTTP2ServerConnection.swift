internal import SMGBase
internal import SMGNet

/// One HTTP/2 connection from a client: moves bytes between the socket and the session, and starts a task a stream.
final class HTTP2ServerConnection: HTTP2Handler {
    /// Session output gathered before a write.
    private static let outputBytes = 65_536

    let server: HTTPServerLoop
    let stream: ByteStream
    let peer: SocketAddress
    /// Set when serving begins.
    private(set) var session: HTTP2Session! = nil
    private var exchanges: [Int32: HTTP2ServerExchange] = [:]
    private var output: ByteBuffer?
    private var spareHeaders: HTTP2Headers?
    /// For short texts on their way into a header block.
    let scratch = ByteBuffer(capacity: 64)
    private var isInsideSession = false
    private var outputScheduled = false
    private var isOver = false
    private var hasSaidGoAway = false

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
            stream.closeDescriptor()
            return
        }
        self.session = session
        stream.delegate = self
        server.http2Connections[ObjectIdentifier(self)] = Unowned(value: self)
        let input = early ?? stream.loop.buffers.take()
        receive(input)
        while !isOver {
            pumpOutput()
            if session.isFinished || stream.isClosed { break }
            guard await readMore(input) else { break }
        }
        server.http2Connections[ObjectIdentifier(self)] = nil
        isOver = true
        isInsideSession = true
        session.connectionLost()
        stream.closeDescriptor()
        stream.loop.buffers.give(input)
        if let output { stream.loop.buffers.give(output) }
        output = nil
    }

    /// Waits for bytes and gives them to the session. False at the end of the connection.
    private func readMore(_ input: ByteBuffer) async -> Bool {
        if !stream.isReadable {
            let waited = await stream.waitReadable(within: exchanges.isEmpty ? server.options.idleTimeout : nil)
            switch waited {
            case .ready: break
            case .closed: return false
            case .timeout:
                if exchanges.isEmpty { sayGoAway() }
                return !exchanges.isEmpty
            }
        }
        input.clear()
        switch stream.read(into: input) {
        case .bytes:
            receive(input)
            return true
        case .wouldBlock: return true
        case .endOfStream, .failed: return false
        }
    }

    private func receive(_ input: ByteBuffer) {
        guard !input.isEmpty else { return }
        isInsideSession = true
        // A thrown error has queued its GOAWAY; the loop sends it and sees the session finished.
        try? session.receive(input.readable, now: stream.loop.now)
        isInsideSession = false
        input.clear()
    }

    /// No new streams; the open ones run to their end.
    func beginDraining() {
        sayGoAway()
        scheduleOutput()
    }

    private func sayGoAway() {
        guard !hasSaidGoAway, session != nil else { return }
        hasSaidGoAway = true
        session.goAway(.noError)
        if !isInsideSession { pumpOutput() }
        endIfFinished()
    }

    // MARK: - Output

    /// Sends what is queued: now, or when the session is left, if it is in the middle of something.
    func scheduleOutput() {
        if isInsideSession || isOver { return }
        pumpOutput()
    }

    private func pumpOutput() {
        guard !isOver, !isInsideSession, session != nil else { return }
        let out = output ?? stream.loop.buffers.take()
        output = out
        while true {
            isInsideSession = true
            let produced = try? session.produce(into: out, atMost: HTTP2ServerConnection.outputBytes)
            isInsideSession = false
            if out.isEmpty { break }
            switch stream.write(out.readable) {
            case .failed:
                isOver = true
                stream.closeDescriptor()
                return
            case .wrote(let count): out.consume(count)
            }
            if !out.isEmpty {
                stream.armDelegateTimer(server.options.writeStallTimeout)
                return
            }
            if produced == nil || produced == 0 { break }
        }
        stream.disarmDelegateTimer()
        stream.loop.buffers.give(out)
        output = nil
        endIfFinished()
    }

    /// Everything is said: the reader need not wait for the client to close.
    private func endIfFinished() {
        guard session.isFinished, exchanges.isEmpty, output?.isEmpty ?? true else { return }
        stream.shutdownWriting()
        isOver = true
        stream.closeDescriptor()
    }

    /// The client takes nothing any more.
    private func stalled() {
        isOver = true
        stream.abort()
    }

    func takeHeaderBlock() -> HTTP2Headers {
        let block = spareHeaders ?? HTTP2Headers()
        spareHeaders = nil
        block.clear()
        return block
    }

    func giveHeaderBlock(_ block: HTTP2Headers) { spareHeaders = block }

    // MARK: - What the session tells

    override func onRequestHead(_ id: Int32, _ headers: HTTP2Headers, endStream: Bool) {
        guard let exchange = HTTP2ServerExchange(connection: self, id: id, headers: headers, endStream: endStream) else {
            session.reset(id, .protocolError)
            return
        }
        exchanges[id] = exchange
        server.requestBegan()
        stream.loop.spawn { [self] in
            await server.handler(exchange)
            server.requestEnded()
            finished(exchange)
        }
    }

    private func finished(_ exchange: HTTP2ServerExchange) {
        guard !isOver else { return }
        if !exchange.isResponseBegun, !exchange.isClientGone {
            server.onProtocolError(exchange, 500, "internal_error", "The gateway did not answer.")
        } else if !exchange.isResponseFinished, !exchange.isClientGone {
            exchange.abort()
        }
        scheduleOutput()
    }

    override func onData(_ id: Int32, _ bytes: UnsafeRawBufferPointer) { exchanges[id]?.bodyArrived(bytes) }
    override func onEnd(_ id: Int32) { exchanges[id]?.requestBodyEnded() }
    override func onReset(_ id: Int32, _ code: HTTP2ErrorCode) { exchanges[id]?.cut() }
    override func onStreamWritable(_ id: Int32) { exchanges[id]?.roomAgain() }
    override func onClose(_ id: Int32) { exchanges.removeValue(forKey: id)?.cut() }
}

extension HTTP2ServerConnection: StreamDelegate {
    func streamWritable(_ stream: ByteStream) { pumpOutput() }
    func streamTimedOut(_ stream: ByteStream) { stalled() }
}
