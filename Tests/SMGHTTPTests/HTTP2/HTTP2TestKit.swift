import SMGBase

@testable import SMGHTTP

/// Everything the handler was told about one stream.
struct StreamLog {
    var method = ""
    var path = ""
    var authority = ""
    var scheme = ""
    var status = 0
    var fields: [String: String] = [:]
    var informational: [Int] = []
    var body: [UInt8] = []
    var trailers: [String: String]?
    var hadHead = false
    var headEndedStream = false
    var isEnded = false
    var reset: HTTP2ErrorCode?
    var closes = 0
    var writableCalls = 0
}

/// A handler that writes everything down and can act through closures.
final class Recorder: HTTP2Handler {
    var logs: [Int32: StreamLog] = [:]
    var goAways: [(last: Int32, code: HTTP2ErrorCode)] = []
    var pongs: [UInt64] = []
    var settings = 0
    /// Give body bytes back at once.
    var consumes = true
    weak var session: HTTP2Session?

    var whenRequest: (Int32, HTTP2Headers) -> Void = { _, _ in }
    var whenData: (Int32, Int) -> Void = { _, _ in }
    var whenEnd: (Int32) -> Void = { _ in }
    var whenWritable: (Int32) -> Void = { _ in }

    static func fields(_ headers: HTTP2Headers) -> [String: String] {
        var result: [String: String] = [:]
        for i in 0..<headers.count { result[headers.name(at: i).string] = headers.value(at: i).string }
        return result
    }

    override func onRequestHead(_ stream: Int32, _ headers: HTTP2Headers, endStream: Bool) {
        var log = StreamLog()
        log.method = headers.method.string
        log.path = headers.path.string
        log.authority = headers.authority.string
        log.scheme = headers.scheme.string
        log.fields = Self.fields(headers)
        log.hadHead = true
        log.headEndedStream = endStream
        logs[stream] = log
        whenRequest(stream, headers)
    }

    override func onInformational(_ stream: Int32, _ headers: HTTP2Headers) {
        logs[stream, default: StreamLog()].informational.append(headers.status)
    }

    override func onResponseHead(_ stream: Int32, _ headers: HTTP2Headers, endStream: Bool) {
        logs[stream, default: StreamLog()].status = headers.status
        logs[stream]?.fields = Self.fields(headers)
        logs[stream]?.hadHead = true
        logs[stream]?.headEndedStream = endStream
    }

    override func onData(_ stream: Int32, _ bytes: UnsafeRawBufferPointer) {
        logs[stream, default: StreamLog()].body.append(contentsOf: bytes)
        if consumes { session?.consume(stream, bytes.count) }
        whenData(stream, bytes.count)
    }

    override func onTrailers(_ stream: Int32, _ headers: HTTP2Headers) {
        logs[stream, default: StreamLog()].trailers = Self.fields(headers)
    }

    override func onEnd(_ stream: Int32) {
        logs[stream, default: StreamLog()].isEnded = true
        whenEnd(stream)
    }

    override func onReset(_ stream: Int32, _ code: HTTP2ErrorCode) {
        logs[stream, default: StreamLog()].reset = code
    }

    override func onClose(_ stream: Int32) { logs[stream, default: StreamLog()].closes += 1 }

    override func onStreamWritable(_ stream: Int32) {
        logs[stream, default: StreamLog()].writableCalls += 1
        whenWritable(stream)
    }

    override func onGoAway(lastStream: Int32, _ code: HTTP2ErrorCode) { goAways.append((lastStream, code)) }
    override func onSettings() { settings += 1 }
    override func onPong(_ payload: UInt64) { pongs.append(payload) }
}

/// One session with its recorder, clock and output.
final class End {
    let recorder = Recorder()
    let session: HTTP2Session
    var now = Instant(nanoseconds: 0)
    var errors: [HTTP2Error] = []

