/// A configuration document as its reader saw it, before options give its scalars their types.
package struct DocumentNode: Sendable {
    package enum Content: Sendable {
        /// A scalar without quotes: a number, a word, `true`, `null`.
        case plain(String)
        /// A scalar between quotes: always text.
        case quoted(String)
        case list([DocumentNode])
        case mapping([Member])
    }

    /// One key and its value.
    package struct Member: Sendable {
        package let key: String
        /// The key's line, from 1.
        package let line: Int
        package let value: DocumentNode

        package init(key: String, line: Int, value: DocumentNode) {
            self.key = key
            self.line = line
            self.value = value
        }
    }

    package let content: Content
    /// The line the node begins on, from 1.
    package let line: Int

    package init(_ content: Content, line: Int) {
        self.content = content
        self.line = line
    }

    /// No value at all: an explicit null, or nothing behind a key.
    var isNull: Bool {
        guard case .plain(let text) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }
}

/// How much a document's language leaves to the reader's guess.
package enum DocumentRules: Sendable {
    /// Text needs quotes; only `true`, `false` and numbers go without.
    case json
    /// Text may go without quotes, and switches may be written as `yes`, `no`, `on` and `off`.
    case yaml
}

/// Reading a document into a table's options.
extension OptionValues {
    /// Takes the members of `root` as options. `name` is the file's path, or what to call a document without one.
    /// A null leaves the option as it is. Unknown and repeated keys are errors.
    package mutating func apply(
        document root: DocumentNode, name: String, rules: DocumentRules
    ) throws(ConfigurationError) {
        if root.isNull, rules == .yaml { return }
        guard case .mapping(let members) = root.content else {
            throw ConfigurationError(
                .syntax, option: "", origin: .document(name: name, line: root.line),
                message: "must be a mapping of option names to values")
        }
        var seen = Set<String>()
        for member in members {
            let origin = OptionOrigin.document(name: name, line: member.line)
            guard let row = table.row(key: member.key) else { throw table.unknown(member.key, at: origin) }
            guard row.scope == .configuration else {
                throw ConfigurationError(
                    .unavailableOption, option: row.name, origin: origin, message: "only allowed on the command line")
            }
            guard seen.insert(row.name).inserted else {
                throw ConfigurationError(.duplicate, option: row.name, origin: origin, message: "given twice")
            }
            guard !member.value.isNull else { continue }
            set(row, to: try value(of: row, in: member.value, name: name, rules: rules), from: origin)
        }
    }

    private func value(
        of row: OptionRow, in node: DocumentNode, name: String, rules: DocumentRules
    ) throws(ConfigurationError) -> OptionValue {
        guard row.kind.isList else { return try scalar(row, node, name, rules) }
        guard case .list(let elements) = node.content else {
            throw fault("must be a list").located(row.name, .document(name: name, line: node.line))
        }
        var list = row.emptyList
        for element in elements {
            let value = try scalar(row, element, name, rules)
            do { list = try row.appending(value, to: list) } catch {
                throw error.located(row.name, .document(name: name, line: element.line))
            }
        }
        return list
    }

    private func scalar(
        _ row: OptionRow, _ node: DocumentNode, _ name: String, _ rules: DocumentRules
    ) throws(ConfigurationError) -> OptionValue {
        do { return try scalar(row, node.content, rules) } catch {
            throw error.located(row.name, .document(name: name, line: node.line))
        }
    }

    private func scalar(
        _ row: OptionRow, _ content: DocumentNode.Content, _ rules: DocumentRules
    ) throws(OptionFault) -> OptionValue {
        switch content {
        case .plain(let text): return try row.value(of: plain(text, row, rules))
        case .quoted(let text):
            guard row.kind.isText else { throw fault("is text, must be \(row.kind.noun) without quotes") }
            return try row.value(of: text)
        case .list: throw fault("is a list, must be \(row.kind.noun)")
        case .mapping: throw fault("is a mapping, must be \(row.kind.noun)")
        }
    }

    /// Checks what a scalar without quotes may mean. A refused text is not repeated: it could be a secret.
    private func plain(_ text: String, _ row: OptionRow, _ rules: DocumentRules) throws(OptionFault) -> String {
        if row.kind.isText {
            guard rules == .yaml else { throw fault("must be \(row.kind.noun) between quotes") }
            return text
        }
        guard case .bool = row.kind else { return text }
        let words = rules == .json ? ["true", "false"] : ["true", "false", "yes", "no", "on", "off"]
        guard words.contains(rules == .json ? text : Suggestion.folded(text)) else {
            throw fault("must be true or false")
        }
        return text
    }

    private func fault(_ message: String) -> OptionFault { OptionFault(.invalidValue, message) }
}

extension OptionKind {
    /// Whether values, or the elements of a list, are text.
    fileprivate var isText: Bool {
        switch self {
        case .text, .path, .choice, .textList: true
        case .bool, .integer, .number, .duration, .numberList: false
        }
    }

    /// One value, or one element, in words.
    fileprivate var noun: String {
        switch self {
        case .bool: "true or false"
        case .integer: "a whole number"
        case .number, .duration, .numberList: "a number"
        case .text, .path, .choice, .textList: "text"
        }
    }
}
