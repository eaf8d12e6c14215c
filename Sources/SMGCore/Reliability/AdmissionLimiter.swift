package import SMGBase
package import SMGNet
internal import Synchronization

/// Why a request was not admitted.
package enum AdmissionRefusal: Error, Sendable {
    /// All permits are taken and the queue is full (or there is none), or the rate would not let it start in time.
    case full
    /// Waited for the whole queue timeout.
    case timedOut
    /// The client left while waiting.
    case cancelled
}

/// Bounds how many inference requests run at once. Those above the bound wait in arrival order, at most `queueSize` of
/// them and at most `queueTimeout` long. With a rate, starts are also paced (burst: the concurrency bound); only a
/// request that does start uses the rate up.
///
/// One short lock when a request is admitted and one when it ends, and none when the limit is off.
package final class AdmissionLimiter: Sendable {
    private struct State {
        var free: Int
        var queue = WaiterList()
        /// When the pacing bucket will be full again (generic cell rate algorithm).
        var fullAt = Instant(nanoseconds: 0)
    }

    /// What the head of the queue is to be told.
    private enum Turn {
        /// Nothing: nobody waits, no permit is free, or it has its pacing timer already.
        case none
        case start(AdmissionWaiter)
        /// A permit is free; the rate allows the start after this time.
        case pace(AdmissionWaiter, TimeSpan)
    }

    package let maxConcurrent: Int
    private let queueSize: Int
    private let queueTimeout: TimeSpan
    /// Time between two starts at the configured rate; nil for no pacing.
    private let interval: TimeSpan?
    private let clock: @Sendable () -> Instant
    private let state: Mutex<State>

    /// - Parameters:
    ///   - maxConcurrent: 0 or less turns the limiter off.
    ///   - ratePerSecond: 0 or nil: concurrency only.
    ///   - clock: what the rate is measured with.
    package init(
        maxConcurrent: Int, queueSize: Int, queueTimeout: TimeSpan, ratePerSecond: Int?,
        clock: @escaping @Sendable () -> Instant = Instant.now
    ) {
        self.maxConcurrent = max(0, maxConcurrent)
        self.queueSize = max(0, queueSize)
        self.queueTimeout = queueTimeout
        self.clock = clock
        if let rate = ratePerSecond, rate > 0 {
            interval = TimeSpan(nanoseconds: 1_000_000_000 / Int64(rate))
        } else {
            interval = nil
        }
        state = Mutex(State(free: max(0, maxConcurrent)))
    }

    package var isEnabled: Bool { maxConcurrent > 0 }

    /// Requests waiting now, and requests holding a permit.
    package var load: (queued: Int, running: Int) {
        state.withLock { ($0.queue.count, maxConcurrent - $0.free) }
    }

    /// A permit, after waiting for it if need be. On `loop`.
    /// - Parameter onWait: gets a handle to give the wait up with, when there is one to be done.
    package func admit(
        on loop: EventLoop, onWait: (AdmissionWaiter) -> Void
    ) async throws(AdmissionRefusal) -> AdmissionPermit {
        guard isEnabled else { return AdmissionPermit(nil) }
        enum Step { case started, refused, wait(AdmissionWaiter, pacedFor: TimeSpan?) }
        let now = clock()
        let step: Step = state.withLock { state in
            let start = max(earliestStart(state), now)
            if state.free > 0, state.queue.count == 0, start == now {
                take(&state, now)
                return .started
            }
            guard state.queue.count < queueSize, isReachable(start, behind: state.queue.count, now) else {
                return .refused
            }
            let waiter = AdmissionWaiter(limiter: self, loop: loop)
            state.queue.append(waiter)
            // Alone and with a permit free, only the rate holds it back: it watches the time itself.
            guard state.free > 0, state.queue.count == 1 else { return .wait(waiter, pacedFor: nil) }
            waiter.isPaced = true
            return .wait(waiter, pacedFor: start - now)
        }
        switch step {
        case .started: return AdmissionPermit(self)
        case .refused: throw .full
        case .wait(let waiter, let pacedFor):
            onWait(waiter)
            if let pacedFor { waiter.armPacing(pacedFor) }
            switch await waiter.wait(atMost: queueTimeout) {
            case .started: return AdmissionPermit(self)
            case .timedOut: throw .timedOut
            case .cancelled, .waiting: throw .cancelled
            }
        }
    }

    // MARK: - Pacing

    /// When the rate allows the next start.
    private func earliestStart(_ state: borrowing State) -> Instant {
        guard let interval else { return Instant(nanoseconds: .min) }
        // At most 1 s × 10⁹ requests: far from overflowing.
        let burst = interval.nanoseconds * Int64(maxConcurrent - 1)
        return Instant(nanoseconds: state.fullAt.nanoseconds - burst)
    }

    /// Whether the rate lets a request with `waiting` others before it start within the queue timeout.
    private func isReachable(_ start: Instant, behind waiting: Int, _ now: Instant) -> Bool {
        guard let interval else { return true }
        return start + TimeSpan(nanoseconds: interval.nanoseconds * Int64(waiting)) - now <= queueTimeout
    }

    private func take(_ state: inout State, _ now: Instant) {
        state.free -= 1
        if let interval { state.fullAt = max(state.fullAt, now) + interval }
    }

    // MARK: - Turns

    /// Gives a permit back, to the first waiter if the rate allows it.
    fileprivate func release() {
        let turn = state.withLock { state in
            state.free += 1
            return nextTurn(&state)
        }
        serve(turn)
    }

    /// A waiter's pacing time has come: it starts if a permit is free.
    fileprivate func pacingTimeCame(for waiter: AdmissionWaiter) {
        let turn = state.withLock { state in
            waiter.isPaced = false
            return nextTurn(&state)
        }
        serve(turn)
    }

    /// Ends a wait without a permit. False when it has ended in the meantime.
    fileprivate func giveUp(_ waiter: AdmissionWaiter, _ outcome: AdmissionWaiter.Outcome) -> Bool {
        let turn: Turn? = state.withLock { state in
            guard waiter.outcome == .waiting else { return nil }
            waiter.outcome = outcome
            state.queue.remove(waiter)
            // Whoever is first now may have nobody else to watch the rate for it.
            return nextTurn(&state)
        }
        guard let turn else { return false }
        serve(turn)
        return true
    }

    private func nextTurn(_ state: inout State) -> Turn {
        guard state.free > 0, let first = state.queue.first, !first.isPaced else { return .none }
        if interval != nil {
            let now = clock()
            let start = earliestStart(state)
            if start > now {
                first.isPaced = true
                return .pace(first, start - now)
            }
            take(&state, now)
        } else {
            state.free -= 1
        }
        state.queue.remove(first)
        first.outcome = .started
        return .start(first)
    }

    /// Tells the waiters, outside the lock, until none can start any more.
    private func serve(_ first: Turn) {
        var turn = first
        while true {
            switch turn {
            case .none: return
            case .pace(let waiter, let span): return waiter.postPacing(span)
            case .start(let waiter):
                waiter.finish()
                turn = state.withLock { nextTurn(&$0) }
            }
        }
    }
}

