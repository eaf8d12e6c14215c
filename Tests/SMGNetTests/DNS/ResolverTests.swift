import SMGBase
import Synchronization
import Testing

@testable import SMGNet

/// A name service of the test's making, which counts its questions.
private final class Names: Sendable {
    let answers = Mutex<[String: Result<[SocketAddress], DNSError>]>([:])
    let questions = Mutex<[String]>([])
    /// When set, look-ups stop here until the test lets them go.
    let gate: Gate?

    init(_ answers: [String: Result<[SocketAddress], DNSError>] = [:], gate: Gate? = nil) {
        self.gate = gate
        self.answers.withLock { $0 = answers }
    }

    var asked: [String] { questions.withLock { $0 } }

    func answer(_ name: String, _ answer: Result<[SocketAddress], DNSError>) {
        answers.withLock { $0[name] = answer }
    }

    @Sendable func lookup(_ name: String) -> Result<[SocketAddress], DNSError> {
        questions.withLock { $0.append(name) }
        gate?.pass()
        return answers.withLock { $0[name] } ?? .failure(.notFound)
    }
}

private func addresses(_ literals: String...) -> [SocketAddress] {
    literals.compactMap { SocketAddress(literal: $0, port: 0) }
}

@Suite struct ResolverTests {
    private let pool = BlockingPool(maxThreads: 4)
    private let start = Instant(nanoseconds: 1_000_000)

    @Test(arguments: [("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80"), ("[::1]", "[::1]:80")])
    func answersLiteralsAtOnce(host: String, expected: String) async throws {
        let names = Names()
        let resolver = Resolver(pool: pool, lookup: names.lookup)
        #expect(try await resolver.resolve(host, port: 80, now: start).map(\.description) == [expected])
        #expect(names.asked.isEmpty && pool.threadCount == 0)
    }

    @Test(arguments: ["", "a\0b", String(repeating: "a", count: 255)])
    func refusesImpossibleNames(host: String) async {
        let names = Names()
        let resolver = Resolver(pool: pool, lookup: names.lookup)
        await #expect(throws: DNSError.invalidName) { try await resolver.resolve(host, port: 80, now: start) }
        #expect(names.asked.isEmpty)
    }

    @Test func keepsTheOrderAndSetsThePort() async throws {
        let names = Names(["db.internal": .success(addresses("10.0.0.2", "::1", "10.0.0.1"))])
        let resolver = Resolver(pool: pool, lookup: names.lookup)
        let first = try await resolver.resolve("DB.internal", port: 5432, now: start)
        #expect(first.map(\.description) == ["10.0.0.2:5432", "[::1]:5432", "10.0.0.1:5432"])
        let second = try await resolver.resolve("db.INTERNAL", port: 1, now: start)
        #expect(second.map(\.port) == [1, 1, 1])
        #expect(names.asked == ["db.internal"])
    }

    @Test func asksAgainWhenAnAnswerIsOld() async throws {
        let names = Names(["w": .success(addresses("10.0.0.1"))])
        let resolver = Resolver(pool: pool, lookup: names.lookup)
        let life = Resolver.Options().positiveTTL
        _ = try await resolver.resolve("w", port: 1, now: start)
        names.answer("w", .success(addresses("10.0.0.2")))
        let almost = start + (life - TimeSpan(nanoseconds: 1))
        #expect(try await resolver.resolve("w", port: 1, now: almost).map(\.host) == ["10.0.0.1"])
        #expect(try await resolver.resolve("w", port: 1, now: start + life).map(\.host) == ["10.0.0.2"])
        resolver.forget("W")
        names.answer("w", .success(addresses("10.0.0.3")))
        #expect(try await resolver.resolve("w", port: 1, now: start + life).map(\.host) == ["10.0.0.3"])
        #expect(names.asked.count == 3)
    }

    @Test func remembersFailuresShortly() async throws {
        let names = Names(["w": .failure(.temporaryFailure)])
        let resolver = Resolver(pool: pool, lookup: names.lookup)
        let life = Resolver.Options().negativeTTL
        for _ in 0..<3 {
            await #expect(throws: DNSError.temporaryFailure) { try await resolver.resolve("w", port: 1, now: start) }
        }
        #expect(names.asked.count == 1)
        names.answer("w", .success(addresses("10.0.0.1")))
        #expect(try await resolver.resolve("w", port: 1, now: start + life).count == 1)
        // Trouble of this machine says nothing about the name.
        names.answer("x", .failure(.systemFailure))
        for _ in 0..<2 {
            await #expect(throws: DNSError.systemFailure) { try await resolver.resolve("x", port: 1, now: start) }
        }
        #expect(names.asked.filter { $0 == "x" }.count == 2)
    }

