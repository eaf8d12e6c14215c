import SMGBase
import SMGHTTP
import SMGJSON
import SMGNet
import Testing

@testable import SMGSim

/// Starts an engine on a loop of its own, runs `body` as a task on that loop, and ends both.
func withEngine(
    _ change: (inout SimulatedEngineOptions) -> Void = { _ in },
    _ body: @escaping @Sendable (TestEngine) async throws -> Void
) async throws {
    var options = SimulatedEngineOptions()
    options.name = "sim"
    change(&options)
    let loop = try EventLoop(index: 0)
    loop.start()
    let engine = try await SimulatedEngine.start(options, on: loop)
    let result: Result<Void, any Error> = await withUnsafeContinuation { continuation in
        loop.spawn {
            do {
                try await body(TestEngine(engine: engine, loop: loop))
                continuation.resume(returning: .success(()))
            } catch { continuation.resume(returning: .failure(error)) }
        }
    }
    await engine.stop()
    loop.stop()
    loop.join()
    try result.get()
}

/// An engine under test and ways to talk to it. Used on the engine's loop.
struct TestEngine: Sendable {
    let engine: SimulatedEngine
    let loop: EventLoop

    func connect() async throws -> RawClient {
        let stream = try ByteStream.connecting(to: engine.address, on: loop)
        try await stream.finishConnecting(within: .seconds(10))
        return RawClient(stream)
    }

    /// One request on a connection of its own.
    func ask(_ method: String, _ path: String, _ body: String = "", headers: String = "") async throws -> RawAnswer {
        let client = try await connect()
        defer { client.close() }
        try await client.send(method, path, body, headers: headers)
        return try await client.receive()
    }

    func post(_ path: String, _ body: String) async throws -> RawAnswer { try await ask("POST", path, body) }

    func setFaults(_ change: (inout FaultPlan) -> Void) async {
        var plan = FaultPlan()
        change(&plan)
        await engine.setFaults(plan)
    }
}

/// An answer and how its connection stood at its end.
struct RawAnswer {
    enum End: Equatable { case whole, truncated, reset, malformed }

    var status = 0
    var headers: [String: String] = [:]
    var body: [UInt8] = []
    var end = End.truncated

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The payloads of the body's events.
    var events: [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) }
    }

    /// The types of the body's events.
    var eventTypes: [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("event: ") }.map { String($0.dropFirst(7)) }
    }

    /// The value at `path`, names and indexes separated by dots, as JSON text; strings without quotes.
    subscript(path: String) -> String? { json(text, path) }
}

/// The value at `path` of a JSON document.
func json(_ text: String, _ path: String) -> String? {
    Array(text.utf8).withUnsafeBytes { bytes in
        guard var slice = try? JSONSlice(parsing: bytes) else { return nil }
        for part in path.split(separator: ".") {
            var next: JSONSlice?
            if let index = Int(part) {
                next = Array(slice.elements).indices.contains(index) ? Array(slice.elements)[index] : nil
            } else {
                for (key, value) in slice.members where key.string == part { next = value }
            }
            guard let next else { return nil }
            slice = next
        }
        return slice.string ?? slice.bytes.string
    }
}

/// A plain HTTP client over one connection, written for tests: waits long, checks little.
final class RawClient {
    private static let patience = TimeSpan.seconds(30)

    let stream: ByteStream
    private let input = ByteBuffer(capacity: 64 << 10)

    init(_ stream: ByteStream) { self.stream = stream }

    func close() { stream.closeDescriptor() }

    func write(_ text: String) async throws {
        let bytes = ByteBuffer(Array(text.utf8))
        try await stream.writeAll(bytes.readable, stall: Self.patience)
    }

    func send(_ method: String, _ path: String, _ body: String, headers: String = "") async throws {
        let length = body.isEmpty && method == "GET" ? "" : "content-length: \(body.utf8.count)\r\n"
        try await write("\(method) \(path) HTTP/1.1\r\nhost: x\r\n\(headers)\(length)\r\n\(body)")
    }

    /// Reads the next answer to its end, or to where it breaks off.
    func receive() async throws -> RawAnswer {
        var answer = RawAnswer()
        var parser = ResponseHeadParser()
        var decoder: BodyDecoder?
        while true {
            do throws(HTTPParseError) {
                if decoder == nil, let head = try parser.parse(input.readable, requestMethod: .post) {
                    if head.isInformational {
                        input.consume(head.length)
                        parser.reset()
                        continue
                    }
                    answer.status = head.status
                    for index in 0..<head.headers.count {
                        let name = head.headers.name(at: index, in: input.readable).string.lowercased()
                        answer.headers[name] = head.headers.value(at: index, in: input.readable).string
                    }
                    decoder = BodyDecoder(head.framing)
                    input.consume(head.length)
                }
                if decoder != nil {
                    let step = try decoder!.decode(input.readable) { answer.body.append(contentsOf: $0) }
                    input.consume(step.consumed)
                    if step.finished {
                        answer.end = .whole
                        return answer
                    }
                }
            } catch {
                answer.end = .malformed
                return answer
            }
            input.compact()
            input.reserve(16 << 10)
            do throws(NetError) {
                guard try await stream.readSome(into: input, within: Self.patience) > 0 else { return answer }
            } catch {
                guard error.code == "connection_reset" else { throw error }
                answer.end = .reset
                return answer
            }
        }
    }

    /// Reads until `count` events have come; the stream goes on.
    func receiveEvents(_ count: Int) async throws {
        // Before decoding, so between chunk sizes: counted by what each begins with.
        while input.readableString.split(separator: "data: ").count <= count {
            input.reserve(4096)
            guard try await stream.readSome(into: input, within: Self.patience) > 0 else {
                throw NetError.unexpectedEnd
            }
        }
    }
}

/// Bodies of requests.
enum Ask {
    static func chat(_ text: String = "hello there", tokens: Int = 4, stream: Bool = false, more: String = "") -> String
    {
        #"{"model":"m","messages":[{"role":"user","content":"\#(text)"}],"max_tokens":\#(tokens),"#
            + #""stream":\#(stream)\#(more)}"#
    }

    static func completion(_ text: String = "hello there", tokens: Int = 4, stream: Bool = false) -> String {
        #"{"prompt":"\#(text)","max_tokens":\#(tokens),"stream":\#(stream)}"#
    }
}
