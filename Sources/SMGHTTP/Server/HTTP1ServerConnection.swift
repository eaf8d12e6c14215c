internal import SMGBase
internal import SMGNet

/// One HTTP/1 connection from a client: reads a request, lets the handler answer, and starts over.
///
/// The connection is its own exchange, since HTTP/1 has one at a time: nothing is allocated per request once warm.
final class HTTP1ServerConnection: ServerExchange {
    let stream: ByteStream
    let peer: SocketAddress
    unowned let server: HTTPServerLoop
    private var input: ByteBuffer?
    private var output: ByteBuffer?
    /// A request body that did not fit behind its head.
    private var body: ByteBuffer?
    private var parser: RequestHeadParser

    /// Where the head begins in `input`.
    private var headStart = 0
    private var headLength = 0
    private var bodyRead = false
    /// Body bytes used up behind the head in `input`.
    private var bodyInInput = 0
    private var requestCompleteAt: Instant?
    private var inExchange = false
    private var chunkedResponse = false
    private var bodilessResponse = false
    private var announcedLength: Int?
    private var closeAfterResponse = false
    private var producerWaits = false
    /// Place in the loop's idle list, or -1.
    var idleIndex = -1

    init(server: HTTPServerLoop, stream: ByteStream, peer: SocketAddress) {
        self.server = server
        self.stream = stream
        self.peer = peer
        let parser = RequestHeadParser(limits: server.options.headLimits)
        self.parser = parser
        super.init(loop: stream.loop, head: parser.head)
        stream.delegate = self
    }

    override var headBytes: UnsafeRawBufferPointer {
        guard let input else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return input.slice(headStart..<headStart + headLength)
    }

