internal import CLinux
internal import SMGBase

/// A listening socket on one loop. TCP listeners share their port by SO_REUSEPORT: each loop has its own queue.
package final class Listener: IOSource {
    /// Connections the kernel may queue while a loop is busy.
    private static let backlog: Int32 = 4096
    /// Accepts a turn, so that a flood of connections cannot starve the ones in work.
    private static let acceptsPerTurn = 64
    /// How long accepting rests when the process is out of descriptors.
    private static let exhaustedPause = TimeSpan.milliseconds(50)

    /// Takes over an accepted descriptor. Called on the listener's loop.
    private let onAccept: (Int32, SocketAddress) -> Void
    /// Told when accepting fails; the listener goes on.
    package var onError: (NetError) -> Void = { _ in }
    /// Where it listens, with the port the kernel chose.
    package let address: SocketAddress
    private var retryTimer: LoopTimer?
    private let unixPath: String?

    /// Binds and listens; nothing is accepted before `start()`. A stale unix socket file is replaced.
    /// - Parameter joinsPort: the port is one that another listener of this process has; otherwise it must be free.
    package init(
        loop: EventLoop, address: SocketAddress, joinsPort: Bool = false,
        onAccept: @escaping (Int32, SocketAddress) -> Void
    ) throws(NetError) {
        let descriptor = try Listener.bound(to: address, joinsPort: joinsPort)
        self.onAccept = onAccept
        self.address = Listener.localAddress(of: descriptor) ?? address
        unixPath = address.isUnix ? address.host : nil
        super.init(loop: loop, descriptor: descriptor)
    }

    private static func bound(to address: SocketAddress, joinsPort: Bool) throws(NetError) -> Int32 {
        let descriptor = try SocketOptions.makeSocket(address.family)
        if !address.isUnix {
            _ = SocketOptions.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            if joinsPort { _ = SocketOptions.set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
        }
        if address.family == AF_INET6 {
            // "::" also takes IPv4, as users expect of a dual-stack host.
            _ = SocketOptions.set(descriptor, Int32(IPPROTO_IPV6), Int32(IPV6_V6ONLY), 0)
        }
        // Linux hands these on to every accepted socket, which saves five calls a connection.
        SocketOptions.tuneStream(descriptor, isUnix: address.isUnix)
        if address.isUnix { removeStaleSocket(address) }
        var code = address.withSockaddr { clinux_bind(descriptor, $0, $1) == 0 ? 0 : clinux_errno() }
        // Sharing is allowed only once the port is ours: set before, a second server would join it without a word.
        if !address.isUnix { _ = SocketOptions.set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
        if code == 0, listen(descriptor, backlog) != 0 { code = clinux_errno() }
        guard code == 0 else {
            close(descriptor)
            throw .system(.bind, code)
        }
        return descriptor
    }

    /// Removes a socket file that nobody listens on any more. A live one stays, and `bind` then reports it.
    private static func removeStaleSocket(_ address: SocketAddress) {
        guard let probe = try? SocketOptions.makeSocket(AF_UNIX) else { return }
        defer { close(probe) }
        let code = address.withSockaddr { clinux_connect(probe, $0, $1) == 0 ? 0 : clinux_errno() }
        if code == ECONNREFUSED { unlink(address.host) }
    }

    private static func localAddress(of descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        guard clinux_getsockname(descriptor, &storage, &length) == 0 else { return nil }
        return SocketAddress(storage: storage, length: length)
    }

    /// Begins to accept.
    package func start() throws(NetError) { try startWatching([.readable]) }

    /// Stops accepting and frees the port. Connections the kernel had queued but not handed over are taken first,
    /// so that a client whose handshake is done is not reset.
    package func stop() {
        guard descriptor >= 0 else { return }
        acceptAll(limit: Int(Listener.backlog))
        if let retryTimer { loop.remove(retryTimer) }
        retryTimer = nil
        closeDescriptor()
        if let unixPath { unlink(unixPath) }
    }

    package override func ready(_ events: IOEvents) { acceptAll(limit: Listener.acceptsPerTurn) }

    private func acceptAll(limit: Int) {
        for _ in 0..<limit {
            // Whoever takes a connection may stop the listener.
            guard descriptor >= 0 else { return }
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let accepted = clinux_accept(descriptor, &storage, &length)
            if accepted >= 0 {
                onAccept(accepted, SocketAddress(storage: storage, length: length))
                continue
            }
            let code = clinux_errno()
            switch code {
            case EAGAIN: return
            case EINTR, ECONNABORTED, EPROTO: continue
            default:
                onError(.system(.accept, code))
                pauseAccepting()
                return
            }
        }
    }

    /// Out of descriptors or memory: the listener would spin on a level-triggered event, so it looks away for a while.
    private func pauseAccepting() {
        guard retryTimer == nil else { return }
        _ = clinux_epoll_ctl(loop.epoll, EPOLL_CTL_MOD, descriptor, 0, token)
        let timer = LoopTimer { [unowned(unsafe) self] in
            retryTimer = nil
            _ = clinux_epoll_ctl(loop.epoll, EPOLL_CTL_MOD, descriptor, IOEvents.readable.rawValue, token)
        }
        retryTimer = timer
        loop.arm(timer, after: Listener.exhaustedPause)
    }
}
