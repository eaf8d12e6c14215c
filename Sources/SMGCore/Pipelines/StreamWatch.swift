internal import SMGBase
internal import SMGHTTP
internal import SMGNet

/// Watches one answer on its way to the client: first byte, events, and silence. For event streams it also sends the
/// keep-alive comments that keep proxies in between from cutting a quiet stream, and enforces the request's deadline.
final class StreamWatch: RelayObserver {
    private unowned let exchange: ServerExchange
    private let loop: EventLoop
    private(set) var firstByteAt: Instant?
    private(set) var lastByteAt: Instant
    private var events: SSEObserver?
    private var timer: LoopTimer?
    private var keepAlive: TimeSpan?
    /// When a comment was last sent, or would have been.
    private var commentAt: Instant
    private var deadline: Instant?
    private(set) var deadlinePassed = false
    /// Ends the relay when the deadline has passed.
    var onDeadline: (() -> Void)?

    /// - Parameter isEventStream: the body is server-sent events.
    init(_ exchange: ServerExchange, isEventStream: Bool) {
        self.exchange = exchange
        loop = exchange.loop
        lastByteAt = exchange.loop.now
        commentAt = exchange.loop.now
        if isEventStream { events = SSEObserver() }
    }

    deinit { if let timer { loop.remove(timer) } }

    var eventCount: Int { events?.events ?? 0 }
    /// Whether an event (or comment) may be inserted here.
    var isAtEventBorder: Bool { events?.isAtEventBorder ?? false }
    var isEventStream: Bool { events != nil }

    func bodyBytes(_ bytes: UnsafeRawBufferPointer) {
        lastByteAt = loop.now
        if firstByteAt == nil { firstByteAt = lastByteAt }
        events?.observe(bytes)
    }

    /// Starts keep-alive comments every `keepAlive` of silence, and the deadline.
    func start(keepAlive: TimeSpan?, deadline: Instant) {
        self.keepAlive = isEventStream ? keepAlive : nil
        self.deadline = deadline
        exchange.onHalfClose = { [unowned(unsafe) self] in sendComment() }
        let timer = LoopTimer { [unowned(unsafe) self] in tick() }
        self.timer = timer
        arm(timer)
    }

    private func arm(_ timer: LoopTimer) {
        guard let deadline else { return }
        var next = deadline
        if let keepAlive { next = min(next, max(lastByteAt, commentAt) + keepAlive) }
        loop.arm(timer, after: max(next - loop.now, .milliseconds(1)))
    }

    private func tick() {
        guard let timer, let deadline else { return }
        if loop.now >= deadline {
            deadlinePassed = true
            onDeadline?()
            return
        }
        if let keepAlive, loop.now >= max(lastByteAt, commentAt) + keepAlive {
            sendComment()
            commentAt = loop.now
        }
        arm(timer)
    }

    /// Sends a comment where it does no harm: not in the middle of an event, not behind a client that does not read.
    /// A client that is gone answers it with a reset, which is how a departure that looked like a half-close shows.
    private func sendComment() {
        guard isAtEventBorder, exchange.bufferedBytes == 0 else { return }
        let comment: StaticString = ": keep-alive\n\n"
        exchange.write(UnsafeRawBufferPointer(start: comment.utf8Start, count: comment.utf8CodeUnitCount))
        exchange.flush()
    }

    /// No more ticks.
    func stop() {
        if let timer { loop.remove(timer) }
        timer = nil
        onDeadline = nil
        exchange.onHalfClose = nil
    }
}
