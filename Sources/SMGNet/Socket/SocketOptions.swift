internal import CLinux
package import SMGBase

/// Socket calls with our settings. The only place that sets options.
enum SocketOptions {
    /// Seconds of silence before the kernel probes a peer, and between probes. Finds dead hosts in about a minute.
    private static let keepaliveIdleSeconds: Int32 = 30
    private static let keepaliveIntervalSeconds: Int32 = 10
    private static let keepaliveProbes: Int32 = 3

    static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) -> Bool {
        var value = value
        return setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
    }

    /// No Nagle delay, since tokens are small writes, and keepalive probes. Errors do not matter: unix sockets have neither.
    static func tuneStream(_ descriptor: Int32, isUnix: Bool) {
        guard !isUnix else { return }
        _ = set(descriptor, Int32(IPPROTO_TCP), Int32(TCP_NODELAY), 1)
        _ = set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        _ = set(descriptor, Int32(IPPROTO_TCP), Int32(TCP_KEEPIDLE), keepaliveIdleSeconds)
        _ = set(descriptor, Int32(IPPROTO_TCP), Int32(TCP_KEEPINTVL), keepaliveIntervalSeconds)
        _ = set(descriptor, Int32(IPPROTO_TCP), Int32(TCP_KEEPCNT), keepaliveProbes)
    }

    static func lingerZero(_ descriptor: Int32) {
        var value = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }

    static func pendingError(_ descriptor: Int32) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &length) == 0 else { return clinux_errno() }
        return value
    }

    static func makeSocket(_ family: Int32) throws(NetError) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw .system(.socket, clinux_errno()) }
        return descriptor
    }
}

extension ByteStream {
    /// Starts a connection to `address`; follow with `finishConnecting`. Closing the stream gives the attempt up.
    package static func connecting(to address: SocketAddress, on loop: EventLoop) throws(NetError) -> ByteStream {
        let descriptor = try SocketOptions.makeSocket(address.family)
        SocketOptions.tuneStream(descriptor, isUnix: address.isUnix)
        let code = address.withSockaddr { pointer, length in
            clinux_connect(descriptor, pointer, length) == 0 ? 0 : clinux_errno()
        }
        guard code == 0 || code == EINPROGRESS else {
            close(descriptor)
            throw .system(.connect, code)
        }
        return try ByteStream(loop: loop, connecting: descriptor)
    }

    /// Waits until the connection stands.
    package func finishConnecting(within span: TimeSpan) async throws(NetError) {
        switch await waitWritable(within: span) {
        case .ready: break
        case .timeout: throw .connectTimeout
        case .closed: throw .closed
        }
        let code = SocketOptions.pendingError(descriptor)
        if code != 0 { throw .system(.connect, code) }
    }
}
