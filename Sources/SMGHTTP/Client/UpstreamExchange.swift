package import SMGBase

/// Watches response bytes on their way to a client. Called on the loop, once a read, before the bytes are sent.
package protocol RelayObserver: AnyObject {
    func bodyBytes(_ bytes: UnsafeRawBufferPointer)
}

/// How a relay ended.
package enum RelayOutcome: Equatable {
    case complete
    /// The client left; the upstream side was closed at once.
    case clientGone
    /// The upstream side failed; the response is begun and not finished.
    case upstreamFailed(UpstreamError)
}

/// One request to an upstream server and its answer, on either HTTP version. Lives on one loop.
///
/// Order of calls: `send`, `readHead`, then one of `relay`, `readBody`, `discard`. The connection goes back to its pool by
/// itself when the answer was read to its end, and is closed otherwise.
package class UpstreamExchange {
    init() {}

    package var head: ResponseHead { fatalError("abstract") }
    package var headBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
    /// Whether the connection has carried a request before: its failure before any answer may be mere bad luck.
    package var isReused: Bool { false }

    /// Sends head and body. The bytes must stay until `readHead` has returned.
    package func send(
        head: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer, method: HTTPMethod, hook: CancelHook
    ) async throws(UpstreamError) {}

    /// Waits for the answer's head; informational answers are skipped.
    package func readHead(within span: TimeSpan, hook: CancelHook) async throws(UpstreamError) {}

    /// Sends the body on to `client`, whose head must have been written, until either side ends. Slow clients hold the
    /// upstream side back. The client's response is finished if and only if the outcome is `complete`.
    package func relay(to client: ServerExchange, observer: any RelayObserver, stall: TimeSpan) async -> RelayOutcome {
        .complete
    }

    /// The whole body.
    package func readBody(limit: Int, stall: TimeSpan, hook: CancelHook) async throws(UpstreamError) -> ByteBuffer {
        ByteBuffer(capacity: 0)
    }

    /// Gives the exchange up: the upstream server sees its client leave.
    package func cancel() {}
}
