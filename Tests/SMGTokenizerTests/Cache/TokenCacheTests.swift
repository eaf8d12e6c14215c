import SMGBase
import Testing

@testable import SMGTokenizer

@Suite struct TokenCacheTests {
    private func insert(_ text: String, _ ids: [UInt32], _ cache: TokenCache, parent: UInt64 = 0) -> CachedIDs? {
        withTextBytes(text) { text in
            ids.withUnsafeBufferPointer { cache.insert(text, parent: parent, false, $0) }
        }
    }

    private func find(_ text: String, _ cache: TokenCache, parent: UInt64 = 0, special: Bool = false) -> [UInt32]? {
        withTextBytes(text) { cache.find($0, parent: parent, special)?.ids }
    }

    @Test func keysAreTextParentAndKind() throws {
        let cache = TokenCache(maximumEntries: 100, maximumBytes: 1 << 20)
        let parent = try #require(insert("a", [1], cache))
        _ = insert("", [], cache)
        _ = insert("a", [2], cache, parent: parent.number)
        #expect(find("a", cache) == [1])
        #expect(find("a", cache, parent: parent.number) == [2])
        #expect(find("", cache) == [])
        #expect(find("a", cache, special: true) == nil)
        #expect(find("b", cache) == nil)
        let statistics = cache.statistics
        #expect((statistics.hits, statistics.misses, statistics.entries) == (3, 2, 3))
        #expect(statistics.bytes == 3 * CachedIDs.overhead + 2 + 8)
        cache.removeAll()
        #expect(cache.statistics.bytes == 0)
        #expect(find("a", cache) == nil)
    }

    @Test func textsOfOneHashAreToldApart() {
        // All texts have hash 0: the later replaces the earlier, and nobody gets another's ids.
        let cache = TokenCache(maximumEntries: 100, maximumBytes: 1 << 20, hashMask: 0)
        _ = insert("a", [1], cache)
        #expect(find("b", cache) == nil)
        _ = insert("b", [2], cache)
        #expect(find("a", cache) == nil)
        #expect(find("b", cache) == [2])
        #expect(cache.statistics.entries == 1)
        #expect(cache.statistics.bytes == CachedIDs.overhead + 5)
    }

    @Test func theLongestUnusedGoesFirst() {
        let shard = CacheShard(maximumEntries: 3, maximumBytes: 1 << 20)
        func put(_ number: UInt64) {
            let key = CachedIDs.Key(parent: 0, addsSpecialTokens: false, text: [])
            shard.insert(CachedIDs(key: key, ids: [], number: number), number)
        }
        for number: UInt64 in 1...3 { put(number) }
        #expect(shard.entry(1) != nil)
        put(4)
        #expect(shard.entry(2) == nil)
        put(3)
        put(5)
        #expect([1, 2, 3, 4, 5].map { shard.entry($0) != nil } == [false, false, true, true, true])
        #expect(shard.usage.entries == 3)
    }

    @Test func bytesAreBounded() {
        let cache = TokenCache(maximumEntries: 1_000_000, maximumBytes: 1 << 20)
        var random = FastRandom(seed: 3)
        for number in 0..<5000 {
            _ = insert("text \(number)", [UInt32](repeating: 7, count: random.below(400)), cache)
        }
        let statistics = cache.statistics
        #expect(statistics.bytes <= 1 << 20)
        #expect(statistics.bytes > 1 << 19)
        #expect(find("text 4999", cache) != nil)
        #expect(find("text 0", cache) == nil)
        // One that no shard can hold pushes nothing out.
        #expect(insert("long", [UInt32](repeating: 7, count: 1 << 20), cache) == nil)
        #expect(cache.statistics == statistics.with(hits: 1, misses: 1))
    }

    @Test func aCacheOfNothingKeepsNothing() {
        for cache in [TokenCache(maximumEntries: 0, maximumBytes: 100), TokenCache(maximumEntries: 9, maximumBytes: 0)]
        {
            #expect(insert("a", [1], cache) == nil)
            #expect(find("a", cache) == nil)
        }
    }

    @Test func randomUseKeepsTheOrderWhole() {
        // Against a list in the order of use.
        let shard = CacheShard(maximumEntries: 20, maximumBytes: 1 << 20)
        var order: [UInt64] = []
        var random = FastRandom(seed: 9)
        for _ in 0..<5000 {
            let hash = UInt64(random.below(40))
            if random.below(2) == 0 {
                #expect((shard.entry(hash) != nil) == order.contains(hash))
                if order.contains(hash) {
                    order.removeAll { $0 == hash }
                    order.append(hash)
                }
            } else {
                let key = CachedIDs.Key(parent: 0, addsSpecialTokens: false, text: [])
                shard.insert(CachedIDs(key: key, ids: [], number: hash), hash)
                order.removeAll { $0 == hash }
                order.append(hash)
                if order.count > 20 { order.removeFirst() }
            }
        }
        #expect(shard.usage.entries == order.count)
    }
}

extension TokenCacheStatistics {
    fileprivate func with(hits: Int, misses: Int) -> TokenCacheStatistics {
        var copy = self
        copy.hits += hits
        copy.misses += misses
        return copy
    }
}
