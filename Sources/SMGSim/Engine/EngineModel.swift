package import SMGBase

/// A simulated inference engine without I/O and without a clock: every call says what time it is.
///
/// Requests are admitted in the order they come, none overtakes: one is admitted when fewer than `maxRunning` run and
/// the blocks of its prompt and its whole answer can be had. Prompts are read one after the other at the prefill rate,
/// cached tokens for nothing; then each request decodes at its own constant rate.
package struct EngineModel {
    /// Names a request from `submit` to its end.
    package typealias RequestID = Int

    /// A waiting request that was admitted.
    package struct Admission: Sendable, Equatable {
        package let id: RequestID
        package let schedule: Schedule
    }

    /// Why a request was not taken.
    package enum Refusal: Sendable, Equatable {
        /// As many wait as may.
        case queueFull
        /// Prompt and answer would not fit an empty cache of this many tokens.
        case tooLong(limit: Int)
    }

    /// What became of a request.
    package enum Submission: Sendable, Equatable {
        case admitted(RequestID, Schedule)
        case queued(RequestID)
        case refused(Refusal)
    }

    private struct Waiting {
        let prompt: BlockChain
        let completionTokens: Int
        let submittedAt: Instant
    }

    private struct Running {
        let prompt: BlockChain
        let schedule: Schedule
        var lease: BlockCache.Lease
    }

    package let options: EngineOptions
    private var cache: BlockCache
    private var waiting: [RequestID: Waiting] = [:]
    private var running: [RequestID: Running] = [:]
    /// Waiting ids in order, those that left included, from `queueHead` on.
    private var queue: ContiguousArray<RequestID> = []
    private var queueHead = 0
    private var lastID = 0
    /// When the prompts admitted so far have been read.
    private var prefillFreeAt = Instant(nanoseconds: .min / 2)
    private var promptTokensSeen = 0
    private var cachedTokensSeen = 0

    package init(_ options: EngineOptions) {
        self.options = options.clamped
        cache = BlockCache(capacity: self.options.kvBlocks)
    }

    /// Tokens that fit the cache.
    package var capacityTokens: Int { options.kvBlocks * options.blockSize }

    // MARK: - A request's life

    /// Takes a request whose answer will have `completionTokens` tokens.
    package mutating func submit(_ prompt: BlockChain, completionTokens: Int, at now: Instant) -> Submission {
        let tokens = min(max(completionTokens, 0), EngineLimits.maximumAnswerTokens)
        guard blocks(prompt, tokens) <= options.kvBlocks else { return .refused(.tooLong(limit: capacityTokens)) }
        lastID += 1
        let request = Waiting(prompt: prompt, completionTokens: tokens, submittedAt: now)
        if waiting.isEmpty, let schedule = admit(lastID, request, at: now) { return .admitted(lastID, schedule) }
        guard waiting.count < options.maxQueue else { return .refused(.queueFull) }
        waiting[lastID] = request
        queue.append(lastID)
        return .queued(lastID)
    }

    /// The request has all its tokens. What it said stays in the cache behind its prompt. Returns who is admitted now.
    ///
    /// - Parameter at: the schedule's `lastTokenAt` for exact arithmetic, or when the caller noticed.
    package mutating func finish(_ id: RequestID, at now: Instant) -> [Admission] {
        guard var request = running.removeValue(forKey: id) else { return [] }
        let tokens = request.schedule.completionTokens
        if tokens > 0 {
            let said = AnswerTokens(after: request.prompt).extending(request.prompt, by: tokens)
            cache.publish(said.hashes, in: &request.lease)
        }
        cache.release(request.lease, keepingOwn: true)
        return admitWaiting(at: now)
    }

    /// The request's client has left. Returns who is admitted now.
    package mutating func cancel(_ id: RequestID, at now: Instant) -> [Admission] {
        if waiting.removeValue(forKey: id) != nil {
            dropDeparted()
            return admitWaiting(at: now)
        }
        guard let request = running.removeValue(forKey: id) else { return [] }
        let isRead = now >= request.schedule.firstTokenAt
        // Others behind it have their times already; if it was the last, its rest is not read.
        if !isRead, prefillFreeAt == request.schedule.firstTokenAt {
            let uncached = request.schedule.promptTokens - request.schedule.cachedTokens
            let span = Schedule.span(uncached, options.prefillTokensPerSecond)
            let start = Instant(nanoseconds: prefillFreeAt.nanoseconds - span.nanoseconds)
            prefillFreeAt = max(now, start)
        }
        cache.release(request.lease, keepingOwn: isRead)
        return admitWaiting(at: now)
    }

    // MARK: - Admission

    private func blocks(_ prompt: BlockChain, _ completionTokens: Int) -> Int {
        let tokens = max(prompt.tokenCount + completionTokens, 1)
        return (tokens + options.blockSize - 1) / options.blockSize
    }

    private mutating func admit(_ id: RequestID, _ request: Waiting, at now: Instant) -> Schedule? {
        guard running.count < options.maxRunning else { return nil }
        let promptTokens = request.prompt.tokenCount
        // The last prompt token is always computed: its output is the first token of the answer.
        let limit = max(promptTokens - 1, 0) / options.blockSize
        let total = blocks(request.prompt, request.completionTokens)
        guard var lease = cache.acquire(request.prompt.hashes, limit: limit, total: total) else { return nil }
        cache.publish(request.prompt.hashes, in: &lease)
        let cachedTokens = lease.matched * options.blockSize
        // A caller may report an end late, with the time it was: nobody runs before he came.
        let now = max(now, request.submittedAt)
        let start = max(now, prefillFreeAt)
        prefillFreeAt = start + Schedule.span(promptTokens - cachedTokens, options.prefillTokensPerSecond)
        let schedule = Schedule(
            promptTokens: promptTokens, cachedTokens: cachedTokens, completionTokens: request.completionTokens,
            admittedAt: now, firstTokenAt: prefillFreeAt, tokensPerSecond: options.decodeTokensPerSecond)
        promptTokensSeen += promptTokens
        cachedTokensSeen += cachedTokens
        running[id] = Running(prompt: request.prompt, schedule: schedule, lease: lease)
        return schedule
    }

    private mutating func admitWaiting(at now: Instant) -> [Admission] {
        var admitted: [Admission] = []
        while queueHead < queue.count {
            let id = queue[queueHead]
            if let request = waiting[id] {
                guard let schedule = admit(id, request, at: now) else { break }
                waiting[id] = nil
                admitted.append(Admission(id: id, schedule: schedule))
            }
            queueHead += 1
        }
        dropDeparted()
        return admitted
    }

    /// Keeps the queue no longer than twice the requests that wait.
    private mutating func dropDeparted() {
        guard queue.count > 2 * waiting.count else { return }
        queue = ContiguousArray(queue[queueHead...].filter { waiting[$0] != nil })
        queueHead = 0
    }

    // MARK: - State

    /// Forgets the prefix cache; running requests go on. Returns the blocks forgotten.
    @discardableResult
    package mutating func flushCache() -> Int { cache.flush() }

    package var runningCount: Int { running.count }
    package var waitingCount: Int { waiting.count }

    /// How busy the engine is.
    package func load(at now: Instant) -> EngineLoad {
        var load = EngineLoad()
        load.running = running.count
        load.waiting = waiting.count
        for request in running.values {
            load.usedTokens += request.schedule.promptTokens + request.schedule.tokens(by: now)
        }
        for request in waiting.values { load.waitingTokens += request.prompt.tokenCount }
        load.maxTokens = capacityTokens
        load.tokenUsage = Double(cache.usedCount) / Double(cache.capacity)
        load.cacheHitRate = promptTokensSeen > 0 ? Double(cachedTokensSeen) / Double(promptTokensSeen) : 0
        load.cachedBlocks = cache.keyedCount
        return load
    }
}
