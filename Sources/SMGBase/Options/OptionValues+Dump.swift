/// The configuration in force, for people and programs. Secrets are redacted.
extension OptionValues {
    /// A YAML document that reads back as the same configuration (secrets apart), each line with its origin.
    package func dumpYAML() -> String {
        var lines = [String]()
        for section in table.sections {
            let rows = section.rows.filter { $0.scope == .configuration }
            guard !rows.isEmpty else { continue }
            if !lines.isEmpty { lines.append("") }
            lines.append("# \(section.title)")
            for row in rows {
                // JSON scalars and flow lists are YAML too.
                let value = value(of: row)?.json ?? "null"
                lines.append("\(row.key): \(value)  # \(Shown.name(origin(of: row.name).shown))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A JSON object of every option that has a value.
    package func dumpJSON() -> String {
        let members = table.configurationRows.compactMap { row in value(of: row).map { (row.key, $0.json) } }
        return JSONText.object(members.map { (key: $0.0, value: $0.1) }, indent: "") + "\n"
    }
}
