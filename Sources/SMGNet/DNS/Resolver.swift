package import SMGBase
internal import Synchronization

/// Host names to addresses, with a small cache, shared by all loops.
///
/// A remembered name and an address literal are answered without suspending. Other names go to the blocking pool, one
/// look-up for everybody who asks for the same name meanwhile.
package final class Resolver: Sendable {
    /// Limits and lifetimes of the cache.
    package struct Options: Sendable {
        /// How long an answer is good. The C library tells no TTL; 30 s follows a service that moves soon enough.
        package var positiveTTL = TimeSpan.seconds(30)
        /// How long a failure is: only long enough to keep a broken name from filling the pool.
        package var negativeTTL = TimeSpan.seconds(1)
        /// Names remembered; a few hundred bytes each.
        package var maxEntries = 1024

        package init() {}
    }

    /// Finds the addresses of a name, blocking; ports are ignored.
    package typealias Lookup = @Sendable (String) -> Result<[SocketAddress], DNSError>

    /// The longest name DNS can carry, and one byte for the root's dot.
    package static let maxNameBytes = 254

    private typealias Answer = Result<[SocketAddress], DNSError>

    private struct Entry {
        var answer: Answer
        var expires: Instant
    }

    private struct State {
        var entries: [String: Entry] = [:]
        /// The waiters of each look-up under way.
        var waiting: [String: [UInt64: UnsafeContinuation<Answer, Never>]] = [:]
        var nextWaiter: UInt64 = 0
        /// Waiters cancelled before they began to wait.
        var cancelledEarly: Set<UInt64> = []
    }

    private let pool: BlockingPool
    private let options: Options
    private let lookup: Lookup
    private let state = Mutex(State())

    /// Looks names up with the C library on `pool`.
    package convenience init(pool: BlockingPool = BlockingPool(), options: Options = Options()) {
        self.init(pool: pool, options: options, lookup: SystemLookup.addresses)
    }

    /// Looks names up with `lookup` on `pool`.
    package init(pool: BlockingPool, options: Options = Options(), lookup: @escaping Lookup) {
        self.pool = pool
        self.options = options
        self.lookup = lookup
    }

    /// The addresses of `host` with `port`, in the system's order of preference, never empty.
    ///
    /// `host` is a name or an address literal (IPv6 with or without brackets). Lifetimes count from `now`, the time
    /// of the question. A cancelled task is resumed at once with `.cancelled`; the look-up goes on for the others.
    package func resolve(_ host: String, port: UInt16, now: Instant) async throws(DNSError) -> [SocketAddress] {
        if let literal = SocketAddress(literal: host, port: port) { return [literal] }
        guard !host.isEmpty, host.utf8.count <= Self.maxNameBytes, !host.utf8.contains(0) else { throw .invalidName }
        let name = host.lowercased()
        let answer: Answer
        if let known = cached(name, now: now) { answer = known } else { answer = await wait(for: name, now: now) }
        return try answer.get().map { $0.with(port: port) }
    }

    /// Forgets what is known of `host`, so that the next question asks again.
    package func forget(_ host: String) {
        let name = host.lowercased()
        state.withLock { $0.entries[name] = nil }
    }

    /// The number of names remembered.
    package var entryCount: Int { state.withLock { $0.entries.count } }

    /// The number of tasks that wait for a look-up.
    package var waiterCount: Int { state.withLock { $0.waiting.values.reduce(0) { $0 + $1.count } } }

    private func cached(_ name: String, now: Instant) -> Answer? {
        state.withLock { state in
            guard let entry = state.entries[name], now < entry.expires else { return nil }
            return entry.answer
        }
    }
}

// MARK: - Look-ups

extension Resolver {
    private func wait(for name: String, now: Instant) async -> Answer {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let answer = await withTaskCancellationHandler {
            await withUnsafeContinuation { begin(id, name, $0, now) }
        } onCancel: {
            cancel(id, name)
        }
        // A cancellation that came after the answer left its mark.
        _ = state.withLock { $0.cancelledEarly.remove(id) }
        return answer
    }

    private enum Beginning {
        case joined, first
        case answered(Answer)
    }

    /// Joins the look-up under way or starts one.
    private func begin(_ id: UInt64, _ name: String, _ waiter: UnsafeContinuation<Answer, Never>, _ now: Instant) {
        let beginning = state.withLock { state -> Beginning in
            if state.cancelledEarly.remove(id) != nil { return .answered(.failure(.cancelled)) }
            // Answered since the first look at the cache.
            if let entry = state.entries[name], now < entry.expires { return .answered(entry.answer) }
            let isFirst = state.waiting[name] == nil
            state.waiting[name, default: [:]][id] = waiter
            return isFirst ? .first : .joined
        }
        switch beginning {
        case .joined: break
        case .answered(let answer): waiter.resume(returning: answer)
        case .first: start(name, now)
        }
    }

    private func start(_ name: String, _ now: Instant) {
        do throws(BlockingPoolError) {
            try pool.submit { [self] refusal in
                finish(name, refusal.map { .failure(Self.error($0)) } ?? lookup(name), now)
            }
        } catch {
            finish(name, .failure(Self.error(error)), now)
        }
    }

    private func finish(_ name: String, _ answer: Answer, _ now: Instant) {
        let waiters = state.withLock { state in
            remember(name, answer, now, &state)
            return state.waiting.removeValue(forKey: name) ?? [:]
        }
        for waiter in waiters.values { waiter.resume(returning: answer) }
    }

    private func cancel(_ id: UInt64, _ name: String) {
        let waiter = state.withLock { state -> UnsafeContinuation<Answer, Never>? in
            if let waiter = state.waiting[name]?.removeValue(forKey: id) { return waiter }
            state.cancelledEarly.insert(id)
            return nil
        }
        waiter?.resume(returning: .failure(.cancelled))
    }

    private func remember(_ name: String, _ answer: Answer, _ now: Instant, _ state: inout State) {
        let life: TimeSpan
        switch answer {
        case .success: life = options.positiveTTL
        case .failure(let error):
            guard error.isCacheable else { return }
            life = options.negativeTTL
        }
        if state.entries[name] == nil && state.entries.count >= options.maxEntries {
            state.entries = state.entries.filter { now < $0.value.expires }
            if state.entries.count >= options.maxEntries,
                let oldest = state.entries.min(by: { $0.value.expires < $1.value.expires })
            {
                state.entries[oldest.key] = nil
            }
        }
        if options.maxEntries > 0 { state.entries[name] = Entry(answer: answer, expires: now + life) }
    }

    private static func error(_ refusal: BlockingPoolError) -> DNSError {
        refusal == .shutDown ? .shutDown : .overloaded
    }
}
