internal import SMGBase
internal import SMGHTTP
internal import SMGNet

/// One HTTP/1 connection of a simulated engine: reads a request, lets the host answer, starts over.
///
/// Not the gateway's own server, for two reasons: it must be able to break every rule on the wire, and a test double
/// that shares the code under test also shares its mistakes.
final class EngineConnection {
    /// Response bytes held before the producer waits.
    private static let highWaterBytes = 256 << 10
    /// Without the peer taking a byte of the answer.
    private static let writeStall = TimeSpan.seconds(60)
    /// Between two requests, and for a head or a body to go on.
    private static let readStall = TimeSpan.seconds(120)

    let stream: ByteStream
    let loop: EventLoop
    private unowned let host: EngineHost
    private var parser = RequestHeadParser()
    private let input = ByteBuffer(capacity: 16 << 10)
    private let headBuffer = ByteBuffer(capacity: 1 << 10)
    private let bodyBuffer = ByteBuffer(capacity: 0)
    private let output = ByteBuffer(capacity: 4 << 10)
    private var waiter: UnsafeContinuation<Void, Never>?
    private var timer: LoopTimer?
    private var inRequest = false
    private var isChunked = false
    private var closesAfterwards = false

    /// Requests that have come on this connection, the current one included.
    private(set) var requestNumber = 0
    /// The client has left, or the connection was broken on purpose.
    private(set) var isOver = false
    /// Whether the client left by itself.
    private(set) var isClientGone = false
    /// The times of the current request once the engine has admitted it.
    var schedule: Schedule?

    init(host: EngineHost, stream: ByteStream) {
        self.host = host
        self.stream = stream
        loop = stream.loop
        stream.delegate = self
        timer = LoopTimer { [unowned self] in wake() }
    }

    // MARK: - The request

    var head: RequestHead { parser.head }
    var headBytes: UnsafeRawBufferPointer { headBuffer.readable }
    var path: UnsafeRawBufferPointer { headBytes.slice(head.path) }
    var query: UnsafeRawBufferPointer { headBytes.slice(head.query) }
    var body: UnsafeRawBufferPointer { bodyBuffer.readable }

    func header(_ name: KnownHeader) -> UnsafeRawBufferPointer? { head.headers.value(name, in: headBytes) }

    /// Serves requests until the connection ends.
    func serve() async {
        while await readRequest() {
            requestNumber += 1
            inRequest = true
            schedule = nil
            isChunked = false
            closesAfterwards = !head.keepAlive
            // A client that ended its side while we read its request does not wait for the answer.
            if stream.peerFinished { clientLeft() }
            await host.handle(self)
            inRequest = false
            guard await drained(to: 0), !closesAfterwards, !isOver else { break }
        }
        if let timer { loop.remove(timer) }
        if !stream.isClosed { stream.closeDescriptor() }
    }

    /// Ends the connection now, from outside.
    func shutDown() {
        isOver = true
        stream.closeDescriptor()
        wake()
    }

    private func readRequest() async -> Bool {
        parser.reset()
        bodyBuffer.clear()
        while true {
            do throws(HTTPParseError) {
                switch try parser.parse(input.readable) {
                case .request: return await readBody()
                case .http2Preface: return refuse(505)
                case nil: break
                }
            } catch { return refuse(error.status) }
            guard await fillInput() else { return false }
        }
    }

    private func readBody() async -> Bool {
        headBuffer.clear()
        headBuffer.append(input.readable.slice(0..<head.length))
        input.consume(head.length)
        var decoder = BodyDecoder(head.framing)
        if head.expectContinue, !decoder.isFinished { sendRaw("HTTP/1.1 100 Continue\r\n\r\n") }
        while !decoder.isFinished {
            do throws(HTTPParseError) {
                let step = try decoder.decode(input.readable) { bodyBuffer.append($0) }
                input.consume(step.consumed)
            } catch { return refuse(error.status) }
            guard bodyBuffer.readableCount <= EngineLimits.maximumBodyBytes else { return refuse(413) }
            if decoder.isFinished { break }
            guard await fillInput() else { return false }
        }
        return true
    }

    private func fillInput() async -> Bool {
        input.compact()
        input.reserve(4096)
        guard let count = try? await stream.readSome(into: input, within: Self.readStall), count > 0 else {
            return false
        }
        host.stats.bytesReceived += count
        return true
    }

