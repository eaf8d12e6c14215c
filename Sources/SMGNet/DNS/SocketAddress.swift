package import CLinux

/// Where a socket listens or connects to: an IPv4 or IPv6 address with a port, or a unix socket path.
///
/// A plain value of fixed size, so address lists need no further allocations. Two addresses are equal when they name
/// the same endpoint; fields the kernel leaves to chance (padding, flow labels) do not count.
package struct SocketAddress: Sendable {
    /// The longest unix socket path in bytes; the kernel's field also holds the ending NUL.
    package static let maxUnixPathBytes = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    private var storage: sockaddr_storage
    /// The number of meaningful bytes of the storage.
    private var length: socklen_t

    /// An address as `accept`, `getsockname` or `getaddrinfo` filled it in. `length` is cut to the storage's size.
    package init(storage: sockaddr_storage, length: socklen_t) {
        self.storage = storage
        self.length = min(length, socklen_t(MemoryLayout<sockaddr_storage>.size))
    }

    /// An address from C memory of `length` bytes; nil when the family is none of ours or the length does not fit it.
    package init?(copying address: UnsafePointer<sockaddr>, length: socklen_t) {
        let needed: Int
        switch Int32(address.pointee.sa_family) {
        case AF_INET: needed = MemoryLayout<sockaddr_in>.size
        case AF_INET6: needed = MemoryLayout<sockaddr_in6>.size
        case AF_UNIX: needed = MemoryLayout<sa_family_t>.size
        default: return nil
        }
        guard length >= needed, length <= MemoryLayout<sockaddr_storage>.size else { return nil }
        storage = sockaddr_storage()
        self.length = length
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(length)))
        }
    }

    /// An address from a literal: `127.0.0.1`, `::1`, `[::1]`, `fe80::1%eth0`. Host names give nil.
    package init?(literal: String, port: UInt16) {
        var text = literal
        let bracketed = text.utf8.first == UInt8(ascii: "[") && text.utf8.last == UInt8(ascii: "]")
        if bracketed { text = String(text.dropFirst().dropLast()) }
        // C functions would stop at a NUL and accept what follows it.
        guard !text.isEmpty, !text.utf8.contains(0) else { return nil }
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let v6 = Self.parseIPv6(text, port: port) else { return nil }
            self.init(v6)
        } else {
            var v4 = sockaddr_in()
            guard !bracketed, inet_pton(AF_INET, text, &v4.sin_addr) == 1 else { return nil }
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            self.init(v4)
        }
    }

    /// A unix socket's path; nil when it is empty, holds a NUL or is longer than `maxUnixPathBytes`.
    package init?(unixPath: String) {
        let count = unixPath.utf8.count
        guard count > 0, count <= Self.maxUnixPathBytes, !unixPath.utf8.contains(0) else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: unixPath.utf8) }
        self.init(address)
        length = socklen_t(Self.unixPathOffset + count + 1)
    }

    private init<Address>(_ address: Address) {
        storage = sockaddr_storage()
        length = socklen_t(MemoryLayout<Address>.size)
        withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: Address.self) }
    }

    private static func parseIPv6(_ text: String, port: UInt16) -> sockaddr_in6? {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 {
            // A scope is an interface's name or its number.
            let scope = UInt32(parts[1]) ?? if_nametoindex(String(parts[1]))
            guard scope != 0 else { return nil }
            address.sin6_scope_id = scope
        }
        return inet_pton(AF_INET6, String(parts[0]), &address.sin6_addr) == 1 ? address : nil
    }
}

// MARK: - Parts

extension SocketAddress {
    /// `AF_INET`, `AF_INET6` or `AF_UNIX`.
    package var family: Int32 { Int32(storage.ss_family) }

    package var isUnix: Bool { family == AF_UNIX }

