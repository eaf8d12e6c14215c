internal import CLinux
internal import COpenSSL

/// The telling entry of OpenSSL's per-thread error queue.
struct OpenSSLFailure {
    /// OpenSSL's packed code; 0 when the queue was empty.
    let code: UInt
    let text: String

    /// Empties the queue. The first entry of the TLS layer tells most (below it may lie, say, the arithmetic of a bad
    /// signature); without one the first of all is the cause.
    static func take() -> OpenSSLFailure {
        var chosen: OpenSSLFailure?
        var data: UnsafePointer<CChar>?
        var flags: Int32 = 0
        // OpenSSL keeps at most 16 entries.
        while case let code = ERR_get_error_all(nil, nil, nil, &data, &flags), code != 0 {
            let isTLS = copenssl_error_library(code) == ERR_LIB_SSL
            guard chosen == nil || isTLS else { continue }
            var text = reasonText(code)
            if let data, flags & ERR_TXT_STRING != 0, data.pointee != 0 { text += " (\(String(cString: data)))" }
            chosen = OpenSSLFailure(code: code, text: text)
            if isTLS { break }
        }
        ERR_clear_error()
        return chosen ?? OpenSSLFailure(code: 0, text: "no reason given")
    }

    /// Whether the entry comes from the TLS layer with this reason.
    func isTLS(_ reason: Int32) -> Bool {
        copenssl_error_library(code) == ERR_LIB_SSL && copenssl_error_reason(code) == reason
    }

    private static func reasonText(_ code: UInt) -> String {
        if copenssl_error_is_system(code) != 0 { return String(cString: strerror(copenssl_error_reason(code))) }
        if let reason = ERR_reason_error_string(code) { return String(cString: reason) }
        return "error \(String(code, radix: 16))"
    }
}

extension TLSError {
    /// The telling entry of the error queue as an error of a given kind, after `context`.
    static func taken(_ kind: Kind, _ context: String) -> TLSError {
        TLSError(kind, "\(context): \(OpenSSLFailure.take().text)")
    }

    /// Sorts a failed TLS call. `verifyResult` is the outcome of the peer's certificate check.
    init(_ failure: OpenSSLFailure, verifyResult: Int, handshakeDone: Bool) {
        if failure.isTLS(SSL_R_CERTIFICATE_VERIFY_FAILED) {
            self.init(
                Self.kind(verifyResult: verifyResult), String(cString: X509_verify_cert_error_string(verifyResult)))
            return
        }
        self.init(Self.kind(failure) ?? (handshakeDone ? .protocolError : .handshakeFailed), failure.text)
    }

    private static func kind(verifyResult: Int) -> Kind {
        switch Int32(truncatingIfNeeded: verifyResult) {
        case X509_V_ERR_CERT_HAS_EXPIRED: .certificateExpired
        case X509_V_ERR_CERT_NOT_YET_VALID: .certificateNotYetValid
        case X509_V_ERR_CERT_REVOKED: .certificateRevoked
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: .hostnameMismatch
        default: .certificateVerifyFailed
        }
    }

    private static func kind(_ failure: OpenSSLFailure) -> Kind? {
        guard copenssl_error_library(failure.code) == ERR_LIB_SSL else { return nil }
        switch copenssl_error_reason(failure.code) {
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return .clientCertificateMissing
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, SSL_R_VERSION_TOO_LOW:
            return .protocolVersion
        case SSL_R_NO_APPLICATION_PROTOCOL, SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: return .noApplicationProtocol
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST, SSL_R_WRONG_VERSION_NUMBER: return .notTLS
        case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, SSL_R_TLSV1_ALERT_UNKNOWN_CA, SSL_R_SSLV3_ALERT_BAD_CERTIFICATE,
            SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED,
            SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
            return .peerRejectedCertificate
        default: return nil
        }
    }
}
