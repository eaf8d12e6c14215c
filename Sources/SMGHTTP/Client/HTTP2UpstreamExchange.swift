internal import SMGBase
internal import SMGNet

/// One stream of an HTTP/2 connection to an upstream server, as an exchange.
final class HTTP2UpstreamExchange: UpstreamExchange {
    private let connection: HTTP2UpstreamConnection
    private let reused: Bool
    private var id: Int32 = 0
    private let answer = ResponseHead()
    /// The answer's fields in the layout `answer` points into.
    private let block = ByteBuffer(capacity: 512)
    /// Body bytes nobody has taken yet: they came before a relay began, or are read as a whole.
    private let received = ByteBuffer(capacity: 0)
    private var hasHead = false
    private var isEnded = false
    private var failure: UpstreamError?
    private var waiter: UnsafeContinuation<Void, Never>?
    private var timer: LoopTimer?

    private var relayContinuation: UnsafeContinuation<RelayOutcome, Never>?
    private unowned(unsafe) var client: ServerExchange?
    private unowned(unsafe) var observer: (any RelayObserver)?
    private var stall = TimeSpan.zero
    /// Bytes given to a client that has not taken them: their credit is held back.
    private var heldCredit = 0
    private var isPaused = false

    init(connection: HTTP2UpstreamConnection, reused: Bool) {
        self.connection = connection
        self.reused = reused
        super.init()
    }

    deinit { if let timer { loop.remove(timer) } }

    private var loop: EventLoop { connection.stream.loop }

    override var head: ResponseHead { answer }
    override var headBytes: UnsafeRawBufferPointer { block.readable }
    override var isReused: Bool { reused }

    // MARK: - Request

    override func send(
        head: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer, method: HTTPMethod, hook: CancelHook
    ) async throws(UpstreamError) {
        let headers = HTTP2Headers(capacity: head.count)
        HTTP2UpstreamExchange.translate(head, to: headers, isTLS: connection.stream.isTLS)
        guard let opened = connection.open(self, headers, body: body) else { throw .noAnswer(.closed) }
        id = opened
    }

