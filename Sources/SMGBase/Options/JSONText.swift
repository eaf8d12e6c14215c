/// The little JSON the option table writes: its schema, its listing and dumps. Not a general writer.
enum JSONText {
    /// `text` between quotes, escaped.
    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            // From DEL on: legal in JSON as they are, but not in YAML or JavaScript.
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}", "\u{feff}", "\u{fffe}", "\u{ffff}":
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }

    /// A list of elements that are JSON already, on one line.
    static func list(_ elements: [String]) -> String { "[" + elements.joined(separator: ", ") + "]" }

    /// An object of members that are JSON already, one per line.
    static func object(_ members: [(key: String, value: String)], indent: String) -> String {
        guard !members.isEmpty else { return "{}" }
        let lines = members.map { "\(indent)  \(quoted($0.key)): \($0.value)" }
        return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    }
}
