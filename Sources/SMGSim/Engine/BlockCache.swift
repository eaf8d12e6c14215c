/// The KV cache of one engine: a fixed number of blocks, shared by prefix.
///
/// A block that holds a known full block of some sequence is found again by its hash. Blocks in use are counted, not
/// copied. Blocks nobody uses keep their contents, least recently used first to go. All operations are O(1) a block.
package struct BlockCache {
    /// The blocks one request holds: `matched` that were there, then its own.
    package struct Lease {
        fileprivate var blocks: ContiguousArray<Int32>
        /// Leading blocks whose contents were in the cache already.
        package fileprivate(set) var matched: Int
        /// Leading blocks that others can find: the matched ones and those published since.
        fileprivate var published: Int

        /// Number of blocks held.
        package var count: Int { blocks.count }
    }

    private struct Block {
        var hash: UInt64 = 0
        var users: Int32 = 0
        var isKeyed = false
        /// Neighbours in the list of idle blocks; -1 is none.
        var older: Int32 = -1
        var newer: Int32 = -1
    }

    /// Blocks there are.
    package let capacity: Int
    /// Blocks in use by at least one lease.
    package private(set) var usedCount = 0
    /// Blocks that nobody uses and that hold something findable.
    package private(set) var idleCount = 0
    private var blocks: ContiguousArray<Block> = []
    private var free: ContiguousArray<Int32> = []
    private var table: [UInt64: Int32] = [:]
    private var oldest: Int32 = -1
    private var newest: Int32 = -1

    /// - Parameter capacity: blocks; memory is taken as they are first used.
    package init(capacity: Int) { self.capacity = capacity }

    /// Blocks found by hash, in use or not.
    package var keyedCount: Int { table.count }

    /// How many leading blocks of `hashes`, at most `limit`, are in the cache.
    package func matched(_ hashes: ContiguousArray<UInt64>, limit: Int) -> Int {
        var count = 0
        while count < min(limit, hashes.count), table[hashes[count]] != nil { count += 1 }
        return count
    }

    /// Takes `total` blocks, as many as possible of the first `limit` of `hashes` from the cache; nil when there are
    /// not enough, and then nothing has changed.
    package mutating func acquire(_ hashes: ContiguousArray<UInt64>, limit: Int, total: Int) -> Lease? {
        let count = min(matched(hashes, limit: limit), total)
        var idleMatched = 0
        for hash in hashes.prefix(count) {
            if let index = table[hash], blocks[Int(index)].users == 0 { idleMatched += 1 }
        }
        guard total - count <= capacity - usedCount - idleMatched else { return nil }
        var lease = Lease(blocks: [], matched: count, published: count)
        lease.blocks.reserveCapacity(total)
        for hash in hashes.prefix(count) {
            guard let index = table[hash] else { break }
            use(index)
            lease.blocks.append(index)
        }
        while lease.blocks.count < total { lease.blocks.append(takeBlank()) }
        return lease
    }

    /// Makes the full blocks of `hashes`, which the lease's blocks hold in this order, findable.
    package mutating func publish(_ hashes: ContiguousArray<UInt64>, in lease: inout Lease) {
        while lease.published < min(hashes.count, lease.blocks.count) {
            let index = lease.blocks[lease.published]
            let hash = hashes[lease.published]
            // Somebody may have computed the same block meanwhile: theirs stays.
            if table[hash] == nil {
                table[hash] = index
                blocks[Int(index)].hash = hash
                blocks[Int(index)].isKeyed = true
            }
            lease.published += 1
        }
    }

    /// Gives the blocks back. With `keepingOwn` false, blocks of its own that nobody else uses are forgotten: they were
    /// never computed.
    package mutating func release(_ lease: consuming Lease, keepingOwn: Bool) {
        // From the end: a block is of no use without those before it, so the later ones must go first.
        for place in lease.blocks.indices.reversed() {
            let index = lease.blocks[place]
            blocks[Int(index)].users -= 1
            guard blocks[Int(index)].users == 0 else { continue }
            usedCount -= 1
            if !keepingOwn, place >= lease.matched { unkey(index) }
            if blocks[Int(index)].isKeyed { appendIdle(index) } else { free.append(index) }
        }
    }

    /// Forgets all contents. Blocks in use stay in use but are not found any more. Returns the blocks forgotten.
    @discardableResult
    package mutating func flush() -> Int {
        let forgotten = table.count
        while oldest >= 0 {
            let index = oldest
            removeIdle(index)
            unkey(index)
            free.append(index)
        }
        for index in blocks.indices where blocks[index].isKeyed { unkey(Int32(index)) }
        return forgotten
    }

    // MARK: - Blocks

    private mutating func use(_ index: Int32) {
        if blocks[Int(index)].users == 0 {
            removeIdle(index)
            usedCount += 1
        }
        blocks[Int(index)].users += 1
    }

    /// A block without contents: a free one, one never used, or the one idle for longest.
    private mutating func takeBlank() -> Int32 {
        let index: Int32
        if let last = free.popLast() {
            index = last
        } else if blocks.count < capacity {
            index = Int32(blocks.count)
            blocks.append(Block())
        } else {
            index = oldest
            removeIdle(index)
            unkey(index)
        }
        blocks[Int(index)].users = 1
        usedCount += 1
        return index
    }

    private mutating func unkey(_ index: Int32) {
        guard blocks[Int(index)].isKeyed else { return }
        table[blocks[Int(index)].hash] = nil
        blocks[Int(index)].isKeyed = false
    }

    private mutating func appendIdle(_ index: Int32) {
        blocks[Int(index)].older = newest
        blocks[Int(index)].newer = -1
        if newest >= 0 { blocks[Int(newest)].newer = index } else { oldest = index }
        newest = index
        idleCount += 1
    }

    private mutating func removeIdle(_ index: Int32) {
        let (older, newer) = (blocks[Int(index)].older, blocks[Int(index)].newer)
        if older >= 0 { blocks[Int(older)].newer = newer } else { oldest = newer }
        if newer >= 0 { blocks[Int(newer)].older = older } else { newest = older }
        blocks[Int(index)].older = -1
        blocks[Int(index)].newer = -1
        idleCount -= 1
    }
}
