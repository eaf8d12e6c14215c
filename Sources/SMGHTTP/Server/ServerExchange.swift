package import SMGBase
package import SMGNet

/// How a response's end is marked.
package enum ResponseLength: Equatable {
    /// Exactly this many body bytes follow.
    case known(Int)
    /// Unknown; the transport frames it (chunks, DATA frames, or the connection's end for HTTP/1.0).
    case streaming
    /// No body by the rules of the status (1xx, 204, 304).
    case none
}

/// Why a request's body could not be had.
package enum RequestBodyError: Error, Equatable, Sendable {
    case tooLarge
    /// The client stopped sending for longer than the body-stall timeout.
    case stalled
    /// The client closed or broke its chunked framing in the middle.
    case broken
}

/// One request and the answer to it, on either HTTP version. The handler owns it until it returns.
///
/// Everything happens on `loop`. Bytes given to `write` are copied or sent before it returns. A response that is begun
/// and neither finished nor relayed to its end is cut so that no client takes it for complete.
package class ServerExchange {
    /// Buffered response bytes above which a producer is to wait: what a slow client may hold of our memory.
    package static let highWaterBytes = 256 << 10
    /// Buffered response bytes below which a waiting producer goes on.
    package static let lowWaterBytes = 64 << 10

    package let loop: EventLoop
    /// The request as parsed; its ranges count from the first byte of `headBytes`.
    package let head: RequestHead
    /// When the request's head was complete.
    package internal(set) var receivedAt: Instant
    /// The client has left: whatever is still done for it is wasted.
    package internal(set) var isClientGone = false
    package internal(set) var isResponseBegun = false
    package internal(set) var isResponseFinished = false
    package internal(set) var status = 0
    /// Body bytes handed to the transport.
    package internal(set) var responseBodyBytes = 0
    /// Called once, on the loop, when the client leaves before the response is finished; not after `abort`, and never
    /// from inside `write`. Forgotten when the handler returns.
    package var onClientGone: (() -> Void)?
    /// Called once, on the loop, when buffered output has fallen to `lowWaterBytes`, or the response is cut. To be set
    /// when `bufferedBytes` is above `highWaterBytes` behind a `flush`.
    package var onDrained: (() -> Void)?
    /// Called on the loop when the client's sending direction ended and is taken for a half-close. It may still have
    /// been a departure, which only a write can tell: whoever can write something harmless should.
    package var onHalfClose: (() -> Void)?
    /// Words for the access log and for whoever answers errors on behalf of the handler.
    package var requestID = ""

    init(loop: EventLoop, head: RequestHead) {
        self.loop = loop
        self.head = head
        receivedAt = loop.now
    }

    // MARK: - Request

    /// The bytes of the head. Valid until the handler returns.
    package var headBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

    /// The path asked for; "/" for an absolute-form target without one.
    package var path: UnsafeRawBufferPointer {
        head.path.isEmpty ? ServerExchange.rootPath : headBytes.slice(head.path)
    }

    private static var rootPath: UnsafeRawBufferPointer {
        let root: StaticString = "/"
        return UnsafeRawBufferPointer(start: root.utf8Start, count: 1)
    }

    /// The bytes behind `?`, or none.
    package var query: UnsafeRawBufferPointer { headBytes.slice(head.query) }

    /// The first field `name`, or nil.
    package func header(_ name: KnownHeader) -> UnsafeRawBufferPointer? { head.headers.value(name, in: headBytes) }

    /// Whether the client talks HTTP/1.0, which knows no chunks.
    package var isHTTP10: Bool { head.version == .http10 }

    /// "HTTP/1.1" or "HTTP/2".
    package var protocolName: StaticString { isHTTP10 ? "HTTP/1.0" : "HTTP/1.1" }

    /// The address of the client as text, without port.
    package var clientAddress: String { "" }

    /// The whole body, at most `limit` bytes. Valid until the handler returns. Asked at most once.
    package func readBody(limit: Int) async throws(RequestBodyError) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: nil, count: 0)
    }

    // MARK: - Response

    /// Begins the response. Fields follow with `putHeader`, then `endHead`.
    package func beginHead(status: Int) {}
    package func putHeader(_ name: StaticString, _ value: UnsafeRawBufferPointer) {}
    package func putHeader(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {}
    /// Ends the head. The transport adds its own framing fields and the date.
    package func endHead(_ length: ResponseLength) {}
    /// Adds body bytes; they leave with `flush` or when there are many. More bytes than announced cut the response.
    package func write(_ bytes: UnsafeRawBufferPointer) {}
    /// Hands what is buffered to the kernel, as far as it takes it; the rest follows by itself.
    package func flush() {}
    /// Ends the body well.
    package func finish() {}
    /// Cuts the response so that the client sees a failure: no terminating chunk, fewer bytes than announced, or a reset.
    /// What was written before still leaves where the framing tells that it is not all. Without effect once finished.
    package func abort() {}
    /// Response bytes the kernel (or the peer's flow control) has not taken yet.
    package var bufferedBytes: Int { 0 }

    // MARK: - For subclasses

    /// The client left. Idempotent. Not to be called while a producer's `write` is on the stack.
    func clientLeft() {
        guard !isClientGone else { return }
        isClientGone = true
        announceDeparture()
    }

    /// The client was found gone inside a call into this exchange. The producer sees `isClientGone` when the call
    /// returns; `onClientGone` follows in the loop's next turn, so that it never runs beneath the producer's own feet.
    func clientLeftWhileWriting() {
        guard !isClientGone else { return }
        isClientGone = true
        let exchange = LoopBound(self)
        loop.execute { exchange.value.announceDeparture() }
    }

    private func announceDeparture() {
        let notify = onClientGone
        onClientGone = nil
        notify?()
        releaseProducer()
    }

    /// The response was cut from this side: for what is still written it is as if the client were gone, but nobody has
    /// to be told.
    func clientCut() {
        isClientGone = true
        onClientGone = nil
        releaseProducer()
    }

    /// Ends the wait of a producer that is held back.
    func releaseProducer() {
        let drained = onDrained
        onDrained = nil
        onHalfClose = nil
        drained?()
    }

    func resetResponse() {
        receivedAt = loop.now
        isClientGone = false
        isResponseBegun = false
        isResponseFinished = false
        status = 0
        responseBodyBytes = 0
        onClientGone = nil
        onDrained = nil
        onHalfClose = nil
        requestID = ""
    }
}

