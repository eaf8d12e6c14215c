internal import SMGUnicode

/// A text under a scanner: what stands at an offset, and how far runs reach.
///
/// SAFETY: reads only `base[..<count]`. The text should be well-formed UTF-8; a byte that begins no character counts as
/// one character without traits, so ill-formed text is cut somewhere but never read past its end.
struct ScannerInput {
    let base: UnsafeRawPointer
    let count: Int
    let table: ScalarTable
    /// Traits of ASCII, held apart from the table for the inner loops.
    let ascii: UnsafePointer<UInt8>

    @inline(__always)
    init(_ base: UnsafeRawPointer, _ count: Int, _ table: ScalarTable) {
        self.base = base
        self.count = count
        self.table = table
        ascii = table.ascii
    }

    /// One character: its traits, its value and its length in bytes.
    struct Character {
        let traits: ScalarTraits
        let scalar: UInt32
        let length: Int
    }

    @inline(__always)
    func byte(_ at: Int) -> UInt8 { base.load(fromByteOffset: at, as: UInt8.self) }

    /// The character at `at`, which must be below `count`.
    @inline(__always)
    func character(_ at: Int) -> Character {
        let lead = byte(at)
        if lead < 0x80 {
            return Character(traits: ScalarTraits(rawValue: ascii[Int(lead)]), scalar: UInt32(lead), length: 1)
        }
        return wide(at, lead)
    }

    @inline(never)
    private func wide(_ at: Int, _ lead: UInt8) -> Character {
        let length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0
        guard length > 0, at &+ length <= count else { return Character(traits: [], scalar: 0xfffd, length: 1) }
        var scalar = UInt32(lead) & (0xff &>> UInt32(length &+ 1))
        var i = 1
        while i < length {
            let next = byte(at &+ i)
            if next & 0xc0 != 0x80 { return Character(traits: [], scalar: 0xfffd, length: 1) }
            scalar = scalar &<< 6 | UInt32(next & 0x3f)
            i &+= 1
        }
        return Character(traits: table.traits(scalar), scalar: scalar, length: length)
    }

    /// The end of the run of characters with one of `traits` that begins at `start`.
    @inline(__always)
    func run(_ traits: ScalarTraits, from start: Int) -> Int {
        var at = start
        while at < count {
            let lead = byte(at)
            if lead < 0x80 {
                if ascii[Int(lead)] & traits.rawValue == 0 { return at }
                at &+= 1
            } else {
                let next = wide(at, lead)
                if next.traits.isDisjoint(with: traits) { return at }
                at &+= next.length
            }
        }
        return at
    }

    /// The end of the run of characters with none of `traits`.
    @inline(__always)
    func runWithout(_ traits: ScalarTraits, from start: Int) -> Int {
        var at = start
        while at < count {
            let lead = byte(at)
            if lead < 0x80 {
                if ascii[Int(lead)] & traits.rawValue != 0 { return at }
                at &+= 1
            } else {
                let next = wide(at, lead)
                if !next.traits.isDisjoint(with: traits) { return at }
                at &+= next.length
            }
        }
        return at
    }

    /// The end of the run of letters (`\p{L}`) that begins at `start`; ASCII letters go eight at a time.
    @inline(__always)
    func letters(from start: Int) -> Int {
        var at = start
        while at &+ 8 <= count {
            let word = base.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            let others = Self.notLetters(word)
            if others == 0 {
                at &+= 8
                continue
            }
            at &+= others.trailingZeroBitCount &>> 3
            if byte(at) < 0x80 { return at }
            return run(.letter, from: at)
        }
        return run(.letter, from: at)
    }

    /// The high bit of every byte that is no ASCII letter.
    @inline(__always)
    static func notLetters(_ word: UInt64) -> UInt64 {
        let high: UInt64 = 0x8080_8080_8080_8080
        let lower = (word | 0x2020_2020_2020_2020) & ~high
        let fromA = lower &+ 0x1f1f_1f1f_1f1f_1f1f
        let beyondZ = lower &+ 0x0505_0505_0505_0505
        return ~(fromA & ~beyondZ & ~word) & high
    }

    /// The end of up to `most` number characters from `start`.
    @inline(__always)
    func numbers(from start: Int, most: Int) -> Int {
        var at = start
        var left = most
        while left > 0, at < count {
            let next = character(at)
            if !next.traits.contains(.number) { break }
            at &+= next.length
            left &-= 1
        }
        return at
    }

    /// The end of a run of CR and LF, and of `/` where `slash` says so.
    @inline(__always)
    func lineEnds(from start: Int, slash: Bool = false) -> Int {
        var at = start
        while at < count {
            let next = byte(at)
            guard next == 0x0a || next == 0x0d || (slash && next == 0x2f) else { break }
            at &+= 1
        }
        return at
    }

    /// The piece that whitespace at `start` begins when nothing before it matched: through the last line end of the run
    /// (with `breaksAtLines`), else all of a run at the text's end, else the run without its last character, else one.
    @inline(__always)
    func whitespace(from start: Int, breaksAtLines: Bool, wholeAtEnd: Bool = false) -> Int {
        var at = start
        var last = start
        var lineEnd = start
        while at < count {
            let next = character(at)
            guard next.traits.contains(.space) else { break }
            last = at
            at &+= next.length
            if next.scalar == 0x0a || next.scalar == 0x0d { lineEnd = at }
        }
        if wholeAtEnd, at == count { return at }
        if breaksAtLines, lineEnd > start { return lineEnd }
        if at == count || last == start { return at }
        return last
    }

    /// The end of an English contraction behind the apostrophe at `at`, or `at` when there is none: s, t, re, ve, m, ll,
    /// d. Without regard to case, `s` is also U+017F, as the engines fold it.
    @inline(__always)
    func contraction(_ at: Int, ignoringCase: Bool) -> Int {
        guard at &+ 1 < count, byte(at) == 0x27 else { return at }
        let fold: UInt8 = ignoringCase ? 0x20 : 0
        let first = byte(at &+ 1)
        switch first | fold {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
            return at &+ 2
        case UInt8(ascii: "l"):
            return at &+ 2 < count && byte(at &+ 2) | fold == UInt8(ascii: "l") ? at &+ 3 : at
        case UInt8(ascii: "r"), UInt8(ascii: "v"):
            return at &+ 2 < count && byte(at &+ 2) | fold == UInt8(ascii: "e") ? at &+ 3 : at
        default:
            let isLongS = ignoringCase && first == 0xc5 && at &+ 2 < count && byte(at &+ 2) == 0xbf
            return isLongS ? at &+ 3 : at
        }
    }
}

/// The rule of one family of patterns: where the piece that begins at an offset ends.
protocol ScannerRule {
    /// The end of the piece at `at`, which is below the count; always behind `at`.
    func end(_ input: ScannerInput, _ at: Int) -> Int
}
