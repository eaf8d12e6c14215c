internal import SMGBase

/// Reads one JSON value that comes in pieces: judges it strictly by RFC 8259 as it comes, finds its end, and passes it
/// on without the whitespace between its tokens. Every byte is looked at once, whatever the pieces.
///
/// Strings and numbers pass byte for byte. UTF-8 is not judged: what feeds a parser has made it text already.
package struct JSONStream: Sendable {
    /// What is known of the value.
    package enum Status: UInt8, Sendable {
        /// Valid so far, and not at its end.
        case open
        /// Whole and valid.
        case complete
        /// Not JSON, whatever follows; or nested deeper than `ParserLimits.maximumDepth`.
        case invalid
    }

    /// What may come next. `internal` for the repair of truncated documents.
    enum State: UInt8, Sendable {
        case value, arrayStart, objectStart, key, colon, after
        case string, escape, unicode
        case minus, zero, integer, dot, fraction, exponentMark, exponentSign, exponent
        case literal
    }

    package private(set) var status = Status.open
    private(set) var state = State.value
    private(set) var containers = ContainerBits()
    /// Whether the string being read is a key.
    private(set) var isKey = false
    /// The literal being read and how many of its bytes have come; or how many digits of a `\u` escape have.
    private(set) var literal: StaticString = "null"
    private(set) var position = 0
    /// Whether the value is an object.
    private(set) var isObject = false
    /// Offset, in the bytes of the last `consume`, behind the last complete value or opened container.
    private(set) var settled = 0

    package init() {}

    /// Whether the value has begun.
    package var hasBegun: Bool { state != .value || containers.depth > 0 || status != .open }

    /// Reads on at `start` and returns the offset of the first byte that was not accepted: the count while the value is
    /// open, the offset behind a complete value, that of the offending byte in an invalid one. What was accepted goes
    /// to the arguments of `call` in `output`, if there is one.
    package mutating func consume(
        _ bytes: UnsafeRawBufferPointer, from start: Int = 0, to output: ParserOutput? = nil, call: Int = 0
    ) -> Int {
        guard let base = bytes.baseAddress, status == .open else { return start }
        let count = bytes.count
        var at = start
        var run = start
        while at < count, status == .open {
            switch state {
            case .string:
                at = Self.plainEnd(base, at, count)
                if at < count { stringByte(base.load(fromByteOffset: at, as: UInt8.self), &at) }
            case .value, .arrayStart, .objectStart, .key, .colon, .after:
                let byte = base.load(fromByteOffset: at, as: UInt8.self)
                if Self.isWhitespace(byte) {
                    output?.arguments(call, UnsafeRawBufferPointer(start: base + run, count: at &- run))
                    at = Self.whitespaceEnd(base, at &+ 1, count)
                    run = at
                } else {
                    structure(byte, &at)
                }
            case .escape, .unicode: escapeByte(base.load(fromByteOffset: at, as: UInt8.self), &at)
            case .literal: literalByte(base.load(fromByteOffset: at, as: UInt8.self), &at)
            default: numberByte(base.load(fromByteOffset: at, as: UInt8.self), &at)
            }
        }
        output?.arguments(call, UnsafeRawBufferPointer(start: base + run, count: at &- run))
        return at
    }

    /// Nothing more comes: a number that stands alone is complete now. Returns whether the value is.
    package mutating func finish() -> Bool {
        if status == .open, containers.depth == 0, isWholeNumber { status = .complete }
        return status == .complete
    }

    /// Something else stood where the value was to be.
    mutating func invalidate() { status = .invalid }

    /// Whether the number being read may end here.
    var isWholeNumber: Bool {
        switch state {
        case .zero, .integer, .fraction, .exponent: true
        default: false
        }
    }
}

// MARK: - Structure

extension JSONStream {
    private mutating func structure(_ byte: UInt8, _ at: inout Int) {
        switch state {
        case .value: begin(byte, &at)
        case .arrayStart:
            if byte == UInt8(ascii: "]") { close(&at) } else { begin(byte, &at) }
        case .objectStart where byte == UInt8(ascii: "}"): close(&at)
        case .objectStart, .key:
            guard byte == UInt8(ascii: "\"") else { return fail() }
            isKey = true
            state = .string
            at &+= 1
        case .colon:
            guard byte == UInt8(ascii: ":") else { return fail() }
            state = .value
            at &+= 1
        default:
            if byte == UInt8(ascii: ",") {
                state = containers.inObject ? .key : .value
                at &+= 1
            } else if byte == (containers.inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                close(&at)
            } else {
                fail()
            }
        }
    }

