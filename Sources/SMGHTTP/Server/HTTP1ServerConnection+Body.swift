internal import SMGBase
internal import SMGNet

/// Reading request bodies.
extension HTTP1ServerConnection {
    /// The whole body; see `readBody`. Until it is whole, `bodyState` keeps the connection from being used again.
    func takeBody(limit: Int) async throws(RequestBodyError) -> UnsafeRawBufferPointer {
        guard bodyState == .unread, let input else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let bytes: UnsafeRawBufferPointer
        switch head.framing {
        case .none, .untilClose: bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        case .contentLength(let length):
            guard length <= limit else { throw .tooLarge }
            bodyState = .partial
            bytes = try await readSized(length, input)
        case .chunked:
            bodyState = .partial
            bytes = try await readChunked(limit, input)
        }
        bodyState = .complete
        requestCompleteAt = loop.now
        return bytes
    }

    private func readSized(_ length: Int, _ input: ByteBuffer) async throws(RequestBodyError) -> UnsafeRawBufferPointer
    {
        let start = headStart + headLength
        if input.writerIndex == start, length > 0 { sendContinueIfExpected() }
        guard length <= input.capacity - start else { return try await readLarge(length, input) }
        while input.writerIndex - start < length { try await readMore(into: input) }
        bodyInInput = length
        return input.slice(start..<start + length)
    }

    /// A body that does not fit behind its head gets a buffer of its own.
    private func readLarge(_ length: Int, _ input: ByteBuffer) async throws(RequestBodyError) -> UnsafeRawBufferPointer
    {
        let start = headStart + headLength
        let body = ByteBuffer(capacity: min(length, ServerOptions.trustedBodyBytes))
        body.append(input.slice(start..<input.writerIndex))
        bodyInInput = input.writerIndex - start
        self.body = body
        while body.readableCount < length {
            // Growing by doubling up to the announced size, never past it: the next request must not land here.
            if body.writerIndex == body.capacity { body.reserve(min(body.capacity, length - body.readableCount)) }
            try await readMore(into: body, atMost: length - body.readableCount)
        }
        return body.readable
    }

    private func readChunked(_ limit: Int, _ input: ByteBuffer) async throws(RequestBodyError) -> UnsafeRawBufferPointer
    {
        let body = ByteBuffer(capacity: BufferPool.bufferBytes)
        self.body = body
        let (raw, start) = chunkSource(input)
        if raw.writerIndex == start { sendContinueIfExpected() }
        var decoder = ChunkedDecoder()
        while true {
            let unread = raw.slice(start + bodyInInput..<raw.writerIndex)
            let step: (consumed: Int, finished: Bool)
            do { step = try decoder.decode(unread) { body.append($0) } } catch { throw .broken }
            bodyInInput += step.consumed
            if body.readableCount > limit { throw .tooLarge }
            if step.finished { return body.readable }
            // All is decoded and makes room for more.
            raw.writerIndex = start
            bodyInInput = 0
            try await readMore(into: raw)
        }
    }

    /// The buffer that chunked bytes are read into, and where they start in it. The head must not move, since the
    /// handler may hold views of it: behind a long head a second buffer serves.
    private func chunkSource(_ input: ByteBuffer) -> (ByteBuffer, Int) {
        let start = headStart + headLength
        if input.capacity - start >= ServerOptions.roomForChunks { return (input, start) }
        let spill = loop.buffers.take()
        spill.append(input.slice(start..<input.writerIndex))
        input.writerIndex = start
        self.spill = spill
        return (spill, 0)
    }

    /// Reads once; waits at most the body-stall timeout.
    private func readMore(into buffer: ByteBuffer, atMost: Int = .max) async throws(RequestBodyError) {
        await stream.pauseAfterBurst(&readsInARow)
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
            readsInARow = 0
            switch await stream.waitReadable(within: bodyWait) {
            case .ready: continue
            case .timeout: throw .stalled
            case .closed: throw .broken
            }
        }
    }

    private var bodyWait: TimeSpan {
        let stall = server.options.bodyStallTimeout
        guard let drainDeadline else { return stall }
        return max(min(stall, drainDeadline - loop.now), .milliseconds(1))
    }

    private func sendContinueIfExpected() {
        if head.expectContinue, !isResponseBegun { sendContinue() }
    }

    /// Reads and drops a small body the handler did not want, so that the connection can be used again. A body that
    /// does not come to its end soon ends the connection instead.
    func drainBody() async {
        guard bodyLeavesConnectionUsable else {
            closesAfterResponse = true
            return
        }
        drainDeadline = loop.now + ServerOptions.lingerTotal
        do throws(RequestBodyError) { _ = try await takeBody(limit: ServerOptions.drainBodyBytes) } catch {
            closesAfterResponse = true
        }
    }
}
