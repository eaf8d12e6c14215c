import Glibc
import SMGBase
import SMGNet
import Synchronization
import Testing

/// One answer as a client saw it.
struct Reply: Sendable {
    let status: Int
    let fields: [(name: String, value: String)]
    /// Without the chunks' framing.
    let body: String
    /// Whether the body ended as announced: its length, or the last chunk.
    let isComplete: Bool

    /// The values of a field, by its lower-case name.
    subscript(name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// Reads a whole connection's bytes; nil when they hold no head.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        guard let first = lines.first, let status = Int(first.split(separator: " ")[1]) else { return nil }
        let fields = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (String(parts[0]).lowercased(), String(parts.count > 1 ? parts[1].drop { $0 == " " } : ""))
        }
        let rest = Array(bytes[end.upperBound...])
        self.status = status
        self.fields = fields
        if fields.contains(where: { $0 == ("transfer-encoding", "chunked") }) {
            (body, isComplete) = Reply.dechunk(rest)
        } else {
            body = String(decoding: rest, as: UTF8.self)
            let length = fields.first { $0.0 == "content-length" }.flatMap { Int($0.1) }
            isComplete = status == 204 || length == rest.count
        }
    }

    private static func dechunk(_ bytes: [UInt8]) -> (String, Bool) {
        var body: [UInt8] = []
        var rest = bytes[...]
        while let line = rest.firstRange(of: Array("\r\n".utf8)) {
            guard let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16) else { break }
            if size == 0 { return (String(decoding: body, as: UTF8.self), true) }
            let data = rest[line.upperBound...].prefix(size)
            body += data
            rest = rest[line.upperBound...].dropFirst(size + 2)
        }
        return (String(decoding: body, as: UTF8.self), false)
    }
}

/// A client's connection, on the loop it was opened on.
final class ClientConnection {
    /// Only so that a broken test ends.
    private static let limit = TimeSpan.seconds(20)
    private let stream: ByteStream
    private let received = ByteBuffer(capacity: 4096)

    init(to address: SocketAddress, on loop: EventLoop) async throws {
        stream = try ByteStream.connecting(to: address, on: loop)
        try await stream.finishConnecting(within: Self.limit)
    }

    func send(_ text: String) async throws {
        let bytes = ByteBuffer(Array(text.utf8))
        try await stream.writeAll(bytes.readable, stall: Self.limit)
    }

    /// What has come so far, once it contains `text`, or all there is once the other side has ended.
    func read(until text: String? = nil) async -> String {
        while true {
            let so_far = received.readableString
            if let text, so_far.contains(text) { return so_far }
            received.reserve(4096)
            guard let count = try? await stream.readSome(into: received, within: Self.limit), count > 0 else {
                return received.readableString
            }
        }
    }

    func close() { stream.closeDescriptor() }
    /// Ends so that the other side sees a reset.
    func reset() { stream.abort() }
}

extension SocketAddress {
    /// One request on a connection of its own, read to its end; nil if there was no answer.
    func fetch(
        _ loop: EventLoop, _ method: String, _ path: String, _ fields: [String] = [], body: String? = nil
    ) async -> Reply? {
        var text = "\(method) \(path) HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n"
        for field in fields { text += field + "\r\n" }
        if let body { text += "content-length: \(body.utf8.count)\r\n\r\n" + body } else { text += "\r\n" }
        let request = text
        return await loop.run {
            guard let connection = try? await ClientConnection(to: self, on: loop) else { return nil }
            try? await connection.send(request)
            let reply = Reply(await connection.read())
            connection.close()
            return reply
        }
    }
}

/// A worker that answers by script, over real sockets.
final class ScriptedWorker: Sendable {
    struct Request: Sendable {
        let head: String
        let body: String
        /// Number of the connection it came on, from 0, and its own number there.
        let connection: Int
        let turn: Int

        var method: String { String(head.prefix { $0 != " " }) }
        var path: String { head.split(separator: " ")[1].description }
        /// The values of a field, by its lower-case name.
        func field(_ name: String) -> [String] {
            head.split(separator: "\r\n").dropFirst().compactMap { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts[0].lowercased() == name else { return nil }
                return String(parts[1].drop { $0 == " " })
            }
        }
    }

    enum Step: Sendable {
        case send(String)
        case close, reset
        case wait(Gate)

        /// A whole answer.
        static func answer(_ body: String) -> Step { answer(200, body) }

        static func answer(_ status: Int, _ body: String, type: String = "application/json") -> Step {
            .send("HTTP/1.1 \(status) X\r\ncontent-type: \(type)\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)")
        }

