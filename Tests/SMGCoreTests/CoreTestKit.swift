import SMGBase
import SMGNet
import Synchronization
import Testing

/// Event loops for one test, ended with it.
func withLoops<Result: Sendable>(
    _ count: Int = 1, _ body: @Sendable (EventLoopGroup) async throws -> Result
) async throws -> Result {
    let group = try EventLoopGroup(count: count)
    group.start()
    defer { group.shutdown() }
    return try await body(group)
}

extension EventLoop {
    /// Runs `body` as a task on this loop and returns its answer.
    func run<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            spawn { continuation.resume(returning: await body()) }
        }
    }
}

/// A door that tasks wait at until it is opened.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func open() {
        let waiting = state.withLock { state in
            defer { state = (true, []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// What happened, in order.
final class Journal<Entry: Sendable>: Sendable {
    private let entries = Mutex<[Entry]>([])
    func append(_ entry: Entry) { entries.withLock { $0.append(entry) } }
    var all: [Entry] { entries.withLock { $0 } }
}

/// Looks again and again until `condition` holds. The limit only keeps a broken test from hanging.
func eventually(
    _ loop: EventLoop, _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: @Sendable () async -> Bool
) async {
    let limit = Instant.now() + .seconds(20)
    while !(await condition()) {
        guard Instant.now() < limit else {
            Issue.record(what, sourceLocation: sourceLocation)
            return
        }
        await loop.pause(.milliseconds(2))
    }
}

/// A clock that moves when it is told to.
final class ManualClock: Sendable {
    private let nanoseconds = Atomic<Int64>(1_000_000_000_000)
    var now: Instant { Instant(nanoseconds: nanoseconds.load(ordering: .relaxed)) }
    func advance(_ span: TimeSpan) { nanoseconds.wrappingAdd(span.nanoseconds, ordering: .relaxed) }
}
