package import SMGBase

/// When a breaker opens and closes.
package struct BreakerPolicy: Sendable, Equatable {
    /// Consecutive failures that open it; at least 1.
    package var failureThreshold: Int
    /// Consecutive successes in half-open that close it; at least 1.
    package var successThreshold: Int
    /// How long it stays open before one probe request is let through.
    package var openDuration: TimeSpan
    /// How far apart the first and the last failure of a run may be to count as one run.
    package var window: TimeSpan
    package var isEnabled: Bool

    package init(
        failureThreshold: Int, successThreshold: Int, openDuration: TimeSpan, window: TimeSpan = .seconds(120),
        isEnabled: Bool = true
    ) {
        self.failureThreshold = max(1, failureThreshold)
        self.successThreshold = max(1, successThreshold)
        self.openDuration = openDuration
        self.window = window
        self.isEnabled = isEnabled
    }
}

/// The state machine of one worker's circuit breaker. Pure: the time is a parameter.
///
/// Failures are transport errors, timeouts and 5xx answers; what the client did wrong (4xx) never counts, because one
/// user's bad requests must not close a worker to everybody. In half-open one request at a time probes the worker.
/// Requests sent before it opened report as well: what they say of the worker is as true as what the probe says.
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
    package private(set) var phase = Phase.closed {
        didSet { if phase != oldValue { transitions &+= 1 } }
    }
    /// How often the phase has changed.
    package private(set) var transitions = 0
    private var failures = 0
    private var firstFailureAt = Instant(nanoseconds: 0)
    private var successes = 0
    /// When half-open's probe was let through; nil while there is none.
    private var probingSince: Instant?
    private var openedAt = Instant(nanoseconds: 0)

    package init(policy: BreakerPolicy) { self.policy = policy }

    /// Closed and without a failure on record: a success has nothing to change.
    package var isClean: Bool { phase == .closed && failures == 0 }

    /// Whether selection may consider the worker. An open breaker turns half-open here when its time is over.
    package mutating func isSelectable(now: Instant) -> Bool {
        switch phase {
        case .closed: return true
        case .open:
            guard now - openedAt >= policy.openDuration else { return false }
            enterHalfOpen()
            return true
        case .halfOpen:
            // A probe can be a generation of many minutes. It must not keep the worker to itself for longer than the
            // breaker would have kept everybody out.
            guard let probingSince else { return true }
            return now - probingSince >= policy.openDuration
        }
    }

    /// Takes the right to send one request; false when somebody else holds half-open's only probe.
    package mutating func admit(now: Instant) -> Bool {
        guard isSelectable(now: now) else { return false }
        if phase == .halfOpen { probingSince = now }
        return true
    }

    /// A request answered, with whatever the worker is not to blame for.
    package mutating func succeeded() {
        failures = 0
        guard phase == .halfOpen else { return }
        probingSince = nil
        successes += 1
        guard successes >= policy.successThreshold else { return }
        phase = .closed
        successes = 0
    }

    /// A request failed by the worker's fault.
    package mutating func failed(now: Instant) {
        guard policy.isEnabled else { return }
        switch phase {
        case .closed:
            // A run that began too long ago starts over: failures further back than the window do not count.
            if failures > 0, now - firstFailureAt > policy.window { failures = 0 }
            if failures == 0 { firstFailureAt = now }
            failures += 1
            if failures >= policy.failureThreshold { open(now) }
        case .halfOpen: open(now)
        case .open: break  // a straggler sent before it opened
        }
    }

    /// A request ended without saying anything about the worker (the client left): the probe is free again.
    package mutating func abandoned() { probingSince = nil }

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
        probingSince = nil
    }

    private mutating func enterHalfOpen() {
        phase = .halfOpen
        successes = 0
        probingSince = nil
    }
}
