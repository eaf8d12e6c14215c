internal import SMGBase

/// What a session remembers about one stream. Records are reused; `reset(id:)` makes one new.
final class HTTP2Stream {
    private(set) var id: Int32 = 0

    /// Body bytes to be sent.
    private(set) var pending = ByteBuffer(capacity: 256)
    /// Trailers to be sent behind the body.
    private(set) var trailers: HTTP2Headers?
    /// The application has given a head that leaves the message open.
    var isBodyOpen = false
    /// The application has given all of its message.
    var isFinished = false
    /// END_STREAM went out.
    var isLocalEndSent = false
    /// The queue was at or above the low-water mark, so its fall is news.
    var awaitsRoom = false

    /// The application knows this stream, and is owed an `onClose`.
    var isAnnounced = false
    /// END_STREAM came in.
    var isRemoteEnded = false
    /// We reset it on purpose: the application hears nothing more but `onClose`.
    var isResetByUs = false
    /// Why we reset it for a fault of the peer. The library closes a stream that the peer ended in the same frame
    /// before our reset goes out, and then without a code.
    var fault: HTTP2ErrorCode?
    /// Bytes delivered and not yet consumed.
    var unconsumed = 0
    /// Informational responses so far.
    var informationalCount = 0

    func reset(id: Int32) {
        self.id = id
        if pending.capacity > HTTP2Limits.maxSpareBufferBytes { pending = ByteBuffer(capacity: 256) }
        pending.clear()
        trailers = nil
        isBodyOpen = false
        isFinished = false
        isLocalEndSent = false
        awaitsRoom = false
        isAnnounced = false
        isRemoteEnded = false
        isResetByUs = false
        fault = nil
        unconsumed = 0
        informationalCount = 0
    }

    func setTrailers(_ headers: HTTP2Headers) { trailers = headers }
}