    @Test func oneLookupServesAllWhoAsk() async throws {
        let gate = Gate()
        let names = Names(["w": .success(addresses("10.0.0.1"))], gate: gate)
        let resolver = Resolver(pool: pool, lookup: names.lookup)
        let now = start
        let counts = try await withThrowingTaskGroup(of: Int.self) { group in
            for port in UInt16(1)...20 {
                group.addTask { try await resolver.resolve("w", port: port, now: now).count }
            }
            while resolver.waiterCount < 20 { await Task.yield() }
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(counts == Array(repeating: 1, count: 20))
        #expect(names.asked == ["w"])
        #expect(resolver.waiterCount == 0)
    }

    @Test func aCancelledTaskLeavesTheOthersTheirAnswer() async throws {
        let gate = Gate()
        let names = Names(["w": .success(addresses("10.0.0.1"))], gate: gate)
        let resolver = Resolver(pool: pool, lookup: names.lookup)
        let now = start
        let first = Task { try await resolver.resolve("w", port: 1, now: now) }
        while resolver.waiterCount < 1 { await Task.yield() }
        let second = Task { try await resolver.resolve("w", port: 2, now: now) }
        while resolver.waiterCount < 2 { await Task.yield() }
        first.cancel()
        await #expect(throws: DNSError.cancelled) { try await first.value }  // while the look-up still hangs
        gate.open()
        #expect(try await second.value.map(\.port) == [2])
        #expect(resolver.waiterCount == 0)
    }

    @Test func aTaskCancelledBeforeItAsksIsNotServed() async throws {
        let names = Names(["w": .success(addresses("10.0.0.1"))])
        let resolver = Resolver(pool: pool, lookup: names.lookup)
        let now = start
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await resolver.resolve("w", port: 1, now: now)
        }
        await #expect(throws: DNSError.cancelled) { try await task.value }
        #expect(names.asked.isEmpty && resolver.waiterCount == 0)
        #expect(try await resolver.resolve("w", port: 1, now: now).count == 1)
    }

    @Test func boundsItsMemory() async throws {
        let names = Names()
        var options = Resolver.Options()
        options.maxEntries = 3
        let resolver = Resolver(pool: pool, options: options, lookup: names.lookup)
        func ask(_ name: String, at second: Int) async throws {
            names.answer(name, .success(addresses("10.0.0.1")))
            _ = try await resolver.resolve(name, port: 1, now: start + .seconds(second))
        }
        for (second, name) in ["a", "b", "c", "d"].enumerated() { try await ask(name, at: second) }
        #expect(resolver.entryCount == 3)
        try await ask("b", at: 5)
        #expect(names.asked == ["a", "b", "c", "d"])
        try await ask("a", at: 5)  // the oldest had to go
        #expect(names.asked == ["a", "b", "c", "d", "a"])
        try await ask("e", at: 34)  // all but the last are out of time
        #expect(resolver.entryCount == 2)
    }

    @Test func passesThePoolsRefusalsOn() async throws {
        let gate = Gate()
        let small = BlockingPool(maxThreads: 1, maxQueued: 1)
        let resolver = Resolver(pool: small, lookup: Names(["w": .success(addresses("::1"))]).lookup)
        try small.submit { _ in gate.pass() }
        await gate.waitUntilEntered()
        try small.submit { _ in }
        await #expect(throws: DNSError.overloaded) { try await resolver.resolve("w", port: 1, now: start) }
        gate.open()
        while small.queuedCount > 0 { await Task.yield() }
        #expect(try await resolver.resolve("w", port: 1, now: start).count == 1)  // a refusal is not remembered
        small.shutdown()
        await #expect(throws: DNSError.shutDown) { try await resolver.resolve("x", port: 1, now: start) }
    }

    /// The C library itself, with a name that needs no network.
    @Test func asksTheSystem() async throws {
        let resolver = Resolver(pool: pool)
        let found = try await resolver.resolve("localhost", port: 8080, now: start)
        #expect(found.contains { ["127.0.0.1:8080", "[::1]:8080"].contains($0.description) })
        #expect(Set(found).count == found.count)
    }

    @Test func labelsItsErrors() {
        let all: [DNSError] = [
            .invalidName, .notFound, .temporaryFailure, .serverFailure, .systemFailure, .overloaded, .shutDown,
            .cancelled,
        ]
        #expect(Set(all.map(\.code)).count == all.count)
        #expect(all.allSatisfy { $0.code.hasPrefix("dns_") })
    }
}
