internal import SMGBase

/// A walk over the words of a text and the whitespace between them, as `textwrap` takes texts apart. With `hyphens`,
/// words also end behind the hyphens inside them, and dashes between words are words.
struct WordChunks {
    /// A word or the whitespace between two.
    struct Chunk {
        /// Where it lies in the text.
        var range: Range<Int>
        /// Its code points.
        var count: Int
    }

    /// The chunk at hand; nil at the end.
    private(set) var chunk: Chunk?
    private let text: UnsafeRawBufferPointer
    private let hyphens: Bool

    init(_ text: UnsafeRawBufferPointer, hyphens: Bool) {
        self.text = text
        self.hyphens = hyphens
        chunk = self.chunk(from: 0)
    }

    /// Goes on to the next chunk.
    mutating func advance() {
        if let chunk { self.chunk = self.chunk(from: chunk.range.upperBound) }
    }

    /// Cuts the start of the chunk at hand off, which ends at the offset `end`, and returns it.
    mutating func cut(at end: Int) -> Chunk? {
        guard let chunk else { return nil }
        let head = chunk.range.lowerBound..<end
        let count = PythonText.count(text.slice(head))
        self.chunk = Chunk(range: end..<chunk.range.upperBound, count: chunk.count - count)
        return Chunk(range: head, count: count)
    }

    private func chunk(from start: Int) -> Chunk? {
        guard start < text.count else { return nil }
        var at = start
        if isSpace(at) {
            while at < text.count, isSpace(at) { at += 1 }
        } else if hyphens, isDash(at) {
            while at < text.count, text[at] == Self.hyphen { at += 1 }
        } else {
            at += PythonText.scalar(text, at).width
            while at < text.count, !isSpace(at) {
                if hyphens, isHyphen(at) {
                    at += 1
                    break
                }
                if hyphens, isDash(at) { break }
                at += PythonText.scalar(text, at).width
            }
        }
        return Chunk(range: start..<at, count: PythonText.count(text.slice(start..<at)))
    }

    // MARK: - Where words end

    private static let hyphen = UInt8(ascii: "-")

    private func isSpace(_ at: Int) -> Bool { text[at] == 0x20 || text[at] &- 9 < 5 }

    /// The character at `at`; nil at the end.
    private func scalar(_ at: Int) -> Unicode.Scalar? {
        at < text.count ? Unicode.Scalar(PythonText.scalar(text, at).value) ?? "\u{fffd}" : nil
    }

    /// The character that ends at `end` and where it begins; nil at the start.
    private func scalar(before end: Int) -> (scalar: Unicode.Scalar?, start: Int)? {
        guard end > 0 else { return nil }
        let start = PythonText.previous(text, end)
        return (scalar(start), start)
    }

    private func isWord(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        return scalar == "_" || scalar.isPythonLetter || scalar.properties.numericType != nil
    }

    private func isLetter(_ scalar: Unicode.Scalar?) -> Bool {
        isWord(scalar) && scalar?.properties.generalCategory != .decimalNumber
    }

    /// Whether two hyphens or more between words begin at `at`: a dash.
    private func isDash(_ at: Int) -> Bool {
        guard text[at] == Self.hyphen, let (before, _) = scalar(before: at) else { return false }
        guard isWord(before) || before.map("!\"'&.,?".unicodeScalars.contains) == true else { return false }
        var end = at
        while end < text.count, text[end] == Self.hyphen { end += 1 }
        return end - at > 1 && isWord(scalar(end))
    }

    /// Whether the hyphen inside a word is at `at`: two letters or more on either side, hyphens between them aside.
    private func isHyphen(_ at: Int) -> Bool {
        guard text[at] == Self.hyphen, let (last, lastStart) = scalar(before: at), isLetter(last),
            let (other, otherStart) = scalar(before: lastStart)
        else { return false }
        let isAfterLetters =
            other == "-" ? scalar(before: otherStart).map { isLetter($0.scalar) } == true : isLetter(other)
        guard isAfterLetters, let next = scalar(at + 1), isLetter(next) else { return false }
        let behind = at + 1 + UTF8Text.width(next.value)
        return isLetter(scalar(behind < text.count && text[behind] == Self.hyphen ? behind + 1 : behind))
    }
}
