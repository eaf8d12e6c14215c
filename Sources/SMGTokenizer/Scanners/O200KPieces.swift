/// What differs among the patterns of GPT-4o's kind.
protocol O200KVariant {
    /// Characters of one piece of digits.
    static var digits: Int { get }
    /// Contractions are the tail of a word.
    static var contractions: Bool { get }
    /// Slashes follow punctuation as line ends do.
    static var slashes: Bool { get }
    /// Runs of Han are pieces of their own, and Han is in no word.
    static var hanApart: Bool { get }
}

enum O200KRules: O200KVariant {
    static var digits: Int { 3 }
    static var contractions: Bool { true }
    static var slashes: Bool { true }
    static var hanApart: Bool { false }
}

enum TekkenRules: O200KVariant {
    static var digits: Int { 1 }
    static var contractions: Bool { false }
    static var slashes: Bool { true }
    static var hanApart: Bool { false }
}

enum KimiRules: O200KVariant {
    static var digits: Int { 3 }
    static var contractions: Bool { true }
    static var slashes: Bool { false }
    static var hanApart: Bool { true }
}

/// The alternatives, with U for `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]` and L for `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`:
/// `[^\r\n\p{L}\p{N}]?U*L+(?i:'s|…)?`, `[^\r\n\p{L}\p{N}]?U+L*(?i:'s|…)?`, `\p{N}{1,3}`, ` ?[^\s\p{L}\p{N}]+[\r\n/]*`,
/// `\s*[\r\n]+`, `\s+(?!\S)`, `\s+`.
enum O200KPieces<Variant: O200KVariant>: PieceRules {
    private static var wordPart: UInt8 { ScannedText.upperPart | ScannedText.lowerPart }

    static func end(_ text: ScannedText, _ at: Int) -> Int {
        let first = text.character(at)
        if Variant.hanApart, first.has(ScannedText.han) { return text.run(at, having: ScannedText.han) }
        if first.has(ScannedText.letter) {
            // No prefix is possible: one of the two alternatives matches.
            return tail(text, mixed(text, at) ?? upper(text, at) ?? at &+ first.length)
        }
        if first.has(ScannedText.number) { return digits(text, at, first) }
        if !text.isLineEnd(at) {
            let behind = at &+ first.length
            // With the prefix and without it, which only a mark can be, for each alternative in turn.
            let isMark = first.has(ScannedText.mark)
            if let end = mixed(text, behind) ?? (isMark ? mixed(text, at) : nil) ?? upper(text, behind)
                ?? (isMark ? upper(text, at) : nil)
            {
                return tail(text, end)
            }
        }
        let other = ScannedText.letter | ScannedText.number | ScannedText.space
        var start = at &+ first.length
        if first.has(ScannedText.space) {
            let second = text.character(start)
            guard text.byte(at) == 0x20, second.length > 0, !second.has(other) else { return text.whiteSpaceEnd(at) }
            start &+= second.length
        }
        return text.lineEnds(text.run(start, lacking: other), orSlashes: Variant.slashes)
    }

    /// A character that may be in a word: Han is in none where it stands apart.
    @inline(__always)
    private static func inWord(_ text: ScannedText, _ at: Int, _ part: UInt8) -> ScannedText.Character? {
        let next = text.character(at)
        guard next.has(part), !(Variant.hanApart && next.has(ScannedText.han)) else { return nil }
        return next
    }

    /// `U*L+`: the longest start of the run that ends with a character of L.
    @inline(__always)
    private static func mixed(_ text: ScannedText, _ at: Int) -> Int? {
        var end = at
        // Behind the last character that is of both kinds: there U* gives back what L+ needs.
        var fallback: Int?
        while let next = inWord(text, end, ScannedText.upperPart) {
            end &+= next.length
            if next.has(ScannedText.lowerPart) { fallback = end }
        }
        guard let small = inWord(text, end, ScannedText.lowerPart) else { return fallback }
        end = text.smallASCIILetters(end &+ small.length)
        while let next = inWord(text, end, ScannedText.lowerPart) { end &+= next.length }
        return end
    }

    /// `U+L*` where `U*L+` did not match: nothing of L follows.
    @inline(__always)
    private static func upper(_ text: ScannedText, _ at: Int) -> Int? {
        var end = at
        while let next = inWord(text, end, ScannedText.upperPart) { end &+= next.length }
        return end > at ? end : nil
    }

    @inline(__always)
    private static func tail(_ text: ScannedText, _ end: Int) -> Int {
        guard Variant.contractions else { return end }
        return text.contraction(end, ignoringCase: true) ?? end
    }

    @inline(__always)
    private static func digits(_ text: ScannedText, _ at: Int, _ first: ScannedText.Character) -> Int {
        var end = at &+ first.length
        var more = Variant.digits &- 1
        while more > 0 {
            let next = text.character(end)
            if !next.has(ScannedText.number) { break }
            end &+= next.length
            more &-= 1
        }
        return end
    }
}
