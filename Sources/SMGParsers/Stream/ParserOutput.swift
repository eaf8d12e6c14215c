internal import SMGBase

/// Where parsers put what they find. Text lies in one run of bytes, events are small records that point into it, so a
/// delta costs no string and, once the storage has grown, no allocation.
///
/// Belongs to one stream at a time: `clear()` it between the deltas. Neighbouring pieces of one kind are one record.
package final class ParserOutput {
    /// One event. Its text is asked from the output that holds it.
    package struct Record: Sendable {
        /// What happened; see the cases of `ParserEvent`.
        package enum Kind: UInt8, Sendable {
            case content, reasoning, callBegin, arguments, callComplete, callIncomplete
        }

        package let kind: Kind
        /// The call's number; 0 for content and reasoning.
        package let index: Int
        fileprivate let start: Int
        /// Where the name ends and the id begins; `end` when there is no id.
        fileprivate let middle: Int
        fileprivate var end: Int
    }

    /// The events since the last `clear()`, in their order.
    package var records: [Record] {
        endPieces()
        return list
    }

    private var list: [Record] = []
    /// Kind and call of the last record, while pieces go into it; where it ends is noted when somebody asks.
    private var openKind: Record.Kind?
    private var openIndex = 0
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private var count = 0

    package init(capacity: Int = 1024) {
        self.capacity = max(capacity, 64)
        base = .allocate(byteCount: self.capacity, alignment: 16)
        list.reserveCapacity(8)
    }

    deinit { base.deallocate() }

    package var isEmpty: Bool { list.isEmpty }

    /// Forgets the events; keeps the storage.
    package func clear() {
        list.removeAll(keepingCapacity: true)
        openKind = nil
        count = 0
    }

    /// The text of a content, reasoning or arguments record, or a call's name. Valid until the output changes.
    package func text(_ record: Record) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + record.start, count: record.middle(orEnd: record.kind == .callBegin))
    }

    /// The id the format gave the call; nil when it has none. Valid until the output changes.
    package func id(_ record: Record) -> UnsafeRawBufferPointer? {
        guard record.kind == .callBegin, record.middle < record.end else { return nil }
        return UnsafeRawBufferPointer(start: base + record.middle, count: record.end - record.middle)
    }

    /// The events as values.
    package var events: [ParserEvent] {
        records.map { record in
            switch record.kind {
            case .content: .content(text(record).string)
            case .reasoning: .reasoning(text(record).string)
            case .callBegin: .toolCall(index: record.index, id: id(record)?.string, name: text(record).string)
            case .arguments: .toolArguments(index: record.index, json: text(record).string)
            case .callComplete: .toolCallEnd(index: record.index, complete: true)
            case .callIncomplete: .toolCallEnd(index: record.index, complete: false)
            }
        }
    }
}

extension ParserOutput.Record {
    fileprivate func middle(orEnd useMiddle: Bool) -> Int { (useMiddle ? middle : end) - start }
}

// MARK: - For parsers

extension ParserOutput {
    /// Text for the reader; nothing when `bytes` is empty.
    @inline(__always)
    package func content(_ bytes: UnsafeRawBufferPointer) {
        if bytes.count > 0 { piece(.content, 0, bytes) }
    }

    /// Text of the model's reasoning; nothing when `bytes` is empty.
    @inline(__always)
    package func reasoning(_ bytes: UnsafeRawBufferPointer) {
        if bytes.count > 0 { piece(.reasoning, 0, bytes) }
    }

    /// Call `index` begins.
    package func beginCall(_ index: Int, name: UnsafeRawBufferPointer, id: UnsafeRawBufferPointer? = nil) {
        endPieces()
        openKind = nil
        let start = count
        append(name)
        let middle = count
        if let id { append(id) }
        list.append(Record(kind: .callBegin, index: index, start: start, middle: middle, end: count))
    }

    /// More of the arguments of call `index`; nothing when `json` is empty.
    @inline(__always)
    package func arguments(_ index: Int, _ json: UnsafeRawBufferPointer) {
        if json.count > 0 { piece(.arguments, index, json) }
    }

    /// The same for one byte.
    @inline(__always)
    package func argument(_ index: Int, byte: UInt8) {
        withUnsafeBytes(of: byte) { piece(.arguments, index, $0) }
    }

    /// The same for text that is known beforehand.
    package func arguments(_ index: Int, _ json: StaticString) {
        arguments(index, UnsafeRawBufferPointer(start: json.utf8Start, count: json.utf8CodeUnitCount))
    }

