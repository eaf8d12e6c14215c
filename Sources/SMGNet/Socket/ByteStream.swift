internal import CLinux
package import SMGBase

/// What a read brought.
package enum ReadResult: Equatable {
    case bytes(Int)
    /// Nothing there now; wait for readability.
    case wouldBlock
    /// The peer ended its direction cleanly.
    case endOfStream
    case failed(NetError)
}

/// What a write took.
package enum WriteResult: Equatable {
    /// Fewer than offered means: wait for writability.
    case wrote(Int)
    case failed(NetError)
}

/// Told about readiness while no task waits for it. Class-bound: a call is one witness-table load, nothing is boxed.
package protocol StreamDelegate: AnyObject {
    /// Bytes, the end or an error can be read.
    func streamReadable(_ stream: ByteStream)
    func streamWritable(_ stream: ByteStream)
    /// The peer ended its sending direction, or (`reset`) the connection is gone both ways.
    func streamPeerGone(_ stream: ByteStream, reset: Bool)
    /// The delegate's own deadline (`armDelegateTimer`) passed.
    func streamTimedOut(_ stream: ByteStream)
}

extension StreamDelegate {
    package func streamReadable(_ stream: ByteStream) {}
    package func streamWritable(_ stream: ByteStream) {}
    package func streamPeerGone(_ stream: ByteStream, reset: Bool) {}
    package func streamTimedOut(_ stream: ByteStream) {}
}

