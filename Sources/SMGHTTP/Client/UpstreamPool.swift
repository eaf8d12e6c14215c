package import SMGBase
package import SMGNet

/// Where an upstream server is.
package struct UpstreamOrigin: Hashable, Sendable {
    package let host: String
    package let port: UInt16
    package let isTLS: Bool

    package init(host: String, port: UInt16, isTLS: Bool) {
        self.host = host
        self.port = port
        self.isTLS = isTLS
    }
}

/// How connections to one upstream server are made and kept.
package struct UpstreamOptions: Sendable {
    /// Connections of one loop to one server, in use or idle.
    package var maxConnections = 1024
    /// Idle connections are closed after this; below the 5 s after which engines close theirs, so that the race between
    /// their close and our next request is rare.
    package var idleTimeout = TimeSpan.seconds(3)
    package var connectTimeout = TimeSpan.seconds(10)
    /// Without the server taking a byte of a request.
    package var writeStallTimeout = TimeSpan.seconds(60)
    package var tls: TLSClientContext?
    /// Speak HTTP/2: agreed on by ALPN over TLS, with prior knowledge in plain text.
    package var usesHTTP2 = false

    package init() {}
}

/// The connections of one loop to one upstream server: last in, first out, so that few are kept warm and the rest age away.
package final class UpstreamPool {
    package let loop: EventLoop
    package let origin: UpstreamOrigin
    package let options: UpstreamOptions
    private let resolver: Resolver
    private var idle: ContiguousArray<HTTP1UpstreamConnection> = []
    private var waiters: ContiguousArray<Waiter> = []
    /// HTTP/2 connections that take new exchanges.
    private var shared: ContiguousArray<HTTP2UpstreamConnection> = []
    /// Connections open or being opened.
    private(set) var openCount = 0
    /// A connection that many exchanges will share is being opened: they wait for it instead of opening their own.
    private var isOpeningShared = false
    /// The server would not speak HTTP/2: a connection serves one exchange at a time after all.
    private var fellBack = false
    private var isShutDown = false

    private final class Waiter {
        var continuation: UnsafeContinuation<Void, Never>?
        var connection: HTTP1UpstreamConnection?
        /// Why the connection that was waited for could not be opened.
        var failure: UpstreamError?
        var isDone = false
        let hook: CancelHook
        init(hook: CancelHook) { self.hook = hook }
    }

    package init(loop: EventLoop, origin: UpstreamOrigin, options: UpstreamOptions, resolver: Resolver) {
        self.loop = loop
        self.origin = origin
        self.options = options
        self.resolver = resolver
    }

    package var idleCount: Int { idle.count }

    /// An exchange on a connection that stands already, without waiting; nil when there is none.
    package func takeReady() -> UpstreamExchange? { openOnShared(reused: true) ?? takeIdle() }

    /// A connection of its own for one exchange: an idle one if there is one, else a new one, else the next that comes free.
    /// - Parameter fresh: never take one that has been used before (after such a one has failed).
    package func acquire(within span: TimeSpan, fresh: Bool = false, hook: CancelHook) async throws(UpstreamError)
        -> UpstreamExchange
    {
        if !fresh, let exchange = takeReady() { return exchange }
        if isOpeningShared { return try await waitForConnection(span, hook) }
        if openCount < options.maxConnections { return try await open(hook) }
        if fresh, let oldest = idle.first {
            oldest.isIdle = false
            idle.removeFirst()
            oldest.close()
            return try await open(hook)
        }
        return try await waitForConnection(span, hook)
    }

    /// A stream on the least busy HTTP/2 connection that has room.
    private func openOnShared(reused: Bool) -> UpstreamExchange? {
        guard !shared.isEmpty else { return nil }
        var best: HTTP2UpstreamConnection?
        for connection in shared where connection.hasRoom {
            if best == nil || connection.exchangeCount < best!.exchangeCount { best = connection }
        }
        guard let best else { return nil }
        best.stream.disarmDelegateTimer()
        return HTTP2UpstreamExchange(connection: best, reused: reused)
    }

    private func takeIdle() -> HTTP1UpstreamConnection? {
        while let connection = idle.popLast() {
            connection.isIdle = false
            connection.stream.disarmDelegateTimer()
            if !connection.stream.peerFinished, !connection.stream.isClosed { return connection }
            connection.close()
        }
        return nil
    }

    private func waitForConnection(_ span: TimeSpan, _ hook: CancelHook) async throws(UpstreamError) -> UpstreamExchange
    {
        let deadline = loop.now + span
        while true {
            let waiter = await wait(until: deadline, hook)
            if let connection = waiter.connection {
                guard hook.isCancelled else { return connection }
                giveBack(connection)
                throw .cancelled
            }
            if waiter.isDone {
                waiters.removeAll { $0 === waiter }
                throw hook.isCancelled ? .cancelled : .poolExhausted
            }
            if let failure = waiter.failure { throw failure }
            if let exchange = takeReady() { return exchange }
            // Others may have been woken too, and been faster.
            if !isOpeningShared, openCount < options.maxConnections { return try await open(hook) }
        }
    }

    /// Waits in line until woken, cancelled or out of time; the last two are `isDone`.
    private func wait(until deadline: Instant, _ hook: CancelHook) async -> Waiter {
        let waiter = Waiter(hook: hook)
        waiters.append(waiter)
        let giveUp = {
            waiter.isDone = true
            waiter.continuation?.resume()
            waiter.continuation = nil
        }
        hook.action = giveUp
        let timer = LoopTimer(firesAtEnd: true, giveUp)
        loop.arm(timer, after: max(deadline - loop.now, .milliseconds(1)))
        if !waiter.isDone { await withUnsafeContinuation { waiter.continuation = $0 } }
        loop.remove(timer)
        hook.action = nil
        return waiter
    }

    // MARK: - Opening

    private func open(_ hook: CancelHook) async throws(UpstreamError) -> UpstreamExchange {
        openCount += 1
        let isShared = options.usesHTTP2 && !fellBack
        if isShared { isOpeningShared = true }
        do throws(UpstreamError) {
            let (stream, speaksHTTP2) = try await connect(hook)
            if isShared { isOpeningShared = false }
            guard speaksHTTP2 else {
                fellBack = options.usesHTTP2
                if isShared { wakeAllWaiters() }
                return HTTP1UpstreamConnection(pool: self, stream: stream)
            }
            let connection = try HTTP2UpstreamConnection(pool: self, stream: stream)
            shared.append(connection)
            wakeAllWaiters()
            return HTTP2UpstreamExchange(connection: connection, reused: false)
        } catch {
            openCount -= 1
            if isShared { isOpeningShared = false }
            // One client's departure says nothing about the server: the next in line opens instead.
            if isShared, error != .cancelled { wakeAllWaiters(failure: error) } else { wakeOneWaiter() }
            throw error
        }
    }

    /// Tries the origin's addresses in turn, within one connect timeout.
    private func connect(_ hook: CancelHook) async throws(UpstreamError) -> (ByteStream, Bool) {
        let deadline = loop.now + options.connectTimeout
        let addresses: [SocketAddress]
        if let literal = SocketAddress(literal: origin.host, port: origin.port) {
            addresses = [literal]
        } else {
            do { addresses = try await resolver.resolve(origin.host, port: origin.port, now: loop.now) } catch {
                throw .connect(.unresolved)
            }
        }
        var last = NetError.unresolved
        for address in addresses {
            if hook.isCancelled { throw .cancelled }
            do throws(NetError) {
                return try await connect(address, deadline, hook)
            } catch {
                last = error
                if error == .connectTimeout { break }
            }
        }
        throw hook.isCancelled ? .cancelled : .connect(last)
    }

    /// The connected stream, and whether it is to speak HTTP/2.
    private func connect(
        _ address: SocketAddress, _ deadline: Instant, _ hook: CancelHook
    ) async throws(NetError) -> (ByteStream, Bool) {
        let stream = try ByteStream.connecting(to: address, on: loop)
        hook.action = { stream.closeDescriptor() }
        defer { hook.action = nil }
        do throws(NetError) {
            try await stream.finishConnecting(within: max(deadline - loop.now, .milliseconds(1)))
            guard origin.isTLS else { return (stream, options.usesHTTP2) }
            guard let tls = options.tls else { throw .tls("no TLS context") }
            let agreed = try await stream.startTLS(
                client: tls, host: origin.host, within: max(deadline - loop.now, .milliseconds(1)))
            return (stream, agreed == "h2")
        } catch {
            stream.closeDescriptor()
            throw error
        }
    }

    // MARK: - What connections tell

    func giveBack(_ connection: HTTP1UpstreamConnection) {
        if isShutDown {
            connection.close()
            return
        }
        while let waiter = waiters.first {
            waiters.removeFirst()
            guard !waiter.isDone, let continuation = waiter.continuation else { continue }
            waiter.connection = connection
            waiter.continuation = nil
            continuation.resume()
            return
        }
        connection.isIdle = true
        connection.stream.armDelegateTimer(options.idleTimeout)
        idle.append(connection)
    }

    func idleConnectionEnded(_ connection: HTTP1UpstreamConnection) {
        guard let index = idle.firstIndex(where: { $0 === connection }) else { return }
        connection.isIdle = false
        idle.remove(at: index)
        connection.close()
    }

    func connectionClosed(_ connection: HTTP1UpstreamConnection) {
        openCount -= 1
        wakeOneWaiter()
    }

    // MARK: - What HTTP/2 connections tell

    /// A stream ended: a waiter may have its turn. A quiet connection ages.
    func streamClosed(_ connection: HTTP2UpstreamConnection) {
        restIfQuiet(connection)
        while connection.hasRoom, let waiter = waiters.first {
            waiters.removeFirst()
            guard !waiter.isDone, let continuation = waiter.continuation else { continue }
            waiter.continuation = nil
            continuation.resume()
            return
        }
    }

    /// The server announced its leaving: nothing new goes there.
    func connectionLeaving(_ connection: HTTP2UpstreamConnection) { shared.removeAll { $0 === connection } }

    func connectionEnded(_ connection: HTTP2UpstreamConnection) {
        shared.removeAll { $0 === connection }
        openCount -= 1
        wakeOneWaiter()
    }

    /// The server has said how many streams it takes.
    func settingsArrived(_ connection: HTTP2UpstreamConnection) {
        restIfQuiet(connection)
        wakeAllWaiters()
    }

    private func restIfQuiet(_ connection: HTTP2UpstreamConnection) {
        guard connection.exchangeCount == 0 else { return }
        if isShutDown { connection.retire() } else { connection.stream.armDelegateTimer(options.idleTimeout) }
    }

    /// Everybody in line looks again, or hears why there is nothing to wait for.
    private func wakeAllWaiters(failure: UpstreamError? = nil) {
        let woken = waiters
        waiters.removeAll()
        for waiter in woken {
            guard !waiter.isDone, let continuation = waiter.continuation else { continue }
            waiter.failure = failure
            waiter.continuation = nil
            continuation.resume()
        }
    }

    /// There is room for one more connection: its first waiter opens it.
    private func wakeOneWaiter() {
        while openCount < options.maxConnections, let waiter = waiters.first {
            waiters.removeFirst()
            guard !waiter.isDone, let continuation = waiter.continuation else { continue }
            waiter.continuation = nil
            continuation.resume()
            return
        }
    }

    /// Closes idle connections now and the others when their exchange is over.
    package func shutDown() {
        isShutDown = true
        while let connection = takeIdle() { connection.close() }
        for connection in shared where connection.exchangeCount == 0 { connection.retire() }
    }
}
