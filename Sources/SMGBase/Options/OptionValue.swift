/// The value of one option, in the form its kind asks for. Durations are `.number`s in their unit.
package enum OptionValue: Sendable, Hashable {
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case secret(Secret)
    case texts([String])
    case numbers([Double])
}

extension OptionValue {
    /// The value as a person writes it; lists are separated by spaces, secrets are redacted.
    package var shown: String {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): NumberText.shown(value)
        case .text(let value): value
        case .secret(let value): value.description
        case .texts(let values): values.joined(separator: " ")
        case .numbers(let values): values.map(NumberText.shown).joined(separator: " ")
        }
    }

    /// The value as JSON; secrets are redacted.
    package var json: String {
        switch self {
        case .bool, .integer, .number: shown
        case .text(let value): JSONText.quoted(value)
        case .secret(let value): JSONText.quoted(value.description)
        case .texts(let values): JSONText.list(values.map(JSONText.quoted))
        case .numbers(let values): JSONText.list(values.map(NumberText.shown))
        }
    }

    /// A list without elements.
    var isEmptyList: Bool {
        switch self {
        case .texts(let values): values.isEmpty
        case .numbers(let values): values.isEmpty
        default: false
        }
    }
}

// Literals keep the rows of a table readable: `default: 30000`.

extension OptionValue: ExpressibleByBooleanLiteral {
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension OptionValue: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int) { self = .integer(value) }
}

extension OptionValue: ExpressibleByFloatLiteral {
    package init(floatLiteral value: Double) { self = .number(value) }
}

extension OptionValue: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self = .text(value) }
}

extension OptionValue: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: String...) { self = .texts(elements) }
}
