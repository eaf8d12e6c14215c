internal import CLinux

/// What can go wrong with a socket. Small and payload-free but for errno, so throwing costs no allocation.
package enum NetError: Error, Equatable, Sendable {
    /// The system call that failed.
    package enum Call: String, Sendable {
        case epoll, eventfd, socket, bind, listen, accept, connect, read, write, option
    }

    case system(Call, Int32)
    /// The peer did not answer the connection attempt in time.
    case connectTimeout
    /// Nothing arrived, or nothing could be sent, within the given time.
    case timeout
    /// This side closed the stream while it was in use.
    case closed
    /// The peer ended the stream in the middle of something.
    case unexpectedEnd
    /// The name could not be resolved.
    case unresolved
    /// The TLS handshake or a TLS record failed.
    case tls(String)

    /// Stable name for logs and metric labels.
    package var code: String {
        switch self {
        case .system(let call, let errno):
            switch errno {
            case ECONNREFUSED: "connection_refused"
            case ECONNRESET, EPIPE: "connection_reset"
            case ETIMEDOUT: "connection_timeout"
            case EADDRINUSE: "address_in_use"
            case EACCES: "permission_denied"
            case EMFILE, ENFILE: "too_many_open_files"
            case EHOSTUNREACH, ENETUNREACH: "unreachable"
            default: "\(call.rawValue)_failed"
            }
        case .connectTimeout: "connect_timeout"
        case .timeout: "timeout"
        case .closed: "closed"
        case .unexpectedEnd: "unexpected_end"
        case .unresolved: "name_not_resolved"
        case .tls: "tls_failed"
        }
    }
}

extension NetError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .system(let call, let errno): "\(call.rawValue): \(String(cString: strerror(errno)))"
        case .connectTimeout: "the connection was not accepted in time"
        case .timeout: "the peer did not answer in time"
        case .closed: "the connection was closed on this side"
        case .unexpectedEnd: "the peer closed the connection too early"
        case .unresolved: "the host name could not be resolved"
        case .tls(let reason): "TLS: \(reason)"
        }
    }
}
