internal import SMGBase
internal import SMGNet

/// One HTTP/1 connection to an upstream server, used for one exchange at a time.
final class HTTP1UpstreamConnection: UpstreamExchange {
    let stream: ByteStream
    /// Strong: a pool that its owner has let go must still take back what is in use.
    let pool: UpstreamPool
    private var parser = ResponseHeadParser()
    private var input: ByteBuffer?
    private var decoder = BodyDecoder.finished
    private var headStart = 0
    private var method = HTTPMethod.get
    private var uses = 0
    private var gotAnswerBytes = false
    private var isOver = false
    /// When it went idle; the pool drops it after its idle limit.
    var idleSince = Instant(nanoseconds: 0)
    /// Place in the pool's idle list, or -1.
    var isIdle = false

    private var relayContinuation: UnsafeContinuation<RelayOutcome, Never>?
    private unowned(unsafe) var client: ServerExchange?
    private unowned(unsafe) var observer: (any RelayObserver)?
    private var stall = TimeSpan.zero
    private var isPaused = false

    init(pool: UpstreamPool, stream: ByteStream) {
        self.pool = pool
        self.stream = stream
        super.init()
        stream.delegate = self
    }

    override var head: ResponseHead { parser.head }
    override var headBytes: UnsafeRawBufferPointer {
        guard let input else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return input.slice(headStart..<headStart + parser.head.length)
    }
    override var isReused: Bool { uses > 1 }

    // MARK: - Request

    override func send(
        head: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer, method: HTTPMethod, hook: CancelHook
    ) async throws(UpstreamError) {
        self.method = method
        uses += 1
        isOver = false
        gotAnswerBytes = false
        parser.reset()
        if hook.isCancelled { throw failed(.cancelled) }
        // Nearly every request fits the socket's buffer: then nothing is awaited.
        var sent = 0
        if case .wrote(let count) = stream.write(head, body) { sent = count }
        if sent == head.count + body.count { return }
        hook.action = { [unowned self] in cancel() }
        defer { hook.action = nil }
        do throws(NetError) {
            if sent < head.count {
                try await stream.writeAll(
                    head.slice(sent..<head.count), body, stall: pool.options.writeStallTimeout)
            } else {
                try await stream.writeAll(
                    body.slice(sent - head.count..<body.count), stall: pool.options.writeStallTimeout)
            }
        } catch {
            if hook.isCancelled { throw .cancelled }
            // A server may answer early (413, 400) and close without reading the body: its answer counts.
            if stream.isReadable, !stream.isClosed, body.count > 0 { return }
            close()
            throw .noAnswer(error)
        }
    }

    override func readHead(within span: TimeSpan, hook: CancelHook) async throws(UpstreamError) {
        let deadline = stream.loop.now + span
        hook.action = { [unowned self] in cancel() }
        defer { hook.action = nil }
        while true {
            if let input, !input.isEmpty {
                gotAnswerBytes = true
                if try parseHead(input) { return }
            }
            let buffer = input ?? stream.loop.buffers.take()
            input = buffer
            buffer.reserve(1024)
            switch stream.read(into: buffer) {
            case .bytes: continue
            case .endOfStream: throw failed(gotAnswerBytes ? .truncated : .noAnswer(.unexpectedEnd))
            case .failed(let error): throw failed(gotAnswerBytes ? .truncated : .noAnswer(error))
            case .wouldBlock: break
            }
            if buffer.isEmpty { recycleInput() }
            switch await stream.waitReadable(within: max(deadline - stream.loop.now, .milliseconds(1))) {
            case .ready: break
            case .timeout: throw failed(.firstByteTimeout)
            case .closed: throw failed(hook.isCancelled ? .cancelled : .noAnswer(.closed))
            }
        }
    }

    /// Whether a final head is complete. Informational heads are dropped.
    private func parseHead(_ input: ByteBuffer) throws(UpstreamError) -> Bool {
        while !input.isEmpty {
            let parsed: ResponseHead?
            do { parsed = try parser.parse(input.readable, requestMethod: method) } catch {
                throw failed(.malformed(error))
            }
            guard let head = parsed else { return false }
            if head.status == 101 { throw failed(.malformed(.invalidStatusLine)) }
            headStart = input.readerIndex
            input.readerIndex += head.length
            if head.isInformational {
                if input.isEmpty { input.clear() }
                parser.reset()
                continue
            }
            decoder = BodyDecoder(head.framing)
            return true
        }
        return false
    }

    private func failed(_ error: UpstreamError) -> UpstreamError {
        close()
        return error
    }

    // MARK: - Relay

    override func relay(to client: ServerExchange, observer: any RelayObserver, stall: TimeSpan) async -> RelayOutcome {
        self.client = client
        self.observer = observer
        self.stall = stall
        isPaused = false
        client.onClientGone = nil
        if let ended = pumpBuffered() ?? pump() {
            finishRelay(ended)
            return ended
        }
        client.onClientGone = { [unowned(unsafe) self] in endRelay(.clientGone) }
        return await withUnsafeContinuation { relayContinuation = $0 }
    }

