/// Why TLS could not be set up, agreed on or kept up.
package struct TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened. The raw value is the stable label.
    package enum Kind: String, Hashable, Sendable {
        /// A certificate, key or CA that was configured cannot be used.
        case badCertificate = "tls_bad_certificate"
        case badPrivateKey = "tls_bad_private_key"
        case keyMismatch = "tls_key_mismatch"
        case badTrustStore = "tls_bad_trust_store"
        /// An option no OpenSSL object could be made with (a protocol name, a host name).
        case badOption = "tls_bad_option"

        /// The peer's certificate is not acceptable; the reason says why.
        case certificateVerifyFailed = "certificate_verify_failed"
        case certificateExpired = "certificate_expired"
        case certificateNotYetValid = "certificate_not_yet_valid"
        case certificateRevoked = "certificate_revoked"
        case hostnameMismatch = "hostname_mismatch"
        /// A client certificate is required and none came, seen by the server.
        case clientCertificateMissing = "client_certificate_missing"

        /// The peer refused our certificate, or missed one.
        case peerRejectedCertificate = "peer_rejected_certificate"
        /// No common TLS version.
        case protocolVersion = "tls_version_mismatch"
        /// No common application protocol.
        case noApplicationProtocol = "no_application_protocol"
        /// The peer does not speak TLS at all.
        case notTLS = "not_tls"
        /// Any other failure before the connection was agreed on.
        case handshakeFailed = "handshake_failed"
        /// Any other failure afterwards.
        case protocolError = "tls_protocol_error"
        /// The connection below broke (reset, broken pipe, timed out).
        case connectionLost = "tls_connection_lost"
        case outOfMemory = "tls_out_of_memory"
    }

    package let kind: Kind
    /// Text for people: OpenSSL's reason and, for files, their path. Never key material.
    package let reason: String

    init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    /// A stable label for logs and metrics.
    package var code: String { kind.rawValue }

    package var description: String { reason.isEmpty ? code : "\(code): \(reason)" }
}
