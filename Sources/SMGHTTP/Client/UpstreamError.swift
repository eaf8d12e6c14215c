package import SMGNet

/// Why a request to an upstream server has no complete answer.
package enum UpstreamError: Error, Equatable, Sendable {
    /// No connection could be made.
    case connect(NetError)
    /// The connection broke before a single byte of the answer came.
    case noAnswer(NetError)
    /// All connections stayed busy for as long as the caller would wait.
    case poolExhausted
    /// The answer's head did not come in time.
    case firstByteTimeout
    /// The answer is not valid HTTP.
    case malformed(HTTPParseError)
    /// HTTP/2 failed on this connection or stream.
    case http2(String)
    /// The answer broke off in its head or body.
    case truncated
    /// The body paused for longer than the stall timeout.
    case stalled
    /// The answer is larger than the caller accepts.
    case tooLarge
    /// This side gave the request up.
    case cancelled

    /// Stable name for logs and metric labels.
    package var code: String {
        switch self {
        case .connect(let error): error == .connectTimeout ? "connect_timeout" : "connect_\(error.code)"
        case .noAnswer: "upstream_reset"
        case .poolExhausted: "upstream_pool_exhausted"
        case .firstByteTimeout: "upstream_first_byte_timeout"
        case .malformed: "upstream_malformed_response"
        case .http2: "upstream_http2_error"
        case .truncated: "upstream_truncated_response"
        case .stalled: "upstream_stalled"
        case .tooLarge: "upstream_response_too_large"
        case .cancelled: "cancelled"
        }
    }
}

extension UpstreamError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .connect(let error): "cannot connect: \(error)"
        case .noAnswer(let error): "the connection broke before an answer: \(error)"
        case .poolExhausted: "all connections stayed busy"
        case .firstByteTimeout: "no answer in time"
        case .malformed(let error): "the answer is not valid HTTP: \(error.code)"
        case .http2(let reason): "HTTP/2: \(reason)"
        case .truncated: "the answer broke off"
        case .stalled: "the answer stalled"
        case .tooLarge: "the answer is too large"
        case .cancelled: "cancelled"
        }
    }
}

/// Lets a request be given up from outside while its task waits for something: the client left, or the gateway ends.
///
/// Whoever waits sets `action` to what ends the wait; whoever cancels calls `cancel()`. On one loop.
package final class CancelHook {
    package private(set) var isCancelled = false
    /// Set while something is awaited; set after the cancellation, it runs at once.
    package var action: (() -> Void)? {
        didSet { if isCancelled { runAction() } }
    }

    package init() {}

    package func cancel() {
        guard !isCancelled else { return }
        isCancelled = true
        runAction()
    }

    private func runAction() {
        guard let end = action else { return }
        action = nil
        end()
    }
}
