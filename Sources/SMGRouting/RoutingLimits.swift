/// Every bound of the routing code, with its reason.
package enum RoutingLimits {
    /// Largest tenant number plus one. Four numbers of 15 bits fit into the word that a prefix node has for its
    /// tenants.
    package static let tenants = 1 << 15
    /// Workers that may already have been tried for one request; the retry limit is far below it.
    package static let triedWorkers = 16
    /// In-flight requests that the load board tells apart. Workers above it share the last level: no engine batches
    /// more.
    package static let loadLevels = 1024
    /// Equally loaded workers that are compared by how many requests they have served. Bounds the search, not the
    /// fairness: a level is a queue, so every worker gets to its front.
    package static let tieCandidates = 8
    /// Least loaded workers that are looked through for a holder of the prefix, if one in as many workers is a holder.
    package static let leastLoadedCompared = 16
    /// Holders of a prefix whose loads are compared if that finds none; of more, as many from a random place on.
    package static let holdersCompared = 64
    /// Holders passed over because they are not available, tried or gone, before a prefix counts as held by nobody.
    package static let holdersPassed = 256
    /// Different holder sets tried on the way from the deepest match to the shallowest one above the threshold.
    package static let holderLevels = 32
    /// Nodes passed on that way. A prompt of `promptBytes` rarely has more; the rest counts as no holder.
    package static let holderSteps = 256
    /// Random draws before the exact (locked) pick among the available workers.
    package static let drawAttempts = 8

    /// Bytes of one prompt that are indexed and compared: about 32,000 tokens. Longer prompts are told apart by their
    /// first part only, so the time under the index lock stays below some 15 µs.
    package static let promptBytes = 128 << 10
    /// Label bytes of one node. A node is then at most one 4 KiB block, so memory freed by eviction fits what comes
    /// next.
    package static let labelBytes = 4096 - 32
    /// Smallest and largest cap of one prefix index. The upper one is what 32-bit references to 16-byte granules reach.
    package static let indexBytes = (64 << 10)...(64 << 30)
    /// Nodes that one walk passes at most: prompts made to share ever longer prefixes must not turn the tree into a
    /// list that holds the lock for long. What lies deeper is neither matched nor added.
    package static let walkNodes = 2048
    /// Matched leaves that one eviction spares before it takes the next one all the same; bounds the time of one
    /// insert.
    package static let sparedLeaves = 64
    /// Nodes that one slice of a tenant's removal visits before it lets other threads at the index.
    package static let removalSlice = 256
}
