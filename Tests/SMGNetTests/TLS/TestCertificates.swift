import COpenSSL
import SMGBase

@testable import SMGNet

/// A certificate and its key, made for a test.
struct TestIdentity: Sendable {
    var certificate: String
    var key: String

    /// The identity as a context takes it, with further certificates behind the leaf.
    func identity(chain others: String = "") -> TLSIdentity {
        TLSIdentity(certificateChain: .memory(Secret(certificate + others)), privateKey: .memory(Secret(key)))
    }

    var root: PEMSource { .memory(Secret(certificate)) }
}

/// Makes certificates with OpenSSL, so the tests need no files and no command.
enum TestCertificates {
    static let day = 86_400

    /// What a certificate says.
    struct Request {
        var commonName: String
        /// As in OpenSSL's configuration: `DNS:localhost,IP:127.0.0.1`.
        var alternativeNames: String?
        var isAuthority = false
        /// Seconds from now.
        var notBefore = -day
        var notAfter = day
        /// Encrypts the key's PEM.
        var password: String?
    }

    /// An authority whose name is `name`, signed by itself.
    static func authority(_ name: String = "Test CA") -> TestIdentity {
        make(Request(commonName: name, isAuthority: true), issuer: nil)
    }

    /// A certificate for `localhost`, 127.0.0.1 and ::1 unless told otherwise.
    static func leaf(
        _ issuer: TestIdentity, names: String = "DNS:localhost,IP:127.0.0.1,IP:::1", notBefore: Int = -day,
        notAfter: Int = day
    ) -> TestIdentity {
        make(
            Request(commonName: "leaf", alternativeNames: names, notBefore: notBefore, notAfter: notAfter),
            issuer: issuer)
    }

    static func make(_ request: Request, issuer: TestIdentity?) -> TestIdentity {
        let key = newKey()
        defer { EVP_PKEY_free(key) }
        let certificate = X509_new()!
        defer { X509_free(certificate) }
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), Int.random(in: 1..<(1 << 40)))
        X509_gmtime_adj(X509_getm_notBefore(certificate), request.notBefore)
        X509_gmtime_adj(X509_getm_notAfter(certificate), request.notAfter)
        X509_set_pubkey(certificate, key)
        let subject = X509_get_subject_name(certificate)
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, request.commonName, -1, -1, 0)
        let issuerCertificate = issuer.map { readCertificate($0.certificate) }
        let issuerKey = issuer.map { readKey($0.key) }
        defer {
            X509_free(issuerCertificate)
            EVP_PKEY_free(issuerKey)
        }
        X509_set_issuer_name(certificate, X509_get_subject_name(issuerCertificate ?? certificate))
        add(NID_basic_constraints, request.isAuthority ? "critical,CA:TRUE" : "CA:FALSE", certificate)
        if let names = request.alternativeNames { add(NID_subject_alt_name, names, certificate) }
        precondition(X509_sign(certificate, issuerKey ?? key, EVP_sha256()) > 0)
        return TestIdentity(
            certificate: pem { PEM_write_bio_X509($0, certificate) },
            key: pem { bio in
                guard let password = request.password else {
                    return PEM_write_bio_PrivateKey(bio, key, nil, nil, 0, nil, nil)
                }
                return PEM_write_bio_PrivateKey(
                    bio, key, EVP_aes_128_cbc(), Array(password.utf8), Int32(password.utf8.count), nil, nil)
            })
    }

    private static func newKey() -> OpaquePointer {
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        precondition(
            EVP_PKEY_keygen_init(context) == 1 && EVP_PKEY_CTX_set_group_name(context, "P-256") == 1
                && EVP_PKEY_generate(context, &key) == 1)
        return key!
    }

    private static func add(_ identifier: Int32, _ value: String, _ certificate: OpaquePointer) {
        let item = X509V3_EXT_conf_nid(nil, nil, identifier, value)
        precondition(item != nil && X509_add_ext(certificate, item, -1) == 1)
        X509_EXTENSION_free(item)
    }

    private static func readCertificate(_ text: String) -> OpaquePointer {
        let bio = memory(text)
        defer { BIO_free(bio) }
        return PEM_read_bio_X509(bio, nil, nil, nil)!
    }

    private static func readKey(_ text: String) -> OpaquePointer {
        let bio = memory(text)
        defer { BIO_free(bio) }
        return PEM_read_bio_PrivateKey(bio, nil, nil, nil)!
    }

    /// A BIO with its own copy of `text`.
    private static func memory(_ text: String) -> OpaquePointer {
        let bio = BIO_new(BIO_s_mem())!
        precondition(BIO_write(bio, text, Int32(text.utf8.count)) == text.utf8.count)
        return bio
    }

    private static func pem(_ write: (OpaquePointer) -> Int32) -> String {
        let bio = BIO_new(BIO_s_mem())!
        defer { BIO_free(bio) }
        precondition(write(bio) == 1)
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = BIO_read(bio, &bytes, Int32(bytes.count))
        return String(decoding: bytes.prefix(Int(count)), as: UTF8.self)
    }
}

/// What tests change or ask below our own interface.
enum Below {
    enum Version: CaseIterable, Sendable {
        case tls12, tls13
        var number: Int32 { self == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION }
    }

    static func limit(_ client: TLSClientContext, to version: Version) {
        precondition(copenssl_ctx_set_max_version(client.handle.context, version.number) == 1)
    }

    /// Makes the client speak TLS 1.1 only, with ciphers nobody should use.
    static func makeOld(_ client: TLSClientContext) {
        let context = client.handle.context
        precondition(copenssl_ctx_set_min_version(context, TLS1_1_VERSION) == 1)
        precondition(copenssl_ctx_set_max_version(context, TLS1_1_VERSION) == 1)
        precondition(SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0") == 1)
    }

    /// The name the client sent.
    static func serverName(_ session: TLSSession) -> String? {
        SSL_get_servername(session.ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
    }

    static func emptyTicket() -> TLSSessionCache.Ticket { TLSSessionCache.Ticket(owning: SSL_SESSION_new()!) }
}
