import SMGBase
import Testing

@testable import SMGSim

@Suite struct BlockCacheTests {
    @Test func sharesAPrefixAndCountsIt() throws {
        let cache = SharedCache(capacity: 10)
        var first = try #require(cache.acquire([1, 2, 3], limit: 3, total: 4))
        #expect(first.matched == 0 && first.count == 4 && cache.usedCount == 4)
        cache.publish([1, 2, 3], in: &first)
        let second = try #require(cache.acquire([1, 2, 9], limit: 3, total: 4))
        #expect(second.matched == 2 && cache.usedCount == 6)
        cache.release(first, keepingOwn: true)
        #expect(cache.usedCount == 4 && cache.idleCount == 1 && cache.keyedCount == 3)
        cache.release(second, keepingOwn: true)
        #expect(cache.usedCount == 0 && cache.idleCount == 3)
        #expect(cache.matched([1, 2, 3], limit: 3) == 3 && cache.matched([1, 2, 3], limit: 1) == 1)
    }

    @Test func takesNothingWhenThereIsNotEnough() throws {
        let cache = SharedCache(capacity: 4)
        var held = try #require(cache.acquire([1, 2], limit: 2, total: 2))
        cache.publish([1, 2], in: &held)
        cache.release(held, keepingOwn: true)
        let other = try #require(cache.acquire([7], limit: 1, total: 2))
        // Two are left, both with the wanted contents: three blocks need a third.
        #expect(cache.acquire([1, 2, 3], limit: 3, total: 5) == nil)
        #expect(cache.idleCount == 2 && cache.usedCount == 2)
        #expect(cache.acquire([1, 2], limit: 2, total: 2)?.matched == 2)
        cache.release(other, keepingOwn: true)
    }

    @Test func theDeepestOfTheOldestGoesFirst() throws {
        let cache = SharedCache(capacity: 4)
        for hashes: ContiguousArray<UInt64> in [[1, 2], [3, 4]] {
            var lease = try #require(cache.acquire(hashes, limit: 2, total: 2))
            cache.publish(hashes, in: &lease)
            cache.release(lease, keepingOwn: true)
        }
        let one = try #require(cache.acquire([8], limit: 1, total: 1))
        #expect(cache.matched([1, 2], limit: 2) == 1 && cache.matched([3, 4], limit: 2) == 2)
        cache.release(one, keepingOwn: true)
    }

    @Test func whatWasNotComputedIsForgotten() throws {
        let cache = SharedCache(capacity: 8)
        var first = try #require(cache.acquire([1, 2], limit: 2, total: 2))
        cache.publish([1, 2], in: &first)
        let second = try #require(cache.acquire([1], limit: 1, total: 1))
        cache.release(first, keepingOwn: false)
        // Somebody else still uses the first block.
        #expect(cache.matched([1, 2], limit: 2) == 1)
        cache.release(second, keepingOwn: true)
        #expect(cache.matched([1], limit: 1) == 1 && cache.usedCount == 0)
    }

    @Test func flushForgetsAllButKeepsWhatIsUsed() throws {
        let cache = SharedCache(capacity: 4)
        var held = try #require(cache.acquire([1, 2], limit: 2, total: 2))
        cache.publish([1, 2], in: &held)
        var idle = try #require(cache.acquire([5], limit: 1, total: 1))
        cache.publish([5], in: &idle)
        cache.release(idle, keepingOwn: true)
        #expect(cache.flush() == 3)
        #expect(cache.keyedCount == 0 && cache.usedCount == 2 && cache.idleCount == 0)
        #expect(cache.acquire([1, 2], limit: 2, total: 3) == nil)
        #expect(cache.acquire([1, 2], limit: 2, total: 2)?.matched == 0)
        cache.release(held, keepingOwn: true)
        #expect(cache.usedCount == 2)
    }

