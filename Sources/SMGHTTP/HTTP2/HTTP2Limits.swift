/// Every bound of an HTTP/2 connection, with its reason.
package enum HTTP2Limits {
    // MARK: Advertised to the peer

    /// Streams a client may have open at once. What most servers offer; a client that wants more opens a second
    /// connection, which lands on another loop.
    package static let maxConcurrentStreams = 100

    /// Bytes a peer may send on one stream before the application took any: also the most memory a stalled reader
    /// holds. The default of the RFC (64 KiB) caps one stream at 64 KiB a round trip.
    package static let streamWindow = 256 * 1024

    /// Bytes all clients' streams of one connection may have outstanding together: 16 full streams.
    package static let serverConnectionWindow = 4 * 1024 * 1024

    /// The same for connections to workers: the sum of all stream windows, so that readers that stall never hold back
    /// the answers of others that share the connection. Memory stays bounded by the stream windows.
    package static let clientConnectionWindow = maxConcurrentStreams * streamWindow

    /// Largest frame payload accepted. The protocol's minimum: bigger frames only delay other streams.
    package static let maxFrameSize = 16 * 1024

    /// Bytes of one header list, counted as the RFC does (name + value + 32 a field). Longer lists are answered with
    /// status 431. Long enough for big tokens and tracing baggage.
    package static let maxHeaderListBytes = 64 * 1024

    /// Fields in one header list; beyond it the answer is 431 too. Real requests have below 40.
    package static let maxHeaderFields = 128

    // MARK: Defences; crossing one of these ends the connection

    /// Header list bytes at which a sender is no longer mistaken but hostile (an HPACK bomb expands a few bytes of
    /// indices into megabytes).
    package static let headerBombBytes = 1024 * 1024

    /// Header fields with the same meaning.
    package static let headerBombFields = 4096

    /// CONTINUATION frames in one header block. With 16 KiB frames eight carry twice the header list we accept.
    package static let maxContinuations = 8

    /// RST_STREAM frames a client may cause at once, and each second: cancelling all its streams twice in a row is fine,
    /// opening and resetting in a loop ("rapid reset") is not. Streams that we had to reset because of the client's
    /// faults count as well, so provoking resets instead of sending them gains nothing.
    package static let resetBurst = 2 * maxConcurrentStreams
    package static let resetsPerSecond = 50

    /// Frames that carry no work (PING, SETTINGS, PRIORITY, GOAWAY, unknown types, DATA without bytes): allowed at once
    /// and each second. A gRPC peer probing its bandwidth sends a few dozen a second.
    package static let controlFrameBurst = 1000
    package static let controlFramesPerSecond = 1000

    /// WINDOW_UPDATE frames a peer may send beyond those our DATA frames explain.
    package static let windowUpdateCredit = 1000
    /// WINDOW_UPDATE frames one DATA frame of ours explains: stream and connection, twice, ...
    package static let windowUpdatesPerDataFrame = 4
    /// ... and one for each of these many bytes, for readers that acknowledge small reads.
    package static let bytesPerWindowUpdate = 256

    /// PING and SETTINGS acknowledgements waiting to be sent: only a peer that does not read builds a longer queue.
    package static let maxQueuedAcks = 128

    /// Control and header frames waiting to be sent: several for each stream that can be open.
    package static let maxQueuedFrames = 4096

    /// Entries of one SETTINGS frame: there are seven known settings.
    package static let maxSettingsEntries = 32

    /// Streams a client may open after our final GOAWAY: what can be in flight before it reads the frame.
    package static let maxStreamsAfterGoAway = maxConcurrentStreams

    /// Informational (1xx) responses to one request.
    package static let maxInformationalResponses = 16

    // MARK: Sending

    /// `onStreamWritable` is called when the bytes queued on a stream fall below this: two frames remain to keep the
    /// connection busy while the producer wakes up.
    package static let lowWaterMark = 32 * 1024

    /// Bytes of one header list we send, counted as the RFC does.
    package static let maxSentHeaderListBytes = 64 * 1024

    /// Dynamic HPACK table for what we receive (the RFC's default) and at most for what we send.
    package static let headerTableSize = 4096

    // MARK: Reuse

    /// Stream records kept for the next stream instead of being freed: a few per connection do for requests in a row.
    package static let maxSpareStreams = 8

    /// A spare record keeps its body buffer up to this capacity, so that an idle connection pins 128 KiB at most.
    package static let maxSpareBufferBytes = 16 * 1024
}

/// What one connection offers its peer. The defaults are `HTTP2Limits`.
package struct HTTP2Configuration: Sendable {
    /// Streams the peer may have open at once.
    package var maxConcurrentStreams = HTTP2Limits.maxConcurrentStreams
    /// Flow-control window of each stream, in bytes (1 ... 2³¹-1).
    package var streamWindow = HTTP2Limits.streamWindow
    /// Flow-control window of the connection, in bytes (65,535 ... 2³¹-1).
    package var connectionWindow: Int
    /// Largest frame payload accepted (16,384 ... 16,777,215).
    package var maxFrameSize = HTTP2Limits.maxFrameSize
    /// Header list bytes, counted as the RFC does.
    package var maxHeaderListBytes = HTTP2Limits.maxHeaderListBytes
    /// Fields of one header list.
    package var maxHeaderFields = HTTP2Limits.maxHeaderFields
    /// Queued bytes of a stream below which it is reported writable.
    package var lowWaterMark = HTTP2Limits.lowWaterMark

    package init(connectionWindow: Int) { self.connectionWindow = connectionWindow }

    /// For connections that clients opened to us.
    package static let server = HTTP2Configuration(connectionWindow: HTTP2Limits.serverConnectionWindow)
    /// For connections that we opened to workers.
    package static let client = HTTP2Configuration(connectionWindow: HTTP2Limits.clientConnectionWindow)
}
