internal import SMGBase
internal import SMGNet

/// One HTTP/2 stream from a client, as an exchange.
final class HTTP2ServerExchange: ServerExchange {
    let id: Int32
    private unowned let connection: HTTP2ServerConnection
    /// The request's fields in the layout that `RequestHead` points into.
    private let block = ByteBuffer(capacity: 512)
    private let received = ByteBuffer(capacity: 0)
    private var requestEnded = false
    private var bodyWaiter: UnsafeContinuation<Void, Never>?
    private var wantsBody = false
    private var uncredited = 0
    private var response: HTTP2Headers?
    private var isHeadRequest = false
    private var announcedLength: Int?
    private var bodilessResponse = false
    private var endSent = false
    private var producerWaits = false

    init?(connection: HTTP2ServerConnection, id: Int32, headers: HTTP2Headers, endStream: Bool) {
        self.connection = connection
        self.id = id
        super.init(loop: connection.stream.loop, head: RequestHead())
        guard fillHead(headers) else { return nil }
        requestEnded = endStream
        isHeadRequest = head.method == .head
    }

    override var headBytes: UnsafeRawBufferPointer { block.readable }
    override var clientAddress: String { connection.peer.host }
    override var protocolName: StaticString { "HTTP/2" }
    override var bufferedBytes: Int { connection.session.queuedBytes(id) }

    /// Copies the header block into the flat layout of an HTTP/1 head.
    private func fillHead(_ headers: HTTP2Headers) -> Bool {
        func put(_ bytes: UnsafeRawBufferPointer) -> Range<Int> {
            let start = block.writerIndex
            block.append(bytes)
            return start..<block.writerIndex
        }
        head.methodText = put(headers.method)
        if let base = headers.method.baseAddress { head.method = HTTPMethod.recognise(base, headers.method.count) }
        head.target = put(headers.path)
        let target = headers.path
        let mark = target.firstIndex(of: UInt8(ascii: "?"))
        head.path = head.target.lowerBound..<head.target.lowerBound + (mark ?? target.count)
        if let mark { head.query = head.target.lowerBound + mark + 1..<head.target.upperBound }
        guard target.first == UInt8(ascii: "/") || (head.method == .options && target.equals("*")) else { return false }
        head.authority = put(headers.authority)
        for index in 0..<headers.count {
            let name = put(headers.name(at: index))
            let value = put(headers.value(at: index))
            let known = KnownHeader.recognise(block.base + name.lowerBound, name.count)
            head.headers.append(HeaderField(name: name, value: value, known: known))
        }
        head.version = .http11
        head.keepAlive = true
        head.framing = .none
        return true
    }

    // MARK: - Request body

    func bodyArrived(_ bytes: UnsafeRawBufferPointer) {
        received.append(bytes)
        uncredited += bytes.count
        if wantsBody { giveCredit() }
        resumeBodyWaiter()
    }

    func requestBodyEnded() {
        requestEnded = true
        resumeBodyWaiter()
    }

    /// The stream was cut, or the connection is gone.
    func cut() {
        resumeBodyWaiter()
        if !isResponseFinished || bufferedBytes > 0 { clientLeft() }
    }

    private func giveCredit() {
        connection.session.consume(id, uncredited)
        uncredited = 0
        connection.scheduleOutput()
    }

    private func resumeBodyWaiter() {
        let waiter = bodyWaiter
        bodyWaiter = nil
        waiter?.resume()
    }

    override func readBody(limit: Int) async throws(RequestBodyError) -> UnsafeRawBufferPointer {
        // Until somebody asks for the body, flow control lets no more than one window come in.
        wantsBody = true
        let stall = LoopTimer { [unowned self] in resumeBodyWaiter() }
        defer { loop.remove(stall) }
        while !requestEnded {
            if received.readableCount > limit { throw .tooLarge }
            if isClientGone { throw .broken }
            giveCredit()
            let before = received.readableCount
            loop.arm(stall, after: connection.server.options.bodyStallTimeout)
            await withUnsafeContinuation { bodyWaiter = $0 }
            if received.readableCount == before, !requestEnded, !isClientGone { throw .stalled }
        }
        if received.readableCount > limit { throw .tooLarge }
        return received.readable
    }

    // MARK: - Response

    override func beginHead(status: Int) {
        isResponseBegun = true
        self.status = status
        let headers = connection.takeHeaderBlock()
        response = headers
    }

    override func putHeader(_ name: StaticString, _ value: UnsafeRawBufferPointer) { response?.append(name, value) }
    override func putHeader(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) { response?.append(name, value) }

    override func endHead(_ length: ResponseLength) {
        guard let response else { return }
        switch length {
        case .known(let count):
            announcedLength = count
            response.append("content-length", decimal: count)
        case .streaming: break
        case .none: bodilessResponse = true
        }
        connection.server.date.append(WallClock.seconds(), to: connection.scratch)
        response.append("date", connection.scratch.readable)
        connection.scratch.clear()
        bodilessResponse = bodilessResponse || isHeadRequest || announcedLength == 0
        attempt { () throws(HTTP2Error) in
            try connection.session.submitResponse(id, status: status, response, endStream: bodilessResponse)
        }
        endSent = bodilessResponse
        connection.giveHeaderBlock(response)
        self.response = nil
    }

    override func write(_ bytes: UnsafeRawBufferPointer) {
        responseBodyBytes += bytes.count
        guard !bodilessResponse, !isClientGone, bytes.count > 0 else { return }
        attempt { () throws(HTTP2Error) in try connection.session.send(id, bytes, endStream: false) }
        if bufferedBytes > ServerExchange.highWaterBytes { producerWaits = true }
    }

    override func flush() { connection.scheduleOutput() }

    override func finish() {
        guard !isResponseFinished else { return }
        if let announcedLength, responseBodyBytes != announcedLength, !bodilessResponse {
            abort()
            return
        }
        isResponseFinished = true
        onClientGone = nil
        if !endSent {
            endSent = true
            attempt { () throws(HTTP2Error) in
                try connection.session.send(id, UnsafeRawBufferPointer(start: nil, count: 0), endStream: true)
            }
        }
        connection.scheduleOutput()
    }

    override func abort() {
        guard !isResponseFinished else { return }
        connection.session.reset(id, .internalError)
        connection.scheduleOutput()
        isClientGone = true
    }

    /// The stream's queue fell below the low-water mark.
    func roomAgain() {
        guard producerWaits else { return }
        producerWaits = false
        let drained = onDrained
        onDrained = nil
        drained?()
    }

    private func attempt(_ work: () throws(HTTP2Error) -> Void) {
        do throws(HTTP2Error) { try work() } catch { clientLeft() }
    }
}
