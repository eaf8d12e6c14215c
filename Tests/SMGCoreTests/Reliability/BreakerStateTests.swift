import SMGBase
import Testing

@testable import SMGCore

@Suite struct BreakerStateTests {
    static let policy = BreakerPolicy(failureThreshold: 10, successThreshold: 3, openDuration: .seconds(60))

    static func at(_ seconds: Double) -> Instant { Instant(nanoseconds: 0) + .seconds(1_000 + seconds) }

    /// A breaker that opened at second 0.
    static func opened(_ policy: BreakerPolicy = policy) -> BreakerState {
        var breaker = BreakerState(policy: policy)
        for _ in 0..<policy.failureThreshold { breaker.failed(now: at(0)) }
        return breaker
    }

    @Test func successBetweenFailuresKeepsItClosed() {
        var breaker = BreakerState(policy: Self.policy)
        for _ in 0..<9 { breaker.failed(now: Self.at(0)) }
        breaker.succeeded()
        for _ in 0..<9 { breaker.failed(now: Self.at(1)) }
        #expect(breaker.phase == .closed)
        #expect(breaker.isSelectable(now: Self.at(1)) == true)
        breaker.failed(now: Self.at(1))
        #expect(breaker.phase == .open)
    }

    @Test func failureInHalfOpenOpensItAgain() {
        var breaker = Self.opened()
        #expect(breaker.phase == .open)
        #expect(breaker.reopensAt == Self.at(60))
        #expect(breaker.isSelectable(now: Self.at(59.999)) == false)
        #expect(breaker.admit(now: Self.at(59.999)) == false)
        #expect(breaker.phase == .open)
        for second in [60.0, 61.0] {
            #expect(breaker.admit(now: Self.at(second)) == true)
            breaker.succeeded()
        }
        #expect(breaker.phase == .halfOpen)
        #expect(breaker.admit(now: Self.at(62)) == true)
        breaker.failed(now: Self.at(62))
        #expect(breaker.phase == .open)
        #expect(breaker.reopensAt == Self.at(122))
        #expect(breaker.isSelectable(now: Self.at(121)) == false)
    }

    @Test func closesAfterItsSuccessesAndStartsWithACleanRecord() {
        var breaker = Self.opened()
        for second in 0..<3 {
            #expect(!breaker.isClean)
            #expect(breaker.admit(now: Self.at(60 + Double(second))) == true)
            breaker.succeeded()
        }
        #expect(breaker.phase == .closed)
        #expect(breaker.isClean)
        #expect(breaker.reopensAt == nil)
        #expect(breaker.transitions == 3)
        // The successes that closed it must not count the next time.
        for _ in 0..<10 { breaker.failed(now: Self.at(70)) }
        #expect(breaker.admit(now: Self.at(130)) == true)
        breaker.succeeded()
        #expect(breaker.phase == .halfOpen)
    }

    @Test func halfOpenAdmitsOneProbeAtATime() {
        var breaker = Self.opened()
        #expect(breaker.isSelectable(now: Self.at(60)) == true)
        #expect(breaker.isSelectable(now: Self.at(60)) == true, "looking takes nothing")
        #expect(breaker.admit(now: Self.at(60)) == true)
        #expect(breaker.isSelectable(now: Self.at(61)) == false)
        #expect(breaker.admit(now: Self.at(61)) == false)
        breaker.abandoned()
        #expect(breaker.admit(now: Self.at(61)) == true)
        #expect(breaker.admit(now: Self.at(62)) == false)
        breaker.succeeded()
        #expect(breaker.admit(now: Self.at(62)) == true)
    }

    @Test func aProbeThatTakesForEverDoesNotKeepTheWorkerToItself() {
        var breaker = Self.opened()
        #expect(breaker.admit(now: Self.at(60)) == true)
        #expect(breaker.admit(now: Self.at(119.9)) == false)
        #expect(breaker.admit(now: Self.at(120)) == true)
        #expect(breaker.admit(now: Self.at(121)) == false)
    }

    @Test func healthCheckOpensItForAProbe() {
        var breaker = Self.opened()
        breaker.healthCheckPassed()
        #expect(breaker.phase == .halfOpen)
        #expect(breaker.admit(now: Self.at(1)) == true)
        breaker.healthCheckPassed()
        #expect(breaker.admit(now: Self.at(1)) == false, "the probe is still out")
        var closed = BreakerState(policy: Self.policy)
        closed.failed(now: Self.at(0))
        closed.healthCheckPassed()
        #expect(closed.phase == .closed)
        #expect(!closed.isClean, "a health check says nothing about requests")
    }

    @Test func stragglersOfAnOpenBreakerChangeNothing() {
        var breaker = Self.opened()
        let before = breaker
        breaker.failed(now: Self.at(30))
        breaker.succeeded()
        breaker.abandoned()
        #expect(breaker == before)
    }

    @Test func disabledNeverOpens() {
        var breaker = BreakerState(
            policy: BreakerPolicy(
                failureThreshold: 1, successThreshold: 1, openDuration: .seconds(60), isEnabled: false))
        for _ in 0..<100 { breaker.failed(now: Self.at(0)) }
        #expect(breaker.phase == .closed)
        #expect(breaker.isClean)
        #expect(breaker.admit(now: Self.at(0)) == true)
    }

