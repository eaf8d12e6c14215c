internal import COpenSSL

/// Owner of one configured `SSL_CTX`. Immutable once made, so loops share it; sessions keep it alive.
final class TLSContextHandle: @unchecked Sendable {
    /// Forward secrecy and authenticated encryption only: what RFC 9113 wants of TLS 1.2. TLS 1.3 has its own list,
    /// whose defaults are all fine.
    private static let cipherList = "ECDHE+AESGCM:ECDHE+CHACHA20"
    /// The longest protocol name the ALPN extension can carry.
    private static let maxProtocolNameBytes = 255

    // SAFETY (@unchecked Sendable): after init nobody changes the context, and OpenSSL allows sessions to be made from
    // one context on several threads.
    let context: OpaquePointer
    /// The application protocols in wire form: each name after its length byte.
    let protocols: [UInt8]
    /// Where a client keeps sessions for resumption.
    let cache: TLSSessionCache?

    init(client: Bool, protocols names: [String], cache: TLSSessionCache? = nil) throws(TLSError) {
        ERR_clear_error()
        guard let context = SSL_CTX_new(client ? TLS_client_method() : TLS_server_method())
        else { throw .taken(.outOfMemory, "SSL_CTX_new") }
        self.context = context
        self.cache = cache
        protocols = names.flatMap { [UInt8(truncatingIfNeeded: $0.utf8.count)] + $0.utf8 }
        for name in names where name.isEmpty || name.utf8.count > Self.maxProtocolNameBytes {
            throw TLSError(.badOption, "application protocol name of \(name.utf8.count) bytes")
        }
        guard copenssl_ctx_set_min_version(context, TLS1_2_VERSION) == 1,
            SSL_CTX_set_cipher_list(context, Self.cipherList) == 1
        else { throw .taken(.badOption, "versions and ciphers") }
        // Writes take what the socket takes, retries may come from another buffer, idle connections keep no buffers.
        copenssl_ctx_set_mode(
            context,
            Int(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS))
        // One recv brings a record's head and body; otherwise each costs one.
        copenssl_ctx_set_read_ahead(context, 1)
        copenssl_ctx_set_common_options(context)
    }

    deinit { SSL_CTX_free(context) }

    /// Adds the certificates of `sources` to those the context trusts.
    func trust(_ sources: [PEMSource]) throws(TLSError) {
        guard let store = SSL_CTX_get_cert_store(context) else { return }
        for source in sources {
            try PEM.forEachCertificate(in: source, failure: .badTrustStore) { (_, certificate) throws(TLSError) in
                if X509_STORE_add_cert(store, certificate) != 1 { throw .taken(.badTrustStore, "\(source)") }
            }
        }
    }
}