    /// The port in host order; 0 for a unix path. Setting it does nothing to a unix path.
    package var port: UInt16 {
        get {
            switch family {
            case AF_INET: UInt16(bigEndian: load(sockaddr_in.self).sin_port)
            case AF_INET6: UInt16(bigEndian: load(sockaddr_in6.self).sin6_port)
            default: 0
            }
        }
        set {
            // Both families keep the port in the two bytes behind the family.
            guard family == AF_INET || family == AF_INET6 else { return }
            withUnsafeMutableBytes(of: &storage) {
                $0.storeBytes(of: newValue.bigEndian, toByteOffset: MemoryLayout<sa_family_t>.size, as: UInt16.self)
            }
        }
    }

    /// The same address with another port.
    package func with(port: UInt16) -> SocketAddress {
        var copy = self
        copy.port = port
        return copy
    }

    /// The address without port or brackets (`::1`), or the unix path (empty for an unnamed socket).
    package var host: String {
        switch family {
        case AF_INET:
            var address = load(sockaddr_in.self).sin_addr
            return Self.text(AF_INET, &address)
        case AF_INET6:
            let v6 = load(sockaddr_in6.self)
            var address = v6.sin6_addr
            let text = Self.text(AF_INET6, &address)
            return v6.sin6_scope_id == 0 ? text : "\(text)%\(v6.sin6_scope_id)"
        case AF_UNIX: return String(decoding: unixPathBytes, as: UTF8.self)
        default: return ""
        }
    }

    /// Calls `body` with the address as the socket calls take it.
    package func withSockaddr<R, E: Error>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws(E) -> R
    ) throws(E) -> R {
        try withUnsafePointer(to: storage) { (pointer) throws(E) -> R in
            // SAFETY: sockaddr is the common head of every address structure, and storage is aligned for all of them.
            try body(UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), length)
        }
    }

    private static let unixPathOffset =
        MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? MemoryLayout<sa_family_t>.size

    /// The path up to its NUL. A leading NUL (an abstract name) is shown as `@`.
    private var unixPathBytes: [UInt8] {
        withUnsafeBytes(of: storage) { all in
            let end = min(Int(length), all.count)
            guard end > Self.unixPathOffset else { return [] }
            let path = all[Self.unixPathOffset..<end]
            if path.first == 0 { return path.count > 1 ? [UInt8(ascii: "@")] + path.dropFirst() : [] }
            return Array(path.prefix { $0 != 0 })
        }
    }

    private func load<Address>(_ type: Address.Type) -> Address {
        withUnsafeBytes(of: storage) { $0.loadUnaligned(as: type) }
    }

    private static func text(_ family: Int32, _ address: UnsafeRawPointer) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { out in
            guard let base = out.baseAddress, inet_ntop(family, address, base, socklen_t(out.count)) != nil
            else { return "" }
            return String(cString: base)
        }
    }
}

// MARK: - Conformances

extension SocketAddress: CustomStringConvertible {
    /// `127.0.0.1:80`, `[::1]:80` or `unix:/run/smg.sock`.
    package var description: String {
        switch family {
        case AF_INET: "\(host):\(port)"
        case AF_INET6: "[\(host)]:\(port)"
        default: "unix:\(host)"
        }
    }
}

extension SocketAddress: Hashable {
    package static func == (a: SocketAddress, b: SocketAddress) -> Bool {
        guard a.family == b.family, a.port == b.port else { return false }
        switch a.family {
        case AF_INET: return a.load(sockaddr_in.self).sin_addr.s_addr == b.load(sockaddr_in.self).sin_addr.s_addr
        case AF_INET6:
            let (x, y) = (a.load(sockaddr_in6.self), b.load(sockaddr_in6.self))
            return x.sin6_scope_id == y.sin6_scope_id && a.ipv6Words == b.ipv6Words
        default: return a.unixPathBytes == b.unixPathBytes
        }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(family)
        hasher.combine(port)
        switch family {
        case AF_INET: hasher.combine(load(sockaddr_in.self).sin_addr.s_addr)
        case AF_INET6:
            let words = ipv6Words
            hasher.combine(words.0)
            hasher.combine(words.1)
        default: hasher.combine(unixPathBytes)
        }
    }

    private var ipv6Words: (UInt64, UInt64) {
        withUnsafeBytes(of: load(sockaddr_in6.self).sin6_addr) {
            ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
    }
}
