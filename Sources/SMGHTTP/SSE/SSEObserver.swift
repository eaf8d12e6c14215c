internal import SMGBase

/// Watches an event stream that is relayed as it is: counts events, notices `data: [DONE]` and tells whether the
/// stream ended between events. Costs two `memchr` passes; nothing is copied unless the last payload is asked for.
package struct SSEObserver: ~Copyable {
    /// Bytes of a payload kept for usage extraction. The chunk with the usage is a few hundred bytes; a longer payload
    /// is not kept.
    package static let keptPayloadBytes = 64 * 1024

    /// Events with data so far, `[DONE]` included.
    package private(set) var events = 0
    /// Whether a line `data: [DONE]` was seen (at the start of a line, alone on it: not inside other text).
    package private(set) var isDone = false

    private var hasData = false
    private var hasFields = false
    private var isFirstLine = true
    private var skipsLineFeed = false
    /// The first bytes and the length of a line whose end has not come.
    private var prefix: (UInt64, UInt64) = (0, 0)
    private var lineLength = 0
    private var payloads: LastPayload?

    /// `keepsLastPayload`: whether `withLastPayload` will be asked.
    package init(keepsLastPayload: Bool = false) { payloads = keepsLastPayload ? LastPayload() : nil }

    /// Whether the input so far ends between events. False after a cut in the middle of one.
    package var isAtEventBorder: Bool { lineLength == 0 && !hasFields }

    /// The payload of the last `data:` line that was not `[DONE]`, or nil when there was none, when it was too long,
    /// or when nobody asked to keep it.
    package func withLastPayload<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        guard let payloads, let bytes = payloads.last else { return nil }
        return body(bytes)
    }

    /// Looks at the next bytes of the stream.
    package mutating func observe(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        var ends = SSELineEnds(bytes)
        var at = 0
        var kept: UnsafeRawBufferPointer?
        while at < bytes.count {
            if skipsLineFeed {
                skipsLineFeed = false
                if base.load(fromByteOffset: at, as: UInt8.self) == 10 {
                    at &+= 1
                    continue
                }
            }
            let end = ends.next(from: at)
            let part = UnsafeRawBufferPointer(start: base + at, count: end &- at)
            guard end < bytes.count else {
                hold(part)
                break
            }
            if lineLength == 0 {
                let payload = take(base + at, end &- at, length: end &- at)
                if payload >= 0 {
                    kept = UnsafeRawBufferPointer(start: base + at + payload, count: end &- at &- payload)
                }
            } else if takeHeld(part) {
                kept = nil
            }
            skipsLineFeed = base.load(fromByteOffset: end, as: UInt8.self) == 13
            at = end &+ 1
        }
        if let kept { payloads?.keep(kept) }
    }

    // MARK: - Lines

    /// Longest line beginning that decides anything: a byte order mark and `data: [DONE]`.
    private static let prefixBytes = 16

    /// Takes a whole line of `length` bytes, of which the first `count` are at `line`. Returns where its data payload
    /// begins, or -1 when it has none to keep.
    @inline(__always)
    private mutating func take(_ line: UnsafeRawPointer, _ count: Int, length: Int) -> Int {
        var start = 0
        if isFirstLine {
            isFirstLine = false
            if count >= 3, UnsafeRawBufferPointer(start: line, count: 3).equals("\u{FEFF}") { start = 3 }
        }
        if length == start {
            events &+= hasData ? 1 : 0
            hasData = false
            hasFields = false
            return -1
        }
        func byte(_ at: Int) -> UInt8 { line.load(fromByteOffset: start &+ at, as: UInt8.self) }
        if byte(0) == UInt8(ascii: ":") { return -1 }
        hasFields = true
        guard length &- start >= 4, byte(0) == UInt8(ascii: "d"), byte(1) == UInt8(ascii: "a"),
            byte(2) == UInt8(ascii: "t"), byte(3) == UInt8(ascii: "a")
        else { return -1 }
        if length &- start == 4 {
            hasData = true
            return -1
        }
        guard byte(4) == UInt8(ascii: ":") else { return -1 }
        hasData = true
        var payload = start &+ 5
        if length > payload, byte(5) == 0x20 { payload &+= 1 }
        if length &- payload == 6, byte(payload &- start) == UInt8(ascii: "["),
            UnsafeRawBufferPointer(start: line + payload, count: 6).equals("[DONE]")
        {
            isDone = true
            return -1
        }
        return payload
    }

    /// Remembers a part of a line whose end has not come.
    private mutating func hold(_ part: UnsafeRawBufferPointer) {
        if lineLength == 0 { payloads?.startLine() }
        let from = min(lineLength, Self.prefixBytes)
        let count = min(part.count, Self.prefixBytes - from)
        withUnsafeMutableBytes(of: &prefix) { prefix in
            for i in 0..<count { prefix[from + i] = part[i] }
        }
        lineLength &+= part.count
        payloads?.hold(part)
    }

    /// Takes the held line, of which `part` is the rest. Returns whether its payload became the last one.
    private mutating func takeHeld(_ part: UnsafeRawBufferPointer) -> Bool {
        hold(part)
        let length = lineLength
        lineLength = 0
        // 16 bytes decide: what lies behind them is never looked at.
        let copy = prefix
        let payload = withUnsafeBytes(of: copy) { bytes in
            bytes.baseAddress.map { take($0, min(length, Self.prefixBytes), length: length) } ?? -1
        }
        guard payload >= 0 else { return false }
        payloads?.keepHeld(from: payload)
        return true
    }
}

/// The last data payload of a stream, and the line being put together from parts.
private final class LastPayload {
    private let kept = ByteBuffer(capacity: 1024)
    private let line = ByteBuffer(capacity: 1024)
    private var hasLast = false
    private var lineIsTooLong = false
    /// A payload of the longest kind with a byte order mark and `data: ` before it.
    private static let lineBytes = SSEObserver.keptPayloadBytes + 9

    var last: UnsafeRawBufferPointer? { hasLast ? kept.readable : nil }

    func startLine() {
        line.clear()
        lineIsTooLong = false
    }

    func hold(_ part: UnsafeRawBufferPointer) {
        if line.readableCount + part.count > Self.lineBytes { lineIsTooLong = true }
        if !lineIsTooLong { line.append(part) }
    }

    func keep(_ payload: UnsafeRawBufferPointer) {
        kept.clear()
        hasLast = payload.count <= SSEObserver.keptPayloadBytes
        if hasLast { kept.append(payload) }
    }

    func keepHeld(from start: Int) {
        if lineIsTooLong {
            hasLast = false
        } else {
            keep(UnsafeRawBufferPointer(rebasing: line.readable[min(start, line.readableCount)...]))
        }
    }
}
