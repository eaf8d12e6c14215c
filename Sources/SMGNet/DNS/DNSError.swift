/// Why a name gave no addresses.
package enum DNSError: Error, Hashable, Sendable {
    /// The name is empty, too long or holds a NUL.
    case invalidName
    /// The name does not exist, or has no address.
    case notFound
    /// The name servers did not answer; worth another try.
    case temporaryFailure
    /// The name servers answered with a failure.
    case serverFailure
    /// The resolver itself failed (memory, files, a system call).
    case systemFailure
    /// Too many look-ups wait for the blocking pool.
    case overloaded
    /// The blocking pool was shut down.
    case shutDown
    /// The asking task was cancelled.
    case cancelled

    /// A stable label for logs and metrics.
    package var code: String {
        switch self {
        case .invalidName: "dns_invalid_name"
        case .notFound: "dns_not_found"
        case .temporaryFailure: "dns_temporary_failure"
        case .serverFailure: "dns_server_failure"
        case .systemFailure: "dns_system_failure"
        case .overloaded: "dns_overloaded"
        case .shutDown: "dns_shut_down"
        case .cancelled: "dns_cancelled"
        }
    }

    /// Whether the answer says something about the name, so that it may be remembered for a while.
    var isCacheable: Bool {
        switch self {
        case .notFound, .temporaryFailure, .serverFailure: true
        case .invalidName, .systemFailure, .overloaded, .shutDown, .cancelled: false
        }
    }
}