    /// Turns a head of our own making (always valid, CRLF lines) into a header block.
    private static func translate(_ head: UnsafeRawBufferPointer, to headers: HTTP2Headers, isTLS: Bool) {
        var line = 0
        var method = head.slice(0..<0)
        var path = head.slice(0..<0)
        var authority = head.slice(0..<0)
        var fields: [(UnsafeRawBufferPointer, UnsafeRawBufferPointer)] = []
        while let end = head.firstIndex(of: "\r\n", from: line), end > line {
            let text = head.slice(line..<end)
            if line == 0 {
                let first = text.firstIndex(of: UInt8(ascii: " ")) ?? 0
                let second = text.firstIndex(of: UInt8(ascii: " "), from: first + 1) ?? text.count
                method = text.slice(0..<first)
                path = text.slice(first + 1..<second)
            } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
                let name = text.slice(0..<colon)
                let value = text.slice(min(colon + 2, text.count)..<text.count)
                if name.equalsIgnoringCase("host") { authority = value } else { fields.append((name, value)) }
            }
            line = end + 2
        }
        let scheme: StaticString = isTLS ? "https" : "http"
        headers.setRequest(
            method: method, scheme: UnsafeRawBufferPointer(start: scheme.utf8Start, count: scheme.utf8CodeUnitCount),
            authority: authority, path: path)
        for (name, value) in fields {
            headers.append(name, value, sensitive: name.equalsIgnoringCase("authorization"))
        }
    }

    override func readHead(within span: TimeSpan, hook: CancelHook) async throws(UpstreamError) {
        let deadline = loop.now + span
        hook.action = { [unowned self] in fail(.cancelled) }
        defer { hook.action = nil }
        while !hasHead, failure == nil {
            guard await wait(until: deadline) else { throw failed(.firstByteTimeout) }
        }
        if !hasHead, let failure { throw failed(failure) }
    }

    /// Waits for any event; false when `deadline` passed first.
    private func wait(until deadline: Instant) async -> Bool {
        let timer = self.timer ?? LoopTimer { [unowned(unsafe) self] in timedOut() }
        self.timer = timer
        loop.arm(timer, after: max(deadline - loop.now, .milliseconds(1)))
        await withUnsafeContinuation { waiter = $0 }
        loop.disarm(timer)
        return hasHead || isEnded || failure != nil || loop.now < deadline
    }

    private func wake() {
        let resumed = waiter
        waiter = nil
        resumed?.resume()
    }

    private func timedOut() {
        if relayContinuation != nil { endRelay(.upstreamFailed(.stalled)) } else { wake() }
    }

    private func fail(_ error: UpstreamError) {
        if failure == nil { failure = error }
        wake()
    }

    private func failed(_ error: UpstreamError) -> UpstreamError {
        if failure == nil { failure = error }
        resetStream()
        return error
    }

    private func resetStream() {
        guard id != 0, !isEnded || !hasHead else { return }
        connection.reset(id)
    }

    // MARK: - What the connection tells

    func headArrived(_ headers: HTTP2Headers, endStream: Bool) {
        func put(_ bytes: UnsafeRawBufferPointer) -> Range<Int> {
            let start = block.writerIndex
            block.append(bytes)
            return start..<block.writerIndex
        }
        answer.status = headers.status
        answer.framing = endStream ? .none : .untilClose
        for index in 0..<headers.count {
            let name = put(headers.name(at: index))
            let value = put(headers.value(at: index))
            let known = KnownHeader.recognise(block.base + name.lowerBound, name.count)
            answer.headers.append(HeaderField(name: name, value: value, known: known))
            if known == .contentLength, !endStream, let count = Int(block.slice(value).string) {
                answer.framing = count == 0 ? .none : .contentLength(count)
            }
        }
        answer.length = block.readableCount
        hasHead = true
        wake()
    }

    /// True when the client has to be flushed behind this read.
    func bodyArrived(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let client, relayContinuation != nil else {
            received.append(bytes)
            wake()
            return false
        }
        observer?.bodyBytes(bytes)
        client.write(bytes)
        heldCredit += bytes.count
        return true
    }

    func bodyEnded() -> Bool {
        isEnded = true
        wake()
        return relayContinuation != nil
    }

    /// A read is over: what it brought for this exchange goes to the client.
    func batchEnded() {
        guard let client, relayContinuation != nil else { return }
        if isEnded { return endRelay(completed(client)) }
        client.flush()
        if client.isClientGone { return endRelay(.clientGone) }
        releaseCredit(client)
    }

    /// Lets the upstream server send on, unless the client is behind.
    private func releaseCredit(_ client: ServerExchange) {
        if client.bufferedBytes > ServerExchange.highWaterBytes {
            guard !isPaused else { return }
            isPaused = true
            if let timer { loop.disarm(timer) }
            client.onDrained = { [unowned(unsafe) self] in
                isPaused = false
                if let client = self.client { releaseCredit(client) }
            }
            return
        }
        connection.giveCredit(id, heldCredit)
        heldCredit = 0
        if let timer { loop.arm(timer, after: stall) }
    }

    private func completed(_ client: ServerExchange) -> RelayOutcome {
        client.finish()
        client.flush()
        return client.isClientGone ? .clientGone : .complete
    }

    func wasReset(_ code: HTTP2ErrorCode) {
        fail(hasHead ? .truncated : .http2("reset_\(code.rawValue)"))
        endRelay(.upstreamFailed(.truncated))
    }

    func connectionLost() {
        guard !isEnded else { return }
        fail(hasHead ? .truncated : .noAnswer(.unexpectedEnd))
        endRelay(.upstreamFailed(.truncated))
    }

    // MARK: - Body

    override func relay(to client: ServerExchange, observer: any RelayObserver, stall: TimeSpan) async -> RelayOutcome {
        self.client = client
        self.observer = observer
        self.stall = stall
        if client.isClientGone {
            cancel()
            return finishRelay(.clientGone)
        }
        if !received.isEmpty {
            observer.bodyBytes(received.readable)
            client.write(received.readable)
            heldCredit += received.readableCount
            received.clear()
        }
        if isEnded { return finishRelay(completed(client)) }
        client.flush()
        if let failure { return finishRelay(.upstreamFailed(failure)) }
        client.onClientGone = { [unowned(unsafe) self] in endRelay(.clientGone) }
        if timer == nil { timer = LoopTimer { [unowned(unsafe) self] in timedOut() } }
        return await withUnsafeContinuation { continuation in
            relayContinuation = continuation
            releaseCredit(client)
        }
    }

    private func endRelay(_ outcome: RelayOutcome) {
        guard let continuation = relayContinuation else { return }
        relayContinuation = nil
        continuation.resume(returning: finishRelay(outcome))
    }

    private func finishRelay(_ outcome: RelayOutcome) -> RelayOutcome {
        if let timer { loop.remove(timer) }
        timer = nil
        client?.onClientGone = nil
        client?.onDrained = nil
        client = nil
        observer = nil
        if outcome == .complete { connection.giveCredit(id, heldCredit) } else { resetStream() }
        return outcome
    }

    override func readBody(limit: Int, stall: TimeSpan, hook: CancelHook) async throws(UpstreamError) -> ByteBuffer {
        hook.action = { [unowned self] in fail(.cancelled) }
        defer { hook.action = nil }
        while !isEnded {
            if let failure { throw failed(failure) }
            if received.readableCount > limit { throw failed(.tooLarge) }
            connection.giveCredit(id, received.readableCount)
            let before = received.readableCount
            let inTime = await wait(until: loop.now + stall)
            if !inTime || (received.readableCount == before && !isEnded && failure == nil) { throw failed(.stalled) }
        }
        if received.readableCount > limit { throw failed(.tooLarge) }
        return received
    }

    override func cancel() {
        if relayContinuation != nil { endRelay(.clientGone) } else { resetStream() }
    }
}
