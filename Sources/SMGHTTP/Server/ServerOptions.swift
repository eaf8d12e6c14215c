package import SMGBase
package import SMGNet

/// Bounds and timeouts of one server. Every wait a client can cause has one.
package struct ServerOptions: Sendable {
    /// From the first byte of a request's head to its last.
    package var headerReadTimeout = TimeSpan.seconds(30)
    /// Between two requests on a connection.
    package var idleTimeout = TimeSpan.seconds(90)
    /// Without a byte of the request body.
    package var bodyStallTimeout = TimeSpan.seconds(60)
    /// Without the client taking a byte of the response.
    package var writeStallTimeout = TimeSpan.seconds(300)
    /// Connections per loop; further ones are answered 503 and closed.
    package var maxConnectionsPerLoop = 100_000
    package var headLimits = HeadLimits()
    /// TLS for every connection, or nil for plain text.
    package var tls: TLSServerContext?

    package init() {}

    /// How long after a request's last byte the end of the client's sending direction counts as a half-close, which is
    /// answered, and not as a departure, which cancels the request. A client that half-closes does it at once.
    static let halfCloseWindow = TimeSpan.seconds(1)
    /// After an error answer the connection is read on for this long, so that the answer is not lost to a reset.
    static let lingerTime = TimeSpan.milliseconds(500)
    /// At most so many bytes are thrown away while lingering.
    static let lingerBytes = 1 << 20
    /// Body bytes allocated on a client's word alone; more memory is taken as bytes arrive.
    static let trustedBodyBytes = 1 << 20
    /// Responses of at least this size are sent from the caller's memory, together with what is buffered.
    static let directWriteBytes = 8 << 10
    /// A request's unread body of at most this size is read and dropped to keep the connection.
    static let drainBodyBytes = 64 << 10
}

/// Serves one request. Runs on the connection's loop; the response must be finished, relayed or aborted on return.
package typealias RequestHandler = (ServerExchange) async -> Void
