internal import SMGBase

extension PatternTranslator {
    /// An escape outside of classes; the cursor is on its backslash.
    mutating func escape() throws(TokenizerError) {
        if let set = try setEscape(isAlone: true) {
            append(set.expression)
            return
        }
        guard let kind = byte(1) else { throw malformed("a backslash at its end") }
        if let anchor = Self.anchors(kind) {
            at += 2
            append(anchor)
            return
        }
        switch kind {
        case UInt8(ascii: "k"), UInt8(ascii: "g"):
            guard let open = byte(2), open == UInt8(ascii: "<") || open == UInt8(ascii: "'") else {
                throw malformed("a reference without a name")
            }
            at += 3
            let name = try name(until: open == UInt8(ascii: "<") ? UInt8(ascii: ">") : UInt8(ascii: "'"))
            let isNumber = name.utf8.allSatisfy { ASCII.isDigit($0) }
            if kind == UInt8(ascii: "k") {
                append(isNumber ? "\\g{\(name)}" : "\\k<\(name)>")
            } else {
                append(isNumber ? "(?\(name))" : "(?&\(name))")
            }
        case UInt8(ascii: "1")...UInt8(ascii: "9"):
            at += 1
            var number = 0
            while let digit = byte, ASCII.isDigit(digit), number < 100 {
                number = number * 10 + Int(digit - 48)
                at += 1
            }
            append("\\g{\(number)}")
        default: append(Self.literal(try scalarEscape()))
        }
    }

    /// Escapes that match a place or more than one character.
    private static func anchors(_ kind: UInt8) -> String? {
        var word: String { PatternProperty.wordAlone }
        return switch kind {
        case UInt8(ascii: "A"): "\\A"
        case UInt8(ascii: "z"): "\\z"
        case UInt8(ascii: "Z"): "\\Z"
        case UInt8(ascii: "G"): "\\G"
        case UInt8(ascii: "K"): "\\K"
        case UInt8(ascii: "R"): "\\R"
        case UInt8(ascii: "O"): "(?s:.)"
        case UInt8(ascii: "N"): "[^\\n]"
        case UInt8(ascii: "b"): "(?:(?<=[\(word)])(?![\(word)])|(?<![\(word)])(?=[\(word)]))"
        case UInt8(ascii: "B"): "(?:(?<=[\(word)])(?=[\(word)])|(?<![\(word)])(?![\(word)]))"
        default: nil
        }
    }

    /// An escape that stands for a set of characters, alone or in a class; nil, without a step, for any other.
    mutating func setEscape(isAlone: Bool = false) throws(TokenizerError) -> CharacterSetText? {
        guard byte == UInt8(ascii: "\\"), let kind = byte(1) else { return nil }
        let content: String
        switch kind | 0x20 {
        case UInt8(ascii: "s"): content = PatternProperty.space
        case UInt8(ascii: "d"): content = PatternProperty.digit
        case UInt8(ascii: "w"): content = isAlone ? PatternProperty.wordAlone : PatternProperty.word
        case UInt8(ascii: "h"): content = "0-9A-Fa-f"
        case UInt8(ascii: "p"):
            guard byte(2) == UInt8(ascii: "{") else { return nil }
            return try property()
        default: return nil
        }
        at += 2
        return CharacterSetText(plain: content, isNegated: kind & 0x20 == 0)
    }

    /// `\p{name}`, `\p{^name}`, `\P{name}`; the cursor is on the backslash.
    private mutating func property() throws(TokenizerError) -> CharacterSetText {
        var isNegated = input[at + 1] == UInt8(ascii: "P")
        var end = at + 3
        while end < input.count, input[end] != UInt8(ascii: "}") { end += 1 }
        guard end < input.count else { throw malformed("a property without an end") }
        var start = at + 3
        if input[start] == UInt8(ascii: "^") {
            isNegated.toggle()
            start += 1
        }
        guard let content = PatternProperty.content(of: input.slice(start..<end).string) else {
            throw unsupported("an unknown property")
        }
        at = end + 1
        return CharacterSetText(plain: content, isNegated: isNegated)
    }

    /// An escape that stands for one character; the cursor is on its backslash.
    mutating func scalarEscape() throws(TokenizerError) -> UInt32 {
        at += 1
        guard let kind = byte else { throw malformed("a backslash at its end") }
        switch kind {
        case UInt8(ascii: "x"):
            at += 1
            guard byte == UInt8(ascii: "{") else {
                let value = hex(2)
                // Two digits name a byte of UTF-8.
                guard value.digits > 0, value.value < 0x80 else { throw unsupported("a byte of a character") }
                return value.value
            }
            at += 1
            let value = hex(8)
            guard byte == UInt8(ascii: "}"), value.digits > 0 else { throw malformed("a code point without an end") }
            at += 1
            return try checked(value.value)
        case UInt8(ascii: "u"):
            at += 1
            let value = hex(4)
            guard value.digits == 4 else { throw malformed("a \\u escape without four digits") }
            return try checked(value.value)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            var value: UInt32 = 0
            var digits = 0
            while let digit = byte, digit &- 48 < 8, digits < 3 {
                value = value * 8 + UInt32(digit - 48)
                digits += 1
                at += 1
            }
            guard value < 0x80 else { throw unsupported("a byte of a character") }
            return value
        // \X is other clusters in other versions of Unicode, and no tokenizer uses it.
        case UInt8(ascii: "c"), UInt8(ascii: "C"), UInt8(ascii: "M"), UInt8(ascii: "X"), UInt8(ascii: "y"),
            UInt8(ascii: "Y"):
            throw unsupported("an escape")
        default:
            if let control = Self.controls(kind) {
                at += 1
                return control
            }
            return takeScalar()
        }
    }

    private static func controls(_ kind: UInt8) -> UInt32? {
        switch kind {
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "n"): 0x0a
        case UInt8(ascii: "v"): 0x0b
        case UInt8(ascii: "f"): 0x0c
        case UInt8(ascii: "r"): 0x0d
        case UInt8(ascii: "a"): 0x07
        case UInt8(ascii: "e"): 0x1b
        default: nil
        }
    }

    private mutating func hex(_ most: Int) -> (value: UInt32, digits: Int) {
        var value: UInt32 = 0
        var digits = 0
        while digits < most, let byte, let digit = ASCII.hexValue(byte) {
            value = value << 4 | UInt32(digit)
            digits += 1
            at += 1
        }
        return (value, digits)
    }

    private func checked(_ scalar: UInt32) throws(TokenizerError) -> UInt32 {
        guard Unicode.Scalar(scalar) != nil else { throw malformed("a number that is no character") }
        return scalar
    }
}
