internal import SMGUnicode

/// GPT-2: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
struct GPT2Rule: ScannerRule {
    @inline(__always)
    func end(_ input: ScannerInput, _ at: Int) -> Int {
        var start = at
        var first = input.character(at)
        if first.scalar == 0x27 {
            let end = input.contraction(at, ignoringCase: false)
            if end > at { return end }
        }
        if first.scalar == 0x20, at &+ 1 < input.count {
            let second = input.character(at &+ 1)
            if !second.traits.contains(.space) {
                start = at &+ 1
                first = second
            }
        }
        if !first.traits.isDisjoint(with: .letter) { return input.letters(from: start &+ first.length) }
        if first.traits.contains(.number) { return input.run(.number, from: start &+ first.length) }
        if first.traits.contains(.space) { return input.whitespace(from: at, breaksAtLines: false) }
        return input.runWithout([.letter, .number, .space], from: start &+ first.length)
    }
}

/// cl100k and its kin (Llama 3, Qwen): `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|
/// ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`.
struct CL100KRule: ScannerRule {
    /// Number characters of one piece.
    let digits: Int
    /// tiktoken's own spelling of the pattern takes all of the whitespace at the text's end as one piece.
    let wholeSpaceAtEnd: Bool

    @inline(__always)
    func end(_ input: ScannerInput, _ at: Int) -> Int {
        let first = input.character(at)
        if !first.traits.isDisjoint(with: .letter) { return input.letters(from: at &+ first.length) }
        if first.traits.contains(.number) { return input.numbers(from: at, most: digits) }
        if first.scalar == 0x27 {
            let end = input.contraction(at, ignoringCase: true)
            if end > at { return end }
        }
        let next = at &+ first.length
        if next < input.count, first.scalar != 0x0a, first.scalar != 0x0d {
            let second = input.character(next)
            if !second.traits.isDisjoint(with: .letter) { return input.letters(from: next &+ second.length) }
            if first.scalar == 0x20, second.traits.isDisjoint(with: [.space, .letter, .number]) {
                return input.lineEnds(from: input.runWithout([.letter, .number, .space], from: next))
            }
        }
        if first.traits.contains(.space) {
            return input.whitespace(from: at, breaksAtLines: true, wholeAtEnd: wholeSpaceAtEnd)
        }
        return input.lineEnds(from: input.runWithout([.letter, .number, .space], from: next))
    }
}

/// o200k and its kin (GPT-4o, gpt-oss, Llama 4, tekken, Kimi): words break before a capital that follows a small letter.
/// `X?U*L+C?|X?U+L*C?|\p{N}{1,n}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`, where X is `[^\r\n\p{L}\p{N}]`, U
/// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`, L `[\p{Ll}\p{Lm}\p{Lo}\p{M}]` and C a contraction.
struct O200KRule: ScannerRule {
    let digits: Int
    let hasContractions: Bool
    /// Whether line ends behind punctuation take slashes along.
    let slash: Bool
    /// Kimi: runs of Han are pieces of their own, and Han is in no word.
    let splitsHan: Bool

    @inline(__always)
    func end(_ input: ScannerInput, _ at: Int) -> Int {
        let first = input.character(at)
        if splitsHan, first.traits.contains(.han) { return input.run(.han, from: at &+ first.length) }
        let isLetter = !first.traits.isDisjoint(with: .letter)
        if !isLetter, first.traits.contains(.number) { return input.numbers(from: at, most: digits) }
        if !isLetter, first.scalar != 0x0a, first.scalar != 0x0d, at &+ first.length < input.count {
            let end = word(input, at &+ first.length)
            if end > 0 { return end }
        }
        if isLetter || first.traits.contains(.mark) {
            let end = word(input, at)
            if end > 0 { return end }
        }
        return other(input, at, first)
    }

    @inline(__always)
    private func other(_ input: ScannerInput, _ at: Int, _ first: ScannerInput.Character) -> Int {
        if isOther(first) {
            let end = input.runWithout([.letter, .number, .space], from: at &+ first.length)
            return input.lineEnds(from: end, slash: slash)
        }
        if first.scalar == 0x20, at &+ 1 < input.count, isOther(input.character(at &+ 1)) {
            let end = input.runWithout([.letter, .number, .space], from: at &+ 1)
            return input.lineEnds(from: end, slash: slash)
        }
        if first.traits.contains(.space) { return input.whitespace(from: at, breaksAtLines: true) }
        return at &+ first.length
    }

    @inline(__always)
    private func isOther(_ character: ScannerInput.Character) -> Bool {
        character.traits.isDisjoint(with: [.space, .letter, .number])
    }

    /// The end of the word at `start` by `U*L+C?` or else `U+L*C?`; 0 when there is none.
    @inline(__always)
    private func word(_ input: ScannerInput, _ start: Int) -> Int {
        var at = start
        /// Where the last character that is of both kinds ends, in the run of U.
        var lastOfBoth = -1
        while at < input.count {
            let next = input.character(at)
            if splitsHan, next.traits.contains(.han) { break }
            guard !next.traits.isDisjoint(with: [.upper, .otherLetter, .mark]) else { break }
            at &+= next.length
            if !next.traits.isDisjoint(with: [.otherLetter, .mark]) { lastOfBoth = at }
        }
        let small = smalls(input, at)
        // The run of U gives characters back until one of both kinds can be the L that must follow.
        let end = small > at ? small : lastOfBoth > start ? lastOfBoth : at
        if end == start { return 0 }
        return hasContractions ? input.contraction(end, ignoringCase: true) : end
    }

