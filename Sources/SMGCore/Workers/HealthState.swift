/// Where a worker stands in its life.
package enum WorkerStatus: UInt8, Sendable, CaseIterable {
    /// Registered, not yet seen alive.
    case pending
    case ready
    /// Failed several health checks in a row.
    case notReady
    /// Failed many: given up, unless it comes back by itself.
    case failed
    /// Being removed: finishes what it has, gets nothing new.
    case draining

    package var label: StaticString {
        switch self {
        case .pending: "pending"
        case .ready: "ready"
        case .notReady: "not_ready"
        case .failed: "failed"
        case .draining: "draining"
        }
    }
}

/// How many health checks in a row change a worker's status.
package struct HealthPolicy: Sendable, Equatable {
    package var failureThreshold: Int
    package var successThreshold: Int
    /// Failures in a row, in multiples of `failureThreshold`, after which a worker that was ready counts as failed.
    package static let failedMultiple = 3
    /// The same for a worker that was never ready: it may be loading its model still.
    package static let neverReadyMultiple = 10

    package init(failureThreshold: Int, successThreshold: Int) {
        self.failureThreshold = max(1, failureThreshold)
        self.successThreshold = max(1, successThreshold)
    }
}

/// The health of one worker as a pure state machine over check results.
package struct HealthState: Sendable, Equatable {
    package let policy: HealthPolicy
    package private(set) var status = WorkerStatus.pending
    private var failures = 0
    private var successes = 0

    package init(policy: HealthPolicy) { self.policy = policy }

    /// The first successful contact: ready at once, since registration has just seen it answer.
    package mutating func activate() {
        guard status == .pending else { return }
        status = .ready
        failures = 0
    }

    package mutating func checkPassed() {
        failures = 0
        successes += 1
        switch status {
        case .notReady, .failed: if successes >= policy.successThreshold { status = .ready }
        case .pending: status = .ready
        case .ready, .draining: break
        }
    }

    package mutating func checkFailed() {
        successes = 0
        failures += 1
        switch status {
        case .ready: if failures >= policy.failureThreshold { status = .notReady }
        case .notReady: if failures >= policy.failureThreshold * HealthPolicy.failedMultiple { status = .failed }
        case .pending: if failures >= policy.failureThreshold * HealthPolicy.neverReadyMultiple { status = .failed }
        case .failed, .draining: break
        }
    }

    /// Final: a draining worker never becomes ready again.
    package mutating func drain() { status = .draining }
}
