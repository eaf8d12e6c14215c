import CLinux
import SMGBase
import SMGNet
import Testing

@testable import SMGHTTP

/// Many connections at once.
@Suite(.timeLimit(.minutes(2)), .serialized) struct ServerLoadTests {
    private static let get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

    /// Raises the limit of descriptors as far as allowed and returns it.
    static func descriptors() -> Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }

    /// Pages of this process in memory, in bytes.
    private static func residentBytes() -> Int {
        let file = clinux_open_for_reading("/proc/self/statm")
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 256)
        let count = max(read(file, &text, 256), 0)
        let fields = String(decoding: text[..<count], as: UTF8.self).split(separator: " ")
        guard fields.count > 1 else { return 0 }
        return (Int(fields[1]) ?? 0) * 4096
    }

    @Test func thousandConnectionsAtOnce() async throws {
        guard Self.descriptors() >= 2500 else { return print("skipped: too few file descriptors allowed") }
        let server = try await TestServer.start(handler: echo)
        let clients = try (0..<1000).map { _ in try RawClient(server.address) }
        for round in 0..<3 {
            let request =
                Array("POST /\(round) HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n".utf8) + pattern(1000)
            for client in clients { try client.send(request) }
            let expected = Array("POST /\(round) ".utf8) + pattern(1000)
            for client in clients { #expect(try client.response().body == expected) }
        }
        for client in clients { client.reset() }
        await server.stop()
    }

    /// Connections that have served a request and wait for the next hold an object or two, and no buffer. Measured in a
    /// process of its own, where nothing else takes memory.
    @Test func tenThousandIdleConnections() async throws {
        let child = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            let count = min(10_000, (ServerLoadTests.descriptors() - 1000) / 2)
            guard count >= 1000 else { return print("skipped: too few file descriptors allowed") }
            let each = try await ServerLoadTests.idleBytes(count)
            print("\(count) idle connections: \(each) bytes each, both ends in one process")
            // One kept buffer would be 16 KiB more.
            precondition(each < 16 << 10)
        }
        if let report = child?.standardOutputContent { print(String(decoding: report, as: UTF8.self), terminator: "") }
    }

    /// Memory that each of `count` idle connections takes.
    static func idleBytes(_ count: Int) async throws -> Int {
        let server = try await TestServer.start(handler: echo)
        // The first connections pay for tables and pools.
        let warm = try (0..<100).map { _ in try RawClient(server.address) }
        for client in warm { _ = try client.exchange(get) }
        let before = residentBytes()
        let clients = try (0..<count).map { _ in try RawClient(server.address) }
        for client in clients { _ = try client.exchange(get) }
        await server.settle()
        let after = residentBytes()
        let activity = await server.server.activity()
        precondition(activity == (count + 100, 0))
        for client in warm + clients { client.reset() }
        await server.stop()
        return (after - before) / count
    }
}
