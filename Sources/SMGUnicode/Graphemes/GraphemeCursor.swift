internal import SMGBase

/// Walks over the extended grapheme clusters of a text (UAX #29).
///
/// Scalars are those of the Unicode of Rust's unicode-segmentation in tokenizers 0.23; the rules are the newest ones, in
/// which a consonant joins a linker whatever is before it.
///
/// Bytes that are no UTF-8 are clusters of their own, one per sequence that U+FFFD would replace.
package struct GraphemeCursor {
    private let base: UnsafeRawPointer?
    private let count: Int
    /// Where the next cluster begins.
    package private(set) var offset = 0

    /// Starts at the beginning of `text`, which lives as long as the cursor is used.
    package init(_ text: UnsafeRawBufferPointer) {
        base = text.baseAddress
        count = text.count
    }

    /// The bytes of the next cluster; nil at the end. Never empty.
    package mutating func next() -> Range<Int>? {
        guard let base, offset < count else { return nil }
        let start = offset
        let lead = base.load(fromByteOffset: start, as: UInt8.self)
        // Most clusters are one byte of ASCII before another.
        if lead < 0x80, lead != 0x0d,
            start &+ 1 == count || base.load(fromByteOffset: start &+ 1, as: UInt8.self) < 0x80
        {
            offset = start &+ 1
            return start..<offset
        }
        var current = read(base, start)
        offset = start &+ current.length
        var state = State(current.class)
        while offset < count {
            let following = read(base, offset)
            if state.breaks(before: following.class, after: current.class) { break }
            offset &+= following.length
            current = following
        }
        return start..<offset
    }

    private struct Reading {
        var `class`: GraphemeClass
        var length: Int
    }

    @inline(__always)
    private func read(_ base: UnsafeRawPointer, _ at: Int) -> Reading {
        let next = UTF8Text.decode(base, at: at, count: count)
        if next.scalar == UTF8Text.replacement,
            next.length != 3 || base.load(fromByteOffset: at, as: UInt8.self) != 0xef
        {
            return Reading(class: .illFormed, length: next.length)
        }
        return Reading(class: .of(next.scalar), length: next.length)
    }

    /// What the rules remember of the cluster so far.
    private struct State {
        /// A pictograph and nothing but extending scalars since, and the joiner that may end them.
        private var pictograph: Pictograph
        /// A linker of consonants with nothing but what conjuncts allow since.
        private var isLinked: Bool
        /// Whether an odd number of regional indicators ends what there is.
        private var isHalfFlag: Bool

        private enum Pictograph { case no, extended, joined }

        init(_ first: GraphemeClass) {
            pictograph = first.isPictograph ? .extended : .no
            isLinked = first.isLinker
            isHalfFlag = first.clusterBreak == .regionalIndicator
        }

        /// Whether a cluster ends between two scalars; takes the second into account when none does.
        mutating func breaks(before next: GraphemeClass, after last: GraphemeClass) -> Bool {
            if separates(last.clusterBreak, next) { return true }
            pictograph =
                switch next.clusterBreak {
                case .extend: pictograph == .extended ? .extended : .no
                case .joiner: pictograph == .extended ? .joined : .no
                default: next.isPictograph ? .extended : .no
                }
            isLinked = next.isLinker || isLinked && next.extendsConjunct
            isHalfFlag = next.clusterBreak == .regionalIndicator && !isHalfFlag
            return false
        }

        /// GB3 to GB999.
        private func separates(_ last: GraphemeClass.Break, _ next: GraphemeClass) -> Bool {
            let following = next.clusterBreak
            switch (last, following) {
            case (.carriageReturn, .lineFeed): return false
            case (.carriageReturn, _), (.lineFeed, _), (.control, _): return true
            case (_, .carriageReturn), (_, .lineFeed), (_, .control): return true
            case (.lead, .lead), (.lead, .vowel), (.lead, .leadVowel), (.lead, .leadVowelTrail): return false
            case (.leadVowel, .vowel), (.leadVowel, .trail), (.vowel, .vowel), (.vowel, .trail): return false
            case (.leadVowelTrail, .trail), (.trail, .trail): return false
            case (_, .extend), (_, .joiner), (_, .spacingMark): return false
            case (.prepend, _): return false
            case (.regionalIndicator, .regionalIndicator): return !isHalfFlag
            default: break
            }
            if next.isConsonant, isLinked { return false }
            return !(next.isPictograph && pictograph == .joined)
        }
    }
}

extension GraphemeClass {
    /// Bytes that are no text: alone, like a control character.
    static let illFormed = GraphemeClass(rawValue: Break.control.rawValue)
}
