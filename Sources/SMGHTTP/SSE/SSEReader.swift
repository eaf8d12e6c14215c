internal import SMGBase

/// One dispatched event. The views are valid during the callback only.
package struct SSEEvent {
    /// The event type; empty means `message`.
    package let type: UnsafeRawBufferPointer
    /// The data lines, joined by LF.
    package let data: UnsafeRawBufferPointer
    /// The last event id seen so far in the stream.
    package let lastEventID: UnsafeRawBufferPointer
    /// The reconnection time the stream last asked for, in milliseconds.
    package let retryMilliseconds: Int?

    /// Whether this is the `[DONE]` that ends OpenAI streams.
    package var isDone: Bool { data.equals("[DONE]") }
}

/// Reads an event stream (WHATWG HTML §9.2.6) over any split of its bytes. LF, CR and CRLF end lines; a byte order
/// mark, comments and unknown fields are skipped; an event without data, or without its empty line, is not dispatched.
package struct SSEReader: ~Copyable {
    /// Bytes of one line. Logprobs and base64 images make lines of hundreds of kilobytes.
    package static let lineBytes = 4 << 20
    /// Bytes of the data of one event: a few such lines.
    package static let eventBytes = 8 << 20

    private let lineLimit: Int
    private let eventLimit: Int
    /// The beginning of a line whose end has not come.
    private let line = ByteBuffer(capacity: 256)
    private let type = ByteBuffer(capacity: 32)
    private let data = ByteBuffer(capacity: 1024)
    private let lastEventID = ByteBuffer(capacity: 32)
    private var retryMilliseconds: Int?
    private var hasData = false
    private var hasFields = false
    private var isFirstLine = true
    /// The last byte was a CR that ended a line: an LF now belongs to it.
    private var skipsLineFeed = false

    package init(lineLimit: Int = SSEReader.lineBytes, eventLimit: Int = SSEReader.eventBytes) {
        self.lineLimit = lineLimit
        self.eventLimit = eventLimit
    }

    /// Whether the input so far ends between events: nothing would be lost if it ended now.
    package var isAtEventBorder: Bool { line.isEmpty && !hasFields }

    /// Reads `bytes`, calling `onEvent` for every event completed by them. After an error the stream is over.
    package mutating func read(_ bytes: UnsafeRawBufferPointer, onEvent: (SSEEvent) -> Void) throws(SSEError) {
        var ends = SSELineEnds(bytes)
        var at = 0
        while at < bytes.count {
            if skipsLineFeed {
                skipsLineFeed = false
                if bytes[at] == 10 {
                    at += 1
                    continue
                }
            }
            let end = ends.next(from: at)
            let part = UnsafeRawBufferPointer(rebasing: bytes[at..<end])
            guard line.readableCount + part.count <= lineLimit else { throw .lineTooLong }
            guard end < bytes.count else {
                line.append(part)
                return
            }
            if line.isEmpty {
                try take(part, onEvent)
            } else {
                line.append(part)
                try take(line.readable, onEvent)
                line.clear()
            }
            skipsLineFeed = bytes[end] == 13
            at = end + 1
        }
    }

    // MARK: - Lines

    private mutating func take(_ whole: UnsafeRawBufferPointer, _ onEvent: (SSEEvent) -> Void) throws(SSEError) {
        var line = whole
        if isFirstLine {
            isFirstLine = false
            if line.hasPrefix("\u{FEFF}") { line = UnsafeRawBufferPointer(rebasing: line[3...]) }
        }
        guard let first = line.first else {
            dispatch(onEvent)
            return
        }
        if first == UInt8(ascii: ":") { return }
        hasFields = true
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.count
        var valueStart = min(colon + 1, line.count)
        if valueStart < line.count, line[valueStart] == 0x20 { valueStart += 1 }
        try takeField(
            UnsafeRawBufferPointer(rebasing: line[..<colon]), UnsafeRawBufferPointer(rebasing: line[valueStart...]))
    }

    private mutating func takeField(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) throws(SSEError) {
        if name.equals("data") {
            guard data.readableCount + value.count < eventLimit else { throw .eventTooLarge }
            if hasData { data.append(10) }
            hasData = true
            data.append(value)
        } else if name.equals("event") {
            type.clear()
            type.append(value)
        } else if name.equals("id") {
            guard value.firstIndex(of: 0) == nil else { return }
            lastEventID.clear()
            lastEventID.append(value)
        } else if name.equals("retry") {
            takeRetry(value)
        }
    }

    /// Digits only, and no more than make sense: ten digits of milliseconds are 115 days.
    private mutating func takeRetry(_ value: UnsafeRawBufferPointer) {
        guard (1...10).contains(value.count), value.allSatisfy(ASCII.isDigit) else { return }
        retryMilliseconds = value.reduce(0) { $0 * 10 + Int($1) - 48 }
    }

    private mutating func dispatch(_ onEvent: (SSEEvent) -> Void) {
        if hasData {
            onEvent(
                SSEEvent(
                    type: type.readable, data: data.readable, lastEventID: lastEventID.readable,
                    retryMilliseconds: retryMilliseconds))
        }
        data.clear()
        type.clear()
        hasData = false
        hasFields = false
    }
}
