internal import SMGBase
internal import SMGNet

/// The answering half of an HTTP/1 connection: frames the response and moves it to the socket.
///
/// Reading is the subclass's part. One object serves all requests of a connection; `resetExchange` makes it new.
class HTTP1ServerExchange: ServerExchange {
    /// How far the request's body has been taken from the connection.
    enum BodyState {
        case absent, unread
        /// Begun and not ended: where the next request starts is unknown, so there is none.
        case partial
        case complete
    }

    final let stream: ByteStream
    final let server: HTTPServerLoop
    /// Response bytes the kernel has not taken. Nil while there are none.
    private final var output: ByteBuffer?

    final var bodyState = BodyState.absent
    final var closesAfterResponse = false
    /// The response was given up in a way that its framing tells: what is buffered is delivered, then the connection ends.
    private(set) final var isCut = false
    private final var isChunked = false
    /// The response has no body by the rules of its status or of HEAD, whatever the handler writes.
    private final var isBodiless = false
    /// The content-length sent, or -1.
    private final var announcedLength = -1

    init(server: HTTPServerLoop, stream: ByteStream, head: RequestHead) {
        self.server = server
        self.stream = stream
        super.init(loop: stream.loop, head: head)
    }

    final override var bufferedBytes: Int { output?.readableCount ?? 0 }

    /// Makes the object new for the request in `head`, or for an error answer to what never became one.
    final func resetExchange(isHead: Bool, bodyState: BodyState, closes: Bool) {
        resetResponse()
        self.bodyState = bodyState
        closesAfterResponse = closes
        isBodiless = isHead
        isChunked = false
        announcedLength = -1
    }

    // MARK: - Head

    private func takeOutput() -> ByteBuffer {
        if let output { return output }
        let taken = loop.buffers.take()
        output = taken
        return taken
    }

    /// Asks for the body (`Expect: 100-continue`).
    final func sendContinue() {
        takeOutput().append("HTTP/1.1 100 Continue\r\n\r\n")
        push()
    }

    final override func beginHead(status: Int) {
        assert(!isResponseBegun)
        guard !isResponseBegun, !isClientGone else { return }
        isResponseBegun = true
        self.status = status
        HeadWriter(takeOutput()).statusLine(status)
    }

    final override func putHeader(_ name: StaticString, _ value: UnsafeRawBufferPointer) {
        guard isResponseBegun, !isClientGone else { return }
        HeadWriter(takeOutput()).field(name, value)
    }

    final override func putHeader(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        guard isResponseBegun, !isClientGone else { return }
        HeadWriter(takeOutput()).field(name, value)
    }

    final override func endHead(_ length: ResponseLength) {
        guard isResponseBegun, !isClientGone else { return }
        let output = takeOutput()
        output.append("date: ")
        server.date.append(WallClock.seconds(), to: output)
        putFraming(length, output)
        if server.isDraining || !bodyLeavesConnectionUsable { closesAfterResponse = true }
        if closesAfterResponse {
            output.append("\r\nconnection: close")
        } else if isHTTP10 {
            output.append("\r\nconnection: keep-alive")
        }
        output.append("\r\n\r\n")
    }

    private func putFraming(_ length: ResponseLength, _ output: ByteBuffer) {
        // These statuses end with their head, and a length in a 204 is forbidden (RFC 9110 §8.6).
        if status == 204 || status < 200 {
            isBodiless = true
            return
        }
        switch length {
        case .none where status == 304 || isBodiless: isBodiless = true
        case .none: putLength(0, output)
        case .known(let count):
            if status == 304 { isBodiless = true }
            putLength(count, output)
        case .streaming where isHTTP10: closesAfterResponse = true
        case .streaming:
            isChunked = true
            output.append("\r\ntransfer-encoding: chunked")
        }
    }

    private func putLength(_ count: Int, _ output: ByteBuffer) {
        announcedLength = count
        output.append("\r\ncontent-length: ")
        output.append(decimal: count)
    }