    private func refuse(_ status: Int) -> Bool {
        HeadWriter(output).statusLine(status)
        output.append("connection: close\r\ncontent-length: 0\r\n\r\n")
        flush()
        return false
    }

    // MARK: - Waiting

    /// Suspends until `deadline`, or for ever, or until `wake()`. False when the connection is over.
    func pause(until deadline: Instant?) async -> Bool {
        if isOver { return false }
        if let deadline, let timer {
            guard deadline > loop.now else { return true }
            loop.arm(timer, after: deadline - loop.now)
        }
        await withUnsafeContinuation { waiter = $0 }
        if let timer { loop.disarm(timer) }
        return !isOver
    }

    /// Ends a pause, so that its reason is looked at again.
    func wake() {
        let continuation = waiter
        waiter = nil
        continuation?.resume()
    }

    /// Waits until little of the answer is left to send. False when the connection is over.
    func waitForRoom() async -> Bool {
        output.readableCount > Self.highWaterBytes ? await drained(to: Self.highWaterBytes / 4) : !isOver
    }

    private func drained(to level: Int) async -> Bool {
        flush()
        while output.readableCount > level {
            let deadline = loop.now + Self.writeStall
            guard await pause(until: deadline) else { return false }
            if loop.now >= deadline {
                clientLeft()
                return false
            }
        }
        return !isOver
    }

    private func clientLeft() {
        guard !isOver else { return }
        isOver = true
        isClientGone = true
        output.clear()
        wake()
    }

    // MARK: - The answer

    /// Begins an answer with a body of `length` bytes, or a chunked one. Nothing is sent before `flush`.
    func beginAnswer(status: Int, contentType: StaticString, length: Int?) {
        let writer = HeadWriter(output)
        writer.statusLine(status)
        if contentType.utf8CodeUnitCount > 0 { writer.field("content-type", contentType) }
        writer.field("x-sim-worker", text: host.name)
        if let id = header(.xRequestID) { writer.field("x-request-id", id) }
        if let length {
            writer.field("content-length", length)
        } else if head.version == .http11 {
            isChunked = true
            writer.framing(.chunked)
        } else {
            closesAfterwards = true
        }
        if closesAfterwards { writer.field("connection", "close") }
        writer.end()
    }

    /// Adds body bytes.
    func write(_ bytes: UnsafeRawBufferPointer) {
        guard !isOver, head.method != .head else { return }
        if isChunked { HeadWriter(output).chunk(bytes) } else { output.append(bytes) }
    }

    /// Ends the answer.
    func finish() {
        if isChunked, !isOver, head.method != .head { HeadWriter(output).lastChunk() }
        flush()
    }

    /// A whole answer.
    func answer(status: Int, contentType: StaticString, _ body: UnsafeRawBufferPointer) {
        beginAnswer(status: status, contentType: contentType, length: body.count)
        write(body)
        finish()
    }

    /// Hands what is there to the kernel.
    func flush() {
        guard !output.isEmpty, !stream.isClosed else { return }
        switch stream.write(output.readable) {
        case .wrote(let count):
            output.consume(count)
            host.stats.bytesSent += count
        case .failed: clientLeft()
        }
    }

    // MARK: - Misbehaviour

    /// Sends bytes as they are.
    func sendRaw(_ text: StaticString) {
        output.append(text)
        flush()
    }

    /// Sends what is there byte by byte, `pause` apart.
    func dribble(_ span: TimeSpan) async {
        while !output.isEmpty, !isOver {
            switch stream.write(output.readable.slice(0..<1)) {
            case .wrote(let count):
                output.consume(count)
                host.stats.bytesSent += count
            case .failed: clientLeft()
            }
            guard await pause(until: loop.now + span) else { return }
        }
    }

    /// Breaks the connection: what was written so far is sent, nothing is ended.
    func cut(reset: Bool) {
        flush()
        isOver = true
        output.clear()
        if reset { stream.abort() } else { stream.closeDescriptor() }
    }
}

extension EngineConnection: StreamDelegate {
    func streamWritable(_ stream: ByteStream) {
        guard !output.isEmpty else { return }
        flush()
        wake()
    }

    func streamPeerGone(_ stream: ByteStream, reset: Bool) { if inRequest { clientLeft() } }
}
