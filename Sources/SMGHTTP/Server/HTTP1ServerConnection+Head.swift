internal import SMGBase
internal import SMGNet

/// Reading request heads, and the wait between two requests.
extension HTTP1ServerConnection {
    enum HeadOutcome {
        case request, http2, closed
        /// Not to be served; status, code and message of the answer.
        case refused(Int, String, String)
    }

    /// Reads up to the end of the next head.
    func readHead(isFirst: Bool) async -> HeadOutcome {
        parser.reset()
        var deadline: Instant?
        while true {
            if let input, !input.isEmpty {
                if let outcome = parse(input) { return outcome }
                if deadline == nil { deadline = loop.now + server.options.headerReadTimeout }
            }
            // Between two requests is a good place to leave. A connection that is still to bring its first is served.
            if server.isDraining, !isFirst, deadline == nil, !stream.isReadable { return .closed }
            if !stream.isReadable {
                let waited = await waitForHead(isFirst: isFirst, deadline: deadline)
                if let waited { return waited }
            } else if let deadline, loop.now >= deadline {
                return tooSlow()
            } else {
                await stream.pauseAfterBurst(&readsInARow)
            }
            guard fillInput() else { return .closed }
        }
    }

    /// What the input is, or nil when more of it is needed.
    private func parse(_ input: ByteBuffer) -> HeadOutcome? {
        do throws(HTTPParseError) {
            switch try parser.parse(input.readable) {
            case .request(let head):
                headStart = input.readerIndex
                headLength = head.length
                beginRequest(head)
                return .request
            case .http2Preface where server.allowsHTTP2: return .http2
            case .http2Preface: throw .unsupportedVersion
            case nil: return nil
            }
        } catch { return refusal(error.status, error.code, "The request is not valid HTTP: \(error.code).") }
    }

    private func beginRequest(_ head: RequestHead) {
        let hasBody = head.framing != .none
        resetExchange(
            isHead: head.method == .head, bodyState: hasBody ? .unread : .absent, closes: !head.keepAlive)
        bodyInInput = 0
        drainDeadline = nil
        requestCompleteAt = hasBody ? nil : loop.now
    }

    private func tooSlow() -> HeadOutcome {
        refusal(408, "request_header_timeout", "The request head did not arrive in time.")
    }

    /// A refused head is unknown from here on: its ranges belong to bytes that were never accepted.
    private func refusal(_ status: Int, _ code: String, _ message: String) -> HeadOutcome {
        headStart = 0
        headLength = 0
        head.forget()
        return .refused(status, code, message)
    }

    /// Waits for something to read. An outcome ends the wait for the head, nil goes on.
    private func waitForHead(isFirst: Bool, deadline: Instant?) async -> HeadOutcome? {
        if input?.isEmpty ?? true { recycle(&input) }
        let span: TimeSpan
        if let deadline {
            span = deadline - loop.now
        } else {
            span = isFirst ? server.options.headerReadTimeout : server.options.idleTimeout
        }
        readsInARow = 0
        let isIdle = deadline == nil && !isFirst
        if isIdle { server.idle.insert(self) }
        let waited = await stream.waitReadable(within: max(span, .milliseconds(1)))
        if isIdle { server.idle.remove(self) }
        switch waited {
        case .ready: return nil
        case .closed: return .closed
        case .timeout: return deadline == nil ? .closed : tooSlow()
        }
    }

    /// Reads once. False when the connection is over.
    private func fillInput() -> Bool {
        let buffer = input ?? loop.buffers.take()
        input = buffer
        if buffer.readerIndex > 0 { buffer.compact() }
        buffer.reserve(1024)
        switch stream.read(into: buffer) {
        case .bytes, .wouldBlock: return true
        case .endOfStream, .failed: return false
        }
    }
}

extension RequestHead {
    /// Nothing is known any more, so that nothing points into bytes that are gone.
    fileprivate func forget() {
        reset()
        method = .other
        methodText = 0..<0
        target = 0..<0
        path = 0..<0
        framing = .none
        expectContinue = false
    }
}
