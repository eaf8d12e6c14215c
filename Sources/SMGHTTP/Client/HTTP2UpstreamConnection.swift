internal import SMGBase
internal import SMGNet

/// One HTTP/2 connection to an upstream server: many exchanges at a time.
final class HTTP2UpstreamConnection: HTTP2Handler {
    /// Session output gathered before a write.
    private static let outputBytes = 64 << 10

    let stream: ByteStream
    /// Strong: a pool that its owner has let go must still hear of what is in use.
    private let pool: UpstreamPool
    private(set) var session: HTTP2Session! = nil
    private var exchanges: [Int32: HTTP2UpstreamExchange] = [:]
    /// Exchanges that got bytes in the current read: their clients are flushed once behind it.
    private var touched: ContiguousArray<HTTP2UpstreamExchange> = []
    private var output: ByteBuffer?
    private var isInsideSession = false
    private(set) var isOver = false

    // Spelled out because the override the compiler makes by itself is warned of as recursive.
    private override init() { fatalError("made with init(pool:stream:)") }

    init(pool: UpstreamPool, stream: ByteStream) throws(UpstreamError) {
        self.pool = pool
        self.stream = stream
        super.init()
        do throws(HTTP2Error) {
            session = try HTTP2Session(role: .client, handler: self, configuration: .client)
        } catch { throw .http2(error.code) }
        stream.delegate = self
        pumpOutput()
    }

    /// Whether one more exchange can start at once.
    var hasRoom: Bool { !isOver && session.canOpenStream }
    var exchangeCount: Int { exchanges.count }

    // MARK: - Exchanges

    /// Opens a stream for `exchange`; false when the connection takes no more.
    func open(_ exchange: HTTP2UpstreamExchange, _ headers: HTTP2Headers, body: UnsafeRawBufferPointer) -> Int32? {
        guard !isOver else { return nil }
        do throws(HTTP2Error) {
            let id = try session.submitRequest(headers, endStream: body.count == 0)
            exchanges[id] = exchange
            if body.count > 0 { try session.send(id, body, endStream: true) }
            pumpOutput()
            return isOver ? nil : id
        } catch { return nil }
    }

    /// The client is done with `count` body bytes.
    func giveCredit(_ id: Int32, _ count: Int) {
        guard !isOver else { return }
        session.consume(id, count)
        if !isInsideSession { pumpOutput() }
    }

    func reset(_ id: Int32) {
        guard !isOver else { return }
        session.reset(id, .cancel)
        if !isInsideSession { pumpOutput() }
    }

    /// Ends the connection: every exchange on it fails.
    func close() {
        guard !isOver else { return }
        isOver = true
        isInsideSession = true
        session.connectionLost()
        isInsideSession = false
        for exchange in exchanges.values { exchange.connectionLost() }
        exchanges.removeAll()
        stream.closeDescriptor()
        if let output { pool.loop.buffers.give(output) }
        output = nil
        pool.connectionEnded(self)
    }

    /// No new exchanges; it ends when the last one does.
    func retire() {
        guard !isOver else { return }
        session.goAway(.noError)
        pumpOutput()
        if exchanges.isEmpty { close() }
    }

    // MARK: - Bytes

    private func pumpInput() {
        let input = stream.loop.buffers.take()
        defer { stream.loop.buffers.give(input) }
        while !isOver {
            input.clear()
            switch stream.read(into: input) {
            case .bytes:
                isInsideSession = true
                let received: Void? = try? session.receive(input.readable, now: stream.loop.now)
                isInsideSession = false
                flushTouched()
                pumpOutput()
                if received == nil || session.isFinished { return close() }
            case .wouldBlock: return
            case .endOfStream, .failed: return close()
            }
        }
    }

    private func flushTouched() {
        guard !touched.isEmpty else { return }
        let batch = touched
        touched.removeAll(keepingCapacity: true)
        for exchange in batch { exchange.batchEnded() }
    }

    private func pumpOutput() {
        guard !isOver, !isInsideSession else { return }
        let out = output ?? stream.loop.buffers.take()
        output = out
        while true {
            isInsideSession = true
            let produced = (try? session.produce(into: out, atMost: HTTP2UpstreamConnection.outputBytes)) ?? 0
            isInsideSession = false
            if out.isEmpty { break }
            guard case .wrote(let count) = stream.write(out.readable) else { return close() }
            out.consume(count)
            if !out.isEmpty {
                stream.armDelegateTimer(pool.options.writeStallTimeout)
                return
            }
            if produced == 0 { break }
        }
        stream.disarmDelegateTimer()
        stream.loop.buffers.give(out)
        output = nil
    }

    // MARK: - What the session tells

    override func onResponseHead(_ id: Int32, _ headers: HTTP2Headers, endStream: Bool) {
        exchanges[id]?.headArrived(headers, endStream: endStream)
    }

    override func onData(_ id: Int32, _ bytes: UnsafeRawBufferPointer) {
        guard let exchange = exchanges[id] else { return session.consume(id, bytes.count) }
        if exchange.bodyArrived(bytes) { touched.append(exchange) }
    }

    override func onEnd(_ id: Int32) {
        guard let exchange = exchanges[id] else { return }
        if exchange.bodyEnded() { touched.append(exchange) }
    }

    override func onReset(_ id: Int32, _ code: HTTP2ErrorCode) { exchanges[id]?.wasReset(code) }

    override func onClose(_ id: Int32) {
        exchanges.removeValue(forKey: id)
        pool.streamClosed(self)
    }

    override func onGoAway(lastStream: Int32, _ code: HTTP2ErrorCode) { pool.connectionLeaving(self) }
    override func onSettings() { pool.settingsArrived(self) }
}

extension HTTP2UpstreamConnection: StreamDelegate {
    func streamReadable(_ stream: ByteStream) { pumpInput() }
    func streamWritable(_ stream: ByteStream) { pumpOutput() }
    func streamTimedOut(_ stream: ByteStream) {
        if exchanges.isEmpty { retire() } else { close() }
    }
}
