/// The command line: `--flag value`, `--flag=value`, switches, and lists as `--flag a b c` or repeated flags.
extension OptionValues {
    /// Takes `arguments` (without the program's and the subcommand's names) as options. A repeated flag replaces its
    /// value, or adds to its list.
    package mutating func apply(arguments: [String]) throws(ConfigurationError) {
        guard arguments.count <= OptionLimits.maximumArguments else {
            throw ConfigurationError(.outOfRange, option: "", origin: .arguments, message: "too many arguments")
        }
        var lists = [String: OptionValue]()
        var afterSecret = false
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument != "--" else {
                if let extra = rest.first { throw unexpected(extra, hidden: afterSecret) }
                return
            }
            guard let flag = Flag(argument) else { throw unexpected(argument, hidden: afterSecret) }
            guard let row = table.row(flag: flag.name), flag.isShort == (flag.name.utf8.count == 1) else {
                throw unknown(flag)
            }
            afterSecret = row.isSecret
            if row.kind.isList {
                let old = lists[row.name] ?? row.emptyList
                lists[row.name] = try list(row, flag, &rest, behind: old)
            } else {
                let value = try scalar(row, flag, &rest)
                set(row, to: value, from: .arguments)
            }
            if let list = lists[row.name] { set(row, to: list, from: .arguments) }
        }
    }

    /// One value: behind the equals sign, or the next argument. A switch takes the former only.
    private func scalar(
        _ row: OptionRow, _ flag: Flag, _ rest: inout ArraySlice<String>
    ) throws(ConfigurationError) -> OptionValue {
        if let text = flag.value { return try read(row, text) }
        if case .bool = row.kind { return true }
        guard let next = rest.first, !OptionValues.looksLikeFlag(next) else {
            throw ConfigurationError(
                .missingValue, option: row.name, origin: .arguments, message: "needs a value (\(row.placeholder))")
        }
        rest.removeFirst()
        return try read(row, next)
    }

    /// The arguments up to the next flag, or the one value behind the equals sign.
    private func list(
        _ row: OptionRow, _ flag: Flag, _ rest: inout ArraySlice<String>, behind old: OptionValue
    ) throws(ConfigurationError) -> OptionValue {
        var list = old
        do {
            if let text = flag.value { return try row.appending(row.value(of: text), to: list) }
            while let next = rest.first, !OptionValues.looksLikeFlag(next) {
                rest.removeFirst()
                list = try row.appending(row.value(of: next), to: list)
            }
        } catch { throw error.located(row.name, .arguments) }
        return list
    }

    private func read(_ row: OptionRow, _ text: String) throws(ConfigurationError) -> OptionValue {
        do { return try row.value(of: text) } catch { throw error.located(row.name, .arguments) }
    }

    /// Whether `argument` starts an option rather than being a value. `-1` is a value, and so is a lone dash.
    private static func looksLikeFlag(_ argument: String) -> Bool {
        var bytes = argument.utf8[...]
        guard bytes.popFirst() == UInt8(ascii: "-"), let second = bytes.first else { return false }
        return !ASCII.isDigit(second) && second != UInt8(ascii: ".")
    }

    /// An error about a flag nobody knows. What stood behind its equals sign may be a secret and is not repeated.
    private func unknown(_ flag: Flag) -> ConfigurationError {
        let error = table.unknown(flag.name, at: .arguments)
        // A short flag or `--x` has no dashes to guess from: repeat it as written.
        guard flag.name.utf8.count == 1 || flag.isShort else { return error }
        let dashes = flag.isShort ? "-" : "--"
        return ConfigurationError(
            error.code, option: "", origin: .arguments, message: "\(dashes)\(Shown.name(flag.name)): \(error.message)")
    }

    private func unexpected(_ argument: String, hidden: Bool) -> ConfigurationError {
        let what = hidden ? "argument behind a secret (not shown)" : "argument \(Shown.value(argument))"
        return ConfigurationError(
            .unknownOption, option: "", origin: .arguments, message: "unexpected \(what), options begin with --")
    }
}

/// An argument that begins with a dash, taken apart.
private struct Flag {
    let name: String
    /// The text behind the first equals sign.
    let value: String?
    /// Written with one dash.
    let isShort: Bool

    init?(_ argument: String) {
        guard argument.utf8.first == UInt8(ascii: "-"), argument.utf8.count > 1 else { return nil }
        isShort = !argument.utf8.dropFirst().starts(with: "-".utf8)
        let body = argument.utf8.dropFirst(isShort ? 1 : 2)
        let equals = body.firstIndex(of: UInt8(ascii: "="))
        // Views cut at ASCII bytes are always whole characters.
        name = String(Substring(body[..<(equals ?? body.endIndex)]))
        value = equals.map { String(Substring(body[body.index(after: $0)...])) }
    }
}
