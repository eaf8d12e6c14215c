/// What stands above the options in a help text.
package struct OptionHelpHeading: Sendable {
    /// `smg launch [options]`
    package let usage: String
    /// What the command does, in a few sentences.
    package let summary: String
    /// How options are written, in a few sentences.
    package let notation: String
    /// Command lines to copy, each with a word on what it is for.
    package let examples: [(purpose: String, line: String)]

    package init(
        usage: String, summary: String, notation: String, examples: [(purpose: String, line: String)]
    ) {
        self.usage = usage
        self.summary = summary
        self.notation = notation
        self.examples = examples
    }
}

extension OptionTable {
    /// Narrowest and widest help, in columns: narrower is unreadable, and so are longer lines.
    private static let helpWidths = 40...120
    /// The column where descriptions begin; longer flags get a line of their own.
    private static let helpColumn = 34
    /// Below this width descriptions go under their flags.
    private static let narrowWidth = 72

    /// The whole `--help` text for a terminal of `width` columns.
    package func help(_ heading: OptionHelpHeading, width: Int) -> String {
        let width = min(max(width, Self.helpWidths.lowerBound), Self.helpWidths.upperBound)
        var lines = ["Usage: \(heading.usage)", ""]
        lines += Self.wrapped(heading.summary, width: width, indent: 0)
        lines += ["", "Examples:"]
        for example in heading.examples {
            lines += Self.wrapped("# " + example.purpose, width: width, indent: 2)
            // Not wrapped: a line to copy must stay whole.
            lines.append("  " + example.line)
        }
        lines += [""] + Self.wrapped(heading.notation, width: width, indent: 0)
        for section in sections {
            lines += ["", section.title + ":"]
            for row in section.rows { lines += Self.lines(for: row, width: width) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(for row: OptionRow, width: Int) -> [String] {
        let short = row.aliases.filter { $0.utf8.count == 1 }.map { "-\($0), " }.joined()
        let value = row.placeholder.isEmpty ? "" : " \(row.placeholder)\(row.kind.isList ? "..." : "")"
        let flag = "  \(short)--\(row.name)\(value)"
        let column = width < narrowWidth ? 8 : helpColumn
        let notes = row.helpNotes
        let text = notes.isEmpty ? row.help : "\(row.help) [\(notes.joined(separator: "; "))]"
        var lines = wrapped(text, width: width, indent: column)
        if flag.count + 2 <= column, let first = lines.first {
            lines[0] = flag + String(first.dropFirst(flag.count))
        } else {
            lines.insert(flag, at: 0)
        }
        return lines
    }

    /// `text` broken at spaces; a word longer than a line stays whole.
    private static func wrapped(_ text: String, width: Int, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines = [String]()
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, indent + line.count + 1 + word.count > width {
                lines.append(margin + line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " " + word
        }
        lines.append(margin + line)
        return lines
    }
}

extension OptionRow {
    /// Above this an upper bound only guards against overflow, and the help leaves it out.
    private static let remarkable = 1_000_000.0

    /// Default, range, variable and other names, for the brackets behind the help sentence.
    fileprivate var helpNotes: [String] {
        var notes = [String]()
        if case .choice(let words) = kind { notes.append("one of: " + words.joined(separator: ", ")) }
        switch defaultValue {
        case .bool?, nil: break
        case let value? where value.isEmptyList: break
        case let value?: notes.append("default: \(value.shown)")
        }
        if let range = rangeNote { notes.append(range) }
        if let environment { notes.append("env: \(environment)") }
        let long = aliases.filter { $0.utf8.count > 1 }.map { "--\($0)" }
        if !long.isEmpty { notes.append("also: " + long.joined(separator: ", ")) }
        return notes
    }

    private var rangeNote: String? {
        switch kind {
        case .integer(let range): Self.note(Double(range.lowerBound), Double(range.upperBound))
        case .number(let range), .duration(let range, _), .numberList(let range, _):
            Self.note(range.lowerBound, range.upperBound)
        default: nil
        }
    }

    private static func note(_ lower: Double, _ upper: Double) -> String {
        upper < remarkable
            ? "\(NumberText.shown(lower)) to \(NumberText.shown(upper))" : "at least \(NumberText.shown(lower))"
    }
}
