/// Walks over validated JSON in one pass, without allocation: enters containers where they start instead of first
/// looking for their ends.
///
/// Over bytes that are not valid JSON it never reads outside them and always comes to an end, but what it yields is
/// unspecified.
package struct JSONCursor {
    private let base: UnsafeRawPointer
    private let count: Int
    /// Where the cursor stands: on a value, or behind one.
    package private(set) var offset = 0

    /// Stands on the first value of `bytes`.
    package init(_ bytes: UnsafeRawBufferPointer) {
        // Without bytes nothing is ever read through `base`.
        base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
        count = bytes.count
        skipWhitespace()
    }

    /// The kind of the value under the cursor; nil when there is none.
    package var kind: JSONKind? { JSONKind(firstByte: byte) }

    /// Steps into the container under the cursor, before its first element or member; false when there is none.
    package mutating func enter() -> Bool {
        guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") else { return false }
        offset &+= 1
        return true
    }

    /// Moves to the next element of the array that was entered. At its end steps behind it and returns false.
    package mutating func nextElement() -> Bool {
        skipSeparator()
        if byte == UInt8(ascii: "]") {
            offset &+= 1
            return false
        }
        if JSONKind(firstByte: byte) != nil { return true }
        offset = count
        return false
    }

    /// Moves to the value of the next member of the object that was entered and returns the member's key. At its end
    /// steps behind it and returns nil.
    package mutating func nextKey() -> JSONString? {
        skipSeparator()
        guard byte == UInt8(ascii: "\"") else {
            if byte == UInt8(ascii: "}") { offset &+= 1 } else { offset = count }
            return nil
        }
        let start = offset &+ 1
        let end = JSONSkip(base: base, count: count).string(start)
        offset = end
        skipWhitespace()
        if byte == UInt8(ascii: ":") { offset &+= 1 }
        skipWhitespace()
        return JSONString(raw: bytes(start, max(end &- 1, start)))
    }

    /// The value under the cursor; steps behind it.
    package mutating func takeValue() -> JSONSlice {
        let start = offset
        if start < count { offset = JSONSkip(base: base, count: count).value(start) }
        return JSONSlice(validated: bytes(start, offset))
    }

    @inline(__always)
    private func bytes(_ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + start, count: end &- start)
    }

    @inline(__always)
    private var byte: UInt8 { offset < count ? base.load(fromByteOffset: offset, as: UInt8.self) : 0 }

    @inline(__always)
    private mutating func skipWhitespace() {
        if byte > 0x20 { return }
        offset = JSONValidator(base: base, count: count).whitespace(offset)
    }

    /// Skips whitespace with at most one comma in it.
    @inline(__always)
    private mutating func skipSeparator() {
        skipWhitespace()
        guard byte == UInt8(ascii: ",") else { return }
        offset &+= 1
        skipWhitespace()
    }
}

/// Finds the ends of values that are known to be valid.
///
/// SAFETY: reads only `base[..<count]`, whatever is there.
struct JSONSkip {
    let base: UnsafeRawPointer
    let count: Int

    /// The offset behind the value at `start`, which is inside the bytes; always behind `start`.
    @inline(__always)
    func value(_ start: Int) -> Int {
        switch base.load(fromByteOffset: start, as: UInt8.self) {
        case UInt8(ascii: "\""): string(start &+ 1)
        case UInt8(ascii: "{"), UInt8(ascii: "["): container(start &+ 1)
        default: scalar(start &+ 1)
        }
    }

    /// The offset behind the closing quote of the string whose first byte is at `start`.
    @inline(__always)
    func string(_ start: Int) -> Int {
        let quote = JSONBlocks.first(UInt8(ascii: "\""), base, from: start, count: count)
        if quote > start, base.load(fromByteOffset: quote &- 1, as: UInt8.self) == UInt8(ascii: "\\") {
            return stringWithEscapedQuotes(start, quote)
        }
        return min(quote &+ 1, count)
    }

    /// The same, when a backslash stands before the first quote. A quote ends the string unless an odd number of
    /// backslashes precede it.
    private func stringWithEscapedQuotes(_ start: Int, _ first: Int) -> Int {
        var quote = first
        while quote < count {
            var at = quote
            while at > start, base.load(fromByteOffset: at &- 1, as: UInt8.self) == UInt8(ascii: "\\") { at &-= 1 }
            if (quote &- at) & 1 == 0 { return quote &+ 1 }
            quote = JSONBlocks.first(UInt8(ascii: "\""), base, from: quote &+ 1, count: count)
        }
        return count
    }

    /// The offset behind the container that was opened before `start`.
    private func container(_ start: Int) -> Int {
        var at = start
        var depth = 1
        while depth > 0 {
            at = JSONBlocks.firstQuoteOrBracket(base, from: at, count: count)
            guard at < count else { return count }
            switch base.load(fromByteOffset: at, as: UInt8.self) {
            case UInt8(ascii: "\""):
                at = string(at &+ 1)
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth &+= 1
            default: depth &-= 1
            }
            at &+= 1
        }
        return at
    }

    /// The offset of the first byte at or after `start` that ends a number or a literal.
    @inline(__always)
    private func scalar(_ start: Int) -> Int {
        var at = start
        while at < count {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte <= 0x20 || byte == UInt8(ascii: ",") || byte | 0x20 == UInt8(ascii: "}") { break }
            at &+= 1
        }
        return at
    }
}