    /// The first byte of a value.
    @inline(__always)
    private mutating func begin(_ byte: UInt8, _ at: inout Int) {
        switch byte {
        case UInt8(ascii: "\""):
            isKey = false
            state = .string
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let opensObject = byte == UInt8(ascii: "{")
            if containers.depth == 0 { isObject = opensObject }
            guard containers.push(object: opensObject) else { return fail() }
            state = opensObject ? .objectStart : .arrayStart
            settled = at &+ 1
        case UInt8(ascii: "-"): state = .minus
        case UInt8(ascii: "0"): state = .zero
        case UInt8(ascii: "1")...UInt8(ascii: "9"): state = .integer
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
            literal = byte == UInt8(ascii: "t") ? "true" : byte == UInt8(ascii: "f") ? "false" : "null"
            position = 1
            state = .literal
        default: return fail()
        }
        at &+= 1
    }

    private mutating func close(_ at: inout Int) {
        containers.pop()
        at &+= 1
        endValue(at)
    }

    /// A value ended before `end`.
    @inline(__always)
    private mutating func endValue(_ end: Int) {
        state = .after
        settled = end
        if containers.depth == 0 { status = .complete }
    }

    @inline(__always)
    private mutating func fail() { status = .invalid }
}

// MARK: - Tokens

extension JSONStream {
    /// A byte of a string that is not plain: its end, an escape, or a control character.
    @inline(__always)
    private mutating func stringByte(_ byte: UInt8, _ at: inout Int) {
        if byte == UInt8(ascii: "\"") {
            at &+= 1
            if isKey { state = .colon } else { endValue(at) }
        } else if byte == UInt8(ascii: "\\") {
            at &+= 1
            state = .escape
        } else {
            fail()
        }
    }

    private mutating func escapeByte(_ byte: UInt8, _ at: inout Int) {
        if state == .unicode {
            guard ASCII.hexValue(byte) != nil else { return fail() }
            position &+= 1
            if position == 4 { state = .string }
        } else {
            switch byte {
            case UInt8(ascii: "u"):
                position = 0
                state = .unicode
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
                UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                state = .string
            default: return fail()
            }
        }
        at &+= 1
    }

    private mutating func literalByte(_ byte: UInt8, _ at: inout Int) {
        guard byte == literal.utf8Start[position] else { return fail() }
        position &+= 1
        at &+= 1
        if position == literal.utf8CodeUnitCount { endValue(at) }
    }

    private mutating func numberByte(_ byte: UInt8, _ at: inout Int) {
        let isDigit = ASCII.isDigit(byte)
        switch state {
        case .minus where isDigit: state = byte == UInt8(ascii: "0") ? .zero : .integer
        case .integer where isDigit, .fraction where isDigit, .exponent where isDigit: break
        case .dot where isDigit: state = .fraction
        case .exponentMark where isDigit, .exponentSign where isDigit: state = .exponent
        case .exponentMark where byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"): state = .exponentSign
        case .zero where byte == UInt8(ascii: "."), .integer where byte == UInt8(ascii: "."): state = .dot
        case .zero where byte | 0x20 == UInt8(ascii: "e"), .integer where byte | 0x20 == UInt8(ascii: "e"),
            .fraction where byte | 0x20 == UInt8(ascii: "e"):
            state = .exponentMark
        case .zero where !isDigit, .integer, .fraction, .exponent: return endValue(at)
        default: return fail()
        }
        at &+= 1
    }

    @inline(__always)
    static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }

    /// The first byte at or after `start` that is no whitespace, or the count.
    @inline(__always)
    static func whitespaceEnd(_ base: UnsafeRawPointer, _ start: Int, _ count: Int) -> Int {
        var at = start
        while at < count, isWhitespace(base.load(fromByteOffset: at, as: UInt8.self)) { at &+= 1 }
        return at
    }

    /// The first quote, backslash or control character of a string at or after `start`, or the count.
    ///
    /// SAFETY: blocks are loaded while a whole one is left, the rest byte by byte.
    @inline(__always)
    static func plainEnd(_ base: UnsafeRawPointer, _ start: Int, _ count: Int) -> Int {
        var at = start
        while at &+ 16 <= count {
            let block = base.loadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self)
            let hits =
                (block .< SIMD16<UInt8>(repeating: 0x20)) .| (block .== SIMD16<UInt8>(repeating: 0x22))
                .| (block .== SIMD16<UInt8>(repeating: 0x5c))
            if let lane = ByteSearch.firstLane(hits) { return at &+ lane }
            at &+= 16
        }
        while at < count {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return at }
            at &+= 1
        }
        return at
    }
}
