/// How the end of a message body is known.
package enum MessageFraming: Equatable, Sendable {
    /// No body follows the head.
    case none
    /// Exactly this many bytes follow; never zero (that is `none`).
    case contentLength(Int)
    /// Chunks follow.
    case chunked
    /// The body ends with the connection. Answers only.
    case untilClose
}

/// What the fields of one head say about its body and connection, gathered line by line.
struct FramingFields {
    /// The Content-Length, or -1.
    private(set) var contentLength = -1
    private(set) var isChunked = false
    private(set) var connectionClose = false
    private(set) var connectionKeepAlive = false
    private(set) var connectionUpgrade = false
    /// Whether Connection names fields, which are then not forwarded.
    private(set) var nominatesFields = false

    /// Takes one field into account; fields without a say are ignored.
    @inline(__always)
    mutating func note(_ field: HeaderField, _ base: UnsafeRawPointer) throws(HTTPParseError) {
        switch field.known {
        case .contentLength: try noteContentLength(base, field.value)
        case .transferEncoding: try noteTransferEncoding(base, field.value)
        case .connection: noteConnection(base, field.value)
        default: break
        }
    }

    /// Even an equal second Content-Length is refused: nobody sends it by intention, and forwarding it invites
    /// another parser to choose.
    private mutating func noteContentLength(_ base: UnsafeRawPointer, _ range: Range<Int>) throws(HTTPParseError) {
        guard contentLength < 0 else { throw .duplicateContentLength }
        guard !range.isEmpty else { throw .invalidContentLength }
        var value = 0
        for at in range {
            let digit = base.load(fromByteOffset: at, as: UInt8.self) &- UInt8(ascii: "0")
            guard digit < 10 else { throw .invalidContentLength }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(digit))
            guard !overflow, !carry else { throw .invalidContentLength }
            value = sum
        }
        contentLength = value
    }

    /// `chunked` alone is understood. Anything else could hide a second reading of where the body ends.
    private mutating func noteTransferEncoding(_ base: UnsafeRawPointer, _ range: Range<Int>) throws(HTTPParseError) {
        guard !isChunked else { throw .duplicateTransferEncoding }
        guard FieldSyntax.spells(base + range.lowerBound, range.count, "chunked") else {
            throw .unsupportedTransferEncoding
        }
        isChunked = true
    }

    private mutating func noteConnection(_ base: UnsafeRawPointer, _ range: Range<Int>) {
        var members = ListMembers(base, range)
        while let member = members.next() {
            let start = base + member.lowerBound
            if FieldSyntax.spells(start, member.count, "close") {
                connectionClose = true
            } else if FieldSyntax.spells(start, member.count, "keep-alive") {
                connectionKeepAlive = true
            } else if FieldSyntax.spells(start, member.count, "upgrade") {
                connectionUpgrade = true
            } else {
                nominatesFields = true
            }
        }
    }

    /// The rules that need the whole head: refuses two framings, and chunks from a peer that cannot know them.
    func check(_ version: HTTPVersion) throws(HTTPParseError) {
        guard isChunked else { return }
        if version == .http10 { throw .transferEncodingInHTTP10 }
        if contentLength >= 0 { throw .contentLengthWithTransferEncoding }
    }

    /// Whether the connection stays usable after this message, as far as its fields say.
    func keepAlive(_ version: HTTPVersion) -> Bool {
        !connectionClose && (version == .http11 || connectionKeepAlive)
    }
}
