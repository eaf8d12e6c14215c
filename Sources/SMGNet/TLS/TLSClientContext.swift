internal import CLinux
internal import COpenSSL
internal import SMGBase

/// Whom a TLS client trusts and what it presents.
package struct TLSClientOptions: Sendable {
    /// Trust the operating system's roots.
    package var trustSystemRoots = true
    /// Roots trusted besides.
    package var extraRoots: [PEMSource] = []
    /// A certificate for servers that ask for one.
    package var identity: TLSIdentity?
    /// Application protocols offered, the most wanted first; none: the extension is left out. Offer `h2` only to be
    /// ready for the server to choose it.
    package var protocols = ["http/1.1"]
    /// Resume earlier sessions with the same server name: shorter handshakes, no second certificate check.
    package var reuseSessions = true
    /// Accept any certificate for any name. Whoever can touch the network can then read and change everything.
    package var insecureSkipVerify = false

    package init() {}
}

/// The client side of TLS, shared by all loops. Files are read once: for changed files make a new context.
package final class TLSClientContext: Sendable {
    let handle: TLSContextHandle
    private let verifies: Bool

    package init(_ options: TLSClientOptions = TLSClientOptions()) throws(TLSError) {
        let cache = options.reuseSessions ? TLSSessionCache() : nil
        handle = try TLSContextHandle(client: true, protocols: options.protocols, cache: cache)
        verifies = !options.insecureSkipVerify
        let context = handle.context
        if options.trustSystemRoots { Self.trustSystemRoots(handle) }
        try handle.trust(options.extraRoots)
        if let identity = options.identity { try PEM.use(identity, in: context) }
        if !handle.protocols.isEmpty,
            SSL_CTX_set_alpn_protos(context, handle.protocols, UInt32(handle.protocols.count)) != 0
        {
            throw .taken(.badOption, "application protocols")
        }
        SSL_CTX_set_verify(context, verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)
        if cache != nil {
            copenssl_ctx_set_cache_mode(context, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
            SSL_CTX_sess_set_new_cb(context, TLSSession.keepTicket)
        } else {
            copenssl_ctx_set_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
        }
    }

    /// A session for a connection to `host` on the non-blocking socket `descriptor`, which stays the caller's.
    ///
    /// `host` is the name or address literal the server's certificate must hold; a name is sent as SNI too, an
    /// address is not (RFC 6066 §3). It need not be what the socket connected to.
    package func makeSession(descriptor: Int32, host: String) throws(TLSError) -> TLSSession {
        let session = try TLSSession(handle: handle, descriptor: descriptor, role: .client(host: host))
        if let literal = SocketAddress(literal: host, port: 0) {
            // The scope of a link-local address is ours, no certificate knows it.
            let address = String(literal.host.prefix { $0 != "%" })
            guard !verifies || X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.ssl), address) == 1
            else { throw .taken(.badOption, "address \(address)") }
        } else {
            try session.expect(name: host, verify: verifies)
        }
        session.resumeIfPossible()
        return session
    }

    /// Bundles of the big distributions, for an OpenSSL that was built on another one (a self-contained library).
    private static let bundles = [
        "/etc/ssl/certs/ca-certificates.crt",  // Debian, Alpine, Arch
        "/etc/pki/tls/certs/ca-bundle.crt",  // Fedora, RHEL
        "/etc/ssl/ca-bundle.pem",  // SUSE
        "/etc/ssl/cert.pem",  // BSD-like layouts
    ]

    /// Trusts OpenSSL's default places (`SSL_CERT_FILE` and `SSL_CERT_DIR` honoured) or, where these do not exist, the
    /// first known bundle. A system without roots is no error: the handshakes will say so.
    private static func trustSystemRoots(_ handle: TLSContextHandle) {
        let context = handle.context
        _ = SSL_CTX_set_default_verify_paths(context)
        let overridden =
            copenssl_getenv(X509_get_default_cert_file_env()) != nil
            || copenssl_getenv(X509_get_default_cert_dir_env()) != nil
        if !overridden && access(X509_get_default_cert_file(), R_OK) != 0
            && access(X509_get_default_cert_dir(), R_OK | X_OK) != 0
        {
            for bundle in bundles where access(bundle, R_OK) == 0 {
                if SSL_CTX_load_verify_file(context, bundle) == 1 { break }
            }
        }
        ERR_clear_error()
    }
}
