internal import SMGBase

/// Watches the frames a peer sends and says when their number stops making sense.
///
/// Walks the frame headers of the byte stream before the codec sees them. Standing in front of it, and not in its
/// callbacks, it also sees the frames the codec skips silently (unknown types, frames for streams that are gone), and a
/// flood costs nothing but this walk. Payloads are not looked at; malformed frames are the codec's business.
struct HTTP2FloodGuard {
    /// How much of the input may be passed on, and why not the rest.
    struct Verdict: Equatable {
        var accepted: Int
        var violation: HTTP2Error?
    }

    private let isServer: Bool
    /// Bytes of the client preface still to be skipped.
    private var prefaceLeft: Int
    /// Payload bytes of the current frame still to be skipped.
    private var payloadLeft = 0
    /// The bytes of a frame header that is cut by the end of the input.
    private var partial: UInt128 = 0
    private var partialCount = 0

    private var continuations = 0
    private var resets = HTTP2TokenBucket(burst: HTTP2Limits.resetBurst, perSecond: HTTP2Limits.resetsPerSecond)
    private var controls = HTTP2TokenBucket(
        burst: HTTP2Limits.controlFrameBurst, perSecond: HTTP2Limits.controlFramesPerSecond)
    private var windowUpdateCredit = HTTP2Limits.windowUpdateCredit
    /// Resets that we sent for faults of the peer and have not charged yet.
    private var provokedResets = 0
    /// The last stream our GOAWAY promised to process.
    private var lastStream = UInt32(Int32.max)
    private var lateStreams = 0

    init(isServer: Bool) {
        self.isServer = isServer
        prefaceLeft = isServer ? HTTP2Preface.bytes.utf8CodeUnitCount : 0
    }

    /// A DATA frame with `count` bytes was sent: the peer may acknowledge it.
    mutating func noteDataSent(_ count: Int) {
        let earned = HTTP2Limits.windowUpdatesPerDataFrame &+ count / HTTP2Limits.bytesPerWindowUpdate
        // The cap keeps a long, quiet download from saving up for a flood.
        windowUpdateCredit = min(windowUpdateCredit &+ earned, 16 * HTTP2Limits.windowUpdateCredit)
    }

    /// We had to reset a stream because of what the peer sent on it.
    mutating func noteProvokedReset() { provokedResets &+= 1 }

    /// We sent a GOAWAY that promises streams up to `stream`.
    mutating func noteGoAway(lastStream stream: Int32) { lastStream = UInt32(max(stream, 0)) }

    /// Walks over `bytes`. On a violation, `accepted` ends where the offending frame starts.
    mutating func inspect(_ bytes: UnsafeRawBufferPointer, now: Instant) -> Verdict {
        while provokedResets > 0 {
            provokedResets -= 1
            if isServer, !resets.take(at: now) { return Verdict(accepted: 0, violation: .rapidReset) }
        }
        var at = 0
        while true {
            let skipped = min(prefaceLeft &+ payloadLeft, bytes.count &- at)
            let fromPreface = min(prefaceLeft, skipped)
            prefaceLeft &-= fromPreface
            payloadLeft &-= skipped &- fromPreface
            at &+= skipped
            guard at < bytes.count else { return Verdict(accepted: bytes.count, violation: nil) }
            let start = at
            guard let frame = readHeader(bytes, &at) else { return Verdict(accepted: bytes.count, violation: nil) }
            payloadLeft = frame.length
            if let violation = judge(frame, now) { return Verdict(accepted: start, violation: violation) }
        }
    }

    /// The frame header at `at`, or nil (and the bytes remembered) if the input ends before it does.
    private mutating func readHeader(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> FrameHeader? {
        if partialCount == 0, bytes.count &- at >= 9 {
            let first = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at &+= 9
            return FrameHeader(UInt128(first) << 8 | UInt128(bytes[at &- 1]))
        }
        while partialCount < 9, at < bytes.count {
            partial = partial << 8 | UInt128(bytes[at])
            partialCount &+= 1
            at &+= 1
        }
        guard partialCount == 9 else { return nil }
        defer { (partial, partialCount) = (0, 0) }
        return FrameHeader(partial)
    }

    private mutating func judge(_ frame: FrameHeader, _ now: Instant) -> HTTP2Error? {
        switch frame.type {
        case FrameHeader.data:
            // A padded frame may be all padding, which costs the peer no window: only longer ones prove content.
            let mayBeEmpty = frame.length <= (frame.flags & FrameHeader.padded != 0 ? 256 : 0)
            guard mayBeEmpty, frame.flags & FrameHeader.endStream == 0 else { return nil }
            return controls.take(at: now) ? nil : .controlFrameFlood
        case FrameHeader.headers:
            continuations = 0
            guard frame.stream > lastStream else { return nil }
            lateStreams &+= 1
            return lateStreams > HTTP2Limits.maxStreamsAfterGoAway ? .streamsAfterGoAway : nil
        case FrameHeader.pushPromise:
            continuations = 0
            return nil
        case FrameHeader.continuation:
            continuations &+= 1
            return continuations > HTTP2Limits.maxContinuations ? .continuationFlood : nil
        case FrameHeader.windowUpdate:
            windowUpdateCredit &-= 1
            return windowUpdateCredit < 0 ? .windowUpdateFlood : nil
        case FrameHeader.resetStream where isServer:
            return resets.take(at: now) ? nil : .rapidReset
        default:
            // On a client a reset answers a request of ours, so it cannot outnumber our own work for long.
            return controls.take(at: now) ? nil : .controlFrameFlood
        }
    }
}

/// The nine bytes in front of every frame.
private struct FrameHeader {
    static let data: UInt8 = 0
    static let headers: UInt8 = 1
    static let resetStream: UInt8 = 3
    static let pushPromise: UInt8 = 5
    static let windowUpdate: UInt8 = 8
    static let continuation: UInt8 = 9

    static let endStream: UInt8 = 0x1
    static let padded: UInt8 = 0x8

    let length: Int
    let type: UInt8
    let flags: UInt8
    let stream: UInt32

    init(_ bytes: UInt128) {
        length = Int(truncatingIfNeeded: bytes >> 48)
        type = UInt8(truncatingIfNeeded: bytes >> 40)
        flags = UInt8(truncatingIfNeeded: bytes >> 32)
        stream = UInt32(truncatingIfNeeded: bytes) & 0x7fff_ffff
    }
}