    /// More of the arguments of call `index`: `text` with what JSON demands escaped, without quotes around it. The
    /// pieces of one string may come one by one, split anywhere.
    package func argumentsEscaping(_ index: Int, _ text: UnsafeRawBufferPointer) {
        var at = 0
        while true {
            let end = Self.plainEnd(text, from: at)
            arguments(index, text.slice(at..<end))
            guard end < text.count else { return }
            escape(index, text[end])
            at = end &+ 1
        }
    }

    /// A whole string of the arguments of call `index`: `text`, which needs no escapes, in quotes.
    @inline(__always)
    package func argumentString(_ index: Int, _ text: UnsafeRawBufferPointer) {
        argument(index, byte: UInt8(ascii: "\""))
        append(text)
        argument(index, byte: UInt8(ascii: "\""))
    }

    /// The offset of the first byte at or after `start` that may not stand in a JSON string as it is, or is `quote`; the
    /// count when there is none.
    @inline(__always)
    package static func plainEnd(
        _ text: UnsafeRawBufferPointer, from start: Int, quote: UInt8 = UInt8(ascii: "\"")
    ) -> Int {
        guard let base = text.baseAddress else { return start }
        let count = text.count
        let quotes = SIMD16<UInt8>(repeating: quote)
        let doubles = SIMD16<UInt8>(repeating: UInt8(ascii: "\""))
        let backslashes = SIMD16<UInt8>(repeating: UInt8(ascii: "\\"))
        var at = start
        // SAFETY: blocks are loaded while a whole one is left, the rest byte by byte.
        while at &+ 16 <= count {
            let block = base.loadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self)
            let hits = (block .== quotes) .| (block .== doubles) .| (block .== backslashes)
            let marks = unsafeBitCast(hits, to: SIMD2<UInt64>.self)
            let words = unsafeBitCast(block, to: SIMD2<UInt64>.self)
            let low = marks.x.littleEndian | controls(words.x.littleEndian)
            let high = marks.y.littleEndian | controls(words.y.littleEndian)
            if low | high != 0 {
                return at &+ (low != 0 ? low.trailingZeroBitCount &>> 3 : 8 &+ high.trailingZeroBitCount &>> 3)
            }
            at &+= 16
        }
        while at < count {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte < 0x20 || byte == quote || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            at &+= 1
        }
        return at
    }

    /// The top bits of the bytes below 0x20, the lowest of them for certain; a byte behind it may be marked too.
    @inline(__always)
    private static func controls(_ word: UInt64) -> UInt64 {
        (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
    }

    /// Call `index` has ended.
    package func endCall(_ index: Int, complete: Bool) {
        endPieces()
        openKind = nil
        list.append(
            Record(
                kind: complete ? .callComplete : .callIncomplete, index: index, start: count, middle: count, end: count)
        )
    }

    private func escape(_ index: Int, _ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): arguments(index, "\\\"")
        case UInt8(ascii: "\\"): arguments(index, "\\\\")
        case 0x08: arguments(index, "\\b")
        case 0x09: arguments(index, "\\t")
        case 0x0a: arguments(index, "\\n")
        case 0x0c: arguments(index, "\\f")
        case 0x0d: arguments(index, "\\r")
        default:
            let digits: StaticString = "0123456789abcdef"
            arguments(index, byte < 0x10 ? "\\u000" : "\\u001")
            withUnsafeBytes(of: digits.utf8Start[Int(byte & 15)]) { arguments(index, $0) }
        }
    }

    @inline(__always)
    private func piece(_ kind: Record.Kind, _ index: Int, _ bytes: UnsafeRawBufferPointer) {
        let start = count
        append(bytes)
        if openKind != kind || openIndex != index { begin(kind, index, at: start) }
    }

    @inline(never)
    private func begin(_ kind: Record.Kind, _ index: Int, at start: Int) {
        if openKind != nil { list[list.count - 1].end = start }
        list.append(Record(kind: kind, index: index, start: start, middle: start, end: count))
        openKind = kind
        openIndex = index
    }

    /// Notes where the last record ends.
    private func endPieces() {
        if openKind != nil { list[list.count - 1].end = count }
    }

    @inline(__always)
    private func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        if capacity &- count < bytes.count { grow(bytes.count) }
        (base + count).copyMemory(from: source, byteCount: bytes.count)
        count &+= bytes.count
    }

    @inline(never)
    private func grow(_ more: Int) {
        let wanted = max(capacity * 2, count + more)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
        capacity = wanted
    }
}
