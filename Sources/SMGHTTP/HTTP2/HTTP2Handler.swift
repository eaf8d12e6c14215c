/// The application behind one HTTP/2 connection: override what you need.
///
/// A base class and not a protocol, so that a frame costs one virtual call and no existential. All calls come from
/// inside `HTTP2Session.receive`, `produce` or `connectionLost`, on the session's loop. From any of them every method
/// of the session may be called except `receive` and `produce`. Views are valid during the call only.
///
/// `open` (and its types `public`), because `package` classes cannot be overridden in another target.
///
/// Order for one stream: on a server `onRequestHead`, `onData`*, `onTrailers`?, `onEnd`; on a client
/// `onInformational`*, `onResponseHead`, `onData`*, `onTrailers`?, `onEnd`. `onReset` can cut in anywhere.
/// `onClose` is the last call, exactly once for each stream that was announced to or opened by the application.
open class HTTP2Handler {
    public init() {}

    /// A request began. With `endStream` it has no body, and `onEnd` follows at once.
    open func onRequestHead(_ stream: Int32, _ headers: HTTP2Headers, endStream: Bool) {}

    /// An informational (1xx) response; the final one is still to come.
    open func onInformational(_ stream: Int32, _ headers: HTTP2Headers) {}

    /// The final response began. With `endStream` it has no body, and `onEnd` follows at once.
    open func onResponseHead(_ stream: Int32, _ headers: HTTP2Headers, endStream: Bool) {}

    /// Body bytes. Each is to be given back with `HTTP2Session.consume` when the application is done with it.
    open func onData(_ stream: Int32, _ bytes: UnsafeRawBufferPointer) {}

    /// Trailing header fields; `onEnd` follows.
    open func onTrailers(_ stream: Int32, _ headers: HTTP2Headers) {}

    /// The peer's message is complete.
    open func onEnd(_ stream: Int32) {}

    /// The stream was cut before both messages were complete, and not by `HTTP2Session.reset`. What has arrived is a
    /// fragment unless `onEnd` came first.
    open func onReset(_ stream: Int32, _ code: HTTP2ErrorCode) {}

    /// The stream is over; its identifier means nothing any more.
    open func onClose(_ stream: Int32) {}

    /// The bytes queued on the stream fell below the low-water mark: room for more.
    open func onStreamWritable(_ stream: Int32) {}

    /// The peer is leaving: streams of ours above `lastStream` were not processed (they are reset with
    /// `refusedStream` and may be sent again elsewhere), new ones are not possible.
    open func onGoAway(lastStream: Int32, _ code: HTTP2ErrorCode) {}

    /// The peer's settings arrived or changed, `HTTP2Session.peerMaxConcurrentStreams` among them.
    open func onSettings() {}

    /// The answer to `HTTP2Session.ping(_:)`.
    open func onPong(_ payload: UInt64) {}
}