    /// Random requests against a model that keeps lists and looks through them.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8])
    func behavesLikeTheNaiveModel(seed: UInt64) throws {
        var random = FastRandom(seed: seed)
        let capacity = 6 + random.below(20)
        let cache = SharedCache(capacity: capacity)
        var naive = NaiveCache(capacity: capacity)
        var held: [(lease: BlockCache.Lease, naive: NaiveCache.Lease)] = []
        for _ in 0..<3000 {
            switch random.below(10) {
            case 0..<5:
                // Few different chains, so that they meet often.
                var hashes: ContiguousArray<UInt64> = []
                var state: UInt64 = 0
                for _ in 0..<random.below(6) {
                    state = state &* 7 &+ UInt64(random.below(2)) &+ 1
                    hashes.append(state)
                }
                let limit = random.below(hashes.count + 2)
                let total = hashes.count + random.below(3)
                #expect(cache.matched(hashes, limit: limit) == naive.matched(Array(hashes), limit))
                var lease = cache.acquire(hashes, limit: limit, total: total)
                var twin = naive.acquire(Array(hashes), limit, total)
                #expect((lease == nil) == (twin == nil))
                guard lease != nil, twin != nil else { break }
                #expect(lease!.matched == twin!.matched)
                cache.publish(hashes, in: &lease!)
                naive.publish(Array(hashes), &twin!)
                held.append((lease!, twin!))
            case 5..<9:
                guard !held.isEmpty else { break }
                let pair = held.remove(at: random.below(held.count))
                let keeping = random.below(4) > 0
                cache.release(pair.lease, keepingOwn: keeping)
                naive.release(pair.naive, keeping)
            default:
                guard random.below(40) == 0 else { break }
                let forgotten = naive.flush()
                #expect(cache.flush() == forgotten)
            }
            #expect(cache.usedCount == naive.usedCount)
            #expect(cache.idleCount == naive.idle.count)
            #expect(cache.keyedCount == naive.keyedCount)
            guard cache.usedCount == naive.usedCount, cache.keyedCount == naive.keyedCount else { return }
        }
    }
}

/// A cache by reference: the macros of the tests take no mutating calls.
final class SharedCache {
    private var cache: BlockCache

    init(capacity: Int) { cache = BlockCache(capacity: capacity) }

    var usedCount: Int { cache.usedCount }
    var idleCount: Int { cache.idleCount }
    var keyedCount: Int { cache.keyedCount }

    func matched(_ hashes: ContiguousArray<UInt64>, limit: Int) -> Int { cache.matched(hashes, limit: limit) }

    func acquire(_ hashes: ContiguousArray<UInt64>, limit: Int, total: Int) -> BlockCache.Lease? {
        cache.acquire(hashes, limit: limit, total: total)
    }

    func publish(_ hashes: ContiguousArray<UInt64>, in lease: inout BlockCache.Lease) {
        cache.publish(hashes, in: &lease)
    }

    func release(_ lease: BlockCache.Lease, keepingOwn: Bool) { cache.release(lease, keepingOwn: keepingOwn) }

    func flush() -> Int { cache.flush() }
}

/// The same cache with objects and lists.
struct NaiveCache {
    final class Block {
        var hash: UInt64?
        var users = 0
    }
    struct Lease {
        var blocks: [Block]
        var matched: Int
        var published: Int
    }

    let capacity: Int
    /// Every block with contents or users, in no order.
    var blocks: [Block] = []
    /// Findable blocks without users, the oldest first.
    var idle: [Block] = []

    init(capacity: Int) { self.capacity = capacity }

    var usedCount: Int { blocks.count { $0.users > 0 } }
    var keyedCount: Int { blocks.count { $0.hash != nil } }

    private func find(_ hash: UInt64) -> Block? { blocks.first { $0.hash == hash } }

    func matched(_ hashes: [UInt64], _ limit: Int) -> Int {
        hashes.prefix(limit).prefix { find($0) != nil }.count
    }

    mutating func acquire(_ hashes: [UInt64], _ limit: Int, _ total: Int) -> Lease? {
        let found = hashes.prefix(min(matched(hashes, limit), total)).compactMap(find)
        let others = blocks.count { block in block.users > 0 && !found.contains { $0 === block } }
        guard total + others <= capacity else { return nil }
        for block in found {
            block.users += 1
            idle.removeAll { $0 === block }
        }
        var lease = Lease(blocks: found, matched: found.count, published: found.count)
        while lease.blocks.count < total {
            if blocks.count == capacity {
                let victim = idle.removeFirst()
                blocks.removeAll { $0 === victim }
            }
            let block = Block()
            block.users = 1
            blocks.append(block)
            lease.blocks.append(block)
        }
        return lease
    }

    func publish(_ hashes: [UInt64], _ lease: inout Lease) {
        for place in lease.published..<max(lease.published, min(hashes.count, lease.blocks.count)) {
            if find(hashes[place]) == nil { lease.blocks[place].hash = hashes[place] }
            lease.published = place + 1
        }
    }

    mutating func release(_ lease: Lease, _ keepingOwn: Bool) {
        for place in lease.blocks.indices.reversed() {
            let block = lease.blocks[place]
            block.users -= 1
            guard block.users == 0 else { continue }
            if !keepingOwn, place >= lease.matched { block.hash = nil }
            if block.hash == nil { blocks.removeAll { $0 === block } } else { idle.append(block) }
        }
    }

    mutating func flush() -> Int {
        let count = keyedCount
        for block in blocks { block.hash = nil }
        blocks.removeAll { $0.users == 0 }
        idle.removeAll()
        return count
    }
}
