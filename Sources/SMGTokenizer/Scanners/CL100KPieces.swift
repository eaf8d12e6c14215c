/// What differs among the patterns of GPT-4's kind.
protocol CL100KVariant {
    /// Characters of one piece of digits.
    static var digits: Int { get }
    /// Marks are part of words, not of punctuation.
    static var marksInWords: Bool { get }
    /// White space up to the end of the text is one piece.
    static var wholeTail: Bool { get }
}

extension CL100KVariant {
    static var digits: Int { 3 }
    static var marksInWords: Bool { false }
    static var wholeTail: Bool { false }
}

enum CL100KRules: CL100KVariant {}

enum CL100KTiktokenRules: CL100KVariant {
    static var wholeTail: Bool { true }
}

enum Qwen2Rules: CL100KVariant {
    static var digits: Int { 1 }
}

enum Qwen35Rules: CL100KVariant {
    static var digits: Int { 1 }
    static var marksInWords: Bool { true }
}

/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
enum CL100KPieces<Variant: CL100KVariant>: PieceRules {
    @inline(__always)
    private static var word: UInt8 { Variant.marksInWords ? ScannedText.letter | ScannedText.mark : ScannedText.letter }

    @inline(__always)
    static func end(_ text: ScannedText, _ at: Int) -> Int {
        let first = text.character(at)
        if first.has(word) { return text.wordRun(at &+ first.length, having: word) }
        if let end = text.contraction(at, ignoringCase: true) { return end }
        if first.has(ScannedText.number) { return digits(text, at, first) }
        let second = text.character(at &+ first.length)
        if second.has(word), !text.isLineEnd(at) {
            return text.wordRun(at &+ first.length &+ second.length, having: word)
        }
        let other = word | ScannedText.number | ScannedText.space
        var start = at &+ first.length
        if text.byte(at) == 0x20, second.length > 0, !second.has(other) {
            start &+= second.length
        } else if first.has(ScannedText.space) {
            return text.whiteSpaceEnd(at, wholeTail: Variant.wholeTail)
        }
        return text.lineEnds(text.run(start, lacking: other))
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
