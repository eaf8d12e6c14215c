/// Why an HTTP/2 call failed or a connection ends.
package enum HTTP2Error: Error, Equatable, CaseIterable {
    /// The connection did not start with the client preface.
    case badPreface
    /// The peer broke the protocol; a GOAWAY with the exact wire code is queued.
    case protocolViolation
    /// The peer resets streams, or provokes resets, faster than allowed.
    case rapidReset
    /// Too many frames that carry no work.
    case controlFrameFlood
    /// Too many WINDOW_UPDATE frames for the data we sent.
    case windowUpdateFlood
    /// A header block in too many CONTINUATION frames.
    case continuationFlood
    /// A header list far beyond the advertised limit.
    case headerBomb
    /// The peer does not read the acknowledgements it asks for.
    case acknowledgementFlood
    /// Frames caused by the peer pile up unsent.
    case outboundQueueFlood
    /// New streams go on arriving after our GOAWAY.
    case streamsAfterGoAway
    /// The connection takes no new streams, or is over.
    case connectionClosing
    /// All stream identifiers of this connection are used: open another one.
    case streamIDsExhausted
    /// The stream is unknown, over, or already ended by us.
    case streamClosed
    /// A header to be sent has bytes that HTTP/2 forbids.
    case invalidHeader
    /// A header list to be sent is longer than `HTTP2Limits.maxSentHeaderListBytes`.
    case headersTooLarge
    /// `receive` or `produce` was called from inside one of its own callbacks.
    case reentered
    /// The library ran out of memory.
    case outOfMemory
    /// The library refused a call that should have been legal.
    case internalFailure

    /// Stable label for metrics and logs.
    package var code: String {
        switch self {
        case .badPreface: "h2_bad_preface"
        case .protocolViolation: "h2_protocol_violation"
        case .rapidReset: "h2_rapid_reset"
        case .controlFrameFlood: "h2_control_frame_flood"
        case .windowUpdateFlood: "h2_window_update_flood"
        case .continuationFlood: "h2_continuation_flood"
        case .headerBomb: "h2_header_bomb"
        case .acknowledgementFlood: "h2_acknowledgement_flood"
        case .outboundQueueFlood: "h2_outbound_queue_flood"
        case .streamsAfterGoAway: "h2_streams_after_goaway"
        case .connectionClosing: "h2_connection_closing"
        case .streamIDsExhausted: "h2_stream_ids_exhausted"
        case .streamClosed: "h2_stream_closed"
        case .invalidHeader: "h2_invalid_header"
        case .headersTooLarge: "h2_headers_too_large"
        case .reentered: "h2_reentered"
        case .outOfMemory: "h2_out_of_memory"
        case .internalFailure: "h2_internal_failure"
        }
    }

    /// The code of the GOAWAY frame that tells the peer.
    var wireCode: HTTP2ErrorCode {
        switch self {
        case .badPreface, .protocolViolation: .protocolError
        case .rapidReset, .controlFrameFlood, .windowUpdateFlood, .continuationFlood, .headerBomb,
            .acknowledgementFlood, .outboundQueueFlood, .streamsAfterGoAway:
            .enhanceYourCalm
        default: .internalError
        }
    }
}

/// An error code as RST_STREAM and GOAWAY frames carry it (RFC 9113 §7). Peers may send unknown values.
public struct HTTP2ErrorCode: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let noError = HTTP2ErrorCode(rawValue: 0)
    package static let protocolError = HTTP2ErrorCode(rawValue: 1)
    package static let internalError = HTTP2ErrorCode(rawValue: 2)
    package static let flowControlError = HTTP2ErrorCode(rawValue: 3)
    package static let settingsTimeout = HTTP2ErrorCode(rawValue: 4)
    package static let streamClosed = HTTP2ErrorCode(rawValue: 5)
    package static let frameSizeError = HTTP2ErrorCode(rawValue: 6)
    package static let refusedStream = HTTP2ErrorCode(rawValue: 7)
    package static let cancel = HTTP2ErrorCode(rawValue: 8)
    package static let compressionError = HTTP2ErrorCode(rawValue: 9)
    package static let connectError = HTTP2ErrorCode(rawValue: 10)
    package static let enhanceYourCalm = HTTP2ErrorCode(rawValue: 11)
    package static let inadequateSecurity = HTTP2ErrorCode(rawValue: 12)
    package static let http11Required = HTTP2ErrorCode(rawValue: 13)
}