/// The right to run one request; given back exactly once, however the request ends.
package struct AdmissionPermit: ~Copyable {
    private let limiter: AdmissionLimiter?

    /// A permit where no limit is set.
    package init() { limiter = nil }

    fileprivate init(_ limiter: AdmissionLimiter?) { self.limiter = limiter }

    deinit { limiter?.release() }
}

/// One request's place in the queue.
package final class AdmissionWaiter: @unchecked Sendable {
    // Sendable by rule: `outcome`, `isPaced` and the links are touched under the limiter's lock, the rest on the
    // waiter's own loop only. `wait` reads the outcome without the lock once it is final.
    fileprivate enum Outcome { case waiting, started, timedOut, cancelled }

    private let limiter: AdmissionLimiter
    private let loop: EventLoop
    fileprivate var outcome = Outcome.waiting
    /// Its pacing timer is armed or about to be.
    fileprivate var isPaced = false
    fileprivate var next: AdmissionWaiter?
    fileprivate unowned(unsafe) var previous: AdmissionWaiter?
    private var pacing: LoopTimer?
    private var continuation: UnsafeContinuation<Void, Never>?
    private var isFinished = false

    fileprivate init(limiter: AdmissionLimiter, loop: EventLoop) {
        self.limiter = limiter
        self.loop = loop
    }

    /// Gives the wait up because the client left. On the waiter's loop.
    package func cancel() {
        if limiter.giveUp(self, .cancelled) { resume() }
    }

    fileprivate func wait(atMost timeout: TimeSpan) async -> Outcome {
        let deadline = LoopTimer(firesAtEnd: true) { [self] in
            if limiter.giveUp(self, .timedOut) { resume() }
        }
        loop.arm(deadline, after: timeout)
        if !isFinished { await withUnsafeContinuation { continuation = $0 } }
        loop.remove(deadline)
        if let pacing { loop.remove(pacing) }
        pacing = nil
        return outcome
    }

    /// Watches the time for the limiter. From any thread.
    fileprivate func postPacing(_ span: TimeSpan) {
        if loop.isOnLoop { armPacing(span) } else { loop.execute { [self] in armPacing(span) } }
    }

    fileprivate func armPacing(_ span: TimeSpan) {
        guard !isFinished else { return }
        let timer = pacing ?? LoopTimer { [self] in limiter.pacingTimeCame(for: self) }
        pacing = timer
        loop.arm(timer, after: span)
    }

    /// The outcome stands: wakes the task, from any thread.
    fileprivate func finish() {
        if loop.isOnLoop { resume() } else { loop.execute { [self] in resume() } }
    }

    private func resume() {
        isFinished = true
        continuation?.resume()
        continuation = nil
    }
}

/// First in, first out, with O(1) removal from the middle: a request that gives up leaves nothing behind, or clients
/// that come and go could fill the memory behind one that waits.
private struct WaiterList {
    private(set) var first: AdmissionWaiter?
    private unowned(unsafe) var last: AdmissionWaiter?
    private(set) var count = 0

    mutating func append(_ waiter: AdmissionWaiter) {
        waiter.previous = last
        if let last { last.next = waiter } else { first = waiter }
        last = waiter
        count += 1
    }

    mutating func remove(_ waiter: AdmissionWaiter) {
        let next = waiter.next
        if let next { next.previous = waiter.previous } else { last = waiter.previous }
        if let previous = waiter.previous { previous.next = next } else { first = next }
        waiter.next = nil
        waiter.previous = nil
        count -= 1
    }
}
