internal import SMGBase

/// cache_aware: the worker that probably has the longest part of the prompt in its KV cache, unless it is too busy.
///
/// From the deepest match upwards the holders of each prefix above the threshold are compared; the least loaded one
/// that is near enough to the least loaded worker of all (see `CacheAwareParameters`) gets the request. If there is
/// none, the least loaded worker gets it and becomes a holder, so a popular prefix spreads as far as its load needs.
extension Policy {
    /// What one look at the loads says.
    private struct Balance {
        var available: Int
        var range: (min: Int, max: Int)
        var isImbalanced: Bool
        /// The least loaded candidate.
        var least: Int
        /// The largest load of a holder that is preferred to `least`.
        var limit: Int
    }

    func selectCacheAware(
        from set: WorkerSet, _ index: PrefixIndex, _ prompt: UnsafeRawBufferPointer, _ tried: TriedWorkers,
        _ random: inout FastRandom
    ) -> Selection? {
        var selection: Selection?
        let rotation = random.next()
        index.matchAndInsert(prompt) { match in
            guard let balance = balance(of: set, tried) else { return nil }
            let (position, reason) = choose(from: set, &match, balance, tried, rotation)
            selection = Selection(
                slot: set.slots[position], reason: reason, matchedBytes: match.matchedBytes,
                promptBytes: match.promptBytes, isImbalanced: balance.isImbalanced, loadRange: balance.range)
            return set.tenant(position)
        }
        return selection
    }

    private func balance(of set: WorkerSet, _ tried: TriedWorkers) -> Balance? {
        set.board.withQueues { queues in
            guard let least = queues.leastLoaded(excluding: tried) else { return nil }
            queues.noteTurn(of: least)
            let range = queues.loadRange
            let isImbalanced = parameters.isImbalanced(min: range.min, max: range.max)
            return Balance(
                available: queues.availableCount, range: range, isImbalanced: isImbalanced, least: least,
                limit: parameters.loadLimit(least: queues.load(least), isImbalanced: isImbalanced))
        }
    }

    private func choose(
        from set: WorkerSet, _ match: inout PrefixMatch, _ balance: Balance, _ tried: TriedWorkers, _ rotation: UInt64
    ) -> (Int, Selection.Reason) {
        if balance.available == 1 { return (balance.least, .onlyCandidate) }
        var isKnown = false
        while let level = match.nextLevel(), parameters.isHit(matched: level.matchedBytes, of: match.promptBytes) {
            isKnown = true
            if let holder = leastLoadedHolder(of: level.holders, in: set, balance, tried, rotation) {
                return (holder, .cacheHit)
            }
        }
        if balance.isImbalanced { return (balance.least, .rebalanced) }
        return (balance.least, isKnown ? .spread : .cacheMiss)
    }

    /// The least loaded candidate among `holders` whose load is within the limit. Ties go to the one with the fewest
    /// turns, then to the first from `rotation` on.
    private func leastLoadedHolder(
        of holders: TenantSet, in set: WorkerSet, _ balance: Balance, _ tried: TriedWorkers, _ rotation: UInt64
    ) -> Int? {
        let count = holders.count
        let isCommon =
            count > RoutingLimits.tieCandidates
            && count * RoutingLimits.leastLoadedCompared >= balance.available
        if isCommon, let best = heldAmongLeastLoaded(holders, in: set, balance, tried) { return best }
        var best: (position: Int, load: Int, turns: Int)?
        var left = RoutingLimits.holdersCompared
        var passed = 0
        holders.forEach(from: rotation) { tenant in
            guard let position = set.position(ofTenant: tenant), set.isCandidate(position, tried) else {
                passed += 1
                return passed < RoutingLimits.holdersPassed
            }
            let load = set.load(position)
            if load <= balance.limit {
                let turns = set.turns(position)
                if best == nil || (load, turns) < (best!.load, best!.turns) { best = (position, load, turns) }
            }
            left -= 1
            return left > 0
        }
        return best?.position
    }

    /// For a prefix that many have: the first of the least loaded workers that is one of them.
    private func heldAmongLeastLoaded(
        _ holders: TenantSet, in set: WorkerSet, _ balance: Balance, _ tried: TriedWorkers
    ) -> Int? {
        set.board.withQueues { queues in
            var found: Int?
            queues.forEachByLoad(limit: RoutingLimits.leastLoadedCompared) { position in
                let tenant = set.tenant(position)
                guard set.load(position) <= balance.limit else { return false }
                guard holders.contains(tenant), !tried.contains(tenant) else { return true }
                found = position
                return false
            }
            return found
        }
    }
}
