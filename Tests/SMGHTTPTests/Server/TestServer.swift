import CLinux
import SMGBase
import SMGNet
import Synchronization
import Testing

@testable import SMGHTTP

/// A server on a loop of its own, and the proof that it leaves nothing behind.
final class TestServer: Sendable {
    let group: EventLoopGroup
    let server: HTTPServer
    /// The server's parts, one a loop.
    let parts: [LoopBound<HTTPServerLoop>]
    private let watch: Watch

    /// What was seen of connections: weakly, to find those that survive.
    final class Watch: Sendable {
        struct Box: @unchecked Sendable { weak var object: AnyObject? }  // only ever compared with nil
        private let boxes = Mutex<[Box]>([])
        func note(_ exchange: ServerExchange) {
            boxes.withLock {
                $0.append(Box(object: exchange))
                if let stream = exchange as? HTTP2ServerExchange { $0.append(Box(object: stream.connection)) }
            }
        }
        var survivors: Int { boxes.withLock { $0.count { $0.object != nil } } }
    }

    private init(_ group: EventLoopGroup, _ server: HTTPServer, _ parts: [LoopBound<HTTPServerLoop>], _ watch: Watch) {
        self.group = group
        self.server = server
        self.parts = parts
        self.watch = watch
    }

    var loop: EventLoop { group.loops[0] }
    var address: SocketAddress { server.address }

    static func start(
        _ options: ServerOptions = ServerOptions(),
        address: SocketAddress = SocketAddress(literal: "127.0.0.1", port: 0)!,
        allowsHTTP2: Bool = true, loops: Int = 1, handler: @escaping @Sendable (ServerExchange) async -> Void
    ) async throws -> TestServer {
        let group = try EventLoopGroup(count: loops)
        group.start()
        let watch = Watch()
        let parts = Shared<[LoopBound<HTTPServerLoop>]>([])
        let server = try await HTTPServer.start(on: group.loops, address: address) { loop in
            let part = HTTPServerLoop(
                loop: loop, options: options, allowsHTTP2: allowsHTTP2,
                handler: {
                    watch.note($0)
                    await handler($0)
                },
                onProtocolError: { exchange, status, code, message in
                    watch.note(exchange)
                    exchange.respond(
                        status: status, contentType: "application/json",
                        text: #"{"error":{"code":"\#(code)","message":"\#(message)"}}"#)
                })
            let bound = LoopBound(part)
            parts.change { $0.append(bound) }
            return part
        }
        return TestServer(group, server, parts.value, watch)
    }

    /// Has the loops handle everything that has reached their sockets: an event waits one turn at most, what it starts
    /// one more.
    func settle() async {
        for _ in 0..<3 { for loop in group.loops { await loop.call {} } }
    }

    /// Waits until `condition` holds; records a failure if it never does.
    func wait(
        _ what: String, sourceLocation: SourceLocation = #_sourceLocation, until condition: () async -> Bool
    ) async {
        let deadline = Instant.now() + .seconds(20)
        while Instant.now() < deadline {
            if await condition() { return }
            await loop.pause(.milliseconds(1))
        }
        Issue.record("never came: \(what)", sourceLocation: sourceLocation)
    }

    /// Ends the server. Clients must have closed, or be closed by the server: nothing may be left but the listeners.
    func stop(sourceLocation: SourceLocation = #_sourceLocation) async {
        await wait("the end of all connections", sourceLocation: sourceLocation) {
            await server.activity().connections == 0
        }
        let requests = await server.activity().requests
        #expect(requests == 0, "requests still counted", sourceLocation: sourceLocation)
        await server.beginDraining()
        let sources = await group.onEach { $0.sourceCount }
        #expect(sources.allSatisfy { $0 == 0 }, "sources left: \(sources)", sourceLocation: sourceLocation)
        await settle()
        #expect(watch.survivors == 0, "connections survived", sourceLocation: sourceLocation)
        group.shutdown()
    }
}

/// Something that happens once, waited for on any executor and told from any thread.
final class Flag: Sendable {
    private struct State {
        var isSet = false
        var waiters: [UnsafeContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    var isSet: Bool { state.withLock { $0.isSet } }

    func set() {
        let waiters = state.withLock { state in
            state.isSet = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withUnsafeContinuation { continuation in
            let isSet = state.withLock { state in
                if !state.isSet { state.waiters.append(continuation) }
                return state.isSet
            }
            if isSet { continuation.resume() }
        }
    }
}

/// A value shared between a handler and its test.
final class Shared<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>
    init(_ value: Value) { storage = Mutex(value) }
    var value: Value {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }
    func change(_ body: @Sendable (inout sending Value) -> Void) { storage.withLock { body(&$0) } }
}

extension ServerExchange {
    /// Answers 200 with text.
    func answer(_ text: String, status: Int = 200) { respond(status: status, contentType: "text/plain", text: text) }

    func write(text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    /// Begins a 200 answer.
    func begin(_ length: ResponseLength, status: Int = 200) {
        beginHead(status: status)
        endHead(length)
    }
}

/// The usual handler: says what it got. `/none` stays silent.
@Sendable func echo(_ exchange: ServerExchange) async {
    do throws(RequestBodyError) {
        let body = try await exchange.readBody(limit: 64 << 20)
        let method = exchange.headBytes.slice(exchange.head.methodText).string
        let answer = Array("\(method) \(exchange.path.string) ".utf8) + Array(body)
        answer.withUnsafeBytes { exchange.respond(status: 200, contentType: "text/plain", body: $0) }
    } catch {
        switch error {
        case .tooLarge: exchange.answer("too large", status: 413)
        case .stalled: exchange.answer("stalled", status: 408)
        case .broken: exchange.answer("broken", status: 400)
        }
    }
}

/// Bytes that differ from their neighbours, so that a lost or doubled one shows. The period is a prime, so that no buffer
/// size hides a slip.
func pattern(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count { bytes.append(contentsOf: patternBlock.prefix(count - bytes.count)) }
    return bytes
}

private let patternBlock = (0..<65_521).map { UInt8(truncatingIfNeeded: ($0 &* 31) ^ ($0 >> 8)) }
