internal import Synchronization

/// Which workers of one model have seen which prompt prefixes, and so probably have them in their KV cache.
///
/// A radix tree over the UTF-8 bytes of the prompts. All lengths and thresholds count bytes, not characters. Bounded
/// by `maxBytes`, everything included: an insert that finds no room removes the prefixes that were not used for the
/// longest time. Only the first `promptBytes` of a prompt take part.
///
/// Thread-safe. One mutex, held for one walk: a few microseconds for a prompt of 16 KB. The memory in use only grows
/// up to the cap and is given back when the index goes away.
package final class PrefixIndex: Sendable {
    private let tree: Mutex<PrefixTree>
    /// Leading bytes of a prompt that are compared and kept.
    package let promptBytes: Int

    /// `maxBytes` is held to `RoutingLimits.indexBytes`.
    package init(maxBytes: Int, promptBytes: Int = RoutingLimits.promptBytes) {
        tree = Mutex(PrefixTree(maxBytes: maxBytes))
        self.promptBytes = max(1, promptBytes)
    }

    /// The cap for the option `max-tree-size` (characters per worker, 2^26 by default): four times that many bytes for
    /// the whole index, however many workers there are. One tree keeps a shared prefix once, and the memory of a
    /// gateway should not depend on how many workers happen to register; large fleets raise the option.
    package static func maxBytes(maxTreeSize: Int) -> Int {
        let (bytes, overflow) = maxTreeSize.multipliedReportingOverflow(by: 4)
        let limits = RoutingLimits.indexBytes
        return overflow ? limits.upperBound : min(max(bytes, limits.lowerBound), limits.upperBound)
    }

    /// Looks `prompt` up, lets `choose` name a tenant, and records that this tenant has the prompt now: one walk, with
    /// no moment in between for other threads. `choose` runs under the lock: it must be quick and must not use this
    /// index. Without a choice nothing changes.
    package func matchAndInsert(
        _ prompt: UnsafeRawBufferPointer, choose: (inout PrefixMatch) -> Int?
    ) {
        let key = UnsafeRawBufferPointer(rebasing: prompt.prefix(promptBytes))
        tree.withLock { tree in
            let end = tree.match(key)
            var match = PrefixMatch(end, promptBytes: key.count, in: tree)
            guard let tenant = choose(&match), tenant >= 0 else { return }
            // Below a walk that was given up there are children already: only its path gets the tenant.
            let known = end.isCut ? UnsafeRawBufferPointer(rebasing: key[..<end.matched]) : key
            tree.insert(known, below: end, tenant: tenant)
        }
    }

    /// Records that `tenant` has `prompt`.
    package func insert(_ prompt: UnsafeRawBufferPointer, tenant: Int) {
        matchAndInsert(prompt) { _ in tenant }
    }

    /// The matched length and its tenants, ascending. Changes nothing, not even what is evicted next.
    package func match(_ prompt: UnsafeRawBufferPointer) -> (bytes: Int, tenants: [Int]) {
        var result: (Int, [Int]) = (0, [])
        matchAndInsert(prompt) { match in
            guard let level = match.nextLevel() else { return nil }
            result.0 = level.matchedBytes
            level.holders.forEach {
                result.1.append($0); return true
            }
            result.1.sort()
            return nil
        }
        return result
    }

    /// Forgets everything about `tenant`, in slices, so that other threads get at the index in between. The caller
    /// makes sure that the worker is not chosen any more, and gives its number to nobody else before this returns.
    package func removeTenant(_ tenant: Int) {
        guard tenant >= 0 else { return }
        while !tree.withLock({ $0.removeTenant(tenant, limit: RoutingLimits.removalSlice) }) {}
    }

    /// Evicts until at most `labelBytes` bytes of prompts are kept. Holds the lock all the time: for administration.
    package func trim(labelBytes: Int) {
        tree.withLock { while $0.labelBytes > labelBytes, $0.evictLeaf() {} }
    }

    /// Bytes of prompts kept for `tenant`; a prefix shared with others counts for each.
    package func bytes(ofTenant tenant: Int) -> Int {
        tree.withLock { tenant >= 0 && tenant < $0.tenantLimit ? $0.tenantBytes[tenant] : 0 }
    }

    /// The figures now.
    package var statistics: Statistics {
        tree.withLock { tree in
            Statistics(
                nodes: tree.nodeCount, labelBytes: tree.labelBytes, usedBytes: tree.arena.usedBytes,
                reservedBytes: tree.arena.reservedBytes, maxBytes: tree.arena.maxBytes, evictedNodes: tree.evictedNodes)
        }
    }

    /// Figures of one index.
    package struct Statistics: Equatable, Sendable {
        /// Nodes of the tree, the root included.
        package var nodes: Int
        /// Bytes of prompts, each shared prefix once.
        package var labelBytes: Int
        /// Bytes in use, with all overhead of nodes, tables and rounding.
        package var usedBytes: Int
        /// Bytes taken from the system; at most `maxBytes`.
        package var reservedBytes: Int
        /// The cap.
        package var maxBytes: Int
        /// Nodes evicted since the start.
        package var evictedNodes: Int
    }

    /// The first broken rule of the data structure, or nil. Visits everything; for tests.
    package func inconsistency() -> String? {
        tree.withLock { $0.inconsistency() }
    }
}
