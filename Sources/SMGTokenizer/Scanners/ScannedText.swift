internal import SMGBase
internal import SMGUnicode

/// A text under a scanner, with the questions that patterns ask of it. Offsets that are handed in may be anything from
/// 0 to `count`; nothing is read outside.
struct ScannedText {
    let base: UnsafeRawPointer
    let count: Int
    let table: ScalarTable

    static let letter = ScalarTraits.letter.rawValue
    static let mark = ScalarTraits.mark.rawValue
    static let number = ScalarTraits.number.rawValue
    static let space = ScalarTraits.space.rawValue
    static let han = ScalarTraits.han.rawValue
    /// What may stand in a word before its first small letter.
    static let upperPart = (ScalarTraits.upper.union(.otherLetter).union(.mark)).rawValue
    /// What may stand in a word from its first small letter on.
    static let lowerPart = (ScalarTraits.lower.union(.otherLetter).union(.mark)).rawValue
    static let punctuation = ScalarTraits.punctuationOrSymbol.rawValue

    /// A character: its traits and bytes.
    struct Character {
        var traits: UInt8
        var length: Int

        @inline(__always)
        func has(_ mask: UInt8) -> Bool { traits & mask != 0 }
    }

    /// The byte at `at`; 0 past the end.
    @inline(__always)
    func byte(_ at: Int) -> UInt8 { at < count ? base.load(fromByteOffset: at, as: UInt8.self) : 0 }

    /// The character at `at`. Past the end it has no traits and no length.
    @inline(__always)
    func character(_ at: Int) -> Character {
        guard at < count else { return Character(traits: 0, length: 0) }
        let byte = base.load(fromByteOffset: at, as: UInt8.self)
        if byte < 0x80 { return Character(traits: table.ascii[Int(byte)], length: 1) }
        let decoded = UTF8Text.decode(base, at: at, count: count)
        return Character(traits: table.traits(decoded.scalar).rawValue, length: decoded.length)
    }

    @inline(__always)
    func scalar(_ at: Int) -> UInt32 { UTF8Text.decode(base, at: at, count: count).scalar }

    /// The end of the run of characters from `at` on that have one of `mask`.
    @inline(__always)
    func run(_ at: Int, having mask: UInt8) -> Int {
        var at = at
        while at < count {
            let next = character(at)
            if !next.has(mask) { break }
            at &+= next.length
        }
        return at
    }

    /// The end of the run of characters from `at` on that have none of `mask`.
    @inline(__always)
    func run(_ at: Int, lacking mask: UInt8) -> Int {
        var at = at
        while at < count {
            let next = character(at)
            if next.has(mask) { break }
            at &+= next.length
        }
        return at
    }

    /// The end of the run of carriage returns and line feeds (and slashes) from `at` on.
    @inline(__always)
    func lineEnds(_ at: Int, orSlashes slashes: Bool = false) -> Int {
        var at = at
        while at < count {
            let byte = byte(at)
            if byte != 0x0a, byte != 0x0d, !(slashes && byte == 0x2f) { break }
            at &+= 1
        }
        return at
    }

    @inline(__always)
    func isLineEnd(_ at: Int) -> Bool { byte(at) == 0x0a || byte(at) == 0x0d }

    /// The end of the contraction ('s 't 're 've 'm 'll 'd) whose apostrophe may be at `at`; nil when there is none.
    @inline(__always)
    func contraction(_ at: Int, ignoringCase: Bool) -> Int? {
        guard byte(at) == 0x27, at &+ 1 < count else { return nil }
        return contractionLetters(at &+ 1, ignoringCase: ignoringCase)
    }

    private func contractionLetters(_ at: Int, ignoringCase: Bool) -> Int? {
        let fold: UInt8 = ignoringCase ? 0x20 : 0
        let first = byte(at) | fold
        switch first {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return at &+ 1
        case UInt8(ascii: "r"), UInt8(ascii: "v"): return byte(at &+ 1) | fold == UInt8(ascii: "e") ? at &+ 2 : nil
        case UInt8(ascii: "l"): return byte(at &+ 1) | fold == UInt8(ascii: "l") ? at &+ 2 : nil
        case 0xe5 where ignoringCase:
            // U+017F, the long s, is an s but for its case.
            return byte(at) == 0xc5 && byte(at &+ 1) == 0xbf ? at &+ 2 : nil
        default: return nil
        }
    }

    /// `\s*[\r\n]+|\s+(?!\S)|\s+` at `at`, where white space is. `limit` is what the pattern takes for the text's end.
    /// With `linesApart` false the first alternative is missing.
    @inline(__always)
    func whiteSpaceEnd(_ at: Int, linesApart: Bool = true, wholeTail: Bool = false) -> Int {
        var end = at
        var last = at
        var lineEnd = at
        while end < count {
            let next = character(end)
            if !next.has(Self.space) { break }
            last = end
            end &+= next.length
            if linesApart, isLineEnd(last) { lineEnd = end }
        }
        if wholeTail, end == count { return end }
        if lineEnd > at { return lineEnd }
        return end == count || last == at ? end : last
    }
}