        /// The head of an event stream in chunks.
        static let streamHead = Step.send(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        static func chunk(_ text: String) -> Step {
            .send("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
        }
        static let lastChunk = Step.send("0\r\n\r\n")
    }

    /// Answers a request that is neither a health check nor a question about the model.
    typealias Script = @Sendable (Request) -> [Step]

    /// Requests that went to the script.
    let requests = Journal<Request>()
    /// Health checks and questions about the model.
    let questions = Journal<Request>()
    let address: SocketAddress
    var url: String { "http://127.0.0.1:\(address.port)" }
    private let model: String
    private let script: Script
    private let connections = Atomic<Int>(0)
    private let healthStatus = Atomic<Int>(200)
    private let listener: LoopBound<Listener>
    private let loop: EventLoop

    private final class Later: Sendable {
        let worker = Mutex<ScriptedWorker?>(nil)
    }

    static func start(
        on loop: EventLoop, model: String = "m", _ script: @escaping Script = { _ in [.answer("{\"ok\":true}")] }
    ) async throws -> ScriptedWorker {
        let later = Later()
        let listener = await loop.call { () -> LoopBound<Listener>? in
            let any = SocketAddress(literal: "127.0.0.1", port: 0)!
            let listener = try? Listener(loop: loop, address: any) { descriptor, _ in
                guard let stream = try? ByteStream(loop: loop, connected: descriptor),
                    let worker = later.worker.withLock({ $0 })
                else { return }
                loop.spawn { await worker.serve(stream) }
            }
            return listener.map { LoopBound($0) }
        }
        let worker = ScriptedWorker(listener: try #require(listener), loop: loop, model: model, script: script)
        later.worker.withLock { $0 = worker }
        try await #require(loop.call { (try? worker.listener.value.start()) != nil })
        return worker
    }

    private init(listener: LoopBound<Listener>, loop: EventLoop, model: String, script: @escaping Script) {
        self.listener = listener
        self.loop = loop
        self.model = model
        self.script = script
        address = listener.value.address
    }

    /// What health checks are answered from now on.
    func setHealth(_ status: Int) { healthStatus.store(status, ordering: .relaxed) }

    private func serve(_ stream: ByteStream) async {
        let number = connections.wrappingAdd(1, ordering: .relaxed).oldValue
        let input = ByteBuffer(capacity: 4096)
        var turn = 0
        defer { stream.closeDescriptor() }
        while let request = await read(stream, input, number, turn) {
            turn += 1
            for step in steps(request) {
                switch step {
                case .send(let text):
                    let bytes = ByteBuffer(Array(text.utf8))
                    guard (try? await stream.writeAll(bytes.readable, stall: .seconds(20))) != nil else { return }
                case .close: return
                case .reset: return stream.abort()
                case .wait(let gate): await gate.wait()
                }
            }
        }
    }

    private func steps(_ request: Request) -> [Step] {
        switch (request.method, request.path) {
        case ("GET", "/health"):
            questions.append(request)
            return [.answer(healthStatus.load(ordering: .relaxed), "")]
        case ("GET", "/server_info"):
            questions.append(request)
            return [.answer("{\"served_model_name\":\"\(model)\"}")]
        case ("GET", "/model_info"):
            questions.append(request)
            return [.answer(404, "")]
        default:
            requests.append(request)
            return script(request)
        }
    }

    private func read(_ stream: ByteStream, _ input: ByteBuffer, _ connection: Int, _ turn: Int) async -> Request? {
        while true {
            let text = Array(input.readable)
            if let end = text.firstRange(of: Array("\r\n\r\n".utf8)) {
                let head = String(decoding: text[..<end.lowerBound], as: UTF8.self)
                let bare = Request(head: head, body: "", connection: connection, turn: turn)
                let length = bare.field("content-length").first.flatMap { Int($0) } ?? 0
                if text.count - end.upperBound >= length {
                    let body = String(decoding: text[end.upperBound..<end.upperBound + length], as: UTF8.self)
                    input.consume(end.upperBound + length)
                    return Request(head: head, body: body, connection: connection, turn: turn)
                }
            }
            input.reserve(4096)
            guard let count = try? await stream.readSome(into: input), count > 0 else { return nil }
        }
    }
}

/// A port that refuses connections for as long as this lives: bound, so that nobody else gets it, and without a listener.
final class RefusingPort {
    private let descriptor: Int32
    let url: String

    init() throws {
        let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(made, generic, length) == 0 && getsockname(made, generic, &length) == 0
            } ? UInt16(bigEndian: pointer.pointee.sin_port) : 0
        }
        descriptor = made
        url = "http://127.0.0.1:\(port)"
        try #require(port > 0)
    }

    deinit { close(descriptor) }
}
