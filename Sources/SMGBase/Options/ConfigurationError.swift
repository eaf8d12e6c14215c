/// Why a configuration was refused: one line for a person, a code for a program.
///
/// The text names the place, the value and what is allowed. It never holds the value of a secret.
package struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of mistake; the raw value is the stable label.
    package enum Code: String, Sendable {
        case unknownOption = "unknown_option"
        case unavailableOption = "unavailable_option"
        case missingValue = "missing_value"
        case invalidValue = "invalid_value"
        case outOfRange = "out_of_range"
        case duplicate
        case conflict
        case unreadableFile = "unreadable_file"
        case syntax
    }

    package let code: Code
    /// The option's name as in its flag without the dashes (`worker-urls`), or empty when no option is to blame.
    package let option: String
    package let origin: OptionOrigin
    /// What is wrong, without the place.
    package let message: String

    package init(_ code: Code, option: String, origin: OptionOrigin, message: String) {
        self.code = code
        self.option = option
        self.origin = origin
        self.message = message
    }

    /// `--cache-threshold: 1.7 is out of range, must be between 0 and 1`, or the same behind `file:line: key`.
    package var description: String {
        var parts = [String]()
        if case .document(let name, let line) = origin { parts.append(line > 0 ? "\(name):\(line)" : name) }
        if !option.isEmpty { parts.append(spelledOption) }
        parts.append(message)
        return parts.joined(separator: ": ")
    }

    /// The option as written at its origin. An unknown key is repeated as it is: its spelling may be the mistake.
    private var spelledOption: String {
        if code == .unknownOption, case .document = origin { return option }
        return origin.spelling(of: option)
    }
}

/// Where the value of an option came from. Later cases win over earlier ones.
package enum OptionOrigin: Sendable, Hashable {
    case builtIn
    /// An environment variable.
    case environment(String)
    /// A configuration file, or a document given in memory. Lines count from 1; 0 is unknown.
    case document(name: String, line: Int)
    case arguments

    /// The higher one wins when two places set the same option.
    package var precedence: Int {
        switch self {
        case .builtIn: 0
        case .environment: 1
        case .document: 2
        case .arguments: 3
        }
    }

    /// The option `name` as it is written in this place: a flag, a key or a variable.
    package func spelling(of name: String) -> String {
        switch self {
        case .builtIn, .arguments: name.utf8.count == 1 ? "-\(name)" : "--\(name)"
        case .environment(let variable): variable
        case .document: OptionRow.key(of: name)
        }
    }

    /// The origin in a few words, for dumps.
    package var shown: String {
        switch self {
        case .builtIn: "default"
        case .environment(let variable): "from \(variable)"
        case .document(let name, let line): line > 0 ? "from \(name):\(line)" : "from \(name)"
        case .arguments: "from the command line"
        }
    }
}

/// A refused value before anybody knows where it was written.
struct OptionFault: Error {
    let code: ConfigurationError.Code
    let message: String

    init(_ code: ConfigurationError.Code, _ message: String) {
        self.code = code
        self.message = message
    }

    func located(_ option: String, _ origin: OptionOrigin) -> ConfigurationError {
        ConfigurationError(code, option: option, origin: origin, message: message)
    }
}
