internal import SMGBase

/// Rewrites an expression from Oniguruma's Ruby syntax, which tokenizer.json uses, to PCRE2's, keeping what it matches.
///
/// Where the two differ: `\s`, `\w`, `\d` and `\b` by Unicode properties; `\h` is a hexadecimal digit; `^` and `$` are ends
/// of lines, `(?m)` lets the dot match line feeds, `(?i)` holds across alternatives; `{,n}` is an interval and `{n,m}+` is
/// no possessive one; classes nest and intersect (`[a&&[^b]]`); `\p{Han}` is the script, not its extensions. What has no
/// counterpart is `unsupportedComponent`.
struct PatternTranslator {
    let input: UnsafeRawBufferPointer
    var at = 0
    var out: [UInt8] = []
    private var depth = 0
    /// `(?m)`: the dot matches a line feed.
    private var dotMatchesAll = false
    /// `(?x)`: white space and comments do not count.
    private var isExtended = false

    init(_ pattern: UnsafeRawBufferPointer) { input = pattern }

    /// The pattern for PCRE2 with UTF, UCP and MULTILINE.
    mutating func translate() throws(TokenizerError) -> [UInt8] {
        guard input.count <= PatternLimits.patternBytes else {
            throw TokenizerError(.limit, "a pattern has \(input.count) bytes, at most \(PatternLimits.patternBytes)")
        }
        // The only ends of lines and the meaning of \R, whatever the library was built with.
        append("(*LF)(*BSR_UNICODE)")
        try alternatives()
        guard at == input.count else { throw malformed("a ')' without its '('") }
        return out
    }

    // MARK: Reading and writing

    var byte: UInt8? { at < input.count ? input[at] : nil }

    func byte(_ ahead: Int) -> UInt8? { at + ahead < input.count ? input[at + ahead] : nil }

    func starts(with text: StaticString) -> Bool { input.slice(at..<input.count).hasPrefix(text) }

    mutating func append(_ text: String) { out.append(contentsOf: text.utf8) }

    /// Takes the scalar at the cursor, which is not at the end.
    mutating func takeScalar() -> UInt32 {
        let decoded = UTF8Text.decode(input.baseAddress!, at: at, count: input.count)
        at += decoded.length
        return decoded.scalar
    }

    /// `scalar` as a literal, inside classes too.
    static func literal(_ scalar: UInt32) -> String {
        let isPlain =
            scalar >= 0x30 && scalar <= 0x39 || scalar >= 0x41 && scalar <= 0x5a || scalar >= 0x61 && scalar <= 0x7a
        if isPlain { return String(Unicode.Scalar(UInt8(scalar))) }
        return "\\x{" + String(scalar, radix: 16) + "}"
    }

    func malformed(_ what: String) -> TokenizerError {
        TokenizerError(.malformed, "a pattern has \(what) at byte \(at)")
    }

    func unsupported(_ what: String) -> TokenizerError {
        TokenizerError(.unsupportedComponent, "a pattern has \(what) at byte \(at), which is not supported")
    }

    mutating func enter() throws(TokenizerError) {
        depth += 1
        guard depth <= PatternLimits.nesting else {
            throw TokenizerError(.limit, "a pattern nests deeper than \(PatternLimits.nesting)")
        }
    }

    mutating func leave() { depth -= 1 }
}

// MARK: - Alternatives and terms

extension PatternTranslator {
    /// Everything up to the end or to a `)`, which is left.
    private mutating func alternatives() throws(TokenizerError) {
        try enter()
        let outer = (dotMatchesAll, isExtended)
        // Groups opened by isolated options such as `(?i)`: they reach to the end of the enclosing group.
        var toClose = 0
        while let byte, byte != UInt8(ascii: ")") {
            if byte == UInt8(ascii: "|") {
                at += 1
                out.append(byte)
            } else if try skipInsignificant() {
                continue
            } else if try isolatedOptions() {
                toClose += 1
            } else {
                try term()
            }
        }
        for _ in 0..<toClose { append(")") }
        (dotMatchesAll, isExtended) = outer
        leave()
    }

    /// Skips a comment, or white space of an extended pattern.
    private mutating func skipInsignificant() throws(TokenizerError) -> Bool {
        if starts(with: "(?#") {
            while let byte, byte != UInt8(ascii: ")") { at += byte == UInt8(ascii: "\\") ? 2 : 1 }
            guard at < input.count else { throw malformed("a comment without an end") }
            at += 1
            return true
        }
        guard isExtended, let byte else { return false }
        if byte == UInt8(ascii: "#") {
            while let byte = self.byte, byte != UInt8(ascii: "\n") { at += 1 }
            return true
        }
        guard byte == 0x20 || (byte >= 0x09 && byte <= 0x0d) else { return false }
        at += 1
        return true
    }

    /// `(?i)` and its like without a `:`.
    private mutating func isolatedOptions() throws(TokenizerError) -> Bool {
        guard starts(with: "(?") else { return false }
        var end = at + 2
        while end < input.count, "imx-".utf8.contains(input[end]) { end += 1 }
        guard end > at + 2, end < input.count, input[end] == UInt8(ascii: ")") else { return false }
        at += 2
        try options()
        at += 1
        return true
    }

