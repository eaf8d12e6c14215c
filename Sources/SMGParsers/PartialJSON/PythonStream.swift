internal import SMGBase

/// Reads one Python literal that comes in pieces and writes it as JSON: strings with all their escapes, numbers, `None`,
/// `True`, `False`, lists, tuples, dictionaries. A bare name is a string; JSON's `null`, `true` and `false` are taken for
/// what they are.
///
/// Parentheses are always a tuple, so `(1)` becomes `[1]`. What would have to be evaluated is invalid.
struct PythonStream: Sendable {
    private enum State: Sendable {
        case value, firstOrEnd, after, colon
        case sign, number, name
        case quote, secondQuote, string, closingQuotes
        case escape, hex, octal
    }

    private(set) var status = JSONStream.Status.open
    private var state = State.value
    /// Dictionaries and sequences; and which of these are tuples.
    private var containers = ContainerBits()
    private var tuples = ContainerBits()
    /// Whether what is read is a dictionary's key.
    private var isKey = false
    /// A comma that is written when something follows it.
    private var owesComma = false
    private var word = PythonWord()
    /// The sign of the number being read, as it came; 0 for none.
    private var sign: UInt8 = 0
    private var string = PythonString()

    /// Reads on at `start`; returns the offset of the first byte that was not accepted, as `JSONStream.consume` does. The
    /// JSON goes to the arguments of `call`.
    mutating func consume(
        _ bytes: UnsafeRawBufferPointer, from start: Int, to output: ParserOutput, call: Int
    ) -> Int {
        var at = start
        while at < bytes.count, status == .open {
            switch state {
            case .string:
                let end = string.plainEnd(bytes, from: at)
                output.argumentsEscaping(call, bytes.slice(at..<end))
                at = end
                if at < bytes.count, !takeEscape(bytes, &at, output, call) { stringByte(bytes[at], &at, output, call) }
            case .quote, .secondQuote, .closingQuotes: quoteByte(bytes[at], &at, output, call)
            case .escape, .hex, .octal: escapeByte(bytes[at], &at, output, call)
            case .number, .name:
                if !takeWord(bytes, &at) { wordByte(bytes[at], &at, output, call) }
            case .sign: wordByte(bytes[at], &at, output, call)
            default:
                if JSONStream.isWhitespace(bytes[at]) {
                    at += 1
                } else if !takeString(bytes, &at, output, call) {
                    structure(bytes[at], &at, output, call)
                }
            }
        }
        return at
    }

    /// The literal ended too early, or is none: passes on what was held of it.
    mutating func abandon(to output: ParserOutput, call: Int) {
        if owesComma { output.argument(call, byte: UInt8(ascii: ",")) }
        owesComma = false
        switch state {
        case .sign, .number, .name:
            if sign != 0 { output.argument(call, byte: sign) }
            word.write(to: output, call)
        case .escape, .hex, .octal:
            let text = [UInt8(ascii: "\\")] + (state == .escape ? [] : string.pending)
            text.withUnsafeBytes { output.argumentsEscaping(call, $0) }
        case .closingQuotes:
            for _ in 0..<string.closing { writeQuote(output, call) }
        default: break
        }
        status = .invalid
    }

    private mutating func fail() { status = .invalid }
}

// MARK: - Structure

extension PythonStream {
    private mutating func structure(_ byte: UInt8, _ at: inout Int, _ output: ParserOutput, _ call: Int) {
        let closer: UInt8 =
            containers.inObject ? UInt8(ascii: "}") : tuples.inObject ? UInt8(ascii: ")") : UInt8(ascii: "]")
        switch state {
        case .colon:
            guard byte == UInt8(ascii: ":") else { return fail() }
            output.argument(call, byte: UInt8(ascii: ":"))
            isKey = false
            state = .value
            at += 1
        case .after:
            if byte == UInt8(ascii: ",") {
                owesComma = true
                isKey = containers.inObject
                state = .firstOrEnd
                at += 1
            } else {
                guard byte == closer else { return fail() }
                close(&at, output, call)
            }
        default:
            if state == .firstOrEnd, byte == closer { return close(&at, output, call) }
            begin(byte, &at, output, call)
        }
    }

    private mutating func close(_ at: inout Int, _ output: ParserOutput, _ call: Int) {
        output.argument(call, byte: containers.inObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        containers.pop()
        tuples.pop()
        owesComma = false
        isKey = false
        at += 1
        endValue()
    }

    private mutating func begin(_ byte: UInt8, _ at: inout Int, _ output: ParserOutput, _ call: Int) {
        if owesComma { output.argument(call, byte: UInt8(ascii: ",")) }
        owesComma = false
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            string = PythonString(quote: byte)
            output.argument(call, byte: UInt8(ascii: "\""))
            state = .quote
        case UInt8(ascii: "["), UInt8(ascii: "("), UInt8(ascii: "{"):
            let isObject = byte == UInt8(ascii: "{")
            guard !isKey, containers.push(object: isObject), tuples.push(object: byte == UInt8(ascii: "("))
            else { return fail() }
            output.argument(call, byte: isObject ? UInt8(ascii: "{") : UInt8(ascii: "["))
            isKey = isObject
            state = .firstOrEnd
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            sign = byte
            word.clear()
            state = .sign
        default:
            sign = 0
            word.clear()
            return beginWord(byte, &at)
        }
        at += 1
    }

    private mutating func beginWord(_ byte: UInt8, _ at: inout Int) {
        if ASCII.isDigit(byte) || byte == UInt8(ascii: ".") {
            state = .number
        } else if state != .sign, CallName.isIdentifierStart(byte) {
            state = .name
        } else {
            return fail()
        }
        word.append(byte)
        at += 1
    }