    /// Whether the next request can be found behind this one's body, reading a little of it at most.
    final var bodyLeavesConnectionUsable: Bool {
        switch bodyState {
        case .absent, .complete: return true
        case .partial: return false
        case .unread:
            // A client that waits for 100-continue may leave its body out or send it: nobody knows.
            if head.expectContinue { return false }
            if case .contentLength(let length) = head.framing { return length <= ServerOptions.drainBodyBytes }
            return true
        }
    }

    // MARK: - Body

    final override func write(_ bytes: UnsafeRawBufferPointer) {
        guard isResponseBegun, !isResponseFinished, !isClientGone, bytes.count > 0 else { return }
        responseBodyBytes += bytes.count
        if isBodiless { return }
        // Not one byte too many may leave: the client would take it for the next answer.
        if announcedLength >= 0, responseBodyBytes > announcedLength { return abort() }
        let output = takeOutput()
        if isChunked {
            output.append(hex: bytes.count)
            output.append("\r\n")
        }
        if bytes.count < ServerOptions.directWriteBytes {
            output.append(bytes)
        } else if !writeDirectly(bytes, behind: output) {
            return
        }
        if isChunked { output.append("\r\n") }
        if output.readableCount >= ServerOptions.gatherBytes { push() }
    }

    /// Sends the output and `bytes` together and keeps what the kernel did not take. False when the connection broke;
    /// `output` is no longer ours then.
    private func writeDirectly(_ bytes: UnsafeRawBufferPointer, behind output: ByteBuffer) -> Bool {
        switch stream.write(output.readable, bytes) {
        case .failed:
            connectionBroke()
            return false
        case .wrote(let count):
            let fromOutput = min(count, output.readableCount)
            output.consume(fromOutput)
            output.append(bytes.slice(count - fromOutput..<bytes.count))
            return true
        }
    }

    final override func flush() {
        guard !isClientGone else { return }
        push()
        // Last, because the producer goes on from here.
        if onDrained != nil, bufferedBytes <= ServerExchange.lowWaterBytes { releaseProducer() }
    }

    /// Offers the output to the kernel. Calls nobody back.
    final func push() {
        guard let output else { return }
        var taken = 0
        if !output.isEmpty {
            switch stream.write(output.readable) {
            case .failed: return connectionBroke()
            case .wrote(let count): taken = count
            }
            output.consume(taken)
        }
        if output.isEmpty {
            stream.disarmDelegateTimer()
            dropOutput()
        } else if taken > 0 || !stream.isDelegateTimerArmed {
            // Trying again is no progress: only bytes taken buy the client time.
            stream.armDelegateTimer(server.options.writeStallTimeout)
        }
    }

    /// Sends all that is buffered. False when the connection broke or the client stopped taking it.
    final func pushAll() async -> Bool {
        push()
        while bufferedBytes > 0 {
            // The delegate's timer bounds the wait: it closes the stream.
            guard case .ready = await stream.waitWritable() else { return false }
            push()
        }
        return !stream.isClosed
    }

    // MARK: - The end

    final override func finish() {
        guard isResponseBegun, !isResponseFinished, !isClientGone else { return }
        // A body shorter than announced must not pass for a whole one.
        if announcedLength >= 0, responseBodyBytes != announcedLength, !isBodiless { return abort() }
        isResponseFinished = true
        if isChunked, !isBodiless { takeOutput().append("0\r\n\r\n") }
        onClientGone = nil
    }

    final override func abort() {
        guard !isResponseFinished, !isClientGone else { return }
        closesAfterResponse = true
        // Without a last chunk, or short of its length, an end is an error to every client. With neither, only a reset
        // tells.
        let endTells = isResponseBegun && !isBodiless && (isChunked || announcedLength > responseBodyBytes)
        if endTells {
            isCut = true
            push()
            if bufferedBytes == 0 { stream.shutdownWriting() }
        } else {
            dropOutput()
            stream.abort()
        }
        clientCut()
    }

    final func dropOutput() {
        if let output { loop.buffers.give(output) }
        output = nil
    }

    private func connectionBroke() {
        dropOutput()
        stream.closeDescriptor()
        clientLeftWhileWriting()
    }
}
