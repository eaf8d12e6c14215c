import SMGBase
import SMGNet

@testable import SMGHTTP

/// An HTTP/2 client over a blocking socket: a client session with a recorder.
final class HTTP2Client {
    let raw: RawClient
    let recorder = Recorder()
    let session: HTTP2Session
    private let output = ByteBuffer(capacity: 1 << 16)

    init(_ raw: RawClient, streamWindow: Int = HTTP2Limits.streamWindow) throws {
        self.raw = raw
        var configuration = HTTP2Configuration.client
        configuration.streamWindow = streamWindow
        session = try HTTP2Session(role: .client, handler: recorder, configuration: configuration)
        recorder.session = session
    }

    convenience init(
        _ address: SocketAddress, receiveBuffer: Int32? = nil, streamWindow: Int = HTTP2Limits.streamWindow
    ) throws {
        try self.init(RawClient(address, receiveBuffer: receiveBuffer), streamWindow: streamWindow)
    }

    /// The bytes the session wants to send now.
    func produced() throws -> [UInt8] {
        output.clear()
        while try session.produce(into: output, atMost: 1 << 20) > 0 {}
        return Array(output.readable)
    }

    func push() throws {
        let bytes = try produced()
        if !bytes.isEmpty { try raw.send(bytes) }
    }

    /// Reads once and takes what came. False at the connection's end.
    func step() throws -> Bool {
        try push()
        guard try raw.read() else { return false }
        let bytes = raw.received
        raw.received = []
        try bytes.withUnsafeBytes { try session.receive($0, now: Instant(nanoseconds: 0)) }
        try push()
        return true
    }

    /// Goes on until `condition` holds. False when the connection ended before.
    @discardableResult
    func run(until condition: () -> Bool) throws -> Bool {
        while !condition() { guard try step() else { return condition() } }
        return true
    }

    /// Opens a stream; nothing is sent yet.
    func open(
        _ method: String = "GET", _ path: String = "/", fields: [(String, String)] = [], body: [UInt8]? = nil,
        ends: Bool = true
    ) throws -> Int32 {
        let headers = HTTP2Headers()
        func with(_ text: String, _ body: (UnsafeRawBufferPointer) -> Void) {
            var text = text
            text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
        }
        with(method) { method in
            with(path) { path in
                with("http") { scheme in
                    with("h") { headers.setRequest(method: method, scheme: scheme, authority: $0, path: path) }
                }
            }
        }
        for (name, value) in fields { with(name) { name in with(value) { headers.append(name, $0) } } }
        let id = try session.submitRequest(headers, endStream: body == nil && ends)
        if let body { try body.withUnsafeBytes { _ = try session.send(id, $0, endStream: ends) } }
        return id
    }

    func log(_ id: Int32) -> StreamLog { recorder.logs[id] ?? StreamLog() }

    /// Runs one request to its end.
    func exchange(
        _ method: String = "GET", _ path: String = "/", fields: [(String, String)] = [], body: [UInt8]? = nil
    ) throws -> StreamLog {
        let id = try open(method, path, fields: fields, body: body)
        try run { log(id).closes > 0 }
        return log(id)
    }

    var hasGoAway: Bool { !recorder.goAways.isEmpty }
}

extension StreamLog {
    var text: String { String(decoding: body, as: UTF8.self) }
    /// A whole answer.
    var isWhole: Bool { isEnded && (reset == nil || reset == .noError) }
}
