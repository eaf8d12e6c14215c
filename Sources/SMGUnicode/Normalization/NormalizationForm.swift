/// The four normal forms of Unicode (UAX #15).
package enum NormalizationForm: Sendable, CaseIterable {
    /// Canonical composition.
    case nfc
    /// Canonical decomposition.
    case nfd
    /// Compatibility composition.
    case nfkc
    /// Compatibility decomposition.
    case nfkd

    /// Whether marks are joined to their bases in the end.
    var composes: Bool { self == .nfc || self == .nfkc }
    /// Whether characters that only look or mean alike become one.
    var isCompatible: Bool { self == .nfkc || self == .nfkd }
}
