package import SMGBase

/// When a breaker opens and closes.
package struct BreakerPolicy: Sendable, Equatable {
    /// Consecutive failures that open it.
    package var failureThreshold: Int
    /// Consecutive successes in half-open that close it.
    package var successThreshold: Int
    /// How long it stays open before one probe request is let through.
    package var openDuration: TimeSpan
    package var isEnabled: Bool

    package init(failureThreshold: Int, successThreshold: Int, openDuration: TimeSpan, isEnabled: Bool = true) {
        self.failureThreshold = failureThreshold
        self.successThreshold = successThreshold
        self.openDuration = openDuration
        self.isEnabled = isEnabled
    }
}

/// The state machine of one worker's circuit breaker. Pure: the time is a parameter.
///
/// Failures are transport errors, timeouts and 5xx answers; what the client did wrong (4xx) never counts, because one
/// user's bad requests must not close a worker to everybody. In half-open one request at a time probes the worker.
package struct BreakerState: Sendable, Equatable {
    package enum Phase: UInt8, Sendable {
        case closed = 0
        case open = 1
        case halfOpen = 2

        /// Stable name for metrics and logs.
        package var label: StaticString {
            switch self {
            case .closed: "closed"
            case .open: "open"
            case .halfOpen: "half_open"
            }
        }
    }

    package let policy: BreakerPolicy
    package private(set) var phase = Phase.closed
    private var failures = 0
    private var successes = 0
    private var probing = false
    private var openedAt = Instant(nanoseconds: 0)

    package init(policy: BreakerPolicy) { self.policy = policy }

    /// Whether selection may consider the worker. An open breaker turns half-open here when its time is over.
    package mutating func isSelectable(now: Instant) -> Bool {
        switch phase {
        case .closed: return true
        case .open:
            guard now - openedAt >= policy.openDuration else { return false }
            enterHalfOpen()
            return true
        case .halfOpen: return !probing
        }
    }

    /// Takes the right to send one request; false when somebody else holds half-open's only probe.
    package mutating func admit(now: Instant) -> Bool {
        guard isSelectable(now: now) else { return false }
        if phase == .halfOpen { probing = true }
        return true
    }

    /// A request answered, with whatever the worker is not to blame for.
    package mutating func succeeded() {
        failures = 0
        guard phase == .halfOpen else { return }
        probing = false
        successes += 1
        if successes >= policy.successThreshold { phase = .closed }
    }

    /// A request failed by the worker's fault.
    package mutating func failed(now: Instant) {
        guard policy.isEnabled else { return }
        switch phase {
        case .closed:
            failures += 1
            if failures >= policy.failureThreshold { open(now) }
        case .halfOpen: open(now)
        case .open: break  // a straggler sent before it opened
        }
    }

    /// A request ended without saying anything about the worker (the client left): the probe is free again.
    package mutating func abandoned() { probing = false }

    /// A health check passed: an open breaker need not wait for its full time to be probed.
    package mutating func healthCheckPassed() {
        if phase == .open { enterHalfOpen() }
    }

    /// When an open breaker turns half-open.
    package var reopensAt: Instant? { phase == .open ? openedAt + policy.openDuration : nil }

    private mutating func open(_ now: Instant) {
        phase = .open
        openedAt = now
        failures = 0
        successes = 0
        probing = false
    }

    private mutating func enterHalfOpen() {
        phase = .halfOpen
        successes = 0
        probing = false
    }
}
