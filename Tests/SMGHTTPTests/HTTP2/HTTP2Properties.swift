import SMGBase
import SMGHTTP

/// What must hold for an HTTP/2 session whatever the peer sends, for the fuzzer and for the replay of its corpus alike.
/// Byte 0 chooses the role and how bytes arrive, byte 1 is the time between pieces in milliseconds, the rest is the
/// peer's, behind the preface and an empty SETTINGS frame (unless bit 2 of byte 0 says otherwise).
/// Returns what was violated, or nil.
func violatedHTTP2Property(_ input: [UInt8]) -> String? {
    guard input.count >= 2 else { return nil }
    let (mode, step) = (input[0], TimeSpan.milliseconds(Int(input[1])))
    let role: HTTP2Session.Role = mode & 1 == 0 ? .server : .client
    let handler = WatchfulHandler(consumes: mode & 2 == 0)
    let configuration: HTTP2Configuration = role == .server ? .server : .client
    guard let session = try? HTTP2Session(role: role, handler: handler, configuration: configuration) else {
        return "no session"
    }
    handler.session = session
    if role == .client { handler.submitRequests() }

    var bytes: [UInt8] = []
    if mode & 4 == 0 {
        if role == .server { bytes += Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) }
        bytes += [0, 0, 0, 4, 0, 0, 0, 0, 0]
    }
    bytes += input[2...]
    let piece = [Int.max, 1, 2, 5, 9, 17, 64, 1000][Int(mode >> 3 & 7)]
    if let violation = violatedWhileFed(session, bytes, piece: piece, step: step) { return violation }
    session.connectionLost()
    if session.openStreams != 0 || handler.openStreams != 0 { return "streams outlive the connection" }
    return handler.violation
}

private func violatedWhileFed(_ session: HTTP2Session, _ bytes: [UInt8], piece: Int, step: TimeSpan) -> String? {
    let frameLimit = HTTP2Limits.maxFrameSize + 9
    let out = ByteBuffer(capacity: 1024)
    var now = Instant(nanoseconds: 0)
    var at = 0
    var hasThrown = false
    while at < bytes.count, !session.isFinished {
        let end = piece >= bytes.count - at ? bytes.count : at + piece
        do { try bytes[at..<end].withUnsafeBytes { try session.receive($0, now: now) } } catch { hasThrown = true }
        at = end
        now = now + step
        if session.openStreams > HTTP2Limits.maxConcurrentStreams + 3 { return "too many streams" }
        var rounds = 0
        while let made = try? session.produce(into: out, atMost: 4096), made > 0 {
            if made > 4096 + frameLimit { return "output beyond its limit" }
            out.clear()
            rounds += 1
            // All streams' answers together are far below this.
            if rounds > 10_000 { return "output without end" }
        }
        if hasThrown && !session.isFinished { return "an error that does not end the connection" }
    }
    return nil
}

/// Checks the order of calls that `HTTP2Handler` promises, and answers every request.
private final class WatchfulHandler: HTTP2Handler {
    private struct State {
        var unconsumed = 0
        var hadHead = false
        var isEnded = false
    }

    weak var session: HTTP2Session?
    private(set) var violation: String?
    private var states: [Int32: State] = [:]
    private let headers = HTTP2Headers()
    private let consumes: Bool

    init(consumes: Bool) { self.consumes = consumes }

    var openStreams: Int { states.count }

    func submitRequests() {
        func view(_ text: StaticString) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        }
        for method in ["GET", "HEAD", "POST"] as [StaticString] {
            headers.clear()
            headers.setRequest(method: view(method), scheme: view("http"), authority: view("a"), path: view("/"))
            let isOpen = view(method).equals("POST")
            guard let id = try? session?.submitRequest(headers, endStream: !isOpen) else { continue }
            states[id] = State()
            if isOpen { _ = try? session?.send(id, view("body"), endStream: false) }
        }
        _ = try? session?.produce(into: ByteBuffer(capacity: 1024), atMost: 4096)
    }

    private func check(_ rule: Bool, _ text: String) {
        if !rule, violation == nil { violation = text }
    }

    override func onRequestHead(_ stream: Int32, _ headers: HTTP2Headers, endStream: Bool) {
        check(states[stream] == nil, "two heads")
        check(headers.method.count > 0, "no method")
        check(headers.count <= HTTP2Limits.maxHeaderFields, "too many fields")
        check(headers.listBytes <= HTTP2Limits.maxHeaderListBytes, "header list too long")
        states[stream] = State(hadHead: true)
        try? session?.submitResponse(stream, status: 200, headers, endStream: stream % 8 == 5)
        _ = try? session?.send(stream, headers.path, endStream: false)
        if stream % 8 == 3 { session?.reset(stream, .cancel) }
    }

    override func onResponseHead(_ stream: Int32, _ headers: HTTP2Headers, endStream: Bool) {
        check(states[stream]?.hadHead == false, "a second or unknown response")
        check((200...999).contains(headers.status), "status out of range")
        states[stream]?.hadHead = true
    }

    override func onInformational(_ stream: Int32, _ headers: HTTP2Headers) {
        check(states[stream]?.hadHead == false, "informational response out of place")
        check((100..<200).contains(headers.status), "informational status out of range")
    }

    override func onData(_ stream: Int32, _ bytes: UnsafeRawBufferPointer) {
        check(states[stream]?.hadHead == true && states[stream]?.isEnded == false, "data out of place")
        states[stream]?.unconsumed += bytes.count
        check((states[stream]?.unconsumed ?? 0) <= HTTP2Limits.streamWindow, "more data than the window")
        guard consumes else { return }
        session?.consume(stream, bytes.count)
        states[stream]?.unconsumed = 0
    }

    override func onTrailers(_ stream: Int32, _ headers: HTTP2Headers) {
        check(states[stream]?.hadHead == true && states[stream]?.isEnded == false, "trailers out of place")
    }

    override func onEnd(_ stream: Int32) {
        check(states[stream]?.hadHead == true && states[stream]?.isEnded == false, "end out of place")
        states[stream]?.isEnded = true
        headers.clear()
        try? session?.submitTrailers(stream, headers)
    }

    override func onReset(_ stream: Int32, _ code: HTTP2ErrorCode) {
        check(states[stream] != nil, "reset of an unknown stream")
    }

    override func onClose(_ stream: Int32) { check(states.removeValue(forKey: stream) != nil, "closed twice") }
}
