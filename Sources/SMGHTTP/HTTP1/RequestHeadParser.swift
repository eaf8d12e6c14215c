/// Parses request heads strictly (RFC 9112): whatever two servers could read differently is refused.
///
/// Give it all unread bytes each time more have come; it goes on where it stopped. After a request is finished and its
/// bytes are consumed, call `reset()`. After an error the connection is over.
package struct RequestHeadParser {
    package let limits: HeadLimits
    /// The one head all parses fill in.
    package let head = RequestHead()
    private var scanner = LineScanner()
    private var framing = FramingFields()
    private var phase = Phase.start

    private enum Phase { case start, requestLine, fields, done }

    package init(limits: HeadLimits = HeadLimits()) { self.limits = limits }

    /// Ready for the next message; the last head's contents become invalid.
    package mutating func reset() {
        scanner = LineScanner()
        framing = FramingFields()
        phase = .start
        head.reset()
    }

    /// The head at the start of `bytes`, or nil when more bytes are needed. `bytes` must begin where they began at
    /// the last call since `reset()`.
    package mutating func parse(_ bytes: UnsafeRawBufferPointer) throws(HTTPParseError) -> RequestParse? {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return nil }
        if phase == .done { return .request(head) }
        let end = min(bytes.count, limits.headBytes)
        if phase == .start {
            switch try recogniseStart(base, bytes.count) {
            case .http2Preface: return .http2Preface
            case .undecided: return nil
            case .request: phase = .requestLine
            }
        }
        if phase == .requestLine {
            guard try parseRequestLine(base, end) else {
                if bytes.count >= limits.headBytes { throw .headTooLarge }
                return nil
            }
            phase = .fields
        }
        guard try parseFields(base, end) else {
            if bytes.count >= limits.headBytes { throw .headTooLarge }
            return nil
        }
        phase = .done
        return .request(head)
    }

    // MARK: - Start

    private enum Start { case undecided, request, http2Preface }

    private static var preface: StaticString { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" }

    /// Skips one empty line (RFC 9112 §2.2), tells an HTTP/2 client, and refuses at once what cannot be a method,
    /// a TLS hello for one.
    private mutating func recogniseStart(_ base: UnsafeRawPointer, _ count: Int) throws(HTTPParseError) -> Start {
        let first = base.load(as: UInt8.self)
        if first == UInt8(ascii: "P") {
            let preface = Self.preface
            var shared = 0
            while shared < min(count, preface.utf8CodeUnitCount),
                base.load(fromByteOffset: shared, as: UInt8.self) == preface.utf8Start[shared]
            { shared &+= 1 }
            if shared == preface.utf8CodeUnitCount { return .http2Preface }
            if shared == count { return .undecided }
        } else if first == 13 {
            guard count >= 2 else { return .undecided }
            guard base.load(fromByteOffset: 1, as: UInt8.self) == 10 else { throw .bareCarriageReturn }
            guard count >= 3 else { return .undecided }
            guard FieldSyntax.token.contains(base.load(fromByteOffset: 2, as: UInt8.self)) else {
                throw .invalidMethod
            }
            scanner.lineStart = 2
            scanner.scanned = 2
        } else if first == 10 {
            throw .bareLineFeed
        } else if !FieldSyntax.token.contains(first) {
            throw .invalidMethod
        }
        return .request
    }

    // MARK: - Request line

    /// Whether the request line is complete; it is parsed then.
    private mutating func parseRequestLine(_ base: UnsafeRawPointer, _ end: Int) throws(HTTPParseError) -> Bool {
        let start = scanner.lineStart
        let bound = min(end, start &+ limits.targetBytes &+ HeadLimits.requestLineExtra)
        guard let lineEnd = try scanner.nextLineEnd(base, bound) else {
            // Only the line's own bound is an error here; the head's is the caller's.
            if bound < end { throw .targetTooLong }
            return false
        }
        scanner.lineStart = scanner.scanned
        var at = start
        let methodBound = min(lineEnd, start &+ HTTPMethod.maxLength)
        while at < methodBound, FieldSyntax.token.contains(base.load(fromByteOffset: at, as: UInt8.self)) { at &+= 1 }
        guard at < lineEnd else { throw .invalidRequestLine }
        guard at > start, base.load(fromByteOffset: at, as: UInt8.self) == UInt8(ascii: " ") else {
            throw .invalidMethod
        }
        head.method = HTTPMethod.recognise(base + start, at &- start)
        head.methodText = Range(uncheckedBounds: (start, at))
        // " HTTP/1.1" is what the line must end with; the target is all between.
        let targetEnd = lineEnd &- 9
        guard targetEnd > at, base.load(fromByteOffset: targetEnd, as: UInt8.self) == UInt8(ascii: " ") else {
            throw .invalidRequestLine
        }
        guard let version = StartLine.version(base + targetEnd + 1) else {
            throw StartLine.looksLikeVersion(base + targetEnd + 1) ? .unsupportedVersion : .invalidRequestLine
        }
        head.version = version
        guard targetEnd &- at &- 1 <= limits.targetBytes else { throw .targetTooLong }
        try RequestTarget.parse(base, Range(uncheckedBounds: (at &+ 1, targetEnd)), into: head)
        return true
    }

    // MARK: - Fields

    /// Whether the head is complete.
    private mutating func parseFields(_ base: UnsafeRawPointer, _ end: Int) throws(HTTPParseError) -> Bool {
        // One retain for the head instead of two a field.
        let headers = head.headers
        while let lineEnd = try scanner.nextLineEnd(base, end) {
            let start = scanner.lineStart
            scanner.lineStart = scanner.scanned
            if lineEnd == start {
                try finish(base)
                return true
            }
            guard headers.count < limits.fields else { throw .tooManyFields }
            let field = try FieldLine.parse(base, start, lineEnd, limit: end)
            if field.known != .other {
                try framing.note(field, base)
                if field.known == .host, headers.contains(.host) { throw .duplicateHost }
            }
            headers.append(field)
        }
        return false
    }

    /// The rules that need the whole head.
    private mutating func finish(_ base: UnsafeRawPointer) throws(HTTPParseError) {
        let headers = head.headers
        let version = head.version
        try framing.check(version)
        if let index = headers.firstIndex(of: .host) {
            let host = headers[index].value
            guard RequestTarget.isAuthority(base, host) else { throw .invalidHost }
            if head.authority.isEmpty { head.authority = host }
        } else if version == .http11 {
            throw .missingHost
        }
        head.framing =
            framing.isChunked
            ? .chunked : framing.contentLength > 0 ? .contentLength(framing.contentLength) : .none
        head.keepAlive = framing.keepAlive(version)
        head.nominatesFields = framing.nominatesFields
        head.isUpgrade = framing.connectionUpgrade && version == .http11 && headers.contains(.upgrade)
        head.expectContinue = false
        if version == .http11, let index = headers.firstIndex(of: .expect) {
            let value = headers[index].value
            guard FieldSyntax.spells(base + value.lowerBound, value.count, "100-continue") else {
                throw .unsupportedExpectation
            }
            head.expectContinue = head.framing != .none
        }
        head.length = scanner.scanned
    }
}
