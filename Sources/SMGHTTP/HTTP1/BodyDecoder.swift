/// The body of one message, whatever its framing: the same calls for a length, chunks or until-close.
package enum BodyDecoder {
    /// Nothing more belongs to the message.
    case finished
    /// This many bytes are still to come; never zero.
    case length(remaining: Int)
    case chunked(ChunkedDecoder)
    case untilClose

    package init(_ framing: MessageFraming) {
        switch framing {
        case .none: self = .finished
        case .contentLength(let count): self = count > 0 ? .length(remaining: count) : .finished
        case .chunked: self = .chunked(ChunkedDecoder())
        case .untilClose: self = .untilClose
        }
    }

    /// Whether the body is complete. An until-close body never is before its end of input.
    package var isFinished: Bool {
        if case .finished = self { return true }
        return false
    }

    /// Decodes `bytes`, giving payload to `onPayload` as slices of them. Bytes after the end are not consumed.
    package mutating func decode(
        _ bytes: UnsafeRawBufferPointer, onPayload: (UnsafeRawBufferPointer) -> Void
    ) throws(HTTPParseError) -> (consumed: Int, finished: Bool) {
        switch self {
        case .finished:
            return (0, true)
        case .length(let remaining):
            let count = min(remaining, bytes.count)
            if count > 0 { onPayload(UnsafeRawBufferPointer(start: bytes.baseAddress, count: count)) }
            self = count == remaining ? .finished : .length(remaining: remaining &- count)
            return (count, count == remaining)
        case .chunked(var decoder):
            let result = try decoder.decode(bytes, onPayload: onPayload)
            self = result.finished ? .finished : .chunked(decoder)
            return result
        case .untilClose:
            if bytes.count > 0 { onPayload(bytes) }
            return (bytes.count, false)
        }
    }

    /// What the end of input means now.
    package enum EndOfInput: Equatable, Sendable {
        /// The body is whole.
        case complete
        /// Bytes are missing: the message failed, and must not look like a success to whoever it is relayed to.
        case truncated
    }

    /// Takes note that no more bytes will come.
    package mutating func endOfInput() -> EndOfInput {
        switch self {
        case .finished: return .complete
        case .untilClose:
            self = .finished
            return .complete
        case .length, .chunked: return .truncated
        }
    }
}