    init(_ role: HTTP2Session.Role, _ configuration: HTTP2Configuration? = nil) throws {
        session = try HTTP2Session(
            role: role, handler: recorder, configuration: configuration ?? (role == .server ? .server : .client))
        recorder.session = session
    }

    /// Feeds `bytes` in pieces of at most `cut`; an error is kept and ends the feeding.
    func feed(_ bytes: [UInt8], cut: Int = .max) {
        var at = 0
        while at < bytes.count {
            let end = cut >= bytes.count - at ? bytes.count : at + cut
            do { try bytes[at..<end].withUnsafeBytes { try session.receive($0, now: now) } } catch {
                errors.append(error as! HTTP2Error)
                return
            }
            at = end
        }
    }

    /// What the session wants to send now.
    func take(atMost limit: Int = 1 << 20) throws -> [UInt8] {
        let out = ByteBuffer(capacity: 64)
        try session.produce(into: out, atMost: limit)
        return Array(out.readable)
    }

    /// Everything the session wants to send, as frames.
    func takeFrames() throws -> [Frame] {
        var bytes: [UInt8] = []
        while true {
            let more = try take()
            if more.isEmpty { return Frame.parse(bytes) }
            bytes += more
        }
    }
}

/// A client and a server joined by byte pipes.
final class Pair {
    let client: End
    let server: End
    /// Largest piece that arrives at once, and largest that is produced at once.
    var cut = Int.max
    var limit = 1 << 20

    init(
        cut: Int = .max, client: HTTP2Configuration = .client, server: HTTP2Configuration = .server,
        settled: Bool = true
    ) throws {
        self.client = try End(.client, client)
        self.server = try End(.server, server)
        self.cut = cut
        if settled { try pump() }
    }

    /// Moves bytes both ways until both ends are quiet.
    func pump() throws {
        while true {
            let up = try client.take(atMost: limit)
            server.feed(up, cut: cut)
            let down = try server.take(atMost: limit)
            client.feed(down, cut: cut)
            if up.isEmpty && down.isEmpty { return }
        }
    }

    /// Submits a request with the usual pseudo-header fields.
    @discardableResult
    func request(
        _ method: String = "GET", _ path: String = "/", _ fields: [(String, String)] = [], endStream: Bool = true
    ) throws -> Int32 {
        let headers = HTTP2Headers()
        headers.set(method: method, path: path)
        for (name, value) in fields { headers.add(name, value) }
        return try client.session.submitRequest(headers, endStream: endStream)
    }
}

extension HTTP2Headers {
    func add(_ name: String, _ value: String, sensitive: Bool = false) {
        var (name, value) = (name, value)
        name.withUTF8 { n in
            value.withUTF8 { v in append(UnsafeRawBufferPointer(n), UnsafeRawBufferPointer(v), sensitive: sensitive) }
        }
    }

    func set(method: String, path: String, scheme: String = "https", authority: String = "example.test") {
        func bytes(_ text: String, _ body: (UnsafeRawBufferPointer) -> Void) {
            var text = text
            text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
        }
        bytes(method) { m in
            bytes(path) { p in
                bytes(scheme) { s in
                    bytes(authority) { a in setRequest(method: m, scheme: s, authority: a, path: p) }
                }
            }
        }
    }

    convenience init(_ fields: [(String, String)]) {
        self.init()
        for (name, value) in fields { add(name, value) }
    }
}

extension HTTP2Session {
    func send(_ id: Int32, _ bytes: [UInt8], endStream: Bool) throws {
        _ = try bytes.withUnsafeBytes { try send(id, $0, endStream: endStream) }
    }
}

/// A frame written and read by hand.
struct Frame: Equatable {
    var type: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: [UInt8] = []

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    var bytes: [UInt8] {
        let n = payload.count
        return [UInt8(n >> 16 & 255), UInt8(n >> 8 & 255), UInt8(n & 255), type, flags] + Frame.u32(stream) + payload
    }

