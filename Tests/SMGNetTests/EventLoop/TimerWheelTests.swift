import SMGBase
import Testing

@testable import SMGNet

@Suite struct TimerWheelTests {
    private static func at(_ ms: Int) -> Instant { Instant(nanoseconds: Int64(ms) * 1_000_000) }

    /// Fires at random deadlines are checked against a sorted list; no timer may come early or more than a tick late.
    @Test(arguments: [1 as UInt64, 2, 3, 4])
    func firesEverythingInTime(seed: UInt64) {
        var random = FastRandom(seed: seed)
        var now = TimerWheelTests.at(random.below(100_000))
        var wheel = TimerWheel(now: now)
        var pending: [ObjectIdentifier: (LoopTimer, Instant)] = [:]
        var fired: [ObjectIdentifier] = []
        for _ in 0..<3000 {
            for _ in 0..<random.below(4) {
                var this: ObjectIdentifier!
                let timer = LoopTimer(firesAtEnd: true) { fired.append(this) }
                this = ObjectIdentifier(timer)
                let spans = [1, 60, 3_000, 90_000, 4_000_000]
                let deadline = now + .milliseconds(random.below(spans[random.below(5)]))
                pending[this] = (timer, deadline)
                wheel.arm(timer, at: deadline)
            }
            if let (id, (timer, _)) = pending.first, random.below(10) == 0 {
                let moved = now + .milliseconds(random.below(5_000))
                if random.below(2) == 0 {
                    wheel.arm(timer, at: moved)
                    pending[id] = (timer, moved)
                } else {
                    wheel.disarm(timer)
                    pending[id] = nil
                }
            }
            now = now + .milliseconds(random.below(random.below(20) == 0 ? 20_000 : 30))
            if let wake = wheel.nextWake, random.below(3) == 0 { now = max(now, wake) }
            var due: ContiguousArray<LoopTimer> = []
            wheel.advance(to: now, into: &due)
            for timer in due { timer.fireIfStillDue() }
            for id in fired {
                let entry = pending.removeValue(forKey: id)
                #expect(entry != nil && entry!.1 <= now)
            }
            fired = []
            let slack = TimeSpan(nanoseconds: 1 << 20)
            #expect(pending.values.allSatisfy { now < $0.1 + slack })
        }
        var rest: ContiguousArray<LoopTimer> = []
        wheel.takeAll(into: &rest)
        #expect(rest.count == pending.count && wheel.count == 0 && wheel.nextWake == nil)
    }

    @Test func disarmedInTheSameBatchDoesNotFire() {
        var wheel = TimerWheel(now: TimerWheelTests.at(0))
        var order: [String] = []
        var second: LoopTimer!
        let first = LoopTimer {
            order.append("first")
            wheel.disarm(second)
        }
        second = LoopTimer {
            order.append("second"); wheel.disarm(first)
        }
        wheel.arm(first, at: TimerWheelTests.at(5))
        wheel.arm(second, at: TimerWheelTests.at(5))
        var due: ContiguousArray<LoopTimer> = []
        wheel.advance(to: TimerWheelTests.at(10), into: &due)
        for timer in due { timer.fireIfStillDue() }
        #expect(order.count == 1 && due.count == 2)
    }

    @Test func pushingADeadlineOnKeepsTheWheelSmall() {
        var wheel = TimerWheel(now: TimerWheelTests.at(0))
        var fires = 0
        let timer = LoopTimer { fires += 1 }
        var due: ContiguousArray<LoopTimer> = []
        for ms in 0..<10_000 {
            wheel.arm(timer, at: TimerWheelTests.at(ms + 100))
            wheel.advance(to: TimerWheelTests.at(ms), into: &due)
        }
        #expect(due.isEmpty && wheel.count == 1)
        wheel.advance(to: TimerWheelTests.at(20_000), into: &due)
        for timer in due { timer.fireIfStillDue() }
        #expect(fires == 1 && wheel.count == 0)
    }
}