    @inline(__always)
    private func smalls(_ input: ScannerInput, _ start: Int) -> Int {
        if !splitsHan { return smallLetters(input, start) }
        var at = start
        while at < input.count {
            let next = input.character(at)
            if next.traits.contains(.han) || next.traits.isDisjoint(with: [.lower, .otherLetter, .mark]) { break }
            at &+= next.length
        }
        return at
    }

    @inline(__always)
    private func smallLetters(_ input: ScannerInput, _ start: Int) -> Int {
        var at = start
        while at &+ 8 <= input.count {
            let word = input.base.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            // Capitals lack the bit that makes them small.
            let others = ScannerInput.notLetters(word) | ((~word & 0x2020_2020_2020_2020) &<< 2)
            if others == 0 {
                at &+= 8
                continue
            }
            at &+= others.trailingZeroBitCount &>> 3
            if input.byte(at) < 0x80 { return at }
            break
        }
        return input.run([.lower, .otherLetter, .mark], from: at)
    }
}

/// DeepSeek V3: digits in threes and runs of Chinese and kana are cut out first; each part by itself is then split by
/// `[ASCII punctuation][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`, and
/// what that does not match stays in one piece.
struct DeepSeekRule: ScannerRule {
    @inline(__always)
    func end(_ input: ScannerInput, _ at: Int) -> Int {
        let first = input.character(at)
        let inEast = isEast(first)
        if isWord(first) { return words(input, from: at &+ first.length, inEast) }
        if first.traits.contains(.number), !inEast { return input.numbers(from: at, most: 3) }
        return mixed(input, at, first, inEast)
    }

    @inline(__always)
    private func mixed(_ input: ScannerInput, _ at: Int, _ first: ScannerInput.Character, _ inEast: Bool) -> Int {
        let next = at &+ first.length
        let isMark = first.traits.contains(.punctuationOrSymbol)
        if next < input.count {
            let second = input.character(next)
            if belongs(second, inEast) {
                if isMark, first.scalar < 0x80, second.scalar < 0x80, !second.traits.isDisjoint(with: .letter) {
                    return input.asciiLetters(from: next)
                }
                if !isMark, first.scalar != 0x0a, first.scalar != 0x0d, isWord(second) {
                    return words(input, from: next, inEast)
                }
                if first.scalar == 0x20, second.traits.contains(.punctuationOrSymbol) {
                    return input.lineEnds(from: marks(input, from: next, inEast))
                }
            }
        }
        if isMark { return inEast ? marks(input, from: at, true) : input.lineEnds(from: marks(input, from: at, false)) }
        if first.traits.contains(.space) { return whitespace(input, at) }
        return unmatched(input, next, inEast)
    }

    /// Characters that no alternative begins with, up to the next that one does: one piece.
    @inline(never)
    private func unmatched(_ input: ScannerInput, _ start: Int, _ inEast: Bool) -> Int {
        var at = start
        while at < input.count {
            let first = input.character(at)
            guard belongs(first, inEast), !isWord(first),
                first.traits.isDisjoint(with: [.punctuationOrSymbol, .space])
            else { break }
            let next = at &+ first.length
            if next < input.count {
                let second = input.character(next)
                if isWord(second), belongs(second, inEast) { break }
            }
            at = next
        }
        return at
    }

    /// Whitespace, for which a cut is the end of the text.
    @inline(__always)
    private func whitespace(_ input: ScannerInput, _ start: Int) -> Int {
        let end = input.run(.space, from: start)
        let isLast = end == input.count || !belongs(input.character(end), false)
        let bounded = ScannerInput(input.base, isLast ? end : input.count, input.table)
        return bounded.whitespace(from: start, breaksAtLines: true)
    }

    @inline(__always)
    private func words(_ input: ScannerInput, from start: Int, _ inEast: Bool) -> Int {
        var at = start
        while true {
            if !inEast { at = input.asciiLetters(from: at) }
            guard at < input.count else { return at }
            let next = input.character(at)
            guard isWord(next), belongs(next, inEast) else { return at }
            at &+= next.length
        }
    }

    @inline(__always)
    private func marks(_ input: ScannerInput, from start: Int, _ inEast: Bool) -> Int {
        var at = start
        while at < input.count {
            let next = input.character(at)
            guard next.traits.contains(.punctuationOrSymbol), belongs(next, inEast) else { break }
            at &+= next.length
        }
        return at
    }

    @inline(__always)
    private func isWord(_ character: ScannerInput.Character) -> Bool {
        !character.traits.isDisjoint(with: [.upper, .lower, .otherLetter, .mark])
    }

    /// `[一-龥぀-ゟ゠-ヿ]`: U+4E00 to U+9FA5, U+3040 to U+30FF.
    @inline(__always)
    private func isEast(_ character: ScannerInput.Character) -> Bool {
        character.scalar &- 0x4e00 <= 0x9fa5 - 0x4e00 || character.scalar &- 0x3040 <= 0x30ff - 0x3040
    }

    /// Whether a character is in the same part of the text: among Chinese and kana, or neither there nor a number.
    @inline(__always)
    private func belongs(_ character: ScannerInput.Character, _ inEast: Bool) -> Bool {
        inEast ? isEast(character) : !(character.traits.contains(.number) || isEast(character))
    }
}

extension ScannerInput {
    /// The end of the run of ASCII letters from `start`, eight at a time.
    @inline(__always)
    func asciiLetters(from start: Int) -> Int {
        var at = start
        while at &+ 8 <= count {
            let others = Self.notLetters(base.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            if others != 0 { return at &+ others.trailingZeroBitCount &>> 3 }
            at &+= 8
        }
        while at < count, byte(at) < 0x80, ascii[Int(byte(at))] & ScalarTraits.letter.rawValue != 0 { at &+= 1 }
        return at
    }
}
