package import SMGBase
package import SMGNet
internal import Synchronization

/// Why a request was not admitted.
package enum AdmissionRefusal: Error, Sendable {
    /// All permits are taken and the queue is full (or there is none).
    case full
    /// Waited for the whole queue timeout.
    case timedOut
    /// The client left while waiting.
    case cancelled
}

/// Bounds how many inference requests run at once. Those above the bound wait in arrival order, at most `queueSize` of
/// them and at most `queueTimeout` long. With a rate, starts are also paced (burst: the concurrency bound).
///
/// One lock per admitted request, and none when the limit is off.
package final class AdmissionLimiter: Sendable {
    private struct State {
        var free: Int
        var waiting = 0
        /// Waiters in arrival order; the ones that gave up are skipped when their turn comes.
        var queue = WaiterQueue()
        /// When the pacing bucket would be full again (generic cell rate algorithm).
        var fullAt = Instant(nanoseconds: 0)
    }

    package let maxConcurrent: Int
    private let queueSize: Int
    private let queueTimeout: TimeSpan
    /// Time between two starts at the configured rate; nil for no pacing.
    private let interval: TimeSpan?
    private let state: Mutex<State>

    /// - Parameters:
    ///   - maxConcurrent: 0 or less turns the limiter off.
    ///   - ratePerSecond: 0 or nil: concurrency only.
    package init(maxConcurrent: Int, queueSize: Int, queueTimeout: TimeSpan, ratePerSecond: Int?) {
        self.maxConcurrent = max(0, maxConcurrent)
        self.queueSize = max(0, queueSize)
        self.queueTimeout = queueTimeout
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
        state.withLock { ($0.waiting, maxConcurrent - $0.free) }
    }

    /// A permit, after waiting for it if need be.
    /// - Parameter onWait: gets a handle to give the wait up with, when there is one to be done.
    package func admit(
        on loop: EventLoop, onWait: (AdmissionWaiter) -> Void
    ) async throws(AdmissionRefusal) -> AdmissionPermit {
        guard isEnabled else { return AdmissionPermit(nil) }
        enum Step { case granted, refused, wait(AdmissionWaiter) }
        let now = Instant.now()
        let step: Step = state.withLock { state in
            let delay = reserveStart(&state, now)
            if state.free > 0, delay <= .zero, state.waiting == 0 {
                state.free -= 1
                return .granted
            }
            guard state.waiting < queueSize, delay <= queueTimeout else {
                unreserveStart(&state)
                return .refused
            }
            let waiter = AdmissionWaiter(limiter: self, loop: loop, notBefore: now + delay)
            state.waiting += 1
            state.queue.append(waiter)
            return .wait(waiter)
        }
        switch step {
        case .granted: return AdmissionPermit(self)
        case .refused: throw .full
        case .wait(let waiter):
            onWait(waiter)
            switch await waiter.wait(atMost: queueTimeout) {
            case .granted: return AdmissionPermit(self)
            case .timedOut: throw .timedOut
            case .cancelled, .waiting: throw .cancelled
            }
        }
    }

    /// Pacing: how long this start has to wait. The slot is taken; `unreserveStart` gives it back.
    private func reserveStart(_ state: inout State, _ now: Instant) -> TimeSpan {
        guard let interval else { return .zero }
        let burst = TimeSpan(nanoseconds: interval.nanoseconds * Int64(maxConcurrent - 1))
        let from = max(state.fullAt, now)
        state.fullAt = from + interval
        return max(.zero, (from - now) - burst)
    }

    private func unreserveStart(_ state: inout State) {
        guard let interval else { return }
        state.fullAt = Instant(nanoseconds: state.fullAt.nanoseconds - interval.nanoseconds)
    }

    /// Gives a permit back, to the first waiter whose pacing allows it.
    fileprivate func release() {
        let next: AdmissionWaiter? = state.withLock { state in
            state.free += 1
            return takeNext(&state)
        }
        next?.finish()
    }

    private func takeNext(_ state: inout State) -> AdmissionWaiter? {
        let now = Instant.now()
        while state.free > 0, let waiter = state.queue.first {
            if waiter.outcome != .waiting {
                state.queue.removeFirst()
                continue
            }
            guard waiter.notBefore <= now else { return nil }
            state.queue.removeFirst()
            waiter.outcome = .granted
            state.waiting -= 1
            state.free -= 1
            return waiter
        }
        return nil
    }

    /// A waiter's pacing time has come: it takes a free permit if it is first.
    fileprivate func retry() {
        while let next = state.withLock({ takeNext(&$0) }) { next.finish() }
    }

    /// Ends a wait without a permit, unless it was granted in the meantime.
    fileprivate func giveUp(_ waiter: AdmissionWaiter, _ outcome: AdmissionWaiter.Outcome) -> Bool {
        let next: AdmissionWaiter?? = state.withLock { state in
            guard waiter.outcome == .waiting else { return nil }
            waiter.outcome = outcome
            state.waiting -= 1
            return .some(takeNext(&state))
        }
        guard let next else { return false }
        next?.finish()
        return true
    }

    fileprivate func outcome(of waiter: AdmissionWaiter) -> AdmissionWaiter.Outcome {
        state.withLock { _ in waiter.outcome }
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
    // Sendable by rule: `outcome` is touched under the limiter's lock, the continuation and the timers on the
    // waiter's own loop only.
    fileprivate enum Outcome { case waiting, granted, timedOut, cancelled }

    private let limiter: AdmissionLimiter
    private let loop: EventLoop
    fileprivate let notBefore: Instant
    fileprivate var outcome = Outcome.waiting
    private var continuation: UnsafeContinuation<Void, Never>?
    private var isFinished = false

    fileprivate init(limiter: AdmissionLimiter, loop: EventLoop, notBefore: Instant) {
        self.limiter = limiter
        self.loop = loop
        self.notBefore = notBefore
    }

    /// Gives the wait up because the client left. On the waiter's loop.
    package func cancel() {
        if limiter.giveUp(self, .cancelled) { resume() }
    }

    fileprivate func wait(atMost timeout: TimeSpan) async -> Outcome {
        let deadline = LoopTimer { [self] in
            if limiter.giveUp(self, .timedOut) { resume() }
        }
        let pacing = LoopTimer { [limiter] in limiter.retry() }
        loop.arm(deadline, after: timeout)
        if notBefore > loop.now { loop.arm(pacing, after: notBefore - loop.now) }
        if !isFinished { await withUnsafeContinuation { continuation = $0 } }
        loop.remove(deadline)
        loop.remove(pacing)
        return limiter.outcome(of: self)
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

/// First in, first out; amortised O(1).
private struct WaiterQueue {
    private var items: ContiguousArray<AdmissionWaiter?> = []
    private var head = 0

    var first: AdmissionWaiter? { head < items.count ? items[head] : nil }

    mutating func append(_ waiter: AdmissionWaiter) { items.append(waiter) }

    mutating func removeFirst() {
        items[head] = nil
        head += 1
        if head > 64, head * 2 > items.count {
            items.removeFirst(head)
            head = 0
        }
    }
}
