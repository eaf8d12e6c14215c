internal import CLinux
internal import COpenSSL
internal import SMGBase

/// What a TLS call did.
package enum TLSResult: Equatable, Sendable {
    /// Success; for reads and writes the number of bytes, never 0 for a read into a non-empty buffer.
    case done(Int)
    /// Call again when the socket is readable.
    case wantRead
    /// Call again when the socket is writable.
    case wantWrite
    /// The peer ended the connection; `peerClosedCleanly` tells an end from a cut.
    case closed
    /// The session is beyond use; every later call says the same.
    case failed(TLSError)
}

/// TLS over one connection's non-blocking socket. Belongs to the connection's loop; never blocks, never raises SIGPIPE.
///
/// The session reads and writes the descriptor but does not own it: keep it open as long as the session is in use.
package final class TLSSession {
    enum Role {
        case server
        case client(host: String)
    }

    let ssl: OpaquePointer
    /// Keeps the context's callback arguments alive.
    private let handle: TLSContextHandle
    /// The name sessions are remembered under; nil on the server side.
    private let host: String?
    private var failure: TLSError?
    private var truncated = false
    private var closeSent = false

    /// The peer said that it is done (`close_notify`). False after `.closed` means truncation: what came before may be
    /// the beginning of something longer.
    package private(set) var peerClosedCleanly = false

    init(handle: TLSContextHandle, descriptor: Int32, role: Role) throws(TLSError) {
        ERR_clear_error()
        guard let ssl = SSL_new(handle.context) else { throw .taken(.outOfMemory, "SSL_new") }
        self.ssl = ssl
        self.handle = handle
        switch role {
        case .server:
            host = nil
            SSL_set_accept_state(ssl)
        case .client(let name):
            host = name
            SSL_set_connect_state(ssl)
            if let index = Self.selfIndex { SSL_set_ex_data(ssl, index, Unmanaged.passUnretained(self).toOpaque()) }
        }
        guard let method = Self.bioMethod, let bio = copenssl_bio_new(method, descriptor)
        else { throw .taken(.outOfMemory, "BIO_new") }
        // Takes over the one reference, as both directions are the same BIO.
        SSL_set_bio(ssl, bio, bio)
    }

    deinit {
        // OpenSSL forbids resumption after a connection that ended without close_notify, a rule TLS has dropped since
        // 1.1 (RFC 5246 §7.2.1). Only a failed session must not be resumed.
        if failure == nil && isHandshakeDone { SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN) }
        SSL_free(ssl)
    }

    /// Made once for the process. SAFETY: never changed afterwards.
    nonisolated(unsafe) private static let bioMethod = copenssl_bio_method_new()

    // MARK: - Handshake

    /// Goes on with the handshake. `.done` once it is complete, `.closed` when the peer hung up before.
    package func handshake() -> TLSResult {
        if let ending { return ending }
        ERR_clear_error()
        let status = SSL_do_handshake(ssl)
        guard status == 1 else { return outcome(status) }
        isHandshakeDone = true
        return .done(0)
    }

    /// Whether `handshake` has said `.done`. Stays true after a failure, unlike OpenSSL's own state.
    package private(set) var isHandshakeDone = false

    /// The application protocol both sides agreed on, if any. Known after the handshake.
    package var negotiatedALPN: String? {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &count)
        guard let name, count > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    /// `TLSv1.2` or `TLSv1.3`.
    package var protocolVersion: String { String(cString: SSL_get_version(ssl)) }

    /// Whether an earlier session was resumed.
    package var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    // MARK: - Bytes

    /// Decrypts into `space` what is there, over as many records as are already buffered.
    package func read(into space: UnsafeMutableRawBufferPointer) -> TLSResult {
        guard let base = space.baseAddress, space.count > 0 else { return .done(0) }
        if let ending { return ending }
        var total = 0
        repeat {
            ERR_clear_error()
            var count = 0
            let status = SSL_read_ex(ssl, base + total, space.count - total, &count)
            if status != 1 {
                let result = outcome(status)
                // What was read comes first; the end or failure is remembered for the next call.
                return total > 0 ? .done(total) : result
            }
            total += count
        } while total < space.count && SSL_has_pending(ssl) == 1
        return .done(total)
    }

    /// Encrypts and sends as much of `bytes` as the socket takes.
    ///
    /// After `.wantWrite`, or `.done` with fewer bytes than given, OpenSSL may hold an encrypted record that begins at
    /// the first byte not counted. The next write must begin with the same bytes and be no shorter than the rest was
    /// (in any buffer): bytes once offered cannot be taken back.
    package func write(_ bytes: UnsafeRawBufferPointer) -> TLSResult {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return .done(0) }
        if let failure { return .failed(failure) }
        if truncated || closeSent { return .closed }
        var total = 0
        // Each call sends one record of at most 16 KiB.
        while total < bytes.count {
            ERR_clear_error()
            var count = 0
            let status = SSL_write_ex(ssl, base + total, bytes.count - total, &count)
            if status != 1 {
                let result = outcome(status)
                return total > 0 ? .done(total) : result
            }
            total += count
        }
        return .done(total)
    }

    /// Decrypted bytes that `read` can return without touching the socket.
    package var pendingBytes: Int { Int(SSL_pending(ssl)) }

    /// Whether bytes of the peer, possibly an incomplete record, wait inside the session: readiness of the socket will
    /// not announce them.
    package var hasPending: Bool { SSL_has_pending(ssl) == 1 }

    /// Tells the peer that no more bytes will come (`close_notify`). Does not wait for the peer's own: what it still
    /// sends can be read. Without effect during the handshake or after a failure.
    @discardableResult
    package func shutdown() -> TLSResult {
        if let failure { return .failed(failure) }
        if truncated || !isHandshakeDone { return .closed }
        if closeSent { return .done(0) }
        ERR_clear_error()
        let status = SSL_shutdown(ssl)
        guard status < 0 else {
            closeSent = true
            return .done(0)
        }
        return outcome(status)
    }

    // MARK: - Outcomes

    /// The result of every call after the end.
    private var ending: TLSResult? {
        if let failure { return .failed(failure) }
        return truncated || peerClosedCleanly ? .closed : nil
    }

    /// What a call that did not succeed means. Must directly follow the call: errno and the error queue are its.
    private func outcome(_ status: Int32) -> TLSResult {
        let systemError = clinux_errno()
        switch SSL_get_error(ssl, status) {
        case SSL_ERROR_WANT_READ: return .wantRead
        case SSL_ERROR_WANT_WRITE: return .wantWrite
        case SSL_ERROR_ZERO_RETURN:
            peerClosedCleanly = true
            return .closed
        case SSL_ERROR_SYSCALL:
            ERR_clear_error()
            return fail(TLSError(.connectionLost, String(cString: strerror(systemError))))
        default:
            let cause = OpenSSLFailure.take()
            if cause.isTLS(SSL_R_UNEXPECTED_EOF_WHILE_READING) {
                truncated = true
                return .closed
            }
            let verified = SSL_get_verify_result(ssl)
            return fail(TLSError(cause, verifyResult: verified, handshakeDone: isHandshakeDone))
        }
    }

    private func fail(_ error: TLSError) -> TLSResult {
        failure = error
        return .failed(error)
    }
}

