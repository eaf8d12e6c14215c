internal import SMGBase
internal import SMGUnicode

/// DeepSeek V3's three splits as one walk: `\p{N}{1,3}` cuts first, then `[一-龥぀-ゟ゠-ヿ]+`, and what lies between (and
/// the runs of the second, once more) is cut by
/// `[!-/:-@\[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
/// for which the stretch is all of the text. What no alternative matches is a piece up to the next match.
enum DeepSeekPieces: PieceRules {
    @inline(__always)
    private static var word: UInt8 { ScannedText.letter | ScannedText.mark }

    /// A character, and the kind of stretch it is in.
    private struct Stretched {
        var traits: UInt8
        var length: Int
        var kind: Kind

        @inline(__always)
        func has(_ mask: UInt8) -> Bool { traits & mask != 0 }
    }

    private enum Kind {
        case number
        /// Chinese characters and kana.
        case eastAsian
        case other
        case end
    }

    @inline(__always)
    private static func character(_ text: ScannedText, _ at: Int) -> Stretched {
        guard at < text.count else { return Stretched(traits: 0, length: 0, kind: .end) }
        let byte = text.byte(at)
        if byte < 0x80 {
            let traits = text.table.ascii[Int(byte)]
            return Stretched(traits: traits, length: 1, kind: traits & ScannedText.number != 0 ? .number : .other)
        }
        let decoded = UTF8Text.decode(text.base, at: at, count: text.count)
        let scalar = decoded.scalar
        let traits = text.table.traits(scalar).rawValue
        let isEastAsian = scalar &- 0x4e00 <= 0x9fa5 - 0x4e00 || scalar &- 0x3040 <= 0x30ff - 0x3040
        let kind: Kind = isEastAsian ? .eastAsian : traits & ScannedText.number != 0 ? .number : .other
        return Stretched(traits: traits, length: decoded.length, kind: kind)
    }

    static func end(_ text: ScannedText, _ at: Int) -> Int {
        let first = character(text, at)
        let behind = at &+ first.length
        if first.kind == .number { return numbers(text, behind) }
        let kind = first.kind
        let second = character(text, behind)
        if first.has(word) { return words(text, behind, kind) }
        let isLineEnd = text.isLineEnd(at)
        if first.has(ScannedText.punctuation) {
            if first.length == 1, second.length == 1, isASCIILetter(text.byte(behind)) {
                var end = behind &+ 1
                while isASCIILetter(text.byte(end)) { end &+= 1 }
                return end
            }
            return punctuation(text, behind, kind)
        }
        if !isLineEnd, second.kind == kind, second.has(word) { return words(text, behind, kind) }
        if first.has(ScannedText.space) {
            if text.byte(at) == 0x20, second.kind == kind, second.has(ScannedText.punctuation) {
                return punctuation(text, behind, kind)
            }
            return whiteSpace(text, at, kind)
        }
        return unmatched(text, behind, kind)
    }

    @inline(__always)
    private static func isASCIILetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    private static func numbers(_ text: ScannedText, _ at: Int) -> Int {
        var end = at
        for _ in 0..<2 {
            let next = character(text, end)
            if next.kind != .number { break }
            end &+= next.length
        }
        return end
    }

    @inline(__always)
    private static func words(_ text: ScannedText, _ at: Int, _ kind: Kind) -> Int {
        var end = kind == .other ? text.asciiLetters(at) : at
        while true {
            let next = character(text, end)
            guard next.kind == kind, next.has(word) else { return end }
            end &+= next.length
        }
    }

    private static func punctuation(_ text: ScannedText, _ at: Int, _ kind: Kind) -> Int {
        var end = at
        while true {
            let next = character(text, end)
            guard next.kind == kind, next.has(ScannedText.punctuation) else { break }
            end &+= next.length
        }
        // No line end is East Asian.
        return kind == .other ? text.lineEnds(end) : end
    }

    private static func whiteSpace(_ text: ScannedText, _ at: Int, _ kind: Kind) -> Int {
        var end = at
        var last = at
        var lineEnd = at
        var next = character(text, end)
        while next.kind == kind, next.has(ScannedText.space) {
            last = end
            end &+= next.length
            if text.isLineEnd(last) { lineEnd = end }
            next = character(text, end)
        }
        if lineEnd > at { return lineEnd }
        return next.kind != kind || last == at ? end : last
    }

    /// The end of a run that no alternative matches; the first character of it ends at `at`.
    private static func unmatched(_ text: ScannedText, _ at: Int, _ kind: Kind) -> Int {
        var end = at
        while true {
            let next = character(text, end)
            guard next.kind == kind, !next.has(word | ScannedText.punctuation | ScannedText.space) else { return end }
            let behind = end &+ next.length
            let following = character(text, behind)
            // As a prefix of a word it is matched.
            if following.kind == kind, following.has(word) { return end }
            end = behind
        }
    }
}