    /// The letters of an option group; opens a group that has them.
    private mutating func options() throws(TokenizerError) {
        var on = true
        var ignoresCase: Bool?
        while let byte, byte != UInt8(ascii: ")"), byte != UInt8(ascii: ":") {
            switch byte {
            case UInt8(ascii: "-"): on = false
            case UInt8(ascii: "i"): ignoresCase = on
            case UInt8(ascii: "m"): dotMatchesAll = on
            case UInt8(ascii: "x"): isExtended = on
            default: throw unsupported("an option")
            }
            at += 1
        }
        append(ignoresCase.map { $0 ? "(?i:" : "(?-i:" } ?? "(?:")
    }

    private mutating func term() throws(TokenizerError) {
        let start = out.count
        try atom()
        var isQuantified = false
        while true {
            if isExtended { while try skipInsignificant() {} }
            guard let quantifier = try quantifier() else { return }
            // A quantifier on a quantified atom, which PCRE2 would take for a modifier of the first.
            if isQuantified {
                out.insert(contentsOf: "(?:".utf8, at: start)
                append(")")
            }
            append(quantifier)
            isQuantified = true
        }
    }

    private mutating func atom() throws(TokenizerError) {
        switch input[at] {
        case UInt8(ascii: "("): try group()
        case UInt8(ascii: "["):
            at += 1
            let set = try characterClass()
            append(set.expression)
        case UInt8(ascii: "\\"): try escape()
        case UInt8(ascii: "."):
            at += 1
            append(dotMatchesAll ? "(?s:.)" : "[^\\n]")
        case UInt8(ascii: "^"), UInt8(ascii: "$"):
            out.append(input[at])
            at += 1
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
            throw malformed("a quantifier without a target")
        default: append(Self.literal(takeScalar()))
        }
    }

    /// A group of any kind; the cursor is on its `(`.
    private mutating func group() throws(TokenizerError) {
        let outer = (dotMatchesAll, isExtended)
        at += 1
        if byte != UInt8(ascii: "?") {
            guard byte != UInt8(ascii: "*") else { throw unsupported("a callout") }
            append("(")
        } else {
            at += 1
            try groupKind()
        }
        try alternatives()
        guard byte == UInt8(ascii: ")") else { throw malformed("a '(' without its ')'") }
        at += 1
        append(")")
        (dotMatchesAll, isExtended) = outer
    }

    /// What stands behind `(?`.
    private mutating func groupKind() throws(TokenizerError) {
        for kind: StaticString in [":", "=", "!", ">", "<=", "<!"] where starts(with: kind) {
            at += kind.utf8CodeUnitCount
            append("(?\(kind)")
            return
        }
        if byte == UInt8(ascii: "<") || byte == UInt8(ascii: "'") {
            let close = byte == UInt8(ascii: "<") ? UInt8(ascii: ">") : UInt8(ascii: "'")
            at += 1
            append("(?<\(try name(until: close))>")
            return
        }
        guard let byte, "imx-".utf8.contains(byte) else { throw unsupported("a group") }
        try options()
        guard self.byte == UInt8(ascii: ":") else { throw malformed("options without an end") }
        at += 1
    }

    /// A group's name or number; the cursor is behind its opening mark and moves behind `close`.
    mutating func name(until close: UInt8) throws(TokenizerError) -> String {
        let start = at
        while let byte, byte != close { at += 1 }
        let name = input.slice(start..<at)
        // PCRE2's names have at most 32 letters.
        guard at < input.count, !name.isEmpty, name.count <= 32,
            name.allSatisfy({ ASCII.isDigit($0) || $0 == UInt8(ascii: "_") || ($0 | 0x20) &- 0x61 < 26 })
        else { throw unsupported("the name of a group") }
        at += 1
        return name.string
    }

    /// A quantifier with its suffix; nil when none stands here.
    private mutating func quantifier() throws(TokenizerError) -> String? {
        switch byte {
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
            var text = String(Unicode.Scalar(input[at]))
            at += 1
            if let byte, byte == UInt8(ascii: "?") || byte == UInt8(ascii: "+") {
                text += String(Unicode.Scalar(byte))
                at += 1
            }
            return text
        case UInt8(ascii: "{"): return try interval()
        default: return nil
        }
    }

    /// `{n}`, `{n,}`, `{n,m}`, `{,m}`; nil when the brace stands for itself.
    private mutating func interval() throws(TokenizerError) -> String? {
        var cursor = at + 1
        func number() -> Int?? {
            let start = cursor
            var value = 0
            while cursor < input.count, ASCII.isDigit(input[cursor]) {
                value = min(value * 10 + Int(input[cursor] - 48), 1 << 20)
                cursor += 1
            }
            return .some(cursor > start ? value : nil)
        }
        let low = number() ?? nil
        var high = low
        var isExact = true
        if cursor < input.count, input[cursor] == UInt8(ascii: ",") {
            isExact = false
            cursor += 1
            high = number() ?? nil
        }
        guard low != nil || high != nil, cursor < input.count, input[cursor] == UInt8(ascii: "}") else { return nil }
        if let low, let high, low > high { throw unsupported("an interval that runs backwards") }
        // PCRE2's bound; Oniguruma's is 100,000.
        guard max(low ?? 0, high ?? 0) <= 65_535 else { throw unsupported("an interval above 65535") }
        at = cursor + 1
        var text = "{\(low ?? 0)" + (isExact ? "}" : ",\(high.map(String.init) ?? "")}")
        // `{n}?` is an optional `{n}`, only the other forms have a lazy variant; `+` is never possessive here.
        if !isExact, byte == UInt8(ascii: "?") {
            at += 1
            text += "?"
        }
        return text
    }
}
