internal import SMGBase

/// How a tag carries a name: that of a function, or that of a parameter.
enum MarkupTag: Sendable {
    /// `<function=NAME>`, with the text up to the name as `open`.
    case equals(open: StaticString)
    /// `<invoke name="NAME" …>`: attributes in any order, of which `name` has the name and `flag` says more. `open` is
    /// the text before the attributes, `end` that behind them.
    case attributes(open: StaticString, end: StaticString, name: StaticString, flag: StaticString?)
    /// `<arg_key>NAME</arg_key>` and then `value`, behind which the value begins.
    case element(open: StaticString, close: StaticString, value: StaticString)
    /// The rest of the line, or what is before a tag: one of `followers` must come next.
    case line(followers: [StaticString])

    /// What the tag begins with, when that is always the same.
    var open: StaticString? {
        switch self {
        case .equals(let open), .attributes(let open, _, _, _), .element(let open, _, _): open
        case .line: nil
        }
    }

    /// What a tag was found to say, as ranges of the bytes it was read from.
    struct Found {
        var name = 0..<0
        /// Empty when the tag has no such attribute.
        var flag = 0..<0
    }

    /// Reads the tag, up to where its content begins.
    func read(_ reader: inout TagReader) throws(TagMismatch) -> Found {
        switch self {
        case .equals(let open):
            try reader.literal(open)
            return Found(name: try reader.name(until: UInt8(ascii: ">")))
        case .attributes(let open, let end, let name, let flag):
            try reader.literal(open)
            return try Self.attributes(&reader, end: end, name: name, flag: flag)
        case .element(let open, let close, let value):
            try reader.literal(open)
            let name = try reader.name(until: UInt8(ascii: "<"))
            reader.at -= 1
            try reader.literal(close)
            _ = try reader.space()
            try reader.literal(value)
            return Found(name: name)
        case .line(let followers):
            let name = try reader.word()
            _ = try reader.space()
            try reader.expect(followers)
            return Found(name: name)
        }
    }

    /// Attributes of one tag that are read; real tags have three at most.
    private static let maximumAttributes = 8

    private static func attributes(
        _ reader: inout TagReader, end: StaticString, name: StaticString, flag: StaticString?
    ) throws(TagMismatch) -> Found {
        var found = Found()
        for _ in 0...maximumAttributes {
            let spaces = try reader.space()
            if try reader.next() == end.utf8Start[0] {
                try reader.literal(end)
                guard !found.name.isEmpty else { throw .never }
                return found
            }
            guard spaces > 0 else { throw .never }
            let key = try reader.attributeName()
            let quote = try reader.next()
            guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { throw .never }
            reader.at += 1
            let value = try reader.text(until: quote)
            if reader.equals(key, name) {
                found.name = reader.trimmed(value)
            } else if let flag, reader.equals(key, flag) {
                found.flag = value
            }
        }
        throw .never
    }
}

/// Why a tag is not there.
enum TagMismatch: Error {
    /// Whatever follows.
    case never
    /// The bytes end inside what may be one.
    case notYet
}

/// Reads the parts of a tag. Every part has a bound, so a tag is decided after a few kilobytes at most.
struct TagReader {
    let bytes: UnsafeRawBufferPointer
    /// Offset of the next byte.
    var at: Int

    /// The next byte, which stays.
    func next() throws(TagMismatch) -> UInt8 {
        guard at < bytes.count else { throw .notYet }
        return bytes[at]
    }

    mutating func literal(_ text: StaticString) throws(TagMismatch) {
        for i in 0..<text.utf8CodeUnitCount where try next(i) != text.utf8Start[i] { throw .never }
        at += text.utf8CodeUnitCount
    }

    private func next(_ ahead: Int) throws(TagMismatch) -> UInt8 {
        guard at + ahead < bytes.count else { throw .notYet }
        return bytes[at + ahead]
    }

    /// Whitespace, possibly none; returns how much.
    mutating func space() throws(TagMismatch) -> Int {
        let start = at
        at = Self.spaceEnd(bytes, start)
        guard at - start <= ParserLimits.maximumSeparatorBytes else { throw .never }
        return at - start
    }

    /// The end of the whitespace at `start`; of very much whitespace, an offset beyond what counts as layout.
    static func spaceEnd(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Int {
        let limit = min(bytes.count, start + ParserLimits.maximumSeparatorBytes + 1)
        var at = start
        while at < limit, isSpace(bytes[at]) { at += 1 }
        return at
    }

    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 }

    /// The text before `stop`, and `stop`, which is not part of the result.
    mutating func text(until stop: UInt8) throws(TagMismatch) -> Range<Int> {
        let start = at
        let limit = start + ParserLimits.maximumNameBytes
        while try next() != stop {
            guard at < limit else { throw .never }
            at += 1
        }
        at += 1
        return start..<(at - 1)
    }

    /// A name before `stop`, and `stop`: without angle brackets, not empty, and on one line but for whitespace around it.
    mutating func name(until stop: UInt8) throws(TagMismatch) -> Range<Int> {
        let start = at
        let limit = start + ParserLimits.maximumNameBytes
        while true {
            let byte = try next()
            if byte == stop { break }
            let isNamePart = byte >= 0x20 || Self.isSpace(byte)
            guard at < limit, isNamePart, byte != UInt8(ascii: "<"), byte != UInt8(ascii: ">") else { throw .never }
            at += 1
        }
        at += 1
        let name = trimmed(start..<(at - 1))
        guard !name.isEmpty, bytes.slice(name).allSatisfy({ $0 >= 0x20 }) else { throw .never }
        return name
    }

    /// A name without whitespace and angle brackets, up to whitespace or a tag, which stay.
    mutating func word() throws(TagMismatch) -> Range<Int> {
        let start = at
        while true {
            let byte = try next()
            if Self.isSpace(byte) || byte == UInt8(ascii: "<") { break }
            guard at - start < ParserLimits.maximumNameBytes, byte >= 0x20, byte != UInt8(ascii: ">") else {
                throw .never
            }
            at += 1
        }
        guard at > start else { throw .never }
        return start..<at
    }

    /// The name of an attribute, and the equals sign behind it.
    mutating func attributeName() throws(TagMismatch) -> Range<Int> {
        let start = at
        while true {
            let byte = try next()
            if byte == UInt8(ascii: "=") { break }
            let isLetter = ASCII.lowercased(byte) &- 97 < 26
            guard isLetter || byte == UInt8(ascii: "_"), at - start < 32 else { throw .never }
            at += 1
        }
        at += 1
        return start..<(at - 1)
    }

    /// One of `texts` must stand here; it stays.
    func expect(_ texts: [StaticString]) throws(TagMismatch) {
        var mayCome = false
        for text in texts {
            var reader = self
            do throws(TagMismatch) {
                try reader.literal(text)
                return
            } catch {
                mayCome = mayCome || error == .notYet
            }
        }
        throw mayCome ? .notYet : .never
    }

    /// Whether `text` stands here, all of it.
    func begins(_ text: StaticString) -> Bool {
        at + text.utf8CodeUnitCount <= bytes.count && bytes.slice(at..<at + text.utf8CodeUnitCount).equals(text)
    }

    func equals(_ range: Range<Int>, _ text: StaticString) -> Bool { bytes.slice(range).equals(text) }

    /// `range` without whitespace around it.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, Self.isSpace(bytes[start]) { start += 1 }
        while end > start, Self.isSpace(bytes[end - 1]) { end -= 1 }
        return start..<end
    }
}
