internal import SMGBase
internal import SMGUnicode

/// A text under a scanner, with the questions that patterns ask of it. Offsets that are handed in may be anything from
/// 0 to `count`; nothing is read outside.
struct ScannedText {
    let base: UnsafeRawPointer
    let count: Int
    let table: ScalarTable

    @inline(__always)
    static var letter: UInt8 { ScalarTraits.letter.rawValue }
    @inline(__always)
    static var mark: UInt8 { ScalarTraits.mark.rawValue }
    @inline(__always)
    static var number: UInt8 { ScalarTraits.number.rawValue }
    @inline(__always)
    static var space: UInt8 { ScalarTraits.space.rawValue }
    @inline(__always)
    static var han: UInt8 { ScalarTraits.han.rawValue }
    /// What may stand in a word before its first small letter.
    @inline(__always)
    static var upperPart: UInt8 {
        ScalarTraits.upper.rawValue | ScalarTraits.otherLetter.rawValue | ScalarTraits.mark.rawValue
    }
    /// What may stand in a word from its first small letter on.
    @inline(__always)
    static var lowerPart: UInt8 {
        ScalarTraits.lower.rawValue | ScalarTraits.otherLetter.rawValue | ScalarTraits.mark.rawValue
    }
    @inline(__always)
    static var punctuation: UInt8 { ScalarTraits.punctuationOrSymbol.rawValue }

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

    /// As `run(_:having:)` for a mask that all letters have: those of ASCII, which most words consist of, are passed
    /// eight at a time.
    @inline(__always)
    func wordRun(_ at: Int, having mask: UInt8) -> Int { run(asciiLetters(at), having: mask) }

    /// The end of the run of ASCII letters from `at` on.
    @inline(__always)
    func asciiLetters(_ at: Int) -> Int {
        var at = at
        while at &+ 8 <= count {
            let others = Self.notLetters(base.loadUnaligned(fromByteOffset: at, as: UInt64.self).littleEndian)
            if others != 0 { return at &+ others.trailingZeroBitCount &>> 3 }
            at &+= 8
        }
        while at < count, (byte(at) | 0x20) &- 0x61 < 26 { at &+= 1 }
        return at
    }

    /// The end of the run of small ASCII letters from `at` on.
    @inline(__always)
    func smallASCIILetters(_ at: Int) -> Int {
        var at = at
        while at &+ 8 <= count {
            let word = base.loadUnaligned(fromByteOffset: at, as: UInt64.self).littleEndian
            // Capitals lack the bit that makes letters small.
            let others = Self.notLetters(word) | (~word & 0x2020_2020_2020_2020) &<< 2
            if others != 0 { return at &+ others.trailingZeroBitCount &>> 3 }
            at &+= 8
        }
        while at < count, byte(at) &- 0x61 < 26 { at &+= 1 }
        return at
    }

    /// The high bit of every byte of `word` that is no ASCII letter.
    @inline(__always)
    private static func notLetters(_ word: UInt64) -> UInt64 {
        let high: UInt64 = 0x8080_8080_8080_8080
        let lower = (word | 0x2020_2020_2020_2020) & ~high
        // Adding carries into the high bit: from "a" on, and behind "z".
        let fromA = lower &+ 0x1f1f_1f1f_1f1f_1f1f
        let behindZ = lower &+ 0x0505_0505_0505_0505
        return ~(fromA & ~behindZ & ~word) & high
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