    @Test func thresholdsAreAtLeastOne() {
        let policy = BreakerPolicy(failureThreshold: 0, successThreshold: -3, openDuration: .zero)
        #expect(policy.failureThreshold == 1)
        #expect(policy.successThreshold == 1)
    }

    // MARK: - Window

    static let windowed = BreakerPolicy(
        failureThreshold: 3, successThreshold: 1, openDuration: .seconds(60), window: .seconds(120))

    @Test func failuresOutsideTheWindowDoNotCount() {
        var breaker = BreakerState(policy: Self.windowed)
        breaker.failed(now: Self.at(0))
        breaker.failed(now: Self.at(60))
        breaker.failed(now: Self.at(120.001))
        #expect(breaker.phase == .closed, "the run began too long ago and starts over")
        breaker.failed(now: Self.at(121))
        #expect(breaker.phase == .closed)
        breaker.failed(now: Self.at(122))
        #expect(breaker.phase == .open)
    }

    @Test func failuresAtTheWindowsEdgeCount() {
        var breaker = BreakerState(policy: Self.windowed)
        for second in [0.0, 60, 120] { breaker.failed(now: Self.at(second)) }
        #expect(breaker.phase == .open)
    }

    @Test func rareFailuresNeverOpen() {
        var breaker = BreakerState(policy: Self.windowed)
        for hour in 0..<1_000 { breaker.failed(now: Self.at(Double(hour) * 3_600)) }
        #expect(breaker.phase == .closed)
        #expect(breaker.transitions == 0)
    }

    @Test func successBeginsANewRun() {
        var breaker = BreakerState(policy: Self.windowed)
        breaker.failed(now: Self.at(0))
        breaker.succeeded()
        for second in [119.0, 121, 122] { breaker.failed(now: Self.at(second)) }
        #expect(breaker.phase == .open, "the window counts from the run's own first failure")
    }

    /// Clocks of different loops differ by a turn: an earlier time than the first failure's is not far away.
    @Test func timesMayComeOutOfOrder() {
        var breaker = BreakerState(policy: Self.windowed)
        for second in [1.0, 0.9, 0.8] { breaker.failed(now: Self.at(second)) }
        #expect(breaker.phase == .open)
        #expect(breaker.isSelectable(now: Self.at(0)) == false)
    }

    // MARK: - Any order of events

    @Test(arguments: 0..<20) func keepsItsPromisesInAnyOrder(seed: Int) {
        var random = FastRandom(seed: UInt64(seed))
        let policy = BreakerPolicy(
            failureThreshold: 1 + random.below(4), successThreshold: 1 + random.below(3), openDuration: .seconds(10),
            window: .seconds(20))
        var breaker = BreakerState(policy: policy)
        var model = Model(policy: policy)
        var now = Self.at(0)
        for _ in 0..<5_000 {
            now = now + .milliseconds(random.below(3_000))
            switch random.below(6) {
            case 0, 1:
                breaker.failed(now: now)
                model.failed(now)
            case 2:
                breaker.succeeded()
                model.succeeded()
            case 3:
                breaker.abandoned()
                model.probe = nil
            case 4 where random.below(4) == 0:
                breaker.healthCheckPassed()
                if model.openedAt != nil { model.halfOpen() }
            default: #expect(breaker.admit(now: now) == model.admit(now))
            }
            #expect(breaker.phase == model.phase)
            if let openedAt = model.openedAt, now - openedAt < policy.openDuration {
                var copy = breaker
                #expect(copy.isSelectable(now: now) == false)
            }
        }
        #expect(breaker.transitions > 10)
    }

    /// The same rules, spelled out over a list of failures.
    private struct Model {
        let policy: BreakerPolicy
        var failures: [Instant] = []
        var openedAt: Instant?
        var isHalfOpen = false
        var successes = 0
        var probe: Instant?

        init(policy: BreakerPolicy) { self.policy = policy }

        var phase: BreakerState.Phase { openedAt != nil ? .open : isHalfOpen ? .halfOpen : .closed }

        mutating func halfOpen() {
            (openedAt, isHalfOpen, successes, probe) = (nil, true, 0, nil)
        }

        mutating func failed(_ now: Instant) {
            if openedAt != nil { return }
            if let first = failures.first, now - first > policy.window { failures = [] }
            failures.append(now)
            if isHalfOpen || failures.count == policy.failureThreshold {
                (openedAt, isHalfOpen, failures, probe) = (now, false, [], nil)
            }
        }

        mutating func succeeded() {
            failures = []
            guard isHalfOpen else { return }
            probe = nil
            successes += 1
            if successes == policy.successThreshold { isHalfOpen = false }
        }

        mutating func admit(_ now: Instant) -> Bool {
            if let openedAt {
                guard now - openedAt >= policy.openDuration else { return false }
                halfOpen()
            }
            guard isHalfOpen else { return true }
            if let probe, now - probe < policy.openDuration { return false }
            probe = now
            return true
        }
    }
}
