internal import SMGBase
internal import SMGNet

/// The request's head and body.
extension HTTP2ServerExchange {
    // MARK: - Head

    /// Copies the header block into the flat layout of an HTTP/1 head. False when the target is none we serve.
    func fillHead(_ headers: HTTP2Headers) -> Bool {
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

    private func put(_ bytes: UnsafeRawBufferPointer) -> Range<Int> {
        let start = block.writerIndex
        block.append(bytes)
        return start..<block.writerIndex
    }

    // MARK: - Body

    func bodyArrived(_ bytes: UnsafeRawBufferPointer) {
        guard bodyState != .over else { return }
        received.append(bytes)
        uncredited += bytes.count
        guard bodyState == .reading else { return }
        giveCredit()
        resumeBodyWaiter()
    }

    func requestBodyEnded() {
        isRequestComplete = true
        resumeBodyWaiter()
    }

    private func giveCredit() {
        guard uncredited > 0 else { return }
        connection.session.consume(id, uncredited)
        uncredited = 0
        connection.scheduleOutput()
    }

    func resumeBodyWaiter() {
        let waiter = bodyWaiter
        bodyWaiter = nil
        waiter?.resume()
    }

    /// The whole body; see `readBody`.
    func takeBody(limit: Int) async throws(RequestBodyError) -> UnsafeRawBufferPointer {
        guard bodyState == .unread else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        defer { bodyState = .over }
        if !isRequestComplete {
            if let announced = header(.contentLength), (Int(announced.string) ?? .max) > limit { throw .tooLarge }
            bodyState = .reading
            if received.isEmpty { sendContinueIfExpected() }
            try await receiveBody(limit)
        }
        if received.readableCount > limit { throw .tooLarge }
        return received.readable
    }

    private func receiveBody(_ limit: Int) async throws(RequestBodyError) {
        // SAFETY: removed before this function, and so the exchange, can go.
        let stall = LoopTimer { [unowned(unsafe) self] in resumeBodyWaiter() }
        defer { loop.remove(stall) }
        while !isRequestComplete {
            if received.readableCount > limit { throw .tooLarge }
            if isClientGone { throw .broken }
            giveCredit()
            let before = received.readableCount
            loop.arm(stall, after: connection.server.options.bodyStallTimeout)
            await withUnsafeContinuation { bodyWaiter = $0 }
            if received.readableCount == before, !isRequestComplete, !isClientGone { throw .stalled }
        }
    }

    private func sendContinueIfExpected() {
        guard let expected = header(.expect), expected.equalsIgnoringCase("100-continue") else { return }
        let none = connection.takeHeaderBlock()
        defer { connection.giveHeaderBlock(none) }
        try? connection.session.submitInformational(id, status: 100, none)
        connection.scheduleOutput()
    }
}
