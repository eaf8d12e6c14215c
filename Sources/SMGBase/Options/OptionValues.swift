/// What every option of a table is set to, and where that was said.
///
/// Sources may be applied in any order: the command line wins over documents, they win over the environment, and that
/// wins over the defaults.
package struct OptionValues: Sendable {
    private struct Setting {
        var value: OptionValue
        var origin: OptionOrigin
    }

    package let table: OptionTable
    private var settings: [String: Setting] = [:]

    /// Everything at its default.
    package init(table: OptionTable) { self.table = table }

    /// Sets `row` unless a stronger source has set it already.
    mutating func set(_ row: OptionRow, to value: OptionValue, from origin: OptionOrigin) {
        if let old = settings[row.name], old.origin.precedence > origin.precedence { return }
        settings[row.name] = Setting(value: value, origin: origin)
    }

    /// The value of `row`, or its default; nil if it has neither.
    package func value(of row: OptionRow) -> OptionValue? { settings[row.name]?.value ?? row.defaultValue }

    /// Where the value of the option `name` came from.
    package func origin(of name: String) -> OptionOrigin { settings[name]?.origin ?? .builtIn }

    /// Whether a source has set the option `name` to something that is not its default.
    package func differsFromDefault(_ name: String) -> Bool {
        guard let setting = settings[name] else { return false }
        return setting.value != table.row(flag: name)?.defaultValue
    }

    /// An error about the option `name`, at the place where it was set.
    package func error(_ code: ConfigurationError.Code, _ name: String, _ message: String) -> ConfigurationError {
        ConfigurationError(code, option: name, origin: origin(of: name), message: message)
    }

    /// Takes the environment variables that rows name. An empty variable counts as absent, as container files write it.
    package mutating func apply(environment: (String) -> String?) throws(ConfigurationError) {
        for row in table.rows {
            guard let variable = row.environment, let text = environment(variable), !text.isEmpty else { continue }
            let origin = OptionOrigin.environment(variable)
            do { set(row, to: try row.value(of: text), from: origin) } catch { throw error.located(row.name, origin) }
        }
    }
}

// Typed reading. A name that is not in the table, or of another type, is a mistake in the program and traps.
extension OptionValues {
    package func bool(_ name: String) -> Bool {
        guard case .bool(let value)? = current(name) else { mismatch(name) }
        return value
    }

    package func integer(_ name: String) -> Int {
        guard let value = integerIfAny(name) else { mismatch(name) }
        return value
    }

    package func integerIfAny(_ name: String) -> Int? {
        switch current(name) {
        case nil: nil
        case .integer(let value)?: value
        default: mismatch(name)
        }
    }

    package func number(_ name: String) -> Double {
        guard case .number(let value)? = current(name) else { mismatch(name) }
        return value
    }

    package func duration(_ name: String) -> TimeSpan {
        guard let value = durationIfAny(name) else { mismatch(name) }
        return value
    }

    package func durationIfAny(_ name: String) -> TimeSpan? {
        guard let value = current(name) else { return nil }
        guard case .number(let count) = value, case .duration(_, let unit)? = table.row(flag: name)?.kind else {
            mismatch(name)
        }
        // In range: the row's bound keeps it under ten years.
        return TimeSpan(nanoseconds: Int64((count * unit.nanoseconds).rounded()))
    }

    package func text(_ name: String) -> String {
        guard let value = textIfAny(name) else { mismatch(name) }
        return value
    }

    package func textIfAny(_ name: String) -> String? {
        switch current(name) {
        case nil: nil
        case .text(let value)?: value
        default: mismatch(name)
        }
    }

    package func secretIfAny(_ name: String) -> Secret? {
        switch current(name) {
        case nil: nil
        case .secret(let value)?: value
        default: mismatch(name)
        }
    }

    package func texts(_ name: String) -> [String] {
        guard case .texts(let values)? = current(name) else { mismatch(name) }
        return values
    }

    package func numbers(_ name: String) -> [Double] {
        guard case .numbers(let values)? = current(name) else { mismatch(name) }
        return values
    }

    private func current(_ name: String) -> OptionValue? {
        guard let row = table.row(flag: name) else { mismatch(name) }
        return value(of: row)
    }

    private func mismatch(_ name: String) -> Never { fatalError("option \(name) is not what the program takes it for") }
}