/// One connected byte stream (TCP or unix socket, plain or TLS) on one loop.
///
/// Reads and writes never block. A task waits with `waitReadable`/`waitWritable`; a state machine sets `delegate`.
/// One waiter a direction. Closing resumes whoever waits.
package final class ByteStream: IOSource {
    /// How a wait ended.
    package enum Waited { case ready, timeout, closed }

    /// Told about readiness nobody awaits. The delegate owns the stream, never the other way round.
    package unowned(unsafe) var delegate: (any StreamDelegate)?
    package internal(set) var isReadable = false
    package internal(set) var isWritable = false
    /// The peer has ended its sending direction; bytes it sent before may still be unread.
    package private(set) var peerFinished = false
    /// The connection is broken in both directions.
    package private(set) var isReset = false

    var tls: TLSSession?

    private var readWaiter: UnsafeContinuation<Waited, Never>?
    private var writeWaiter: UnsafeContinuation<Waited, Never>?
    private var readTimer: LoopTimer?
    private var writeTimer: LoopTimer?
    private var delegateTimer: LoopTimer?

    package var isClosed: Bool { descriptor < 0 }
    package var isTLS: Bool { tls != nil }

    /// Takes over a connected non-blocking socket and watches it.
    package init(loop: EventLoop, connected descriptor: Int32) throws(NetError) {
        super.init(loop: loop, descriptor: descriptor)
        isWritable = true
        try startWatching([.readable, .writable, .peerFinished, .edge])
    }

    /// Takes over a socket whose `connect` is under way.
    init(loop: EventLoop, connecting descriptor: Int32) throws(NetError) {
        super.init(loop: loop, descriptor: descriptor)
        try startWatching([.readable, .writable, .peerFinished, .edge])
    }

    package override func ready(_ events: IOEvents) {
        let broken = !events.isDisjoint(with: [.failed, .hungUp])
        if broken { isReset = true }
        let finished = events.contains(.peerFinished)
        if broken || finished || events.contains(.readable) { isReadable = true }
        if broken || events.contains(.writable) { isWritable = true }
        if finished, !peerFinished {
            peerFinished = true
            delegate?.streamPeerGone(self, reset: false)
        }
        if broken { delegate?.streamPeerGone(self, reset: true) }
        guard descriptor >= 0 else { return }
        if isWritable { wakeWriter() }
        if isReadable, descriptor >= 0 { wakeReader() }
    }

    private func wakeReader() {
        if let waiter = readWaiter {
            readWaiter = nil
            if let readTimer { loop.disarm(readTimer) }
            waiter.resume(returning: .ready)
        } else {
            delegate?.streamReadable(self)
        }
    }

    private func wakeWriter() {
        if let waiter = writeWaiter {
            writeWaiter = nil
            if let writeTimer { loop.disarm(writeTimer) }
            waiter.resume(returning: .ready)
        } else {
            delegate?.streamWritable(self)
        }
    }

    /// Closes at once and resumes waiters with `.closed`. Unsent bytes in the kernel are still delivered.
    package override func closeDescriptor() {
        guard descriptor >= 0 else { return }
        tls?.shutdown()
        tls = nil
        super.closeDescriptor()
        for timer in [readTimer, writeTimer, delegateTimer] {
            if let timer { loop.remove(timer) }
        }
        readTimer = nil
        writeTimer = nil
        delegateTimer = nil
        delegate = nil
        readWaiter?.resume(returning: .closed)
        readWaiter = nil
        writeWaiter?.resume(returning: .closed)
        writeWaiter = nil
    }

    /// Closes so that the peer sees a reset, not a clean end: for answers that were cut short.
    package func abort() {
        guard descriptor >= 0 else { return }
        tls = nil
        SocketOptions.lingerZero(descriptor)
        closeDescriptor()
    }

    /// Ends the sending direction only.
    package func shutdownWriting() {
        guard descriptor >= 0 else { return }
        tls?.shutdown()
        _ = CLinux.shutdown(descriptor, Int32(SHUT_WR))
    }

    // MARK: - Waiting

    /// Suspends until something can be read. `span` nil waits without limit.
    package func waitReadable(within span: TimeSpan? = nil) async -> Waited {
        if isReadable { return .ready }
        if descriptor < 0 { return .closed }
        if let span { loop.arm(timer(&readTimer, { $0.readTimedOut() }), after: span) }
        return await withUnsafeContinuation { readWaiter = $0 }
    }

    /// Has whoever waits for readability look again, as if something had arrived: its owner's rules have changed. The
    /// next read asks the kernel, so bytes whose event is still on its way are found.
    package func recheckReadable() {
        guard descriptor >= 0 else { return }
        isReadable = true
        if readWaiter != nil { wakeReader() }
    }

    /// Suspends until something can be written.
    package func waitWritable(within span: TimeSpan? = nil) async -> Waited {
        if isWritable { return .ready }
        if descriptor < 0 { return .closed }
        if let span { loop.arm(timer(&writeTimer, { $0.writeTimedOut() }), after: span) }
        return await withUnsafeContinuation { writeWaiter = $0 }
    }

    /// Arms the delegate's deadline; `streamTimedOut` is called unless it is moved or dropped before.
    package func armDelegateTimer(_ span: TimeSpan) {
        guard descriptor >= 0 else { return }
        loop.arm(timer(&delegateTimer, { $0.delegate?.streamTimedOut($0) }), after: span)
    }

    /// Whether `streamTimedOut` is due.
    package var isDelegateTimerArmed: Bool { delegateTimer?.isArmed ?? false }

    package func disarmDelegateTimer() {
        if let delegateTimer { loop.disarm(delegateTimer) }
    }

    private func timer(_ slot: inout LoopTimer?, _ fire: @escaping (ByteStream) -> Void) -> LoopTimer {
        if let slot { return slot }
        let made = LoopTimer { [unowned(unsafe) self] in fire(self) }
        slot = made
        return made
    }

    private func readTimedOut() {
        readWaiter?.resume(returning: .timeout)
        readWaiter = nil
    }

    private func writeTimedOut() {
        writeWaiter?.resume(returning: .timeout)
        writeWaiter = nil
    }

    // MARK: - Reading and writing

    /// Reads what is there into the free space of `buffer`, which must not be zero.
    package func read(into buffer: ByteBuffer) -> ReadResult {
        let result = read(into: buffer.writable)
        if case .bytes(let count) = result { buffer.commit(count) }
        return result
    }

    /// Reads what is there into `space`, which must not be empty.
    package func read(into space: UnsafeMutableRawBufferPointer) -> ReadResult {
        assert(space.count > 0)
        guard isReadable else { return descriptor < 0 ? .failed(.closed) : .wouldBlock }
        if let tls { return read(into: space, through: tls) }
        while true {
            let count = recv(descriptor, space.baseAddress, space.count, 0)
            if count > 0 {
                // A short read has emptied the socket: the next arrival is a new edge. The end is none, so keep asking.
                if count < space.count, !peerFinished, !isReset { isReadable = false }
                return .bytes(count)
            }
            if count == 0 {
                peerFinished = true
                return .endOfStream
            }
            let code = clinux_errno()
            if code == EINTR { continue }
            if code == EAGAIN {
                isReadable = false
                return .wouldBlock
            }
            return .failed(.system(.read, code))
        }
    }

    /// Writes as much of `bytes` as the kernel takes.
    package func write(_ bytes: UnsafeRawBufferPointer) -> WriteResult {
        guard descriptor >= 0 else { return .failed(.closed) }
        guard isWritable, bytes.count > 0 else { return .wrote(0) }
        if let tls { return write(bytes, through: tls) }
        while true {
            let count = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if let result = sent(count, of: bytes.count) { return result }
        }
    }

    /// Writes `head` and then `body` in one system call, as much as the kernel takes.
    package func write(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) -> WriteResult {
        if body.count == 0 { return write(head) }
        if head.count == 0 { return write(body) }
        guard descriptor >= 0 else { return .failed(.closed) }
        guard isWritable else { return .wrote(0) }
        if tls != nil { return writeJoined(head, body) }
        while true {
            let count = clinux_send2(descriptor, head.baseAddress, head.count, body.baseAddress, body.count)
            if let result = sent(count, of: head.count + body.count) { return result }
        }
    }

    /// What a send call's answer means; nil when a signal interrupted it and it is to be made again.
    @inline(__always)
    private func sent(_ count: Int, of total: Int) -> WriteResult? {
        if count >= 0 {
            if count < total { isWritable = false }
            return .wrote(count)
        }
        let code = clinux_errno()
        if code == EINTR { return nil }
        if code == EAGAIN {
            isWritable = false
            return .wrote(0)
        }
        return .failed(.system(.write, code))
    }

    /// Over TLS two writes are two records: a small head and what fits of the body behind it travel as one.
    private func writeJoined(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) -> WriteResult {
        let joined = loop.buffers.take()
        defer { loop.buffers.give(joined) }
        guard head.count < joined.capacity else { return write(head) }
        joined.append(head)
        joined.append(body.slice(0..<min(body.count, joined.capacity - head.count)))
        return write(joined.readable)
    }

    /// Writes all of `head` and `body`, waiting for room; each wait is at most `stall` long.
    package func writeAll(
        _ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        stall: TimeSpan
    ) async throws(NetError) {
        var sent = 0
        let total = head.count + body.count
        while true {
            let result =
                sent < head.count
                ? write(head.slice(sent..<head.count), body) : write(body.slice(sent - head.count..<body.count))
            switch result {
            case .failed(let error): throw error
            case .wrote(let count): sent += count
            }
            if sent == total { return }
            switch await waitWritable(within: stall) {
            case .ready: continue
            case .timeout: throw .timeout
            case .closed: throw .closed
            }
        }
    }

    /// Reads once into `buffer`, waiting at most `span` for something to come. Returns 0 at the peer's clean end.
    package func readSome(into buffer: ByteBuffer, within span: TimeSpan? = nil) async throws(NetError) -> Int {
        while true {
            switch read(into: buffer) {
            case .bytes(let count): return count
            case .endOfStream: return 0
            case .failed(let error): throw error
            case .wouldBlock: break
            }
            switch await waitReadable(within: span) {
            case .ready: continue
            case .timeout: throw .timeout
            case .closed: throw .closed
            }
        }
    }

    // MARK: - TLS

    private func read(into space: UnsafeMutableRawBufferPointer, through tls: TLSSession) -> ReadResult {
        switch tls.read(into: space) {
        case .done(let count): return .bytes(count)
        case .wantRead:
            isReadable = false
            return .wouldBlock
        case .wantWrite:
            isWritable = false
            isReadable = false
            return .wouldBlock
        case .closed:
            peerFinished = true
            // Without close_notify the end may be an attacker's cut: never a clean end.
            return tls.peerClosedCleanly ? .endOfStream : .failed(.unexpectedEnd)
        case .failed(let error): return .failed(.tls(error.description))
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, through tls: TLSSession) -> WriteResult {
        switch tls.write(bytes) {
        case .done(let count): return .wrote(count)
        case .wantWrite, .wantRead:
            isWritable = false
            return .wrote(0)
        case .closed: return .failed(.closed)
        case .failed(let error): return .failed(.tls(error.description))
        }
    }
}
