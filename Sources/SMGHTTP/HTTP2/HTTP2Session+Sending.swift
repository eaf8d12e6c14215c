internal import CNGHTTP2
internal import SMGBase

/// Messages and control frames for the peer. All of these queue; `produce` gives the bytes.
extension HTTP2Session {
    // MARK: Messages

    /// Opens a stream with a request; `headers` carries method, scheme, authority and path too. Returns the stream's
    /// identifier. Fields that belong to an HTTP/1 connection are left out.
    ///
    /// Beyond `peerMaxConcurrentStreams` the request waits in the session; ask `canOpenStream` first to avoid that.
    package func submitRequest(_ headers: HTTP2Headers, endStream: Bool) throws(HTTP2Error) -> Int32 {
        guard role == .client, failure == nil, !isPeerLeaving, !isLeaving else { throw .connectionClosing }
        try prepare(headers, status: nil)
        let id = withUnsafePointer(to: Self.bodySource()) { body in
            nghttp2_submit_request(native, nil, outgoing, outgoing.count, endStream ? nil : body, nil)
        }
        guard id > 0 else {
            throw id == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE.rawValue ? .streamIDsExhausted : .internalFailure
        }
        let stream = openRecord(id)
        stream.isAnnounced = true
        stream.isBodyOpen = !endStream
        stream.isFinished = endStream
        return id
    }

    /// Answers a request: `status` (200 ... 999) and the ordinary fields of `headers`. Fields that belong to an HTTP/1
    /// connection are left out. Without `endStream`, `send` follows until it ends the stream.
    package func submitResponse(
        _ id: Int32, status: Int, _ headers: HTTP2Headers, endStream: Bool
    ) throws(HTTP2Error) {
        let stream = try writableRecord(id)
        guard role == .server, !stream.isBodyOpen else { throw .streamClosed }
        try prepare(headers, status: status)
        let result = withUnsafePointer(to: Self.bodySource()) { body in
            nghttp2_submit_response(native, id, outgoing, outgoing.count, endStream ? nil : body)
        }
        guard result == 0 else { throw .streamClosed }
        stream.isBodyOpen = !endStream
        stream.isFinished = endStream
    }

    /// Sends an informational response (100 ... 199, not 101) ahead of the final one.
    package func submitInformational(_ id: Int32, status: Int, _ headers: HTTP2Headers) throws(HTTP2Error) {
        let stream = try writableRecord(id)
        guard role == .server, !stream.isBodyOpen, (100..<200).contains(status), status != 101 else {
            throw .invalidHeader
        }
        try prepare(headers, status: status)
        let result = nghttp2_submit_headers(
            native, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, nil, outgoing, outgoing.count, nil)
        guard result == 0 else { throw .streamClosed }
    }

    /// Queues body bytes (copied), and with `endStream` the end of the message. Returns the bytes now queued on the
    /// stream. Nothing is refused: a producer faster than the peer looks at this number and waits for
    /// `onStreamWritable`.
    @discardableResult
    package func send(_ id: Int32, _ bytes: UnsafeRawBufferPointer, endStream: Bool) throws(HTTP2Error) -> Int {
        let stream = try writableRecord(id)
        guard stream.isBodyOpen else { throw .streamClosed }
        stream.pending.append(bytes)
        if endStream { stream.isFinished = true }
        if stream.pending.readableCount >= configuration.lowWaterMark { stream.awaitsRoom = true }
        resume(id)
        return stream.pending.readableCount
    }

    /// Ends the message with trailing fields, sent behind all queued bytes.
    package func submitTrailers(_ id: Int32, _ headers: HTTP2Headers) throws(HTTP2Error) {
        let stream = try writableRecord(id)
        guard stream.isBodyOpen else { throw .streamClosed }
        try prepare(headers, status: nil, isTrailer: true)
        // No field left: an empty block would be legal, but plain END_STREAM says the same.
        if !outgoing.isEmpty { stream.setTrailers(headers.copy()) }
        stream.isFinished = true
        resume(id)
    }

    /// Body bytes queued on the stream and not yet produced; 0 for an unknown one.
    package func queuedBytes(_ id: Int32) -> Int { streams[id]?.pending.readableCount ?? 0 }

    // MARK: Flow control and cancellation

    /// The application is done with `count` body bytes of the stream: the peer may send as many more. Counting more
    /// than was delivered is harmless.
    package func consume(_ id: Int32, _ count: Int) {
        guard let stream = streams[id] else { return }
        let credit = min(max(count, 0), stream.unconsumed)
        guard credit > 0 else { return }
        stream.unconsumed &-= credit
        _ = nghttp2_session_consume(native, id, credit)
    }

    /// Cancels the stream: nothing more is sent or delivered on it but `onClose`. Unknown streams are ignored.
    package func reset(_ id: Int32, _ code: HTTP2ErrorCode) {
        guard let stream = streams[id], !stream.isResetByUs else { return }
        stream.isResetByUs = true
        submitReset(id, code)
    }

