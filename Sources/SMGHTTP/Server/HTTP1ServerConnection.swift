internal import SMGBase
internal import SMGNet

/// One HTTP/1 connection from a client: reads a request, lets the handler answer, and starts over.
///
/// The connection is its own exchange, since HTTP/1 has one at a time: nothing is allocated per request once warm.
/// This file holds its life; heads, bodies and departures have theirs.
final class HTTP1ServerConnection: HTTP1ServerExchange {
    let peer: SocketAddress
    var parser: RequestHeadParser

    /// Bytes read and not yet used up, from the head of the request in work on. Nil while there are none to keep.
    var input: ByteBuffer?
    /// Takes the place of `input` for a chunked body when the head has left too little room in it.
    var spill: ByteBuffer?
    /// A request body that is not in `input` as one piece.
    var body: ByteBuffer?
    /// Where the head begins in `input`.
    var headStart = 0
    var headLength = 0
    /// Bytes of the body used up behind the head in `input`, or in `spill`.
    var bodyInInput = 0
    var requestCompleteAt: Instant?
    /// By when an unwanted body must have arrived.
    var drainDeadline: Instant?
    /// Reads since the task last waited.
    var readsInARow = 0
    /// The handler is at work.
    private(set) var isInHandler = false
    /// Place in the loop's idle list, or -1.
    var idleIndex = -1

    init(server: HTTPServerLoop, stream: ByteStream, peer: SocketAddress) {
        self.peer = peer
        let parser = RequestHeadParser(limits: server.options.headLimits)
        self.parser = parser
        super.init(server: server, stream: stream, head: parser.head)
        stream.delegate = self
    }

    override var headBytes: UnsafeRawBufferPointer {
        guard let input else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return input.slice(headStart..<headStart + headLength)
    }

    override var clientAddress: String { peer.host }

    override func readBody(limit: Int) async throws(RequestBodyError) -> UnsafeRawBufferPointer {
        try await takeBody(limit: limit)
    }

    // MARK: - The connection's life

    enum Ended { case closed, http2(ByteBuffer?) }

    /// Serves requests until the connection ends, or turns out to speak HTTP/2; `early` holds bytes read so far.
    func serve(early: ByteBuffer?) async -> Ended {
        input = early
        var isFirst = true
        while true {
            switch await readHead(isFirst: isFirst) {
            case .request: break
            case .http2:
                let received = input
                input = nil
                stream.delegate = nil
                return .http2(received)
            case .refused(let status, let code, let message):
                answerError(status, code, message)
                if await pushAll() { await stream.linger(silence: server.options.lingerTimeout) }
                close()
                return .closed
            case .closed:
                close()
                return .closed
            }
            isFirst = false
            guard await serveRequest() else {
                close()
                return .closed
            }
        }
    }

    /// What comes after an exchange.
    private enum Next { case request, linger, close }

    /// Serves the request that was read. False when the connection is at its end.
    private func serveRequest() async -> Bool {
        // Reset since the request was sent: nobody is there to answer.
        if stream.isReset { return false }
        isInHandler = true
        server.requestBegan()
        await server.handler(self)
        isInHandler = false
        let next = await completeExchange()
        server.requestEnded()
        switch next {
        case .request: return true
        case .close: return false
        case .linger:
            await stream.linger(silence: server.options.lingerTimeout)
            return false
        }
    }

    /// Brings the exchange to its end: the answer is whole and sent, and the request's body out of the way.
    private func completeExchange() async -> Next {
        onClientGone = nil
        onDrained = nil
        onHalfClose = nil
        if !isResponseBegun, !isClientGone { answerNothing() }
        abort()  // unless the response is finished, or was given up
        if isClientGone {
            body = nil
            guard isCut, await pushAll() else { return .close }
            return .linger
        }
        push()
        if bodyState == .unread, !closesAfterResponse { await drainBody() }
        body = nil
        // The next answer must not overtake this one; the write-stall timer bounds the wait.
        if bufferedBytes > 0 || stream.isClosed {
            guard await pushAll() else { return .close }
        }
        if closesAfterResponse || server.isDraining { return .linger }
        consumeRequest()
        return .request
    }

    /// Drops the request in work from the input; what follows is the next one.
    private func consumeRequest() {
        if let spill {
            recycle(&input)
            spill.consume(bodyInInput)
            input = spill
            self.spill = nil
        } else if let input {
            input.readerIndex = headStart
            input.consume(headLength + bodyInInput)
        }
        bodyInInput = 0
    }

    /// The handler did not answer.
    private func answerNothing() {
        answerError(500, "internal_error", "The gateway did not answer.", isHead: head.method == .head)
    }

    /// Answers what cannot be served; the connection ends behind it.
    private func answerError(_ status: Int, _ code: String, _ message: String, isHead: Bool = false) {
        resetExchange(isHead: isHead, bodyState: .partial, closes: true)
        server.onProtocolError(self, status, code, message)
    }

    private func close() {
        stream.closeDescriptor()
        recycle(&input)
        recycle(&spill)
        dropOutput()
        body = nil
    }

    func recycle(_ buffer: inout ByteBuffer?) {
        if let buffer { loop.buffers.give(buffer) }
        buffer = nil
    }
}
