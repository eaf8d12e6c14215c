internal import CUnicodeTables

/// What the methods of Python's `str` ask of a scalar, in the newest Unicode.
package struct PythonTraits: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16

    @inlinable
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// `isalpha`.
    package static let alphabetic = PythonTraits(rawValue: 1 << 0)
    /// `isdecimal`.
    package static let decimal = PythonTraits(rawValue: 1 << 1)
    /// `isdigit`.
    package static let digit = PythonTraits(rawValue: 1 << 2)
    /// `isnumeric`.
    package static let numeric = PythonTraits(rawValue: 1 << 3)
    /// `isupper` of this scalar alone.
    package static let upper = PythonTraits(rawValue: 1 << 4)
    /// `islower` of this scalar alone.
    package static let lower = PythonTraits(rawValue: 1 << 5)
    /// A title-case letter, a digraph such as ǅ.
    package static let title = PythonTraits(rawValue: 1 << 6)
    /// `isprintable`: what `repr` does not escape.
    package static let printable = PythonTraits(rawValue: 1 << 7)
    /// Has a case: a letter behind it is not the first of a word for `title`.
    package static let cased = PythonTraits(rawValue: 1 << 8)
    /// Does not end a word in the rule of the final sigma.
    package static let caseIgnorable = PythonTraits(rawValue: 1 << 9)

    /// `isalnum`.
    package static let alphanumeric: PythonTraits = [.alphabetic, .decimal, .digit, .numeric]

    /// The traits of `scalar`, which may be any number.
    package static func of(_ scalar: UInt32) -> PythonTraits {
        PythonTraits(rawValue: cunicode_record_python()[ScalarRecords.row(scalar)])
    }

    /// `isspace`: White_Space, and the separators U+001C to U+001F.
    package static func isSpace(_ scalar: UInt32) -> Bool {
        scalar &- 0x1c < 4 || ScalarTable.newest.traits(scalar).contains(.space)
    }
}
