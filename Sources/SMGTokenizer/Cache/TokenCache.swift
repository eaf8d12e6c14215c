internal import SMGBase
internal import Synchronization

/// Ids of texts by the texts, bounded in entries and bytes. Any number of threads may use it at once.
final class TokenCache: Sendable {
    private let shards: [CacheShard]
    /// Unknown outside, so that nobody can send texts of one hash.
    private let seed: UInt64
    private let next = Atomic<UInt64>(1)
    /// For tests: of the hash only these bits are used.
    private let hashMask: UInt64

    /// Locks that threads are spread over.
    private static let shardCount = 16
    /// A shard holds at least so much, so that a small cache still takes long texts.
    private static let shardBytes = 1 << 18

    init(maximumEntries: Int, maximumBytes: Int, hashMask: UInt64 = .max) {
        var count = Self.shardCount
        while count > 1, count * Self.shardBytes > maximumBytes || count * 16 > maximumEntries { count /= 2 }
        shards = (0..<count).map { _ in
            CacheShard(maximumEntries: max(0, maximumEntries) / count, maximumBytes: max(0, maximumBytes) / count)
        }
        seed = UInt64.random(in: .min ... .max)
        self.hashMask = hashMask
    }

    private func hash(_ text: UnsafeRawBufferPointer, _ parent: UInt64, _ addsSpecialTokens: Bool) -> UInt64 {
        ByteHash.hash(text, seed: seed ^ (parent &* 2 &+ (addsSpecialTokens ? 1 : 0)) &* ByteHash.k0) & hashMask
    }

    private func shard(_ hash: UInt64) -> CacheShard { shards[Int(hash >> 32) & (shards.count - 1)] }

    /// The ids of `text` behind the entry number `parent`.
    func find(_ text: UnsafeRawBufferPointer, parent: UInt64 = 0, _ addsSpecialTokens: Bool) -> CachedIDs? {
        let hash = hash(text, parent, addsSpecialTokens)
        let shard = shard(hash)
        if let entry = shard.entry(hash), entry.belongs(to: text, parent: parent, addsSpecialTokens) {
            shard.hits.add(1, ordering: .relaxed)
            return entry
        }
        shard.misses.add(1, ordering: .relaxed)
        return nil
    }

    /// Keeps `ids` for `text`, if one shard can hold them; nil otherwise.
    @discardableResult
    func insert(
        _ text: UnsafeRawBufferPointer, parent: UInt64 = 0, _ addsSpecialTokens: Bool,
        _ ids: UnsafeBufferPointer<UInt32>
    ) -> CachedIDs? {
        // Before anything is copied.
        guard shards[0].accepts(cost: CachedIDs.cost(bytes: text.count, ids: ids.count)) else { return nil }
        let number = next.add(1, ordering: .relaxed).oldValue
        let key = CachedIDs.Key(parent: parent, addsSpecialTokens: addsSpecialTokens, text: Array(text))
        let entry = CachedIDs(key: key, ids: Array(ids), number: number)
        let hash = hash(text, parent, addsSpecialTokens)
        shard(hash).insert(entry, hash)
        return entry
    }

    var statistics: TokenCacheStatistics {
        var sum = TokenCacheStatistics()
        for shard in shards {
            let usage = shard.usage
            sum.entries += usage.entries
            sum.bytes += usage.bytes
            sum.hits += shard.hits.load(ordering: .relaxed)
            sum.misses += shard.misses.load(ordering: .relaxed)
        }
        return sum
    }

    func removeAll() { for shard in shards { shard.removeAll() } }
}

/// What a cache has done and holds. Counts run from the cache's beginning.
package struct TokenCacheStatistics: Sendable, Hashable {
    package var hits = 0
    package var misses = 0
    package var entries = 0
    /// Of texts, ids and what keeps them.
    package var bytes = 0

    package init() {}
}