// MARK: - Client side

extension TLSSession {
    /// The longest host name DNS can carry.
    private static let maxHostNameBytes = 253

    /// Sends `name` as SNI and, with `verify`, accepts only a certificate that holds it.
    func expect(name: String, verify: Bool) throws(TLSError) {
        var name = name
        if name.utf8.last == UInt8(ascii: ".") { name.removeLast() }  // the root's dot is in no certificate
        guard !name.isEmpty, name.utf8.count <= Self.maxHostNameBytes, !name.utf8.contains(0)
        else { throw TLSError(.badOption, "host name of \(name.utf8.count) bytes") }
        ERR_clear_error()
        guard copenssl_set_server_name(ssl, name) == 1 else { throw .taken(.badOption, "server name") }
        guard verify else { return }
        SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard SSL_set1_host(ssl, name) == 1 else { throw .taken(.badOption, "host name") }
    }

    /// Offers the server the newest remembered session of its name.
    func resumeIfPossible() {
        guard let host, let ticket = handle.cache?.take(host: host) else { return }
        SSL_set_session(ssl, ticket.session)
        ERR_clear_error()
    }

    /// The slot in which an `SSL` finds its Swift object.
    private static let selfIndex: Int32? = {
        let index = copenssl_ssl_new_index()
        return index >= 0 ? index : nil
    }()

    /// Remembers a session the server offers. Returns 1 to keep the reference it was given.
    static let keepTicket: @convention(c) (OpaquePointer?, OpaquePointer?) -> Int32 = { ssl, offered in
        guard let ssl, let offered, let index = selfIndex, let object = SSL_get_ex_data(ssl, index) else { return 0 }
        // SAFETY: called from within a call on this very session, which its caller holds.
        let session = Unmanaged<TLSSession>.fromOpaque(object).takeUnretainedValue()
        guard let host = session.host, let cache = session.handle.cache else { return 0 }
        cache.insert(TLSSessionCache.Ticket(owning: offered), host: host)
        return 1
    }
}
