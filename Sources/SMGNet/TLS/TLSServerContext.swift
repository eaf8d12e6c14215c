internal import COpenSSL
internal import Synchronization

/// What a TLS listener presents and asks for.
package struct TLSServerOptions: Sendable {
    /// Whether clients must prove who they are.
    package enum ClientAuthentication: Sendable {
        case none
        /// A client may present a certificate; a wrong one fails.
        case request(roots: [PEMSource])
        /// A client must present a certificate.
        case require(roots: [PEMSource])
    }

    package var identity: TLSIdentity
    /// Application protocols, the most wanted first. A client that offers none is served without; one that offers
    /// only others is refused.
    package var protocols = ["h2", "http/1.1"]
    package var clientAuthentication = ClientAuthentication.none

    package init(identity: TLSIdentity) { self.identity = identity }
}

/// The server side of TLS: certificate, protocols and client check, shared by all loops and reloadable.
///
/// A reload publishes a new immutable context; connections made before keep theirs.
package final class TLSServerContext: Sendable {
    /// Tickets sent after a TLS 1.3 handshake. API clients resume one connection, if any.
    private static let ticketsPerHandshake = 1

    private struct Reload: Sendable {
        var stamps: [FileStamp?]
        var lastError: TLSError?
    }

    private let options: TLSServerOptions
    private let current: Mutex<TLSContextHandle>
    /// Held while files are read, so two reloads never run at once.
    private let reload: Mutex<Reload>

    /// Reads the files; fails when one of them cannot be used.
    package init(_ options: TLSServerOptions) throws(TLSError) {
        self.options = options
        // Stamps first: a file that changes during the load is loaded again at the next check.
        reload = Mutex(Reload(stamps: Self.stamps(options)))
        current = Mutex(try Self.load(options))
    }

    /// A session for an accepted connection on the non-blocking socket `descriptor`, which stays the caller's.
    package func makeSession(descriptor: Int32) throws(TLSError) -> TLSSession {
        try TLSSession(handle: current.withLock { $0 }, descriptor: descriptor, role: .server)
    }

    /// Loads the files again if one changed since the last look (device, inode, size, time of change).
    ///
    /// Reads files, so call it off the loops.
    /// - Returns: whether new connections now use new files.
    /// - Throws: the reason why changed files cannot be used; the old ones stay in use. Told once for each change:
    ///   `lastReloadError` keeps it.
    package func reloadIfChanged() throws(TLSError) -> Bool {
        try reload.withLock { (reload) throws(TLSError) -> Bool in
            let stamps = Self.stamps(options)
            guard stamps != reload.stamps else { return false }
            reload.stamps = stamps
            do throws(TLSError) {
                let handle = try Self.load(options)
                current.withLock { $0 = handle }
                reload.lastError = nil
                return true
            } catch {
                reload.lastError = error
                throw error
            }
        }
    }

    /// Why the newest files are not in use; nil when they are.
    package var lastReloadError: TLSError? { reload.withLock { $0.lastError } }

    private static func stamps(_ options: TLSServerOptions) -> [FileStamp?] {
        var sources = [options.identity.certificateChain, options.identity.privateKey]
        switch options.clientAuthentication {
        case .none: break
        case .request(let roots), .require(let roots): sources += roots
        }
        return sources.compactMap(\.path).map { FileStamp(path: $0) }
    }

    private static func load(_ options: TLSServerOptions) throws(TLSError) -> TLSContextHandle {
        let handle = try TLSContextHandle(client: false, protocols: options.protocols)
        let context = handle.context
        try PEM.use(options.identity, in: context)
        copenssl_ctx_set_server_options(context)
        // Tickets carry the state, so there is no session table to lock.
        copenssl_ctx_set_cache_mode(context, Int(SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL))
        _ = SSL_CTX_set_num_tickets(context, ticketsPerHandshake)
        // Resumption of connections with client certificates needs a session context; any constant does.
        _ = SSL_CTX_set_session_id_context(context, Array("smg".utf8), 3)
        if !handle.protocols.isEmpty {
            // SAFETY: unretained, because every session keeps the handle alive.
            SSL_CTX_set_alpn_select_cb(context, selectProtocol, Unmanaged.passUnretained(handle).toOpaque())
        }
        switch options.clientAuthentication {
        case .none: break
        case .request(let roots): try verifyClients(handle, roots, SSL_VERIFY_PEER)
        case .require(let roots): try verifyClients(handle, roots, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT)
        }
        return handle
    }

    private static func verifyClients(_ handle: TLSContextHandle, _ roots: [PEMSource], _ mode: Int32) throws(TLSError)
    {
        guard !roots.isEmpty else { throw TLSError(.badTrustStore, "no roots to check client certificates with") }
        try handle.trust(roots)
        // The names are sent to clients that choose among several certificates.
        for source in roots {
            try PEM.forEachCertificate(in: source, failure: .badTrustStore) { (_, certificate) throws(TLSError) in
                if SSL_CTX_add_client_CA(handle.context, certificate) != 1 { throw .taken(.badTrustStore, "client CA") }
            }
        }
        SSL_CTX_set_verify(handle.context, mode, nil)
    }

    /// Picks the first of our protocols that the client offers.
    private static let selectProtocol: SSL_CTX_alpn_select_cb_func = {
        _, out, outCount, offered, offeredCount, argument in
        guard let argument, let out, let outCount, let offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        let handle = Unmanaged<TLSContextHandle>.fromOpaque(argument).takeUnretainedValue()
        return handle.protocols.withUnsafeBufferPointer { ours in
            var at = 0
            while at < ours.count {
                let name = ours[at + 1..<at + 1 + Int(ours[at])]
                if let hit = find(name, in: UnsafeBufferPointer(start: offered, count: Int(offeredCount))) {
                    // Points into the client's message, which outlives the call.
                    out.pointee = offered + hit
                    outCount.pointee = UInt8(name.count)
                    return SSL_TLSEXT_ERR_OK
                }
                at += 1 + name.count
            }
            return SSL_TLSEXT_ERR_ALERT_FATAL
        }
    }

    /// Offset of `name` in a wire-form list from the network.
    private static func find(_ name: Slice<UnsafeBufferPointer<UInt8>>, in list: UnsafeBufferPointer<UInt8>) -> Int? {
        var at = 0
        while at < list.count {
            let count = Int(list[at])
            guard at + 1 + count <= list.count else { return nil }
            if count == name.count && list[at + 1..<at + 1 + count].elementsEqual(name) { return at + 1 }
            at += 1 + count
        }
        return nil
    }
}
