internal import CNGHTTP2
package import SMGBase

/// One HTTP/2 connection without its socket: bytes in, bytes out, calls to an `HTTP2Handler` between.
///
/// Wraps an nghttp2 session for either role. Bound to one loop, like everything it touches; no clock and no I/O inside.
/// The owner's cycle: `receive` what the socket gave; `produce` and write while `wantsWrite`; close the socket when
/// `isFinished`; call `connectionLost` when the socket is gone. A `receive` that throws has queued the GOAWAY that says
/// why: produce it, then close.
///
/// Flow control is the application's: body bytes delivered by `onData` count against the peer's windows until
/// `consume` gives them back, so a reader that stalls holds at most one window of memory.
package final class HTTP2Session {
    /// Which end of the connection this is.
    package enum Role: Sendable { case server, client }

    package let role: Role
    let configuration: HTTP2Configuration
    /// Must outlive every call into the session. Unowned, because the handler normally owns the session.
    unowned let handler: HTTP2Handler

    /// The library's session. Set once in `init`, freed in `deinit`.
    let native: OpaquePointer
    var streams: [Int32: HTTP2Stream] = [:]
    private var spare: [HTTP2Stream] = []

    var guardian: HTTP2FloodGuard
    /// The header block being received; blocks of different streams never interleave.
    let incoming = HTTP2Headers()
    var incomingFields = 0
    var incomingBytes = 0
    /// Scratch for the fields of a block being submitted.
    var outgoing: [nghttp2_nv] = []
    /// Scratch for `:status`.
    let statusText = ByteBuffer(capacity: 16)

    /// Where `produce` writes, and the number of bytes at which it stops.
    var output: ByteBuffer?
    var outputLimit = 0
    /// Streams whose queue fell below the low-water mark during this `produce`.
    var writable: [Int32] = []

    /// Inside a call of the library: it must not be entered again, and the session must not be ended.
    var isInsideLibrary = false
    /// A `terminate` asked for inside the library, to be done when it returns.
    var pendingTermination: HTTP2ErrorCode?
    /// Why a callback gave up; `receive` and `produce` turn it into the connection's end.
    var callbackFailure: HTTP2Error?
    /// The peer sent a GOAWAY.
    package internal(set) var isPeerLeaving = false
    /// The code of the GOAWAY we asked for: new streams are refused, in both directions.
    var leavingCode: HTTP2ErrorCode?
    /// We asked for an end.
    package var isLeaving: Bool { leavingCode != nil }

    /// Why the connection ends, if it is a fault; nil while it is healthy or after an orderly end.
    package internal(set) var failure: HTTP2Error?

    /// A session that has queued its SETTINGS, and as a client the preface. `handler` must outlive the session's use.
    package init(role: Role, handler: HTTP2Handler, configuration: HTTP2Configuration) throws(HTTP2Error) {
        self.role = role
        self.handler = handler
        self.configuration = configuration
        guardian = HTTP2FloodGuard(isServer: role == .server)
        guard let native = HTTP2Session.makeNative(role) else { throw .outOfMemory }
        self.native = native
        // SAFETY: the library keeps this pointer and passes it to the callbacks. It is unretained: the library's
        // session lives exactly as long as `self` (freed in `deinit`), callbacks run only inside calls that `self`
        // makes, and the caller of a method keeps `self` alive for its length.
        nghttp2_session_set_user_data(native, Unmanaged.passUnretained(self).toOpaque())
        try submitSettings()
    }

    deinit { nghttp2_session_del(native) }

    /// Whether the socket should be read.
    package var wantsRead: Bool { failure == nil && nghttp2_session_want_read(native) != 0 }

    /// Whether `produce` would give bytes.
    package var wantsWrite: Bool { nghttp2_session_want_write(native) != 0 }

    /// Nothing more will come or go: close the socket.
    package var isFinished: Bool { !wantsRead && !wantsWrite }

    /// Streams that are open now.
    package var openStreams: Int { streams.count }

    /// Streams the peer lets us have open at once.
    package var peerMaxConcurrentStreams: Int {
        Int(nghttp2_session_get_remote_settings(native, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
    }

    /// As a client: whether a request submitted now would start at once.
    package var canOpenStream: Bool {
        failure == nil && !isPeerLeaving && !isLeaving && openStreams < peerMaxConcurrentStreams
            && nghttp2_session_check_request_allowed(native) != 0
    }
}

// MARK: - Bytes in, bytes out

extension HTTP2Session {
    /// Takes bytes from the peer and makes the handler's calls for all frames they complete.
    ///
    /// Throws when the peer crossed a limit or the connection cannot go on; the GOAWAY is queued then. Lesser protocol
    /// errors end the connection without a throw: `produce` sends the GOAWAY, then `isFinished` turns true and
    /// `failure` tells why. Bytes after the end are ignored.
    package func receive(_ bytes: UnsafeRawBufferPointer, now: Instant) throws(HTTP2Error) {
        guard !isInsideLibrary else { throw .reentered }
        guard failure == nil, bytes.count > 0 else { return }
        let verdict = guardian.inspect(bytes, now: now)
        if verdict.accepted > 0 {
            isInsideLibrary = true
            let taken = nghttp2_session_mem_recv(
                native, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), verdict.accepted)
            isInsideLibrary = false
            if taken < 0 { throw fail(reason(Int32(truncatingIfNeeded: taken))) }
        }
        if let violation = verdict.violation { throw fail(violation) }
        // On a client the queue also holds our own requests that wait for a free stream.
        if role == .server, nghttp2_session_get_outbound_queue_size(native) > HTTP2Limits.maxQueuedFrames {
            throw fail(.outboundQueueFlood)
        }
        finishTermination()
    }

    /// Appends bytes for the peer to `out`: about `limit` of them, at most one frame more. Returns their number; 0 when
    /// there is nothing to send. Call again when the socket has taken them.
    @discardableResult
    package func produce(into out: ByteBuffer, atMost limit: Int) throws(HTTP2Error) -> Int {
        guard !isInsideLibrary else { throw .reentered }
        let start = out.readableCount
        output = out
        outputLimit = start &+ max(limit, 1)
        defer { output = nil }
        repeat {
            try drain(into: out)
            finishTermination()
        } while announceWritable() && out.readableCount < outputLimit
        return out.readableCount - start
    }

    /// Moves frames from the library to `out` until there are none or the limit is reached.
    private func drain(into out: ByteBuffer) throws(HTTP2Error) {
        isInsideLibrary = true
        defer { isInsideLibrary = false }
        while out.readableCount < outputLimit {
            var chunk: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(native, &chunk)
            if count < 0 { throw fail(reason(Int32(truncatingIfNeeded: count))) }
            if count == 0 { return }
            // SAFETY: the library keeps `chunk` valid until its next call.
            out.append(UnsafeRawBufferPointer(start: chunk, count: count))
        }
    }

    /// Reports the streams that have room again; false if there are none.
    private func announceWritable() -> Bool {
        guard !writable.isEmpty else { return false }
        while let id = writable.popLast() {
            guard let stream = streams[id], !stream.isResetByUs, !stream.isFinished else { continue }
            handler.onStreamWritable(id)
        }
        return true
    }

    /// The socket is gone: every open stream is reset with `code` and closed. The session is over.
    package func connectionLost(_ code: HTTP2ErrorCode = .cancel) {
        if failure == nil { failure = .connectionClosing }
        let ended = streams
        streams.removeAll()
        for stream in ended.values { announceEnd(of: stream, code) }
    }

    /// Ends the connection for `error`, once; the GOAWAY is queued.
    func fail(_ error: HTTP2Error) -> HTTP2Error {
        if failure == nil {
            failure = error
            leavingCode = error.wireCode
            _ = nghttp2_session_terminate_session(native, error.wireCode.rawValue)
        }
        return error
    }

    /// What a negative result of the library means.
    private func reason(_ result: Int32) -> HTTP2Error {
        if let callbackFailure { return callbackFailure }
        switch result {
        case NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue: return .badPreface
        case NGHTTP2_ERR_FLOODED.rawValue: return .acknowledgementFlood
        case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS.rawValue: return .continuationFlood
        case NGHTTP2_ERR_NOMEM.rawValue: return .outOfMemory
        default: return .internalFailure
        }
    }

    private func finishTermination() {
        guard let code = pendingTermination else { return }
        pendingTermination = nil
        _ = nghttp2_session_terminate_session(native, code.rawValue)
    }
}

// MARK: - Stream records

extension HTTP2Session {
    /// A fresh record for stream `id`.
    func openRecord(_ id: Int32) -> HTTP2Stream {
        let stream = spare.popLast() ?? HTTP2Stream()
        stream.reset(id: id)
        streams[id] = stream
        return stream
    }

    /// Tells the application that `stream` is over, then keeps the record for the next one.
    func announceEnd(of stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
        let id = stream.id
        if stream.isAnnounced {
            if !stream.isResetByUs && !(stream.isRemoteEnded && stream.isLocalEndSent) {
                handler.onReset(id, stream.fault ?? code)
            }
            handler.onClose(id)
        }
        stream.reset(id: 0)
        if spare.count < HTTP2Limits.maxSpareStreams { spare.append(stream) }
    }
}
