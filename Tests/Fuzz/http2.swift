// Feeds arbitrary bytes to an HTTP/2 session of either role. A finding is a trap: in the code, or in a rule below.
//
// Input: byte 0 chooses the role and the way bytes arrive, byte 1 is the time between pieces in milliseconds, the rest
// is what the peer sends (behind the preface and an empty SETTINGS frame, unless bit 2 says otherwise).

internal import SMGBase
internal import SMGHTTP

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP2(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    HTTP2Fuzz.run(UnsafeRawBufferPointer(start: start, count: count))
    return 0
}

/// Keeps to the order of calls that `HTTP2Handler` promises, and answers every request.
final class HTTP2FuzzHandler: HTTP2Handler {
    private struct State {
        var unconsumed = 0
        var hadHead = false
        var isEnded = false
    }

    weak var session: HTTP2Session?
    var consumes = true
    private var states: [Int32: State] = [:]
    private let empty = HTTP2Headers()

    func opened(_ stream: Int32) { states[stream] = State() }

    override func onRequestHead(_ stream: Int32, _ headers: HTTP2Headers, endStream: Bool) {
        precondition(states[stream] == nil && headers.method.count > 0)
        states[stream] = State(hadHead: true)
        precondition(headers.count <= HTTP2Limits.maxHeaderFields)
        precondition(headers.listBytes <= HTTP2Limits.maxHeaderListBytes)
        try? session?.submitResponse(stream, status: 200, headers, endStream: stream % 8 == 5)
        _ = try? session?.send(stream, headers.path, endStream: false)
        if stream % 8 == 3 { session?.reset(stream, .cancel) }
    }

    override func onResponseHead(_ stream: Int32, _ headers: HTTP2Headers, endStream: Bool) {
        guard var state = states[stream], !state.hadHead, (200...999).contains(headers.status) else { fatalError() }
        state.hadHead = true
        states[stream] = state
    }

    override func onInformational(_ stream: Int32, _ headers: HTTP2Headers) {
        precondition(states[stream]?.hadHead == false && (100..<200).contains(headers.status))
    }

    override func onData(_ stream: Int32, _ bytes: UnsafeRawBufferPointer) {
        guard var state = states[stream], state.hadHead, !state.isEnded else { fatalError() }
        state.unconsumed += bytes.count
        precondition(state.unconsumed <= HTTP2Limits.streamWindow)
        if consumes {
            session?.consume(stream, bytes.count)
            state.unconsumed = 0
        }
        states[stream] = state
    }

    override func onTrailers(_ stream: Int32, _ headers: HTTP2Headers) {
        precondition(states[stream]?.hadHead == true && states[stream]?.isEnded == false)
    }

    override func onEnd(_ stream: Int32) {
        guard var state = states[stream], state.hadHead, !state.isEnded else { fatalError() }
        state.isEnded = true
        states[stream] = state
        try? session?.submitTrailers(stream, empty)
    }

    override func onReset(_ stream: Int32, _ code: HTTP2ErrorCode) { precondition(states[stream] != nil) }

    override func onClose(_ stream: Int32) { precondition(states.removeValue(forKey: stream) != nil) }

    var openStreams: Int { states.count }
}

enum HTTP2Fuzz {
    private static let pieces = [Int.max, 1, 2, 5, 9, 17, 64, 1000]

    static func run(_ input: UnsafeRawBufferPointer) {
        guard input.count >= 2 else { return }
        let role: HTTP2Session.Role = input[0] & 1 == 0 ? .server : .client
        let handler = HTTP2FuzzHandler()
        handler.consumes = input[0] & 2 == 0
        guard
            let session = try? HTTP2Session(
                role: role, handler: handler, configuration: role == .server ? .server : .client)
        else { return }
        handler.session = session
        if role == .client { submitRequests(session, handler) }

        let peer = ByteBuffer(capacity: input.count + 64)
        if input[0] & 4 == 0 {
            if role == .server { peer.append(HTTP2Preface.bytes) }
            peer.append(contentsOf: [0, 0, 0, 4, 0, 0, 0, 0, 0])
        }
        peer.append(UnsafeRawBufferPointer(rebasing: input[2...]))
        feed(session, peer, piece: pieces[Int(input[0] >> 3 & 7)], step: .milliseconds(Int(input[1])))
        session.connectionLost()
        precondition(handler.openStreams == 0 && session.openStreams == 0)
    }

    private static func feed(_ session: HTTP2Session, _ peer: ByteBuffer, piece: Int, step: TimeSpan) {
        let out = ByteBuffer(capacity: 1024)
        var now = Instant(nanoseconds: 0)
        var isOver = false
        while !isOver, !peer.isEmpty {
            let count = min(piece, peer.readableCount)
            do { try session.receive(UnsafeRawBufferPointer(rebasing: peer.readable[..<count]), now: now) } catch {
                isOver = true
            }
            peer.consume(count)
            now = now + step
            precondition(session.openStreams <= HTTP2Limits.maxConcurrentStreams + 3)
            while let made = try? session.produce(into: out, atMost: 4096), made > 0 {
                precondition(made <= 4096 + HTTP2Limits.maxFrameSize + 9)
                out.clear()
            }
            if session.isFinished { isOver = true }
        }
        precondition(!isOver || !session.wantsRead)
    }

    private static func submitRequests(_ session: HTTP2Session, _ handler: HTTP2FuzzHandler) {
        let headers = HTTP2Headers()
        func view(_ text: StaticString) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        }
        for method in ["GET", "HEAD", "POST"] as [StaticString] {
            headers.clear()
            headers.setRequest(method: view(method), scheme: view("http"), authority: view("a"), path: view("/"))
            let isOpen = view(method).equals("POST")
            guard let id = try? session.submitRequest(headers, endStream: !isOpen) else { continue }
            handler.opened(id)
            if isOpen { _ = try? session.send(id, view("body"), endStream: false) }
        }
        let out = ByteBuffer(capacity: 1024)
        _ = try? session.produce(into: out, atMost: 4096)
    }
}
