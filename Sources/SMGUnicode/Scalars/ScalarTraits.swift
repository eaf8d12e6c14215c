/// What tokenizers' patterns ask of a Unicode scalar, in one byte.
public struct ScalarTraits: OptionSet, Hashable, Sendable {
    // Members are computed: a stored constant of another module costs a check for its first use each time.

    public let rawValue: UInt8

    @inlinable
    @inline(__always)
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Lu and Lt.
    @inlinable @inline(__always)
    public static var upper: ScalarTraits { ScalarTraits(rawValue: 1 << 0) }
    /// Ll.
    @inlinable @inline(__always)
    public static var lower: ScalarTraits { ScalarTraits(rawValue: 1 << 1) }
    /// Lm and Lo.
    @inlinable @inline(__always)
    public static var otherLetter: ScalarTraits { ScalarTraits(rawValue: 1 << 2) }
    /// Mn, Mc and Me.
    @inlinable @inline(__always)
    public static var mark: ScalarTraits { ScalarTraits(rawValue: 1 << 3) }
    /// Nd, Nl and No.
    @inlinable @inline(__always)
    public static var number: ScalarTraits { ScalarTraits(rawValue: 1 << 4) }
    /// What `\s` matches with Unicode rules, in every engine White_Space (U+0085 is, U+180E and U+200B are not).
    @inlinable @inline(__always)
    public static var space: ScalarTraits { ScalarTraits(rawValue: 1 << 5) }
    /// All of P and S.
    @inlinable @inline(__always)
    public static var punctuationOrSymbol: ScalarTraits { ScalarTraits(rawValue: 1 << 6) }
    /// The script Han.
    @inlinable @inline(__always)
    public static var han: ScalarTraits { ScalarTraits(rawValue: 1 << 7) }

    /// All of L.
    @inlinable @inline(__always)
    public static var letter: ScalarTraits { ScalarTraits(rawValue: 0b111) }
}
