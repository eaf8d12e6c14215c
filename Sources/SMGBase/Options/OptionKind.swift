/// What an option's value may be, with its bounds. One case is one rule set for the command line, files and the schema.
package enum OptionKind: Sendable, Equatable {
    /// A switch: present or absent on the command line, `true` or `false` in a file.
    case bool
    /// A whole number.
    case integer(ClosedRange<Int>)
    /// A finite decimal number.
    case number(ClosedRange<Double>)
    /// A length of time, written as a decimal number of `unit`.
    case duration(ClosedRange<Double>, unit: OptionTimeUnit)
    /// Any text.
    case text
    /// The path of a file on this machine.
    case path
    /// One of a few words.
    case choice([String])
    /// Up to `maximum` texts.
    case textList(maximum: Int)
    /// Up to `maximum` numbers within the range.
    case numberList(ClosedRange<Double>, maximum: Int)

    /// Whether the option takes several values and accumulates over repeated flags.
    package var isList: Bool {
        switch self {
        case .textList, .numberList: true
        default: false
        }
    }

    /// The word that stands for the value in help texts.
    var placeholder: String {
        switch self {
        case .bool: ""
        case .integer: "N"
        case .number: "X"
        case .duration(_, .seconds): "SECONDS"
        case .duration(_, .milliseconds): "MS"
        case .text: "TEXT"
        case .path: "PATH"
        case .choice: "NAME"
        case .textList: "TEXT"
        case .numberList: "X"
        }
    }
}

/// The unit a duration option counts in; the flag's name says the same.
package enum OptionTimeUnit: String, Sendable {
    case seconds
    case milliseconds

    /// Nanoseconds in one unit.
    var nanoseconds: Double { self == .seconds ? 1e9 : 1e6 }
}

/// Bounds that hold for every table.
package enum OptionLimits {
    /// Longest text value in bytes: a path or URL never needs more, and errors and dumps stay printable.
    package static let maximumTextBytes = 8192
    /// Most command line arguments read: far above any real use, low enough that checking them stays instant.
    package static let maximumArguments = 65_536
    /// Longest duration in seconds, ten years: beyond any use and far from overflowing nanoseconds in 64 bits.
    package static let maximumSeconds = 315_360_000.0
    /// Characters of a refused value that an error repeats.
    static let shownCharacters = 80
}
