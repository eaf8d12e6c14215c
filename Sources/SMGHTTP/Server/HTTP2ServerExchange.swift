internal import SMGBase
internal import SMGNet

/// One HTTP/2 stream from a client, as an exchange. This file holds the response; the request has its own.
final class HTTP2ServerExchange: ServerExchange {
    let id: Int32
    // The task that runs the handler keeps the connection.
    unowned let connection: HTTP2ServerConnection
    /// The request's fields in the layout that `RequestHead` points into.
    let block = ByteBuffer(capacity: 512)

    /// What becomes of arriving body bytes.
    enum BodyState {
        /// Nobody has asked yet: kept, and not credited, so no more than one window comes in.
        case unread
        case reading
        /// Taken whole, or not wanted any more: dropped without credit.
        case over
    }
    var bodyState = BodyState.unread
    let received = ByteBuffer(capacity: 0)
    var isRequestComplete: Bool
    var bodyWaiter: UnsafeContinuation<Void, Never>?
    var uncredited = 0

    /// The handler has returned.
    var isHandled = false
    /// The session knows the stream no more.
    var isStreamOver = false
    private var response: HTTP2Headers?
    private var announcedLength = -1
    /// The response has no body by the rules of its status or of HEAD, whatever the handler writes.
    private var isBodiless = false
    /// Body bytes that had left the queue when the connection last looked; -1 while none were waiting.
    private var lastSent = -1

    init?(connection: HTTP2ServerConnection, id: Int32, headers: HTTP2Headers, endStream: Bool) {
        self.connection = connection
        self.id = id
        isRequestComplete = endStream
        super.init(loop: connection.stream.loop, head: RequestHead())
        guard fillHead(headers) else { return nil }
    }

    override var headBytes: UnsafeRawBufferPointer { block.readable }
    override var clientAddress: String { connection.peer.host }
    override var protocolName: StaticString { "HTTP/2" }
    override var bufferedBytes: Int { connection.session.queuedBytes(id) }

    override func readBody(limit: Int) async throws(RequestBodyError) -> UnsafeRawBufferPointer {
        try await takeBody(limit: limit)
    }

    // MARK: - Head

    override func beginHead(status: Int) {
        assert(!isResponseBegun)
        guard !isResponseBegun, !isClientGone else { return }
        isResponseBegun = true
        self.status = status
        response = connection.takeHeaderBlock()
    }

    override func putHeader(_ name: StaticString, _ value: UnsafeRawBufferPointer) { response?.append(name, value) }

    override func putHeader(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        response?.append(name, value)
    }

    override func endHead(_ length: ResponseLength) {
        guard let response else { return }
        self.response = nil
        defer { connection.giveHeaderBlock(response) }
        isBodiless = head.method == .head || status == 204 || status == 304
        switch length {
        case .known(let count) where status != 204: announce(count, response)
        case .none where !isBodiless: announce(0, response)
        case .known, .none, .streaming: break
        }
        let scratch = connection.scratch
        scratch.clear()
        connection.server.date.append(WallClock.seconds(), to: scratch)
        response.append("date", scratch.readable)
        let endsHere = isBodiless || announcedLength == 0
        attempt { () throws(HTTP2Error) in
            try connection.session.submitResponse(id, status: status, response, endStream: endsHere)
        }
        if endsHere { isBodiless = true }
    }

    private func announce(_ count: Int, _ response: HTTP2Headers) {
        announcedLength = count
        response.append("content-length", decimal: count)
    }

    // MARK: - Body

    override func write(_ bytes: UnsafeRawBufferPointer) {
        guard isResponseBegun, !isResponseFinished, !isClientGone, bytes.count > 0 else { return }
        responseBodyBytes += bytes.count
        if isBodiless { return }
        if announcedLength >= 0, responseBodyBytes > announcedLength { return abort() }
        attempt { () throws(HTTP2Error) in try connection.session.send(id, bytes, endStream: false) }
        if bufferedBytes >= ServerOptions.gatherBytes { connection.scheduleOutput() }
    }

    override func flush() {
        connection.scheduleOutput()
        // Last, because the producer goes on from here.
        if onDrained != nil, bufferedBytes <= ServerExchange.lowWaterBytes { releaseProducer() }
    }

    override func finish() {
        guard isResponseBegun, !isResponseFinished, !isClientGone else { return }
        if announcedLength >= 0, responseBodyBytes != announcedLength, !isBodiless { return abort() }
        isResponseFinished = true
        onClientGone = nil
        if !isBodiless {
            attempt { () throws(HTTP2Error) in
                try connection.session.send(id, UnsafeRawBufferPointer(start: nil, count: 0), endStream: true)
            }
        }
        connection.scheduleOutput()
    }

    override func abort() {
        guard !isResponseFinished, !isClientGone else { return }
        giveUpHead()
        // A reset overtakes data: what was written before leaves first, as far as the client's windows let it.
        connection.scheduleOutput()
        guard !isClientGone else { return }
        connection.session.reset(id, .internalError)
        clientCut()
        connection.scheduleOutput()
    }

    private func giveUpHead() {
        if let response { connection.giveHeaderBlock(response) }
        response = nil
    }

    private func attempt(_ work: () throws(HTTP2Error) -> Void) {
        do throws(HTTP2Error) { try work() } catch { clientLeftWhileWriting() }
    }

    // MARK: - What the connection tells

    /// The stream was cut, or the connection is gone, or all is well and over.
    func cut() {
        resumeBodyWaiter()
        giveUpHead()
        guard !isResponseFinished else { return }
        // Within a call of the producer's own it must not hear of it before the call returns.
        if connection.isProducing { clientLeftWhileWriting() } else { clientLeft() }
    }

    /// The stream's queue fell below the low-water mark.
    func roomAgain() { releaseProducer() }

    /// Ends the stream if its client has let none of the waiting bytes go since the last look.
    func endIfStalled() {
        let waiting = bufferedBytes
        let sent = responseBodyBytes - waiting
        guard waiting > 0, sent == lastSent else {
            lastSent = waiting > 0 ? sent : -1
            return
        }
        connection.session.reset(id, .cancel)
        clientLeft()
    }
}