    static func u32(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * UInt32($0)) & 255) } }

    static func data(_ stream: UInt32, _ payload: [UInt8] = [], end: Bool = false) -> Frame {
        Frame(type: 0, flags: end ? 1 : 0, stream: stream, payload: payload)
    }
    static func headers(_ stream: UInt32, _ block: [UInt8], end: Bool = true, endHeaders: Bool = true) -> Frame {
        Frame(type: 1, flags: (end ? 1 : 0) | (endHeaders ? 4 : 0), stream: stream, payload: block)
    }
    static func continuation(_ stream: UInt32, _ block: [UInt8], endHeaders: Bool = false) -> Frame {
        Frame(type: 9, flags: endHeaders ? 4 : 0, stream: stream, payload: block)
    }
    static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> Frame {
        Frame(type: 3, stream: stream, payload: u32(code))
    }
    static func settings(_ entries: [(UInt16, UInt32)] = [], ack: Bool = false) -> Frame {
        Frame(
            type: 4, flags: ack ? 1 : 0,
            payload: entries.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 255)] + u32($0.1) })
    }
    static func ping(_ payload: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8], ack: Bool = false) -> Frame {
        Frame(type: 6, flags: ack ? 1 : 0, payload: payload)
    }
    static func goAway(_ last: UInt32, _ code: UInt32) -> Frame { Frame(type: 7, payload: u32(last) + u32(code)) }
    static func windowUpdate(_ stream: UInt32, _ increment: UInt32) -> Frame {
        Frame(type: 8, stream: stream, payload: u32(increment))
    }

    /// All whole frames in `bytes`.
    static func parse(_ bytes: [UInt8]) -> [Frame] {
        var frames: [Frame] = []
        var at = 0
        while bytes.count - at >= 9 {
            let length = Int(bytes[at]) << 16 | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2])
            guard bytes.count - at >= 9 + length else { break }
            let stream = bytes[(at + 5)..<(at + 9)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            frames.append(
                Frame(
                    type: bytes[at + 3], flags: bytes[at + 4], stream: stream,
                    payload: Array(bytes[(at + 9)..<(at + 9 + length)])))
            at += 9 + length
        }
        return frames
    }

    /// The error code of a RST_STREAM or GOAWAY frame.
    var code: HTTP2ErrorCode {
        let digits = type == 7 ? payload.dropFirst(4).prefix(4) : payload.prefix(4)
        return HTTP2ErrorCode(rawValue: digits.reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    }
}

/// HPACK by hand: literal fields without indexing, no Huffman coding.
enum HPACK {
    static func literal(_ name: String, _ value: String) -> [UInt8] {
        [0x00] + string(name) + string(value)
    }

    static func string(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        if bytes.count < 127 { return [UInt8(bytes.count)] + bytes }
        var rest = bytes.count - 127
        var prefix: [UInt8] = [127]
        while rest >= 128 {
            prefix.append(UInt8(rest & 127 | 128))
            rest >>= 7
        }
        return prefix + [UInt8(rest)] + bytes
    }

    static func block(_ fields: [(String, String)]) -> [UInt8] { fields.flatMap { literal($0.0, $0.1) } }

    static let get = block([(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "a.test")])
    static let post = block([(":method", "POST"), (":scheme", "https"), (":path", "/"), (":authority", "a.test")])
}

/// A server session that has seen a client's preface and has sent its own.
func rawServer(_ configuration: HTTP2Configuration = .server) throws -> End {
    let end = try End(.server, configuration)
    end.feed(Frame.preface + Frame.settings().bytes + Frame.settings(ack: true).bytes)
    _ = try end.takeFrames()
    return end
}

/// A client session with one open GET on stream 1, settled.
func rawClient() throws -> End {
    let end = try End(.client)
    end.feed(Frame.settings().bytes + Frame.settings(ack: true).bytes)
    let headers = HTTP2Headers()
    headers.set(method: "GET", path: "/")
    _ = try end.session.submitRequest(headers, endStream: true)
    _ = try end.take()
    return end
}
