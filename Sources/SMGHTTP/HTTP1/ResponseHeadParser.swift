/// Parses the heads of upstream answers with the same line, field and framing rules as requests.
///
/// Tolerated, because they cannot be read in two ways: a reason phrase of any bytes, or none; a Content-Length on
/// 204 and 304. Skipping 1xx answers is the caller's: consume `length` bytes, `reset()` and parse again.
package struct ResponseHeadParser {
    package let limits: HeadLimits
    /// The one head all parses fill in.
    package let head = ResponseHead()
    private var scanner = LineScanner()
    private var framing = FramingFields()
    private var phase = Phase.statusLine

    private enum Phase { case statusLine, fields, done }

    package init(limits: HeadLimits = HeadLimits()) { self.limits = limits }

    /// Ready for the next answer; the last head's contents become invalid.
    package mutating func reset() {
        scanner = LineScanner()
        framing = FramingFields()
        phase = .statusLine
        head.headers.removeAll()
    }

    /// The head at the start of `bytes`, or nil when more bytes are needed. `requestMethod` is the method of the
    /// request it answers: HEAD has no body whatever the fields say.
    package mutating func parse(
        _ bytes: UnsafeRawBufferPointer, requestMethod: HTTPMethod
    ) throws(HTTPParseError) -> ResponseHead? {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return nil }
        if phase == .done { return head }
        let end = min(bytes.count, limits.headBytes)
        guard try parseLines(base, end) else {
            if bytes.count >= limits.headBytes { throw .headTooLarge }
            return nil
        }
        try finish(requestMethod)
        phase = .done
        return head
    }

    /// Whether the head is complete.
    private mutating func parseLines(_ base: UnsafeRawPointer, _ end: Int) throws(HTTPParseError) -> Bool {
        // One retain for the head instead of two a field.
        let headers = head.headers
        if phase == .statusLine { try checkFirstByte(base) }
        while let lineEnd = try scanner.nextLineEnd(base, end) {
            let start = scanner.lineStart
            scanner.lineStart = scanner.scanned
            if phase == .statusLine {
                try parseStatusLine(base, lineEnd)
                phase = .fields
                continue
            }
            if lineEnd == start { return true }
            guard headers.count < limits.fields else { throw .tooManyFields }
            let field = try FieldLine.parse(base, start, lineEnd, limit: end)
            if field.known != .other { try framing.note(field, base) }
            headers.append(field)
        }
        return false
    }

    private func checkFirstByte(_ base: UnsafeRawPointer) throws(HTTPParseError) {
        guard base.load(as: UInt8.self) == UInt8(ascii: "H") else { throw .invalidStatusLine }
    }

    /// `HTTP/1.1 200 OK`, with or without reason and the space before it.
    private mutating func parseStatusLine(_ base: UnsafeRawPointer, _ end: Int) throws(HTTPParseError) {
        guard end >= 12 else { throw .invalidStatusLine }
        guard let version = StartLine.version(base) else {
            throw StartLine.looksLikeVersion(base) ? .unsupportedVersion : .invalidStatusLine
        }
        func byte(_ at: Int) -> UInt8 { base.load(fromByteOffset: at, as: UInt8.self) }
        guard byte(8) == 0x20, end == 12 || byte(12) == 0x20 else { throw .invalidStatusLine }
        var status = 0
        for at in 9..<12 {
            let digit = byte(at) &- UInt8(ascii: "0")
            guard digit < 10 else { throw .invalidStatusLine }
            status = status &* 10 &+ Int(digit)
        }
        guard (100...599).contains(status) else { throw .invalidStatusLine }
        head.version = version
        head.status = status
    }

    /// RFC 9112 §6.3, in its order.
    private mutating func finish(_ requestMethod: HTTPMethod) throws(HTTPParseError) {
        try framing.check(head.version)
        let declaresBody = framing.isChunked || framing.contentLength > 0
        var keepAlive = framing.keepAlive(head.version)
        if head.status < 200 {
            // Bytes after a 1xx are the next head; a body there would be taken for one.
            if declaresBody { throw framing.isChunked ? .unsupportedTransferEncoding : .invalidContentLength }
            head.framing = .none
        } else if head.status == 204 {
            // Some servers do send the body they announce: then the connection is out of step.
            if declaresBody { keepAlive = false }
            head.framing = .none
        } else if requestMethod == .head || head.status == 304 {
            head.framing = .none
        } else if framing.isChunked {
            head.framing = .chunked
        } else if framing.contentLength >= 0 {
            head.framing = framing.contentLength == 0 ? .none : .contentLength(framing.contentLength)
        } else {
            head.framing = .untilClose
            keepAlive = false
        }
        head.keepAlive = keepAlive
        head.nominatesFields = framing.nominatesFields
        head.length = scanner.scanned
    }
}
