package import SMGBase

/// Writes JSON into a buffer: commas, escapes and number formats are its business, balanced calls are the caller's.
///
/// The output is valid UTF-8 whatever goes in: ill-formed sequences become U+FFFD.
package struct JSONWriter {
    /// Where the output is appended.
    package let buffer: ByteBuffer
    /// Whether the next key or element follows another one.
    private var needsComma = false

    package init(_ buffer: ByteBuffer) { self.buffer = buffer }

    @inline(__always)
    private mutating func beginValue() {
        if needsComma { buffer.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    package mutating func beginObject() {
        beginValue()
        buffer.append(UInt8(ascii: "{"))
        needsComma = false
    }

    package mutating func endObject() {
        buffer.append(UInt8(ascii: "}"))
        needsComma = true
    }

    package mutating func beginArray() {
        beginValue()
        buffer.append(UInt8(ascii: "["))
        needsComma = false
    }

    package mutating func endArray() {
        buffer.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// The key of the member whose value is written next.
    package mutating func key(_ name: StaticString) {
        key(utf8: UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    /// The key of the member whose value is written next, as UTF-8.
    package mutating func key(utf8 name: UnsafeRawBufferPointer) {
        beginValue()
        Self.quote(name, to: buffer)
        buffer.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// The key of the member whose value is written next.
    package mutating func key(_ name: String) {
        var name = name
        name.withUTF8 { key(utf8: UnsafeRawBufferPointer($0)) }
    }

    package mutating func string(_ text: StaticString) {
        string(utf8: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { string(utf8: UnsafeRawBufferPointer($0)) }
    }

    /// A string from UTF-8 bytes.
    package mutating func string(utf8 text: UnsafeRawBufferPointer) {
        beginValue()
        Self.quote(text, to: buffer)
    }

    package mutating func int(_ value: Int) {
        beginValue()
        buffer.append(decimal: value)
    }

    /// The shortest digits that read back as `value`; null for infinities and NaN, which JSON cannot spell.
    package mutating func double(_ value: Double) {
        guard value.isFinite else { return null() }
        beginValue()
        buffer.append(string: value.description)
    }

    package mutating func bool(_ value: Bool) {
        beginValue()
        buffer.append(value ? "true" : "false" as StaticString)
    }

    package mutating func null() {
        beginValue()
        buffer.append("null" as StaticString)
    }

    /// One value that is JSON already; it is not checked.
    package mutating func raw(_ json: UnsafeRawBufferPointer) {
        beginValue()
        buffer.append(json)
    }
}

// MARK: - Strings

extension JSONWriter {
    /// Appends `text` with quotes and escapes.
    static func quote(_ text: UnsafeRawBufferPointer, to buffer: ByteBuffer) {
        buffer.reserve(text.count &+ 2)
        buffer.append(UInt8(ascii: "\""))
        appendEscaped(text, to: buffer)
        buffer.append(UInt8(ascii: "\""))
    }

    /// Appends `text` with escapes but without quotes: only what must be escaped is.
    private static func appendEscaped(_ text: UnsafeRawBufferPointer, to buffer: ByteBuffer) {
        guard let base = text.baseAddress else { return }
        let count = text.count
        /// Everything before it is in the buffer.
        var done = 0
        var at = JSONBlocks.firstSpecial(base, from: 0, count: count)
        while at < count {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte >= 0x80 {
                at = UTF8Text.skipSequences(base, from: at, count: count)
                if at < count, base.load(fromByteOffset: at, as: UInt8.self) >= 0x80 {
                    buffer.append(text.slice(done..<at))
                    buffer.append("\u{fffd}" as StaticString)
                    at &+= UTF8Text.illFormedLength(base, at: at, count: count)
                    done = at
                }
            } else {
                buffer.append(text.slice(done..<at))
                appendEscape(byte, to: buffer)
                at &+= 1
                done = at
            }
            at = JSONBlocks.firstSpecial(base, from: at, count: count)
        }
        buffer.append(text.slice(done..<count))
    }

    /// The escape of a quote, a backslash or a control character.
    private static func appendEscape(_ byte: UInt8, to buffer: ByteBuffer) {
        buffer.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): buffer.append(byte)
        case 0x08: buffer.append(UInt8(ascii: "b"))
        case 0x09: buffer.append(UInt8(ascii: "t"))
        case 0x0a: buffer.append(UInt8(ascii: "n"))
        case 0x0c: buffer.append(UInt8(ascii: "f"))
        case 0x0d: buffer.append(UInt8(ascii: "r"))
        default:
            buffer.append(byte < 0x10 ? "u000" : "u001" as StaticString)
            buffer.append(hex: Int(byte & 15))
        }
    }
}
