internal import CLinux

/// The C library's resolver: hosts file, name servers, whatever the system is set up for.
enum SystemLookup {
    /// Addresses kept of one answer. Large services answer with tens; more would only cost memory.
    static let maxAddresses = 64

    /// The addresses of `host` with port 0, in the system's order (RFC 6724). Blocks for up to tens of seconds.
    static func addresses(of host: String) -> Result<[SocketAddress], DNSError> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)  // or each address comes once for every socket type
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        guard status == 0 else { return .failure(error(status)) }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next, found.count < maxAddresses {
            next = entry.pointee.ai_next
            guard let raw = entry.pointee.ai_addr,
                let address = SocketAddress(copying: raw, length: entry.pointee.ai_addrlen), !found.contains(address)
            else { continue }
            found.append(address)
        }
        return found.isEmpty ? .failure(.notFound) : .success(found)
    }

    private static func error(_ status: Int32) -> DNSError {
        switch status {
        case EAI_NONAME, CLINUX_EAI_NODATA: .notFound
        case EAI_AGAIN: .temporaryFailure
        case EAI_FAIL: .serverFailure
        default: .systemFailure
        }
    }
}
