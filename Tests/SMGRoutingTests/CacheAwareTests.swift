import SMGBase
import Testing

@testable import SMGRouting

@Suite struct CacheAwareTests {
    @Test(arguments: [([70, 5], true), ([200, 140], false), ([300, 230], false), ([69, 5], false)])
    func knowsImbalance(loads: [Int], expected: Bool) {
        var fleet = Fleet(loads: loads)
        #expect(fleet.select("x")?.isImbalanced == expected)
        #expect(fleet.select("x").map { $0.loadRange == (loads.min()!, loads.max()!) } == true)
    }

    /// A threshold is passed only by more than its share of the bytes.
    @Test func thresholdIsStrict() {
        var fleet = Fleet(loads: [2, 0])
        fleet.learn("abcdefghij", 0)
        let miss = fleet.select("abc-------")
        #expect(miss?.reason == .cacheMiss && miss?.slot.tenant == 1)
        #expect(miss?.matchedBytes == 3 && miss?.promptBytes == 10)
        let hit = fleet.select("abcd------")
        #expect(hit?.reason == .cacheHit && hit?.slot.tenant == 0)
    }

    @Test func thresholdCountsBytes() {
        var fleet = Fleet(loads: [2, 0])
        fleet.learn("日本", 0)
        let choice = fleet.select("日本語")
        #expect(choice?.matchedBytes == 6 && choice?.promptBytes == 9 && choice?.slot.tenant == 0)
    }

    @Test func balancedLoadsFollowThePrefix() {
        for loads in [[200, 140], [300, 230], [16, 0]] {
            var fleet = Fleet(loads: loads)
            fleet.learn("a known prompt", 0)
            #expect(fleet.select("a known prompt and more")?.slot.tenant == 0, "\(loads)")
        }
    }

    @Test func aRepeatedPromptStays() {
        var fleet = Fleet(8)
        let first = fleet.select("the same prompt")!
        #expect(first.reason == .cacheMiss)
        for _ in 0..<50 {
            let choice = fleet.select("the same prompt")!
            #expect(choice.reason == .cacheHit && choice.slot === first.slot)
        }
    }

    @Test func takesTheLeastLoadedHolder() {
        var fleet = Fleet(loads: [5, 3, 4, 0])
        for tenant in 0..<3 { fleet.learn("a shared prompt", tenant) }
        #expect(fleet.select("a shared prompt")?.slot.tenant == 1)
        fleet.slots[1].setAvailable(false)
        #expect(fleet.select("a shared prompt")?.slot.tenant == 2)
        #expect(fleet.select("a shared prompt", excluding: [2])?.slot.tenant == 0)
        #expect(fleet.select("a shared prompt", excluding: [0, 2])?.slot.tenant == 3)
    }

    @Test func walksUpToAShorterMatch() {
        var fleet = Fleet(loads: [0, 2, 0, 0])
        fleet.learn("0123456789abcdef", 0)
        fleet.learn("01234567", 1)
        fleet.slots[0].setAvailable(false)
        let choice = fleet.select("0123456789abcdef")
        #expect(choice?.slot.tenant == 1 && choice?.reason == .cacheHit)
        var below = Fleet(loads: [0, 2, 0, 0])
        below.learn("0123456789abcdef", 0)
        below.learn("012", 1)
        below.slots[0].setAvailable(false)
        let spread = below.select("0123456789abcdef")
        #expect(spread?.reason == .spread && spread?.slot.load == 0)
    }

    @Test func anUnavailableHolderIsReplacedByTheLeastLoaded() {
        var fleet = Fleet(loads: [3, 2, 0, 1])
        fleet.learn("prompt", 0)
        fleet.slots[0].setAvailable(false)
        #expect(fleet.select("prompt")?.slot.tenant == 2, "not the first one")
        #expect(fleet.policy.index?.match("prompt").tenants == [0, 2], "and it is known for it now")
    }

    /// Rebalancing keeps what affinity it can (the reference goes to the least loaded at once).
    @Test func imbalanceKeepsAHolderWithRoom() {
        var fleet = Fleet(loads: [70, 5, 20, 0])
        fleet.learn("a long known prompt", 2)
        fleet.learn("a long known", 0)
        fleet.slots[3].setAvailable(false)
        let kept = fleet.select("a long known prompt")
        #expect(kept?.isImbalanced == true && kept?.slot.tenant == 2 && kept?.reason == .cacheHit)
        let moved = fleet.select("a long known, but only by the busiest? no: by 0 and 2", excluding: [2])
        #expect(moved?.slot.tenant == 1 && moved?.reason == .rebalanced)
    }

    /// While loads are imbalanced the share of `balanceRel` does not count: only the near-minimum window does.
    @Test func imbalanceIsStricter() {
        var balanced = Fleet(loads: [140, 100, 150])
        balanced.learn("a known prompt", 0)
        #expect(balanced.select("a known prompt")?.slot.tenant == 0)
        var imbalanced = Fleet(loads: [140, 100, 290])
        imbalanced.learn("a known prompt", 0)
        let choice = imbalanced.select("a known prompt")
        #expect(choice?.slot.tenant == 1 && choice?.reason == .rebalanced)
    }

    @Test func emptyPromptsGoToTheLeastLoaded() {
        var fleet = Fleet(loads: [1, 0])
        #expect(fleet.select("")?.slot.tenant == 1)
        #expect(fleet.policy.index?.statistics.nodes == 1)
    }

    @Test func anOnlyCandidateIsLearnt() {
        var fleet = Fleet(2)
        fleet.slots[0].setAvailable(false)
        #expect(fleet.select("warm up")?.reason == .onlyCandidate)
        fleet.slots[0].setAvailable(true)
        #expect(fleet.select("warm up")?.slot.tenant == 1)
    }

    @Test func removedTenantsAreForgotten() {
        var fleet = Fleet(3)
        fleet.learn("prompt", 1)
        fleet.policy.removeTenant(1)
        #expect(fleet.policy.index?.match("prompt").bytes == 0)
        #expect(fleet.select("prompt")?.reason == .cacheMiss)
    }

    /// More holders than are compared one by one: still the least loaded.
    @Test func aPrefixHeldByAllGoesToTheLeastLoaded() {
        var fleet = Fleet(loads: (0..<300).map { $0 == 217 ? 1 : 3 })
        for tenant in 0..<300 { fleet.learn("the system prompt", tenant) }
        #expect(fleet.select("the system prompt")?.slot.tenant == 217)
        var half = Fleet(loads: (0..<300).map { $0 % 2 })
        for tenant in 0..<300 where tenant % 2 == 1 { half.learn("the system prompt", tenant) }
        let choice = half.select("the system prompt")
        #expect(choice?.reason == .cacheHit && choice?.slot.load == 1)
    }

    @Test func parametersNeverOverflow() {
        let odd = CacheAwareParameters(cacheThreshold: -1, balanceAbs: -5, balanceRel: .infinity)
        #expect(odd.balanceAbs == 0 && odd.loadLimit(least: 3, isImbalanced: false) == Int(Int32.max))
        let nan = CacheAwareParameters(cacheThreshold: .nan, balanceRel: .nan)
        #expect(nan.loadLimit(least: 3, isImbalanced: false) >= 3 && !nan.isHit(matched: 1, of: 1))
    }
}
