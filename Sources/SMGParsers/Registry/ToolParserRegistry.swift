internal import SMGBase

/// The formats of tool calls, by name and by model. A new one is a file in `Tools`, a row here and a folder of fixtures;
/// see docs/how-to-add-a-parser.md.
package enum ToolParserRegistry {
    /// Every row. Of patterns that match a model the longest counts, of equally long ones the first.
    package static let entries: [ToolParserEntry] = [passthrough] + jsonEntries + markupEntries

    /// The row for models that no other row knows.
    package static let passthrough = ToolParserEntry("passthrough") { _ in PassthroughParser() }

    /// The row called `name`, its aliases included.
    package static func entry(named name: String) -> ToolParserEntry? {
        entries.first { $0.name == name } ?? entries.first { $0.aliases.contains(name) }
    }

    /// The row whose pattern fits `model` best; nil when none fits.
    package static func entry(forModel model: String, matching: ModelMatching = .anywhere) -> ToolParserEntry? {
        ModelPatterns.best(entries.lazy.map { ($0.models, $0) }, for: model, matching: matching)
    }

    /// The row a request is parsed with: the configured name, else the model's, else passthrough.
    package static func entry(
        configured name: String?, model: String, matching: ModelMatching = .anywhere
    ) -> ToolParserEntry {
        name.flatMap(entry(named:)) ?? entry(forModel: model, matching: matching) ?? passthrough
    }

    /// Whether a row other than passthrough knows the model. If not, tool calls are not looked for.
    package static func hasParser(forModel model: String, matching: ModelMatching = .anywhere) -> Bool {
        entry(forModel: model, matching: matching) != nil
    }
}

/// The choice among patterns, for all registries.
package enum ModelPatterns {
    /// The value whose longest matching pattern is longer than every other's; the first of equals; nil without a match.
    package static func best<Value>(
        _ rows: some Sequence<([String], Value)>, for model: String, matching: ModelMatching
    ) -> Value? {
        let id = matching == .anywhere ? asciiLowercased(model) : Array(model.utf8)
        var best: Value?
        var bestCount = 0
        for (patterns, value) in rows {
            for pattern in patterns where pattern.utf8.count > bestCount {
                let fits =
                    matching == .anywhere
                    ? contains(id, asciiLowercased(pattern)) : id.starts(with: pattern.utf8)
                guard fits else { continue }
                best = value
                bestCount = pattern.utf8.count
            }
        }
        return best
    }

    private static func asciiLowercased(_ text: String) -> [UInt8] { text.utf8.map(ASCII.lowercased) }

    private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard text.count >= part.count else { return false }
        return (0...text.count - part.count).contains { text[$0...].starts(with: part) }
    }
}
