/// What tokenizers' patterns ask of a Unicode scalar, in one byte.
package struct ScalarTraits: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    @inlinable
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Lu and Lt.
    package static let upper = ScalarTraits(rawValue: 1 << 0)
    /// Ll.
    package static let lower = ScalarTraits(rawValue: 1 << 1)
    /// Lm and Lo.
    package static let otherLetter = ScalarTraits(rawValue: 1 << 2)
    /// Mn, Mc and Me.
    package static let mark = ScalarTraits(rawValue: 1 << 3)
    /// Nd, Nl and No.
    package static let number = ScalarTraits(rawValue: 1 << 4)
    /// What `\s` matches with Unicode rules, in every engine White_Space (U+0085 is, U+180E and U+200B are not).
    package static let space = ScalarTraits(rawValue: 1 << 5)
    /// All of P and S.
    package static let punctuationOrSymbol = ScalarTraits(rawValue: 1 << 6)
    /// The script Han.
    package static let han = ScalarTraits(rawValue: 1 << 7)

    /// All of L.
    package static let letter: ScalarTraits = [.upper, .lower, .otherLetter]
}
