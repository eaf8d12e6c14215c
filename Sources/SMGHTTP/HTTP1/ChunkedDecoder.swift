/// Decodes the chunked transfer coding (RFC 9112 §7.1) over any split of its bytes, without copying payload.
///
/// Strict, since a chunk line read in two ways is a smuggled request: sizes are hexadecimal digits only, every line
/// ends in CRLF, extensions hold no control characters. Extensions are skipped. Trailer fields are checked and
/// dropped; one that would change framing, routing or credentials (`TrailerRules`) refuses the message.
package struct ChunkedDecoder {
    /// Digits of one chunk size, leading zeros included: 64 bits.
    package static let sizeDigits = 16
    /// Bytes of extensions in one body. Nobody uses them; without a bound they carry traffic no limit counts.
    package static let extensionBytes = 4096
    /// Bytes of the trailer section, its empty line included.
    package static let trailerBytes = 8192

    private enum State: UInt8 {
        case size, sizeBlank, chunkExtension, sizeLineFeed
        case payload, payloadReturn, payloadLineFeed
        case trailerStart, trailerName, trailerValue, trailerLineFeed, endLineFeed, done
    }

    private var state = State.size
    private var digits = 0
    private var remaining = 0
    private var extensions = 0
    private var trailers = 0
    private var trailerName = TrailerRules.Name()

    package init() {}

    /// Whether the last chunk and its trailers were seen.
    package var isFinished: Bool { state == .done }

    /// Decodes `bytes`, giving payload to `onPayload` as slices of them, in order. Everything is consumed unless the
    /// body ends before; what follows then belongs to the next message.
    package mutating func decode(
        _ bytes: UnsafeRawBufferPointer, onPayload: (UnsafeRawBufferPointer) -> Void
    ) throws(HTTPParseError) -> (consumed: Int, finished: Bool) {
        guard let base = bytes.baseAddress else { return (0, state == .done) }
        let end = bytes.count
        var at = 0
        while at < end, state != .done {
            if state == .payload {
                let count = min(remaining, end &- at)
                onPayload(UnsafeRawBufferPointer(start: base + at, count: count))
                at &+= count
                remaining &-= count
                if remaining == 0 { state = .payloadReturn }
                continue
            }
            try step(base.load(fromByteOffset: at, as: UInt8.self))
            at &+= 1
        }
        return (at, state == .done)
    }

    /// Takes one byte of anything but payload.
    @inline(__always)
    private mutating func step(_ byte: UInt8) throws(HTTPParseError) {
        switch state {
        case .size: try stepSize(byte)
        case .sizeBlank: try stepSizeBlank(byte)
        case .chunkExtension: try stepExtension(byte)
        case .sizeLineFeed:
            guard byte == 10 else { throw .bareCarriageReturn }
            digits = 0
            state = remaining == 0 ? .trailerStart : .payload
        case .payloadReturn:
            guard byte == 13 else { throw .invalidChunkEnd }
            state = .payloadLineFeed
        case .payloadLineFeed:
            guard byte == 10 else { throw .invalidChunkEnd }
            state = .size
        case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed, .endLineFeed: try stepTrailer(byte)
        case .payload, .done: break
        }
    }

    // MARK: - Chunk lines

    @inline(__always)
    private mutating func stepSize(_ byte: UInt8) throws(HTTPParseError) {
        let decimal = byte &- UInt8(ascii: "0")
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        if decimal < 10 || letter < 6 {
            // Checked before the shift, so 16 digits never lose one; the top bit is refused: sizes are signed here.
            guard digits < Self.sizeDigits, remaining < 1 << 59 else { throw .chunkSizeTooLong }
            remaining = remaining &<< 4 | Int(decimal < 10 ? decimal : letter &+ 10)
            digits &+= 1
            return
        }
        guard digits > 0 else { throw .invalidChunkSize }
        switch byte {
        case 13: state = .sizeLineFeed
        case UInt8(ascii: ";"): state = .chunkExtension
        case 0x20, 9: state = .sizeBlank
        case 10: throw .bareLineFeed
        default: throw .invalidChunkSize
        }
    }

    /// Blanks after the size, allowed before an extension only.
    private mutating func stepSizeBlank(_ byte: UInt8) throws(HTTPParseError) {
        try countExtension()
        if byte == UInt8(ascii: ";") {
            state = .chunkExtension
        } else if !FieldLine.isBlank(byte) {
            throw .invalidChunkSize
        }
    }

    private mutating func stepExtension(_ byte: UInt8) throws(HTTPParseError) {
        if byte == 13 {
            state = .sizeLineFeed
            return
        }
        if byte == 10 { throw .bareLineFeed }
        guard byte >= 0x20 && byte != 0x7f || byte == 9 else { throw .invalidChunkExtension }
        try countExtension()
    }

    private mutating func countExtension() throws(HTTPParseError) {
        extensions &+= 1
        guard extensions <= Self.extensionBytes else { throw .chunkExtensionTooLong }
    }

    // MARK: - Trailers

    @inline(never)
    private mutating func stepTrailer(_ byte: UInt8) throws(HTTPParseError) {
        trailers &+= 1
        guard trailers <= Self.trailerBytes else { throw .trailersTooLarge }
        switch state {
        case .trailerStart:
            if byte == 13 {
                state = .endLineFeed
                return
            }
            guard FieldSyntax.token.contains(byte) else { throw .invalidTrailer }
            trailerName = TrailerRules.Name()
            trailerName.append(byte)
            state = .trailerName
        case .trailerName:
            if byte == UInt8(ascii: ":") {
                if TrailerRules.isForbidden(trailerName) { throw .forbiddenTrailer }
                state = .trailerValue
                return
            }
            guard FieldSyntax.token.contains(byte) else { throw .invalidTrailer }
            trailerName.append(byte)
        case .trailerValue:
            if byte == 13 {
                state = .trailerLineFeed
            } else if byte == 10 {
                throw .bareLineFeed
            } else if (byte < 0x20 && byte != 9) || byte == 0x7f {
                throw .invalidTrailer
            }
        case .trailerLineFeed:
            guard byte == 10 else { throw .bareCarriageReturn }
            state = .trailerStart
        default:
            guard byte == 10 else { throw .bareCarriageReturn }
            state = .done
        }
    }
}
