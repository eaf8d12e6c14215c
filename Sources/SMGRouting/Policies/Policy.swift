package import SMGBase
internal import Synchronization

/// The load-balancing policies by name.
package enum PolicyKind: String, CaseIterable, Sendable {
    case random
    case roundRobin = "round_robin"
    case powerOfTwo = "power_of_two"
    case cacheAware = "cache_aware"

    /// Whether `Policy.select` looks at the prompt.
    package var usesPrompt: Bool { self == .cacheAware }
}

/// How the worker for a request is chosen, with the memory the choice needs. One object per model and role.
/// Thread-safe.
///
/// Workers that are not available are never chosen. Choosing costs the same for 4 workers and for 4,000.
package final class Policy: Sendable {
    /// Which policy this is.
    package let kind: PolicyKind
    /// cache_aware: its thresholds.
    package let parameters: CacheAwareParameters
    /// cache_aware: who has which prefix.
    package let index: PrefixIndex?
    private let turn = Atomic<Int>(0)

    /// `maxIndexBytes` caps the prefix index of cache_aware; see `PrefixIndex.maxBytes(maxTreeSize:)`.
    package init(
        _ kind: PolicyKind, parameters: CacheAwareParameters = CacheAwareParameters(),
        maxIndexBytes: Int = PrefixIndex.maxBytes(maxTreeSize: 1 << 26)
    ) {
        self.kind = kind
        self.parameters = parameters
        index = kind == .cacheAware ? PrefixIndex(maxBytes: maxIndexBytes) : nil
    }

    /// The worker for one request, or nil when none may be chosen. The caller takes an `InFlightLease` on it at once.
    ///
    /// `tried` are the workers this request failed on. When every available worker is among them, one is chosen again
    /// only if `allowRepeat`.
    package func select(
        from set: WorkerSet, prompt: UnsafeRawBufferPointer, excluding tried: TriedWorkers = TriedWorkers(),
        allowRepeat: Bool = false, random: inout FastRandom
    ) -> Selection? {
        if let selection = selectOnce(from: set, prompt, tried, &random) { return selection }
        guard allowRepeat, !tried.isEmpty else { return nil }
        return selectOnce(from: set, prompt, TriedWorkers(), &random)
    }

    /// Forgets what a worker that left had cached. Its tenant number may be given to another worker afterwards.
    package func removeTenant(_ tenant: Int) { index?.removeTenant(tenant) }

    private func selectOnce(
        from set: WorkerSet, _ prompt: UnsafeRawBufferPointer, _ tried: TriedWorkers, _ random: inout FastRandom
    ) -> Selection? {
        if let index { return selectCacheAware(from: set, index, prompt, tried, &random) }
        let position: Int?
        switch kind {
        case .random, .cacheAware: position = Self.draw(from: set, tried, nil, &random)
        case .roundRobin: position = nextInTurn(of: set, tried)
        case .powerOfTwo: position = Self.betterOfTwo(from: set, tried, &random)
        }
        return position.map { Selection(slot: set.slots[$0], reason: .policy) }
    }

    /// The n-th available worker for a counter n that every choice raises; tried ones are passed over.
    private func nextInTurn(of set: WorkerSet, _ tried: TriedWorkers) -> Int? {
        let number = turn.wrappingAdd(1, ordering: .relaxed).oldValue & Int.max
        return set.board.withQueues { Self.firstAvailable(in: set, &$0, from: number, tried, nil) }
    }
}

// MARK: - Drawing

extension Policy {
    /// A random candidate other than `other`, each as likely.
    private static func draw(
        from set: WorkerSet, _ tried: TriedWorkers, _ other: Int?, _ random: inout FastRandom
    ) -> Int? {
        guard set.count > 0 else { return nil }
        for _ in 0..<RoutingLimits.drawAttempts {
            let position = random.below(set.count)
            if position != other && set.isCandidate(position, tried) { return position }
        }
        // Most workers are down, or there are very few: pick among the available ones only.
        let number = Int(truncatingIfNeeded: random.next() >> 1)
        return set.board.withQueues { firstAvailable(in: set, &$0, from: number, tried, other) }
    }

    private static func betterOfTwo(
        from set: WorkerSet, _ tried: TriedWorkers, _ random: inout FastRandom
    ) -> Int? {
        guard let one = draw(from: set, tried, nil, &random) else { return nil }
        guard let two = draw(from: set, tried, one, &random) else { return one }
        // The order of the draws is random, so `<=` breaks ties at random.
        return set.load(one) <= set.load(two) ? one : two
    }

    /// The first available worker from place `number` on that was not tried and is not `other`. At most as many are
    /// passed over as were tried, plus one.
    private static func firstAvailable(
        in set: WorkerSet, _ queues: inout LoadQueues, from number: Int, _ tried: TriedWorkers, _ other: Int?
    ) -> Int? {
        guard queues.availableCount > 0 else { return nil }
        let start = number % queues.availableCount
        for i in 0..<min(queues.availableCount, RoutingLimits.triedWorkers + 2) {
            let position = queues.available(at: start + i)
            if position != other && !tried.contains(set.tenant(position)) { return position }
        }
        return nil
    }
}
