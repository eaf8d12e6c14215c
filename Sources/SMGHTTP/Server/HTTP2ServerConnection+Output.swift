internal import SMGBase
internal import SMGNet

/// Moving the session's bytes to the socket.
extension HTTP2ServerConnection {
    /// Session output gathered before a write, and with one frame more the most that waits outside the streams' own
    /// queues when the client does not read.
    private static let outputBytes = 65_536

    /// Sends what is queued: now, or when the session is left, if it is in the middle of something.
    func scheduleOutput() {
        if isInsideSession || isOver { return }
        pumpOutput()
    }

    /// Sends as much as the socket takes. What it does not take holds up production, so that the streams' queues fill
    /// and their producers see it.
    func pumpOutput() {
        guard !isOver, !isInsideSession else { return }
        let out = output ?? stream.loop.buffers.take()
        output = out
        while produce(into: out) {
            guard case .wrote(let count) = stream.write(out.readable) else {
                isOver = true
                stream.closeDescriptor()  // ends the reader's wait; the streams are told from there
                return
            }
            out.consume(count)
            guard out.isEmpty else {
                // Trying again is no progress: only bytes taken buy the client time.
                if count > 0 || !stream.isDelegateTimerArmed {
                    stream.armDelegateTimer(server.options.writeStallTimeout)
                }
                return
            }
        }
        stream.disarmDelegateTimer()
        // A buffer that has grown would be freed: while streams are busy it stays.
        if out.capacity == BufferPool.bufferBytes || exchanges.isEmpty {
            stream.loop.buffers.give(out)
            output = nil
        }
        // Everything is said: the reader need not wait for the client to close.
        if session.isFinished { stream.recheckReadable() }
    }

    /// Fills an empty `out`. False when there is nothing to send.
    private func produce(into out: ByteBuffer) -> Bool {
        guard out.isEmpty else { return true }
        isInsideSession = true
        isProducing = true
        // A failure has queued the GOAWAY that says why; the next call brings it.
        _ = try? session.produce(into: out, atMost: HTTP2ServerConnection.outputBytes)
        isProducing = false
        isInsideSession = false
        return !out.isEmpty
    }

    /// Sends what was produced before the end. False when the connection broke or the client stopped taking it.
    func sendRest() async -> Bool {
        while let output, !output.isEmpty {
            guard case .ready = await stream.waitWritable(within: server.options.writeStallTimeout),
                case .wrote(let count) = stream.write(output.readable)
            else { return false }
            output.consume(count)
        }
        return !stream.isClosed
    }
}
