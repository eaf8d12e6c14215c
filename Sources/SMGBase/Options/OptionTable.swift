/// All options of one command. Parsing, help, schema, dumps and generated bindings derive from it alone.
package struct OptionTable: Sendable {
    package let sections: [OptionSection]
    /// Names known from other versions of the gateway, without dashes, that this one does not have.
    package let unavailable: Set<String>
    private let indexByName: [String: Int]
    /// Every row, in the order of the help.
    package let rows: [OptionRow]

    /// Traps when two rows share a name, an alias or a key: that is a mistake in the program, not in its input.
    package init(_ sections: [OptionSection], unavailable: Set<String> = []) {
        self.sections = sections
        self.unavailable = unavailable
        rows = sections.flatMap(\.rows)
        var indexes = [String: Int]()
        for (index, row) in rows.enumerated() {
            precondition(!row.isSecret || row.kind == .text, "option \(row.name) is secret but not text")
            for name in [row.name] + row.aliases {
                precondition(indexes.updateValue(index, forKey: name) == nil, "option \(name) appears twice")
                precondition(!unavailable.contains(name), "option \(name) is both in the table and unavailable")
            }
        }
        indexByName = indexes
    }

    /// The rows that make up a configuration document.
    package var configurationRows: [OptionRow] { rows.filter { $0.scope == .configuration } }

    /// The row with the flag `name` (no dashes), by its own name or an alias.
    package func row(flag name: String) -> OptionRow? { indexByName[name].map { rows[$0] } }

    /// The row with the document key `key`. Keys are spelled with underscores; short flags have none.
    package func row(key: String) -> OptionRow? {
        guard !key.utf8.contains(UInt8(ascii: "-")), key.utf8.count > 1 else { return nil }
        let name = String(decoding: key.utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }, as: UTF8.self)
        return row(flag: name)
    }

    /// What to say about a name that is not in the table, spelled as `origin` spells names.
    func unknown(_ name: String, at origin: OptionOrigin) -> ConfigurationError {
        let noun = if case .document = origin { "key" } else { "option" }
        let folded = Suggestion.folded(name)
        if unavailable.contains(folded) {
            return ConfigurationError(
                .unavailableOption, option: Shown.name(name), origin: origin, message: "not available in this version")
        }
        var message = "unknown \(noun)"
        let inDocument = noun == "key"
        let candidates = rows.filter { !inDocument || $0.scope == .configuration }.flatMap { [$0.name] + $0.aliases }
        if let close = Suggestion.closest(to: folded, among: candidates) {
            message += ", did you mean \(origin.spelling(of: close))?"
        }
        return ConfigurationError(.unknownOption, option: Shown.name(name), origin: origin, message: message)
    }
}
