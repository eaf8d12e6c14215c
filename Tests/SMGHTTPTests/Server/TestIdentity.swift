import COpenSSL

/// A certificate for `localhost` that signs itself, and its key, both as PEM.
enum TestIdentity {
    static func make() -> (certificate: String, key: String) {
        let key = newKey()
        defer { EVP_PKEY_free(key) }
        let certificate = X509_new()!
        defer { X509_free(certificate) }
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1)
        X509_gmtime_adj(X509_getm_notBefore(certificate), -86_400)
        X509_gmtime_adj(X509_getm_notAfter(certificate), 86_400)
        X509_set_pubkey(certificate, key)
        let name = X509_get_subject_name(certificate)
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, "Test", -1, -1, 0)
        X509_set_issuer_name(certificate, name)
        for (identifier, value) in [
            (NID_basic_constraints, "critical,CA:TRUE"), (NID_subject_alt_name, "DNS:localhost"),
        ] {
            let item = X509V3_EXT_conf_nid(nil, nil, identifier, value)
            precondition(item != nil && X509_add_ext(certificate, item, -1) == 1)
            X509_EXTENSION_free(item)
        }
        precondition(X509_sign(certificate, key, EVP_sha256()) > 0)
        return (
            pem { PEM_write_bio_X509($0, certificate) },
            pem { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) }
        )
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

    private static func pem(_ write: (OpaquePointer) -> Int32) -> String {
        let bio = BIO_new(BIO_s_mem())!
        defer { BIO_free(bio) }
        precondition(write(bio) == 1)
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        let count = BIO_read(bio, &bytes, Int32(bytes.count))
        return String(decoding: bytes.prefix(Int(count)), as: UTF8.self)
    }
}
