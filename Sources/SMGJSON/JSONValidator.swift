internal import SMGBase

/// The grammar of RFC 8259 over raw bytes. Every function takes the offset where its production starts and returns
/// the offset behind it. Strict: UTF-8 is checked, nothing beyond the grammar is let through.
///
/// SAFETY: `base` must hold `count` bytes for as long as the validator is used. All reads are guarded by `count`.
struct JSONValidator {
    let base: UnsafeRawPointer
    let count: Int

    /// The byte at `at`, or 0 behind the end. No production starts or continues with NUL, so the end needs no test of
    /// its own: `failure` tells the two apart when something went wrong.
    @inline(__always)
    func byte(_ at: Int) -> UInt8 { at < count ? base.load(fromByteOffset: at, as: UInt8.self) : 0 }

    /// The error for what stands at `at`: `code`, or the early end of the input.
    @inline(never)
    func failure(_ code: JSONError.Code, at offset: Int) -> JSONError {
        offset < count ? JSONError(code, at: offset) : JSONError(.unexpectedEnd, at: count)
    }

    /// Space, tab, line feed and carriage return, as bits.
    private static let whitespaceBits: UInt64 = 1 << 0x20 | 1 << 0x09 | 1 << 0x0a | 1 << 0x0d

    /// Skips whitespace.
    @inline(__always)
    func whitespace(_ start: Int) -> Int {
        var at = start
        while at < count {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte > 0x20 || Self.whitespaceBits &>> UInt64(byte) & 1 == 0 { return at }
            at &+= 1
        }
        return at
    }
}

// MARK: - Strings

extension JSONValidator {
    /// A string; `start` is behind its opening quote, the result behind its closing one. `escapes` is set when it
    /// holds a backslash.
    @inline(__always)
    func string(_ start: Int, escapes: inout Bool) throws(JSONError) -> Int {
        let at = JSONBlocks.firstSpecial(base, from: start, count: count)
        if byte(at) == UInt8(ascii: "\"") { return at &+ 1 }
        return try restOfString(at, escapes: &escapes)
    }

    /// The rest of a string from its first byte that needs a look.
    private func restOfString(_ start: Int, escapes: inout Bool) throws(JSONError) -> Int {
        var at = start
        while at < count {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte == UInt8(ascii: "\"") { return at &+ 1 }
            if byte >= 0x80 {
                let end = UTF8Text.skipSequences(base, from: at, count: count)
                if end < count, base.load(fromByteOffset: end, as: UInt8.self) >= 0x80 {
                    throw JSONError(.invalidUTF8, at: end)
                }
                at = end
            } else if byte == UInt8(ascii: "\\") {
                escapes = true
                at = try self.escape(at)
            } else if byte < 0x20 {
                throw JSONError(.controlCharacter, at: at)
            }
            if !JSONBlocks.isSpecial(self.byte(at)) { at = JSONBlocks.firstSpecial(base, from: at, count: count) }
        }
        throw JSONError(.unexpectedEnd, at: count)
    }

    /// The characters an escape may name besides `u`, as bits over the range 0x40–0x7f.
    private static let letterEscapes: UInt64 =
        1 << (0x5c - 0x40) | 1 << (0x62 - 0x40) | 1 << (0x66 - 0x40) | 1 << (0x6e - 0x40) | 1 << (0x72 - 0x40)
        | 1 << (0x74 - 0x40)

    /// One escape; `at` is its backslash. Surrogates are syntax here, whether paired or not: RFC 8259 section 8.2
    /// leaves them to the reader, and `JSONString` decodes a lone one as U+FFFD.
    @inline(__always)
    private func escape(_ at: Int) throws(JSONError) -> Int {
        let named = byte(at &+ 1)
        if named &- 0x40 < 0x40, Self.letterEscapes &>> UInt64(named &- 0x40) & 1 == 1 { return at &+ 2 }
        if named == UInt8(ascii: "\"") || named == UInt8(ascii: "/") { return at &+ 2 }
        guard named == UInt8(ascii: "u") else { throw failure(.invalidEscape, at: at &+ 1) }
        for digit in (at &+ 2)..<(at &+ 6) {
            let byte = byte(digit)
            guard byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6 else {
                throw failure(.invalidUnicodeEscape, at: digit)
            }
        }
        return at &+ 6
    }
}

// MARK: - Numbers and literals

extension JSONValidator {
    /// A number of any size and precision: only its spelling is judged.
    @inline(__always)
    func number(_ start: Int) throws(JSONError) -> Int {
        var at = start
        if byte(at) == UInt8(ascii: "-") { at &+= 1 }
        if byte(at) == UInt8(ascii: "0") {
            at &+= 1
            guard byte(at) &- 0x30 >= 10 else { throw JSONError(.invalidNumber, at: at) }
        } else {
            at = try digits(at)
        }
        if byte(at) == UInt8(ascii: ".") { at = try digits(at &+ 1) }
        if byte(at) | 0x20 == UInt8(ascii: "e") {
            at &+= 1
            if byte(at) == UInt8(ascii: "+") || byte(at) == UInt8(ascii: "-") { at &+= 1 }
            at = try digits(at)
        }
        return at
    }

    /// One or more decimal digits.
    @inline(__always)
    private func digits(_ start: Int) throws(JSONError) -> Int {
        var at = start
        while byte(at) &- 0x30 < 10 { at &+= 1 }
        guard at > start else { throw failure(.invalidNumber, at: at) }
        return at
    }

    /// `true`, `false` or `null`, by its first letter.
    @inline(__always)
    func literal(_ start: Int) throws(JSONError) -> Int {
        let text: StaticString =
            switch byte(start) {
            case UInt8(ascii: "t"): "true"
            case UInt8(ascii: "f"): "false"
            default: "null"
            }
        for i in 0..<text.utf8CodeUnitCount where byte(start &+ i) != text.utf8Start[i] {
            throw failure(.invalidLiteral, at: start &+ i)
        }
        return start &+ text.utf8CodeUnitCount
    }
}