    func submitReset(_ id: Int32, _ code: HTTP2ErrorCode) {
        _ = nghttp2_submit_rst_stream(native, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, code.rawValue)
    }

    // MARK: The connection

    /// First step of a graceful end: tells a client that no new streams will be served soon, without refusing those on
    /// their way. Follow with `goAway` about one round trip later.
    package func shutdownNotice() { _ = nghttp2_submit_shutdown_notice(native) }

    /// Refuses streams after the last one seen (or `lastStream`); the others run to their end, then `isFinished` turns
    /// true.
    package func goAway(lastStream: Int32? = nil, _ code: HTTP2ErrorCode) {
        leavingCode = code
        let last = lastStream ?? nghttp2_session_get_last_proc_stream_id(native)
        _ = nghttp2_submit_goaway(native, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, code.rawValue, nil, 0)
    }

    /// Ends the connection at once: GOAWAY, then nothing. Follow with `produce`, a close of the socket and
    /// `connectionLost`.
    package func terminate(_ code: HTTP2ErrorCode) {
        leavingCode = code
        // The library's reader is not prepared to be stopped from its own callbacks.
        if isInsideLibrary {
            pendingTermination = code
        } else {
            _ = nghttp2_session_terminate_session(native, code.rawValue)
        }
    }

    /// Asks the peer for an answer, reported by `onPong` with the same payload.
    package func ping(_ payload: UInt64) {
        withUnsafeBytes(of: payload) { bytes in
            _ = nghttp2_submit_ping(
                native, UInt8(NGHTTP2_FLAG_NONE.rawValue), bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
    }
}

// MARK: - Building header blocks

extension HTTP2Session {
    private func writableRecord(_ id: Int32) throws(HTTP2Error) -> HTTP2Stream {
        guard failure == nil, let stream = streams[id], !stream.isResetByUs, !stream.isFinished else {
            throw .streamClosed
        }
        return stream
    }

    private func resume(_ id: Int32) {
        // Refused when the stream is not waiting for data: nothing to do then.
        _ = nghttp2_session_resume_data(native, id)
    }

    /// False if the block cannot be queued. `trailers` were checked when they were given.
    func submitTrailerFrame(_ id: Int32, _ trailers: HTTP2Headers) -> Bool {
        let checked: Void? = try? prepare(trailers, status: nil, isTrailer: true)
        guard checked != nil else { return false }
        return nghttp2_submit_trailer(native, id, outgoing, outgoing.count) == 0
    }

    /// Fills `outgoing` with views of `headers`; valid until that block changes. The library copies them on submit.
    private func prepare(_ headers: HTTP2Headers, status: Int?, isTrailer: Bool = false) throws(HTTP2Error) {
        guard headers.listBytes <= HTTP2Limits.maxSentHeaderListBytes else { throw .headersTooLarge }
        outgoing.removeAll(keepingCapacity: true)
        if let status {
            guard (100...999).contains(status) else { throw .invalidHeader }
            append(":status", statusDigits(status))
        } else if !isTrailer {
            try appendRequest(headers)
        }
        for index in 0..<headers.count {
            let name = headers.name(at: index)
            let value = headers.value(at: index)
            if HTTP2FieldRules.isConnectionBound(name, value) { continue }
            guard HTTP2FieldRules.isValid(name, value) else { throw .invalidHeader }
            append(name, value, sensitive: headers.fields[index].isSensitive)
        }
    }

    private func appendRequest(_ headers: HTTP2Headers) throws(HTTP2Error) {
        guard HTTP2FieldRules.isValidRequest(headers) else { throw .invalidHeader }
        append(":method", headers.method)
        append(":scheme", headers.scheme)
        if headers.authority.count > 0 { append(":authority", headers.authority) }
        append(":path", headers.path)
    }

    private func append(_ name: StaticString, _ value: UnsafeRawBufferPointer) {
        append(HTTP2Headers.view(name), value, sensitive: false)
    }

    private func append(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, sensitive: Bool) {
        let flag = sensitive ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE
        // SAFETY: the library declares these pointers mutable but only reads them. An empty view may have no address.
        outgoing.append(
            nghttp2_nv(
                name: UnsafeMutablePointer(mutating: name.baseAddress?.assumingMemoryBound(to: UInt8.self)),
                value: UnsafeMutablePointer(mutating: value.baseAddress?.assumingMemoryBound(to: UInt8.self)),
                namelen: name.count, valuelen: value.count, flags: UInt8(flag.rawValue)))
    }

    /// Three digits of `status` in storage that lives as long as the session.
    private func statusDigits(_ status: Int) -> UnsafeRawBufferPointer {
        statusText.clear()
        statusText.append(decimal: status)
        return statusText.readable
    }
}
