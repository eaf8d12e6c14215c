import SMGBase
import Testing

@testable import SMGRouting

/// Random operations against the plain model; every rule of the structure is checked after each step.
@Suite struct PrefixIndexPropertyTests {
    struct Setup: Sendable, CustomTestStringConvertible {
        var seed: UInt64
        var alphabet: Int
        var tenants: [Int]
        var length: Int
        var steps = 400
        var testDescription: String { "seed \(seed), alphabet \(alphabet), \(tenants.count) tenants, length \(length)" }
    }

    static let setups = [
        Setup(seed: 1, alphabet: 2, tenants: [0, 1, 2], length: 12),
        Setup(seed: 2, alphabet: 3, tenants: Array(0..<8), length: 20),
        Setup(seed: 3, alphabet: 2, tenants: Array(56..<70), length: 10),
        Setup(seed: 4, alphabet: 2, tenants: [3, 61, 62, 63, 64, 900, 4095, 4096, 5000], length: 8),
        Setup(seed: 5, alphabet: 40, tenants: [0, 7], length: 3),
        Setup(seed: 6, alphabet: 256, tenants: [1, 100, 200, 300, 400, 500], length: 2),
        Setup(seed: 7, alphabet: 2, tenants: Array(stride(from: 0, to: 2000, by: 20)), length: 5, steps: 900),
        Setup(seed: 8, alphabet: 1, tenants: [0, 1, 70], length: 9000, steps: 60),
    ]

    @Test(arguments: setups) func agreesWithTheModel(setup: Setup) throws {
        var random = FastRandom(seed: setup.seed)
        let index = PrefixIndex(maxBytes: 64 << 20)
        var model = PrefixModel()
        for step in 0..<setup.steps {
            let text = random.text(length: random.below(setup.length + 1), alphabet: setup.alphabet)
            let tenant = setup.tenants[random.below(setup.tenants.count)]
            switch random.below(20) {
            case 0:
                index.removeTenant(tenant)
                model.strings[tenant] = nil
                #expect(index.bytes(ofTenant: tenant) == 0)
            case 1..<12:
                index.insert(text, tenant: tenant)
                model.insert(text, tenant)
                if setup.length < 100 { #expect(index.bytes(ofTenant: tenant) == model.bytes(tenant)) }
            default:
                let (expected, found) = (model.match(text), index.match(text))
                #expect(found.bytes == expected.bytes && found.tenants == expected.tenants, "step \(step)")
            }
            try #require(index.inconsistency() == nil, "step \(step)")
        }
        #expect(index.statistics.evictedNodes == 0)
    }

    /// With evictions the index may know less than the model, never more; what was just inserted is there.
    @Test(arguments: setups) func forgetsButNeverInvents(setup: Setup) throws {
        var random = FastRandom(seed: setup.seed &+ 100)
        let index = PrefixIndex(maxBytes: 64 << 20)
        var model = PrefixModel()
        for step in 0..<setup.steps {
            let text = random.text(length: random.below(setup.length + 1), alphabet: setup.alphabet)
            let tenant = setup.tenants[random.below(setup.tenants.count)]
            switch random.below(20) {
            case 0:
                index.removeTenant(tenant)
                model.strings[tenant] = nil
            case 1, 2:
                let left = random.below(max(1, index.statistics.labelBytes))
                index.trim(labelBytes: left)
                #expect(index.statistics.labelBytes <= left)
            case 3..<12:
                index.insert(text, tenant: tenant)
                model.insert(text, tenant)
                let found = index.match(text)
                #expect(found.bytes == text.count)
                #expect(text.isEmpty || found.tenants.contains(tenant))
            default:
                let found = index.match(text)
                #expect(found.tenants.allSatisfy { model.matched(text, $0) >= found.bytes }, "step \(step)")
                #expect(found.bytes <= model.match(text).bytes, "step \(step)")
            }
            try #require(index.inconsistency() == nil, "step \(step)")
        }
        index.trim(labelBytes: 0)
        #expect(index.statistics.nodes == 1 && index.inconsistency() == nil)
    }

    /// The smallest cap, so that nearly every insert evicts in the middle of its own work.
    @Test(arguments: [11, 12, 13, 14, 15, 16] as [UInt64]) func staysUnderATightCap(seed: UInt64) throws {
        var random = FastRandom(seed: seed)
        let index = PrefixIndex(maxBytes: 1)
        let cap = RoutingLimits.indexBytes.lowerBound
        let shared = random.text(length: 3000, alphabet: 4)
        for step in 0..<600 {
            let kept = random.below(3) == 0 ? 0 : random.below(shared.count)
            let tail = random.text(
                length: random.below(10) == 0 ? random.below(60_000) : random.below(200), alphabet: 256)
            index.insert(Array(shared[..<kept]) + tail, tenant: random.below(seed % 2 == 0 ? 500 : 8))
            if random.below(40) == 0 { index.removeTenant(random.below(8)) }
            let figures = index.statistics
            #expect(figures.reservedBytes <= cap && figures.usedBytes <= figures.reservedBytes)
            try #require(index.inconsistency() == nil, "step \(step)")
        }
        #expect(index.statistics.evictedNodes > 100)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func arenaJoinsWhatIsFreed(seed: UInt64) throws {
        var random = FastRandom(seed: seed)
        var arena = Arena(maxBytes: 3 << 20, tableBytes: 0)
        var blocks: [UInt32] = []
        for _ in 0..<3000 {
            switch random.below(5) {
            case 0, 1, 2:
                let block = arena.allocate(bytes: 1 + random.below(random.below(8) == 0 ? 5000 : 200))
                if block != 0 { blocks.append(block) }
            case 3 where !blocks.isEmpty:
                arena.free(blocks.remove(at: random.below(blocks.count)))
            default:
                guard !blocks.isEmpty else { continue }
                let block = blocks[random.below(blocks.count)]
                arena.trim(block, bytes: 1 + random.below(arena.size(block) * Arena.granule))
            }
            try #require(arena.inconsistency() == nil)
        }
        for block in blocks { arena.free(block) }
        #expect(arena.usedBytes == 0 && arena.inconsistency() == nil)
        #expect(arena.allocate(bytes: 1 << 20) == 0, "larger than any block")
    }
}