    private mutating func endValue() {
        if isKey {
            state = .colon
        } else {
            state = .after
            if containers.depth == 0 { status = .complete }
        }
    }
}

// MARK: - Numbers and names

extension PythonStream {
    /// Takes what belongs to the word without doubt; false when that is nothing.
    private mutating func takeWord(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> Bool {
        var end = at
        while end < bytes.count, CallName.isIdentifierByte(bytes[end]) || bytes[end] == UInt8(ascii: ".") { end &+= 1 }
        if end == at { return false }
        if word.append(bytes.slice(at..<end)) { at = end } else { fail() }
        return true
    }

    private mutating func wordByte(_ byte: UInt8, _ at: inout Int, _ output: ParserOutput, _ call: Int) {
        switch state {
        case .sign:
            if JSONStream.isWhitespace(byte) { at += 1 } else { beginWord(byte, &at) }
        case .name:
            if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\""), let isRaw = word.stringPrefix {
                string = PythonString(quote: byte, isRaw: isRaw)
                output.argument(call, byte: UInt8(ascii: "\""))
                state = .quote
                at += 1
                return
            }
            // A call or a subscript would have to be evaluated.
            guard byte != UInt8(ascii: "("), byte != UInt8(ascii: "[") else { return fail() }
            word.writeName(to: output, call, isKey: isKey)
            endValue()
        default:
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"), word.endsInExponent { return append(byte, &at) }
            let isNegative = sign == UInt8(ascii: "-")
            guard word.writeNumber(to: output, call, isNegative: isNegative, isKey: isKey) else { return fail() }
            endValue()
        }
    }

    private mutating func append(_ byte: UInt8, _ at: inout Int) {
        guard word.append(byte) else { return fail() }
        at += 1
    }
}

// MARK: - Strings

extension PythonStream {
    /// Takes a whole string that JSON writes alike, but for its quotes; false, with nothing taken, for any other. Most are.
    private mutating func takeString(
        _ bytes: UnsafeRawBufferPointer, _ at: inout Int, _ output: ParserOutput, _ call: Int
    ) -> Bool {
        let quote = bytes[at]
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"), state == .value || state == .firstOrEnd else {
            return false
        }
        let end = ParserOutput.plainEnd(bytes, from: at + 1, quote: quote)
        // Without text between them, quotes may be the first of three.
        guard end > at + 1, end < bytes.count, bytes[end] == quote else { return false }
        if owesComma { output.argument(call, byte: UInt8(ascii: ",")) }
        owesComma = false
        output.argumentString(call, bytes.slice(at + 1..<end))
        at = end + 1
        endValue()
        return true
    }

    /// Takes an escape that JSON has too; false for any other and for what is none.
    private func takeEscape(
        _ bytes: UnsafeRawBufferPointer, _ at: inout Int, _ output: ParserOutput, _ call: Int
    ) -> Bool {
        guard !string.isRaw, bytes[at] == UInt8(ascii: "\\"), at + 1 < bytes.count else { return false }
        switch bytes[at + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "r"),
            UInt8(ascii: "b"), UInt8(ascii: "f"):
            output.arguments(call, bytes.slice(at..<at + 2))
            at += 2
            return true
        default: return false
        }
    }

    /// The quotes around a string: one or three.
    private mutating func quoteByte(_ byte: UInt8, _ at: inout Int, _ output: ParserOutput, _ call: Int) {
        let isQuote = byte == string.quote
        switch state {
        case .quote: state = isQuote ? .secondQuote : .string
        case .secondQuote:
            guard isQuote else {
                // Two quotes and something else: an empty string, which ended before this byte.
                output.argument(call, byte: UInt8(ascii: "\""))
                return endValue()
            }
            string.isTriple = true
            state = .string
        default:
            guard isQuote else {
                // Fewer than three quotes in a row are text.
                for _ in 0..<string.closing { writeQuote(output, call) }
                string.closing = 0
                state = .string
                return
            }
            string.closing += 1
            if string.closing == 3 {
                output.argument(call, byte: UInt8(ascii: "\""))
                endValue()
            }
        }
        if isQuote { at += 1 }
    }

    private func writeQuote(_ output: ParserOutput, _ call: Int) {
        withUnsafeBytes(of: string.quote) { output.argumentsEscaping(call, $0) }
    }

    /// A quote or a backslash.
    private mutating func stringByte(_ byte: UInt8, _ at: inout Int, _ output: ParserOutput, _ call: Int) {
        at += 1
        if byte == UInt8(ascii: "\\") {
            state = .escape
        } else if string.isTriple {
            string.closing = 1
            state = .closingQuotes
        } else {
            output.argument(call, byte: UInt8(ascii: "\""))
            endValue()
        }
    }

    private mutating func escapeByte(_ byte: UInt8, _ at: inout Int, _ output: ParserOutput, _ call: Int) {
        switch state {
        case .escape:
            at += 1
            switch string.escape(byte, output, call) {
            case .done: state = .string
            case .hex: state = .hex
            case .octal: state = .octal
            }
        case .hex:
            guard let digit = ASCII.hexValue(byte) else { return fail() }
            at += 1
            if string.addHex(byte, digit, output, call), !string.isInvalid { state = .string }
        default:
            guard byte & 0xf8 == UInt8(ascii: "0"), string.addOctal(byte) else {
                string.writeUnit(output, call)
                if !string.isInvalid { state = .string }
                return
            }
            at += 1
        }
        if string.isInvalid { fail() }
    }
}
