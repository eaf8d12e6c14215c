internal import COpenSSL
internal import Synchronization

/// Sessions a client may resume, by server name. Touched once or twice a handshake, so one lock is enough.
final class TLSSessionCache: Sendable {
    /// Servers remembered; a session is some KiB with the peer's certificates.
    static let maxHosts = 256
    /// TLS 1.3 tickets are used once, so a pool that opens connections in pairs needs two.
    static let maxPerHost = 2

    /// One reference to an `SSL_SESSION`.
    final class Ticket: @unchecked Sendable {
        // SAFETY (@unchecked Sendable): never changed here, and its reference count is atomic.
        let session: OpaquePointer

        /// Takes over one reference.
        init(owning session: OpaquePointer) { self.session = session }

        deinit { SSL_SESSION_free(session) }
    }

    private let tickets = Mutex<[String: [Ticket]]>([:])

    func insert(_ ticket: Ticket, host: String) {
        tickets.withLock { tickets in
            // Any victim will do: losing one costs a full handshake.
            if tickets[host] == nil && tickets.count >= Self.maxHosts { tickets.remove(at: tickets.startIndex) }
            var list = tickets[host] ?? []
            if list.count >= Self.maxPerHost { list.removeFirst() }
            list.append(ticket)
            tickets[host] = list
        }
    }

    /// The newest session of `host`. A TLS 1.3 ticket is taken out: used twice, it would link the connections.
    func take(host: String) -> Ticket? {
        tickets.withLock { tickets in
            guard let ticket = tickets[host]?.last else { return nil }
            if SSL_SESSION_get_protocol_version(ticket.session) >= TLS1_3_VERSION {
                tickets[host]?.removeLast()
                if tickets[host]?.isEmpty == true { tickets[host] = nil }
            }
            return ticket
        }
    }

    var hostCount: Int { tickets.withLock { $0.count } }
}
