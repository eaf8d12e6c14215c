internal import SMGBase
internal import SMGJSON

/// Collects texts, joined by single spaces, until its limit is reached.
///
/// Messages, their parts, tool calls and response items are all "items" here: objects whose known members carry text.
/// The formats name these members differently but never contradict each other, so one rule serves all.
struct PromptTextBuilder {
    /// Arrays and objects inside each other that are looked into. The deepest in use are six: messages, message,
    /// content, tool result, content, part.
    static let maximumNesting = 6

    private let buffer: ByteBuffer
    /// Bytes that may still be written.
    private var room: Int
    private var isFirst = true

    init(buffer: ByteBuffer, limit: Int) {
        self.buffer = buffer
        room = max(limit, 0)
    }

    /// Adds all text of `value`: of a string itself, of a number its digits, of an array all elements', of an object
    /// what the slots of `ItemText` name.
    mutating func add(_ value: JSONSlice) {
        var cursor = JSONCursor(value.bytes)
        add(&cursor, nesting: 0)
    }

    /// Adds the text of the value under `cursor` and steps behind it, unless there is no room left.
    private mutating func add(_ cursor: inout JSONCursor, nesting: Int) {
        switch cursor.kind {
        case .string:
            if let text = cursor.takeValue().text { add(text: text) }
        case .number:
            add(raw: cursor.takeValue().bytes)
        case .array where nesting < Self.maximumNesting:
            _ = cursor.enter()
            while cursor.nextElement() {
                add(&cursor, nesting: nesting + 1)
                if room == 0 { return }
            }
        case .object where nesting < Self.maximumNesting:
            addItem(&cursor, nesting: nesting)
        default:
            _ = cursor.takeValue()
        }
    }

    /// Adds the text of an object's known members: the leading one as it passes by, the others in
    /// the order of their slots.
    private mutating func addItem(_ cursor: inout JSONCursor, nesting: Int) {
        var item = ItemText()
        _ = cursor.enter()
        while let key = cursor.nextKey() {
            switch ItemText.slot(key) {
            case ItemText.Slot.leading:
                add(&cursor, nesting: nesting + 1)
                if room == 0 { return }
            case let slot?:
                item.keep(cursor.takeValue(), in: slot)
            case nil:
                _ = cursor.takeValue()
            }
        }
        item.dropStrayName()
        var left = item.used
        while left != 0, room > 0 {
            let slot = left.trailingZeroBitCount
            left &= left - 1
            if let value = item.slots[slot] { addMember(value, slot: slot, nesting: nesting) }
        }
    }

    private mutating func addMember(_ value: JSONSlice, slot: Int, nesting: Int) {
        if ItemText.isJSON(slot: slot), value.kind == .object {
            // The arguments of a call given as an object: as they are spelled.
            add(raw: value.bytes)
        } else {
            var cursor = JSONCursor(value.bytes)
            add(&cursor, nesting: nesting + 1)
        }
    }

    private mutating func add(text: JSONString) {
        guard !text.raw.isEmpty, separate() else { return }
        let start = buffer.writerIndex
        let complete = text.append(to: buffer, limit: room)
        room = complete ? room - (buffer.writerIndex - start) : 0
    }

    private mutating func add(raw: UnsafeRawBufferPointer) {
        guard !raw.isEmpty, separate() else { return }
        let count = raw.count <= room ? raw.count : Self.boundary(raw, at: room)
        buffer.append(raw.slice(0..<count))
        room = count < raw.count ? 0 : room - count
    }

    /// The space before every text but the first; false when no room is left for a text.
    private mutating func separate() -> Bool {
        if isFirst {
            isFirst = false
        } else if room > 1 {
            buffer.append(UInt8(ascii: " "))
            room -= 1
        } else {
            room = 0
        }
        return room > 0
    }

    /// The last offset up to `limit` that splits no UTF-8 sequence.
    private static func boundary(_ bytes: UnsafeRawBufferPointer, at limit: Int) -> Int {
        var at = limit
        while at > 0, bytes[at] & 0xc0 == 0x80 { at -= 1 }
        return at
    }
}