    override var clientAddress: String { peer.host }
    override var bufferedBytes: Int { output?.readableCount ?? 0 }

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
            case .closed:
                close()
                return .closed
            }
            isFirst = false
            inExchange = true
            server.requestBegan()
            await server.handler(self)
            server.requestEnded()
            inExchange = false
            guard await completeExchange() else {
                close()
                return .closed
            }
        }
    }

    private func close() {
        stream.closeDescriptor()
        recycle(&input)
        recycle(&output)
        body = nil
    }

    private func recycle(_ buffer: inout ByteBuffer?) {
        if let buffer { loop.buffers.give(buffer) }
        buffer = nil
    }

    // MARK: - Reading a request

    private enum HeadOutcome { case request, http2, closed }

    private func readHead(isFirst: Bool) async -> HeadOutcome {
        parser.reset()
        var deadline: Instant?
        while true {
            if let input, !input.isEmpty {
                if deadline == nil { deadline = loop.now + server.options.headerReadTimeout }
                switch parse(input) {
                case .complete: return .request
                case .http2: return .http2
                case .refused(let error):
                    await refuse(error)
                    return .closed
                case .needMore: break
                }
            }
            // A connection whose first request is on its way is served even when the gateway is leaving.
            if server.isDraining, !isFirst, input?.isEmpty ?? true, !stream.isReadable { return .closed }
            guard await fillInput(isFirst: isFirst, deadline: deadline) else { return .closed }
        }
    }

    private enum Parsed { case complete, http2, needMore, refused(HTTPParseError) }

    private func parse(_ input: ByteBuffer) -> Parsed {
        do throws(HTTPParseError) {
            switch try parser.parse(input.readable) {
            case .request(let head):
                headStart = input.readerIndex
                headLength = head.length
                resetRequest()
                return .complete
            case .http2Preface: return server.allowsHTTP2 ? .http2 : .refused(.unsupportedVersion)
            case nil: return .needMore
            }
        } catch { return .refused(error) }
    }

    private func resetRequest() {
        resetResponse()
        bodyRead = head.framing == .none
        bodyInInput = 0
        requestCompleteAt = bodyRead ? loop.now : nil
        chunkedResponse = false
        bodilessResponse = head.method == .head
        announcedLength = nil
        closeAfterResponse = !head.keepAlive
    }

    /// Waits for bytes and reads them. False when the connection is over.
    private func fillInput(isFirst: Bool, deadline: Instant?) async -> Bool {
        if !stream.isReadable {
            if input?.isEmpty ?? true { recycle(&input) }
            let span = deadline.map { $0 - loop.now }
                ?? (isFirst ? server.options.headerReadTimeout : server.options.idleTimeout)
            let isIdle = deadline == nil && !isFirst
            if isIdle { server.idle.insert(self) }
            let waited = await stream.waitReadable(within: max(span, .milliseconds(1)))
            if isIdle { server.idle.remove(self) }
            switch waited {
            case .ready: break
            case .closed: return false
            case .timeout:
                if deadline != nil { await answerError(408, "request_header_timeout", "The request head did not arrive in time.") }
                return false
            }
        }
        let buffer = input ?? loop.buffers.take()
        input = buffer
        if buffer.readerIndex > 0 { buffer.compact() }
        buffer.reserve(1024)
        switch stream.read(into: buffer) {
        case .bytes, .wouldBlock: return true
        case .endOfStream, .failed: return false
        }
    }

    override func readBody(limit: Int) async throws(RequestBodyError) -> UnsafeRawBufferPointer {
        guard !bodyRead, let input else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let bytes: UnsafeRawBufferPointer
        switch head.framing {
        case .none, .untilClose: bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        case .contentLength(let length):
            guard length <= limit else { throw .tooLarge }
            bytes = try await readSized(length, input)
        case .chunked: bytes = try await readChunked(limit, input)
        }
        bodyRead = true
        requestCompleteAt = loop.now
        return bytes
    }

    private func readSized(_ length: Int, _ input: ByteBuffer) async throws(RequestBodyError) -> UnsafeRawBufferPointer {
        let start = headStart + headLength
        if start + length <= input.capacity {
            if input.writerIndex - start < length { sendContinueIfExpected() }
            while input.writerIndex - start < length { try await readMore(into: input) }
            bodyInInput = length
            return input.slice(start..<start + length)
        }
        let body = ByteBuffer(capacity: min(length, ServerOptions.trustedBodyBytes))
        body.append(input.slice(start..<input.writerIndex))
        bodyInInput = input.writerIndex - start
        self.body = body
        if body.readableCount == 0 { sendContinueIfExpected() }
        while body.readableCount < length {
            // Growing by doubling up to the announced size, never past it: the next request must not land here.
            if body.writerIndex == body.capacity { body.reserve(min(body.capacity, length - body.readableCount)) }
            try await readMore(into: body, atMost: length - body.readableCount)
        }
        return body.readable
    }

    private func readChunked(_ limit: Int, _ input: ByteBuffer) async throws(RequestBodyError) -> UnsafeRawBufferPointer {
        let body = ByteBuffer(capacity: BufferPool.bufferBytes)
        self.body = body
        var decoder = ChunkedDecoder()
        let start = headStart + headLength
        if input.writerIndex == start { sendContinueIfExpected() }
        while true {
            let raw = input.slice(start + bodyInInput..<input.writerIndex)
            let step: (consumed: Int, finished: Bool)
            do { step = try decoder.decode(raw) { body.append($0) } } catch { throw .broken }
            bodyInInput += step.consumed
            if body.readableCount > limit { throw .tooLarge }
            if step.finished { return body.readable }
            // What is decoded makes room: the head stays where it is.
            if start + bodyInInput == input.writerIndex {
                input.writerIndex = start
                bodyInInput = 0
            }
            if input.writerIndex == input.capacity { throw .broken }
            try await readMore(into: input)
        }
    }

    /// Reads once; waits at most the body-stall timeout.
    private func readMore(into buffer: ByteBuffer, atMost: Int = Int.max) async throws(RequestBodyError) {
        while true {
            var space = buffer.writable
            if space.count > atMost { space = UnsafeMutableRawBufferPointer(rebasing: space[0..<atMost]) }
            switch stream.read(into: space) {
            case .bytes(let count):
                buffer.commit(count)
                return
            case .endOfStream, .failed:
                clientLeft()
                throw .broken
            case .wouldBlock: break
            }
            switch await stream.waitReadable(within: server.options.bodyStallTimeout) {
            case .ready: continue
            case .timeout: throw .stalled
            case .closed: throw .broken
            }
        }
    }

    private func sendContinueIfExpected() {
        guard head.expectContinue, !isResponseBegun else { return }
        takeOutput().append("HTTP/1.1 100 Continue\r\n\r\n")
        flush()
    }

    // MARK: - Between two requests

    /// Brings the exchange to its end. False when the connection cannot be used again.
    private func completeExchange() async -> Bool {
        if isClientGone { return false }
        if !isResponseBegun {
            await answerError(500, "internal_error", "The gateway did not answer.")
            return false
        }
        if !isResponseFinished {
            stream.abort()
            return false
        }
        if !bodyRead, !(await drainBody()) { return false }
        flush()
        if let output, !output.isEmpty {
            // The next answer must not overtake this one; the write-stall timer bounds the wait.
            guard await flushAll() else { return false }
        }
        recycle(&output)
        body = nil
        if closeAfterResponse || server.isDraining {
            await linger()
            return false
        }
        if let input {
            input.readerIndex = headStart
            input.consume(headLength + bodyInInput)
        }
        return true
    }

    private func flushAll() async -> Bool {
        while let output, !output.isEmpty {
            guard case .ready = await stream.waitWritable(within: server.options.writeStallTimeout) else { return false }
            flush()
            if isClientGone { return false }
        }
        return true
    }

    /// Reads and drops a small body the handler did not want, so that the connection can be used again.
    private func drainBody() async -> Bool {
        if head.expectContinue { return false }
        switch head.framing {
        case .contentLength(let length) where length <= ServerOptions.drainBodyBytes: break
        case .chunked: break
        default:
            closeAfterResponse = true
            _ = await flushAll()
            await linger()
            return false
        }
        return (try? await readBody(limit: ServerOptions.drainBodyBytes)) != nil
    }

    /// Ends the sending direction and reads on for a moment: closing with unread bytes would reset the connection and
    /// could take the answer with it.
    private func linger() async {
        stream.shutdownWriting()
        guard !stream.peerFinished else { return }
        let scratch = loop.buffers.take()
        defer { loop.buffers.give(scratch) }
        let deadline = loop.now + ServerOptions.lingerTime
        var dropped = 0
        while dropped < ServerOptions.lingerBytes, loop.now < deadline {
            scratch.clear()
            guard let count = try? await stream.readSome(into: scratch, within: deadline - loop.now), count > 0 else { return }
            dropped += count
        }
    }

    /// Answers a request that could not be read, and ends the connection.
    private func refuse(_ error: HTTPParseError) async {
        await answerError(error.status, error.code, "The request is not valid HTTP: \(error.code).")
    }

    private func answerError(_ status: Int, _ code: String, _ message: String) async {
        headLength = 0
        resetResponse()
        bodilessResponse = false
        bodyRead = true
        closeAfterResponse = true
        server.onProtocolError(self, status, code, message)
        flush()
        _ = await flushAll()
        await linger()
    }

    // MARK: - Writing the response

    private func takeOutput() -> ByteBuffer {
        if let output { return output }
        let taken = loop.buffers.take()
        output = taken
        return taken
    }

    override func beginHead(status: Int) {
        assert(!isResponseBegun)
        isResponseBegun = true
        self.status = status
        HeadWriter(takeOutput()).statusLine(status)
    }

    override func putHeader(_ name: StaticString, _ value: UnsafeRawBufferPointer) {
        let output = takeOutput()
        output.append(name)
        output.append(": ")
        output.append(value)
        output.append("\r\n")
    }

    override func putHeader(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        let output = takeOutput()
        output.append(name)
        output.append(": ")
        output.append(value)
        output.append("\r\n")
    }

    override func endHead(_ length: ResponseLength) {
        let output = takeOutput()
        output.append("date: ")
        server.date.append(WallClock.seconds(), to: output)
        switch length {
        case .known(let count):
            announcedLength = count
            output.append("\r\ncontent-length: ")
            output.append(decimal: count)
        case .streaming where isHTTP10:
            closeAfterResponse = true
        case .streaming:
            chunkedResponse = true
            output.append("\r\ntransfer-encoding: chunked")
        case .none: bodilessResponse = true
        }
        if server.isDraining || (!bodyRead && !mayDrainBody) { closeAfterResponse = true }
        if closeAfterResponse {
            output.append("\r\nconnection: close")
        } else if isHTTP10 {
            output.append("\r\nconnection: keep-alive")
        }
        output.append("\r\n\r\n")
    }

    private var mayDrainBody: Bool {
        switch head.framing {
        case .none, .untilClose: true
        case .chunked: !head.expectContinue
        case .contentLength(let length): length <= ServerOptions.drainBodyBytes && !head.expectContinue
        }
    }

    override func write(_ bytes: UnsafeRawBufferPointer) {
        responseBodyBytes += bytes.count
        guard !bodilessResponse, !isClientGone, bytes.count > 0 else { return }
        let output = takeOutput()
        if chunkedResponse {
            output.append(hex: bytes.count)
            output.append("\r\n")
        }
        if bytes.count >= ServerOptions.directWriteBytes {
            writeDirectly(bytes, output)
        } else {
            output.append(bytes)
        }
        if chunkedResponse { output.append("\r\n") }
    }

    private func writeDirectly(_ bytes: UnsafeRawBufferPointer, _ output: ByteBuffer) {
        switch stream.write(output.readable, bytes) {
        case .failed: connectionBroke()
        case .wrote(let count):
            let fromOutput = min(count, output.readableCount)
            output.consume(fromOutput)
            output.append(bytes.slice(count - fromOutput..<bytes.count))
        }
    }

    override func flush() {
        guard let output, !isClientGone else { return }
        if !output.isEmpty {
            switch stream.write(output.readable) {
            case .failed:
                connectionBroke()
                return
            case .wrote(let count): output.consume(count)
            }
        }
        let left = output.readableCount
        if left == 0 {
            stream.disarmDelegateTimer()
            if inExchange, !isResponseFinished { recycle(&self.output) }
        } else {
            stream.armDelegateTimer(server.options.writeStallTimeout)
        }
        if left > ServerExchange.highWaterBytes {
            producerWaits = true
        } else if producerWaits, left <= ServerExchange.lowWaterBytes {
            producerWaits = false
            let drained = onDrained
            onDrained = nil
            drained?()
        }
    }

    override func finish() {
        guard !isResponseFinished else { return }
        // A body shorter than announced must not pass for a whole one.
        if let announcedLength, responseBodyBytes != announcedLength, !bodilessResponse {
            abort()
            return
        }
        isResponseFinished = true
        if chunkedResponse, !bodilessResponse { takeOutput().append("0\r\n\r\n") }
        onClientGone = nil
    }

    override func abort() {
        closeAfterResponse = true
        if !isResponseFinished, isResponseBegun {
            flush()
            recycle(&output)
            isClientGone = true
            // Without a terminating chunk, or short of its length, a close is an error to every client. With neither
            // (HTTP/1.0), only a reset tells.
            if chunkedResponse || announcedLength != nil { stream.closeDescriptor() } else { stream.abort() }
        }
    }

    private func connectionBroke() {
        recycle(&output)
        clientLeft()
    }
}

/// What the stream tells while the handler runs.
extension HTTP1ServerConnection: StreamDelegate {
    func streamWritable(_ stream: ByteStream) { if bufferedBytes > 0 { flush() } }

    func streamTimedOut(_ stream: ByteStream) {
        stream.abort()
        clientLeft()
    }

    func streamPeerGone(_ stream: ByteStream, reset: Bool) {
        guard inExchange, !isResponseFinished else { return }
        if !reset, !isResponseBegun {
            guard let requestCompleteAt else { return }  // still sending its body: the read will see the end
            if loop.now - requestCompleteAt <= ServerOptions.halfCloseWindow { return }
        }
        clientLeft()
    }
}