// MARK: - Conveniences

extension ServerExchange {
    package func putHeader(_ name: StaticString, _ value: StaticString) {
        putHeader(name, UnsafeRawBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
    }

    package func putHeader(_ name: StaticString, string value: String) {
        var value = value
        value.withUTF8 { putHeader(name, UnsafeRawBufferPointer($0)) }
    }

    /// A whole answer at once.
    package func respond(
        status: Int, contentType: StaticString, body: UnsafeRawBufferPointer,
        headers: (ServerExchange) -> Void = { _ in }
    ) {
        beginHead(status: status)
        if contentType.utf8CodeUnitCount > 0 { putHeader("content-type", contentType) }
        headers(self)
        endHead(.known(body.count))
        write(body)
        finish()
        flush()
    }

    /// A whole answer at once, from text.
    package func respond(
        status: Int, contentType: StaticString, text: String, headers: (ServerExchange) -> Void = { _ in }
    ) {
        var text = text
        text.withUTF8 {
            respond(status: status, contentType: contentType, body: UnsafeRawBufferPointer($0), headers: headers)
        }
    }

    /// Suspends until buffered output is at most `lowWaterBytes`, if it is above `highWaterBytes` now.
    /// False when the client is gone.
    package func waitForRoom() async -> Bool {
        if bufferedBytes > ServerExchange.highWaterBytes { flush() }
        if isClientGone { return false }
        if bufferedBytes > ServerExchange.highWaterBytes {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                onDrained = { continuation.resume() }
            }
        }
        return !isClientGone
    }
}
