import Testing

@testable import SMGCore

@Suite struct HealthStateTests {
    static let policy = HealthPolicy(failureThreshold: 3, successThreshold: 2)

    static func ready() -> HealthState {
        var state = HealthState(policy: policy)
        state.activate()
        return state
    }

    static func failed(_ count: Int, _ state: HealthState) -> HealthState {
        var state = state
        for _ in 0..<count { state.checkFailed() }
        return state
    }

    @Test func failuresInARowMakeItNotReadyAndThenFailed() {
        let statuses = (0...10).map { Self.failed($0, Self.ready()).status }
        #expect(
            statuses == [
                .ready, .ready, .ready, .notReady, .notReady, .notReady, .notReady, .notReady, .notReady, .failed,
                .failed,
            ])
    }

    @Test func oneSuccessBreaksTheRow() {
        var state = Self.failed(2, Self.ready())
        state.checkPassed()
        state = Self.failed(2, state)
        #expect(state.status == .ready)
        state = Self.failed(1, state)
        #expect(state.status == .notReady)
    }

    @Test(arguments: [3, 9]) func recoversAfterSuccessesInARow(failures: Int) {
        var state = Self.failed(failures, Self.ready())
        let ill = state.status
        state.checkPassed()
        #expect(state.status == ill)
        state.checkFailed()
        state.checkPassed()
        #expect(state.status == ill, "the row of successes was broken")
        state.checkPassed()
        #expect(state.status == .ready)
        #expect(Self.failed(2, state).status == .ready)
        #expect(Self.failed(3, state).status == .notReady)
    }

    @Test func neverReadyFailsLater() {
        let pending = HealthState(policy: Self.policy)
        #expect(pending.status == .pending)
        #expect(Self.failed(29, pending).status == .pending)
        #expect(Self.failed(30, pending).status == .failed)
    }

    @Test func firstSuccessMakesItReadyWithACleanRecord() {
        var passed = Self.failed(20, HealthState(policy: Self.policy))
        passed.checkPassed()
        #expect(passed.status == .ready)
        var activated = Self.failed(20, HealthState(policy: Self.policy))
        activated.activate()
        #expect(activated.status == .ready)
        #expect(Self.failed(2, activated).status == .ready)
        #expect(Self.failed(3, activated).status == .notReady)
    }

    @Test func activationChangesNobodyElse() {
        for failures in [3, 9] {
            var state = Self.failed(failures, Self.ready())
            let before = state
            state.activate()
            #expect(state == before)
        }
    }

    @Test func drainingIsFinal() {
        for failures in [0, 3, 9] {
            var state = Self.failed(failures, Self.ready())
            state.drain()
            for _ in 0..<20 { state.checkPassed() }
            state.activate()
            #expect(Self.failed(20, state).status == .draining)
        }
    }

    @Test func thresholdsAreAtLeastOne() {
        let policy = HealthPolicy(failureThreshold: 0, successThreshold: -1)
        #expect(policy.failureThreshold == 1)
        #expect(policy.successThreshold == 1)
    }

    @Test func labelsAreTheOnesOfTheAPI() {
        #expect(WorkerStatus.allCases.map { "\($0.label)" } == ["pending", "ready", "not_ready", "failed", "draining"])
    }
}
