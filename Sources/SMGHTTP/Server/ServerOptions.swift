package import SMGBase
package import SMGNet

/// Bounds and timeouts of one server. Every wait a client can cause has one.
package struct ServerOptions: Sendable {
    /// From the first byte of a request's head to its last; for the first byte of a connection; for a TLS handshake.
    package var headerReadTimeout = TimeSpan.seconds(30)
    /// Between two requests on a connection.
    package var idleTimeout = TimeSpan.seconds(90)
    /// Without a byte of the request body.
    package var bodyStallTimeout = TimeSpan.seconds(60)
    /// Without the client taking a byte of the response. On HTTP/2, where flow control can hold back a single stream,
    /// streams are looked at once in this span, so theirs is at most twice as long.
    package var writeStallTimeout = TimeSpan.seconds(300)
    /// After an answer that ends the connection the client is read on until it is silent for this long, so that the
    /// answer is not lost to a reset.
    package var lingerTimeout = TimeSpan.milliseconds(500)
    /// How long after a request's last byte the end of the client's sending direction counts as a half-close, which is
    /// answered, and not as a departure, which cancels the request. A client that half-closes does it at once.
    package var halfCloseWindow = TimeSpan.seconds(1)
    /// The same once the answer has begun: shorter, because from then on a departure also shows when bytes are sent, and
    /// there must be one, because a fast worker's answer can overtake the half-close.
    package var halfCloseWindowWhileAnswering = TimeSpan.milliseconds(100)
    /// How long an HTTP/2 client may take to confirm that it has read our leaving.
    package var drainNoticeTimeout = TimeSpan.seconds(1)
    /// Connections per loop; further ones are answered 503 and closed.
    package var maxConnectionsPerLoop = 100_000
    package var headLimits = HeadLimits()
    /// TLS for every connection, or nil for plain text.
    package var tls: TLSServerContext?

    package init() {}

    /// Lingering ends after this time at the latest, however busily the client sends.
    static let lingerTotal = TimeSpan.seconds(5)
    /// Bytes thrown away while lingering: what a client that uploads without listening may have sent by the time it is
    /// told. Clients that read first stop at once.
    static let lingerBytes = 64 << 20
    /// Connections above the limit that are being answered 503 at a time; further ones are closed without a word.
    static let maxRefusals = 256
    /// Body bytes allocated on a client's word alone; more memory is taken as bytes arrive.
    static let trustedBodyBytes = 1 << 20
    /// Reads without a wait (256 KiB by one buffer a read) before other connections of the loop have their turn.
    static let readBurst = 16
    /// Free space behind a head that is worth reading a chunked body into; with less a second buffer is taken.
    static let roomForChunks = 2 << 10
    /// Responses of at least this size are sent from the caller's memory, together with what is buffered.
    static let directWriteBytes = 8 << 10
    /// Buffered response bytes that are sent without waiting for a flush.
    static let gatherBytes = 64 << 10
    /// A request's unread body of at most this size is read and dropped to keep the connection.
    static let drainBodyBytes = 64 << 10
}

/// Serves one request. Runs on the connection's loop; the response must be finished, relayed or aborted on return.
package typealias RequestHandler = (ServerExchange) async -> Void