    /// The bytes that came with the head.
    private func pumpBuffered() -> RelayOutcome? {
        guard let input, let client else { return .clientGone }
        if client.isClientGone { return .clientGone }
        let ended = forward(input, client)
        client.flush()
        return ended
    }

    /// Moves what the upstream side has to the client, until one of them has to be waited for.
    private func pump() -> RelayOutcome? {
        guard let client else { return .clientGone }
        while true {
            if client.isClientGone { return .clientGone }
            if client.bufferedBytes > ServerExchange.highWaterBytes {
                pauseUntilDrained(client)
                return nil
            }
            let buffer = input ?? stream.loop.buffers.take()
            input = buffer
            buffer.reserve(512)
            switch stream.read(into: buffer) {
            case .bytes:
                let ended = forward(buffer, client)
                client.flush()
                if let ended { return ended }
            case .wouldBlock:
                if buffer.isEmpty { recycleInput() }
                stream.armDelegateTimer(stall)
                return nil
            case .endOfStream:
                guard decoder.endOfInput() == .complete else { return .upstreamFailed(.truncated) }
                return complete(client)
            case .failed: return .upstreamFailed(.truncated)
            }
        }
    }

    private func forward(_ buffer: ByteBuffer, _ client: ServerExchange) -> RelayOutcome? {
        let observer = observer
        do {
            let step = try decoder.decode(buffer.readable) { slice in
                observer?.bodyBytes(slice)
                client.write(slice)
            }
            buffer.consume(step.consumed)
            return step.finished ? complete(client) : nil
        } catch { return .upstreamFailed(.malformed(error)) }
    }

    private func complete(_ client: ServerExchange) -> RelayOutcome {
        client.finish()
        client.flush()
        return client.isClientGone ? .clientGone : .complete
    }

    /// The client is slow: the upstream socket is not read until it has caught up.
    private func pauseUntilDrained(_ client: ServerExchange) {
        isPaused = true
        stream.disarmDelegateTimer()
        client.onDrained = { [unowned(unsafe) self] in
            isPaused = false
            advanceRelay()
        }
    }

    private func advanceRelay() {
        guard relayContinuation != nil, !isPaused else { return }
        if let ended = pump() { endRelay(ended) }
    }

    private func endRelay(_ outcome: RelayOutcome) {
        guard let continuation = relayContinuation else { return }
        relayContinuation = nil
        finishRelay(outcome)
        continuation.resume(returning: outcome)
    }

    private func finishRelay(_ outcome: RelayOutcome) {
        client?.onClientGone = nil
        client?.onDrained = nil
        client = nil
        observer = nil
        if outcome == .complete { release() } else { close() }
    }

    // MARK: - Whole body

    override func readBody(limit: Int, stall: TimeSpan, hook: CancelHook) async throws(UpstreamError) -> ByteBuffer {
        let body = ByteBuffer(capacity: 1024)
        hook.action = { [unowned self] in cancel() }
        defer { hook.action = nil }
        while true {
            if let input {
                let step: (consumed: Int, finished: Bool)
                do { step = try decoder.decode(input.readable) { body.append($0) } } catch {
                    throw failed(.malformed(error))
                }
                input.consume(step.consumed)
                if body.readableCount > limit { throw failed(.tooLarge) }
                if step.finished { break }
            }
            let buffer = input ?? stream.loop.buffers.take()
            input = buffer
            buffer.reserve(512)
            let count: Int
            do throws(NetError) { count = try await stream.readSome(into: buffer, within: stall) } catch {
                throw failed(hook.isCancelled ? .cancelled : error == .timeout ? .stalled : .truncated)
            }
            if count == 0 {
                guard decoder.endOfInput() == .complete else { throw failed(.truncated) }
                break
            }
        }
        release()
        return body
    }

    // MARK: - End of the exchange

    /// Back to the pool, if the connection can carry another request.
    private func release() {
        guard !isOver else { return }
        isOver = true
        stream.disarmDelegateTimer()
        // Bytes behind the answer belong to nobody: the connection is out of step.
        let isClean = (input?.isEmpty ?? true) && parser.head.keepAlive && !stream.peerFinished && !stream.isClosed
        recycleInput()
        if isClean { pool.giveBack(self) } else { close() }
    }

    override func cancel() {
        if relayContinuation != nil { endRelay(.clientGone) } else { close() }
    }

    /// Closes for good. Idempotent.
    func close() {
        isOver = true
        recycleInput()
        if !stream.isClosed {
            stream.closeDescriptor()
            pool.connectionClosed(self)
        }
    }

    private func recycleInput() {
        if let input { stream.loop.buffers.give(input) }
        input = nil
    }
}

extension HTTP1UpstreamConnection: StreamDelegate {
    func streamReadable(_ stream: ByteStream) {
        if relayContinuation != nil {
            advanceRelay()
        } else if isIdle {
            // An idle connection that speaks is ending, or out of step: either way it is of no more use.
            pool.idleConnectionEnded(self)
        }
    }

    func streamTimedOut(_ stream: ByteStream) {
        if isIdle { pool.idleConnectionEnded(self) } else { endRelay(.upstreamFailed(.stalled)) }
    }
}
