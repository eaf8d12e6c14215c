import SMGBase
import Testing

@testable import SMGSim

@Suite struct ScheduleTests {
    private func schedule(_ tokens: Int, rate: Double, first: Int = 1000) -> Schedule {
        Schedule(
            promptTokens: 10, cachedTokens: 0, completionTokens: tokens, admittedAt: Instant(nanoseconds: 0),
            firstTokenAt: Instant(nanoseconds: 0) + .milliseconds(first), tokensPerSecond: rate)
    }

    @Test func tokensComeAtTheirPace() {
        let plan = schedule(5, rate: 100)
        #expect(plan.due(0) == Instant(nanoseconds: 1_000_000_000))
        #expect(plan.due(1) == Instant(nanoseconds: 1_010_000_000))
        #expect(plan.lastTokenAt == Instant(nanoseconds: 1_040_000_000))
        #expect(plan.tokens(by: Instant(nanoseconds: 999_999_999)) == 0)
        #expect(plan.tokens(by: Instant(nanoseconds: 1_000_000_000)) == 1)
        #expect(plan.tokens(by: Instant(nanoseconds: 1_019_999_999)) == 2)
        #expect(plan.tokens(by: Instant(nanoseconds: 9_000_000_000)) == 5)
    }

    @Test func noRateBringsAllAtOnce() {
        let plan = schedule(5, rate: 0)
        #expect(plan.lastTokenAt == plan.firstTokenAt)
        #expect(plan.tokens(by: Instant(nanoseconds: 999_999_999)) == 0 && plan.tokens(by: plan.firstTokenAt) == 5)
        #expect(schedule(0, rate: 10).lastTokenAt == schedule(0, rate: 10).firstTokenAt)
        #expect(schedule(0, rate: 10).tokens(by: Instant(nanoseconds: .max / 4)) == 0)
    }

    /// `tokens(by:)` counts exactly the tokens whose `due` has come, whatever the rounding.
    @Test(arguments: [0.3, 3, 7, 60, 333.3, 14_999.7, 1e6, 1e9])
    func countAgreesWithDue(rate: Double) {
        let plan = schedule(500, rate: rate, first: 7)
        for index in 0..<500 {
            let due = plan.due(index)
            let before = Instant(nanoseconds: due.nanoseconds - 1)
            let upTo = (0..<500).count { plan.due($0) <= due }
            #expect(plan.tokens(by: due) == upTo)
            #expect(plan.tokens(by: before) == (0..<500).count { plan.due($0) <= before })
        }
    }

    @Test func spansAreBounded() {
        #expect(Schedule.span(.max, 0.001) == EngineLimits.longestSpan)
        #expect(Schedule.span(1000, 500) == .seconds(2))
        #expect(Schedule.span(0, 500) == .zero && Schedule.span(5, 0) == .zero && Schedule.span(-3, 5) == .zero)
    }
}
