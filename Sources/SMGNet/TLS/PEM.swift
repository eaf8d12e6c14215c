internal import COpenSSL
package import SMGBase

/// Certificates or a key in PEM form: in a file, or already read.
package enum PEMSource: Hashable, Sendable {
    case file(String)
    /// Held as a secret because it may be a key.
    case memory(Secret)

    /// The file's path, for those that change on disk.
    var path: String? {
        if case .file(let path) = self { path } else { nil }
    }

    /// How errors name the source.
    fileprivate var name: String { path ?? "PEM in memory" }
}

/// A certificate chain (leaf first) and its private key.
package struct TLSIdentity: Hashable, Sendable {
    package var certificateChain: PEMSource
    package var privateKey: PEMSource

    package init(certificateChain: PEMSource, privateKey: PEMSource) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
    }
}

/// Reads PEM into OpenSSL's objects.
enum PEM {
    /// Certificates in one source. The usual bundle of public roots holds about 150.
    static let maxCertificates = 4096

    /// All certificates of `source`, at least one, each handed to `body` for the time of the call.
    static func forEachCertificate(
        in source: PEMSource, failure kind: TLSError.Kind,
        _ body: (_ index: Int, OpaquePointer) throws(TLSError) -> Void
    ) throws(TLSError) {
        try withBIO(source, failure: kind) { (bio) throws(TLSError) in
            for index in 0..<maxCertificates {
                guard let certificate = PEM_read_bio_X509(bio, nil, refusePassword, nil) else {
                    let last = ERR_peek_last_error()
                    let isEnd =
                        copenssl_error_library(last) == ERR_LIB_PEM
                        && copenssl_error_reason(last) == PEM_R_NO_START_LINE
                    if isEnd && index > 0 { return ERR_clear_error() }
                    throw .taken(kind, source.name)
                }
                defer { X509_free(certificate) }
                try body(index, certificate)
            }
            throw TLSError(kind, "\(source.name): more than \(maxCertificates) certificates")
        }
    }

    /// Makes the context present `identity`.
    static func use(_ identity: TLSIdentity, in context: OpaquePointer) throws(TLSError) {
        let chain = identity.certificateChain
        try forEachCertificate(in: chain, failure: .badCertificate) { (index, certificate) throws(TLSError) in
            let status =
                index == 0
                ? SSL_CTX_use_certificate(context, certificate) : copenssl_ctx_add1_chain_cert(context, certificate)
            if status != 1 { throw .taken(.badCertificate, chain.name) }
        }
        let source = identity.privateKey
        try withBIO(source, failure: .badPrivateKey) { (bio) throws(TLSError) in
            guard let key = PEM_read_bio_PrivateKey(bio, nil, refusePassword, nil)
            else { throw .taken(.badPrivateKey, source.name) }
            defer { EVP_PKEY_free(key) }
            // OpenSSL compares the key with the certificate set before and refuses a wrong one right here.
            guard SSL_CTX_use_PrivateKey(context, key) == 1, SSL_CTX_check_private_key(context) == 1
            else { throw .taken(.keyMismatch, source.name) }
        }
    }

    private static func withBIO(
        _ source: PEMSource, failure kind: TLSError.Kind, _ body: (OpaquePointer) throws(TLSError) -> Void
    ) throws(TLSError) {
        ERR_clear_error()
        switch source {
        case .file(let path):
            guard !path.utf8.contains(0), let bio = BIO_new_file(path, "r") else { throw .taken(kind, source.name) }
            defer { BIO_free(bio) }
            try body(bio)
        case .memory(let secret):
            guard let bio = BIO_new(BIO_s_mem()) else { throw .taken(.outOfMemory, source.name) }
            defer { BIO_free(bio) }
            var text = secret.value
            let written = text.withUTF8 { BIO_write(bio, $0.baseAddress, Int32(clamping: $0.count)) }
            guard written > 0 else { throw TLSError(kind, "\(source.name): empty") }
            try body(bio)
        }
    }

    /// Encrypted PEM is refused: OpenSSL's default would ask on the terminal.
    private static let refusePassword:
        @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?)
            -> Int32 = { _, _, _, _ in -1 }
}
