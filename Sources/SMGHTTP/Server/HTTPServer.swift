package import SMGNet

/// A server on all loops of a group: one listener a loop on a shared port, one `HTTPServerLoop` a loop.
package final class HTTPServer: Sendable {
    private let loops: [EventLoop]
    private let servers: [LoopBound<HTTPServerLoop>]
    private let listeners: [LoopBound<Listener>]
    /// Where it listens, with the port the kernel chose.
    package let address: SocketAddress

    private init(
        loops: [EventLoop], servers: [LoopBound<HTTPServerLoop>], listeners: [LoopBound<Listener>],
        address: SocketAddress
    ) {
        self.loops = loops
        self.servers = servers
        self.listeners = listeners
        self.address = address
    }

    /// Binds on every loop and starts to accept.
    /// - Parameter makeLoop: makes the server's part of one loop; called on that loop.
    package static func start(
        on loops: [EventLoop], address: SocketAddress, makeLoop: @escaping @Sendable (EventLoop) -> HTTPServerLoop
    ) async throws(NetError) -> HTTPServer {
        var servers: [LoopBound<HTTPServerLoop>] = []
        for loop in loops { servers.append(await loop.call { LoopBound(makeLoop(loop)) }) }
        var listeners: [LoopBound<Listener>] = []
        var bound = address
        // Unix sockets have no SO_REUSEPORT: the first loop accepts and hands the sockets round.
        for (index, loop) in (address.isUnix ? [loops[0]] : loops).enumerated() {
            let accept: @Sendable (Int32, SocketAddress) -> Void
            if address.isUnix {
                accept = handRound(loops, servers)
            } else {
                let server = servers[index]
                accept = { server.value.accept($0, from: $1) }
            }
            let target = bound
            let made: Result<LoopBound<Listener>, NetError> = await loop.call {
                HTTPServer.listen(loop, target, joinsPort: index > 0, accept)
            }
            switch made {
            case .success(let listener):
                listeners.append(listener)
                bound = listener.value.address
            case .failure(let error):
                for (loop, listener) in zip(loops, listeners) { await loop.call { listener.value.stop() } }
                throw error
            }
        }
        return HTTPServer(loops: loops, servers: servers, listeners: listeners, address: bound)
    }

    private static func listen(
        _ loop: EventLoop, _ address: SocketAddress, joinsPort: Bool,
        _ accept: @escaping @Sendable (Int32, SocketAddress) -> Void
    ) -> Result<LoopBound<Listener>, NetError> {
        do throws(NetError) {
            let listener = try Listener(loop: loop, address: address, joinsPort: joinsPort, onAccept: accept)
            try listener.start()
            return .success(LoopBound(listener))
        } catch { return .failure(error) }
    }

    private static func handRound(
        _ loops: [EventLoop], _ servers: [LoopBound<HTTPServerLoop>]
    ) -> @Sendable (Int32, SocketAddress) -> Void {
        let random = LoopBound(RoundRobin(count: loops.count))
        return { descriptor, peer in
            let index = random.value.next()
            loops[index].execute { servers[index].value.accept(descriptor, from: peer) }
        }
    }

    private final class RoundRobin {
        private let count: Int
        private var last = 0
        init(count: Int) { self.count = count }
        func next() -> Int {
            last = (last + 1) % count
            return last
        }
    }

    /// Stops accepting and tells every connection to end after its request.
    package func beginDraining() async {
        for (loop, listener) in zip(loops, listeners) { await loop.call { listener.value.stop() } }
        for (loop, server) in zip(loops, servers) { await loop.call { server.value.beginDraining() } }
    }

    /// Connections open and requests in work, over all loops.
    package func activity() async -> (connections: Int, requests: Int) {
        var total = (connections: 0, requests: 0)
        for (loop, server) in zip(loops, servers) {
            let part = await loop.call { (server.value.connectionCount, server.value.activeRequests) }
            total.connections += part.0
            total.requests += part.1
        }
        return total
    }
}
