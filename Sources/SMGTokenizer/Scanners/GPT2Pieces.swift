/// Whether numbers are cut into digits before the pattern is applied.
protocol NumberRules {
    static var cutsDigits: Bool { get }
}

enum WholeNumbers: NumberRules {
    static var cutsDigits: Bool { false }
}

enum SingleDigits: NumberRules {
    static var cutsDigits: Bool { true }
}

/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
enum GPT2Pieces<Numbers: NumberRules>: PieceRules {
    @inline(__always)
    static func end(_ text: ScannedText, _ at: Int) -> Int {
        if let end = text.contraction(at, ignoringCase: false) { return end }
        var first = text.character(at)
        var start = at
        if text.byte(at) == 0x20 {
            // The space belongs to what follows, if that is not white space.
            let next = text.character(at &+ 1)
            let isCut = Numbers.cutsDigits && next.has(ScannedText.number)
            if next.length > 0, !next.has(ScannedText.space), !isCut {
                first = next
                start = at &+ 1
            }
        }
        if first.has(ScannedText.letter) { return text.wordRun(start &+ first.length, having: ScannedText.letter) }
        if first.has(ScannedText.number) {
            if Numbers.cutsDigits { return start &+ first.length }
            return text.run(start &+ first.length, having: ScannedText.number)
        }
        if first.has(ScannedText.space) {
            let end = text.whiteSpaceEnd(at, linesApart: false)
            // A number is the end of the stretch that the pattern sees: all of the white space before it is one piece.
            if Numbers.cutsDigits, end < text.count {
                let whole = text.run(end, having: ScannedText.space)
                if text.character(whole).has(ScannedText.number) { return whole }
            }
            return end
        }
        return text.run(
            start &+ first.length, lacking: ScannedText.letter | ScannedText.number | ScannedText.space)
    }
}
