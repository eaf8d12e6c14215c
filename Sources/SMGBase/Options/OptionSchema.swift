/// The table as data: a JSON Schema for documents, and a listing for the generators of language bindings.
extension OptionTable {
    /// A JSON Schema (draft 2020-12) of the configuration document. The `x-` keywords carry what the schema language
    /// has no word for: section, flag, aliases, environment variable and unit.
    package func schema(title: String) -> String {
        var properties = [(key: String, value: String)]()
        for section in sections {
            for row in section.rows where row.scope == .configuration {
                let members = row.schemaMembers + row.annotations(section: section.title)
                properties.append((row.key, JSONText.object(members, indent: "    ")))
            }
        }
        let root: [(key: String, value: String)] = [
            ("$schema", JSONText.quoted("https://json-schema.org/draft/2020-12/schema")),
            ("title", JSONText.quoted(title)),
            ("type", JSONText.quoted("object")),
            ("additionalProperties", "false"),
            ("properties", JSONText.object(properties, indent: "  ")),
        ]
        return JSONText.object(root, indent: "") + "\n"
    }

    /// Every row, command-line-only ones included, as a JSON list of objects with name, key, type, default, bounds,
    /// section, help, aliases, environment variable and scope.
    package func listing() -> String {
        var rows = [String]()
        for section in sections {
            for row in section.rows {
                var members: [(key: String, value: String)] = [
                    ("name", JSONText.quoted(row.name)),
                    ("key", JSONText.quoted(row.key)),
                    ("kind", JSONText.quoted(row.kind.label)),
                    ("scope", JSONText.quoted(row.scope == .command ? "command" : "configuration")),
                    ("placeholder", JSONText.quoted(row.placeholder)),
                ]
                members += row.schemaMembers + row.annotations(section: section.title)
                rows.append("  " + JSONText.object(members, indent: "  "))
            }
        }
        return "[\n" + rows.joined(separator: ",\n") + "\n]\n"
    }
}

extension OptionKind {
    /// The kind's name in listings.
    fileprivate var label: String {
        switch self {
        case .bool: "bool"
        case .integer: "integer"
        case .number: "number"
        case .duration: "duration"
        case .text: "text"
        case .path: "path"
        case .choice: "choice"
        case .textList: "text_list"
        case .numberList: "number_list"
        }
    }
}

extension OptionRow {
    /// Type, bounds, default and description, in the schema's words.
    fileprivate var schemaMembers: [(key: String, value: String)] {
        var members: [(key: String, value: String)] = [
            ("type", typeName), ("description", JSONText.quoted(help)),
        ]
        if let defaultValue { members.append(("default", defaultValue.json)) }
        switch kind {
        case .integer(let range):
            members += [("minimum", String(range.lowerBound)), ("maximum", String(range.upperBound))]
        case .number(let range), .duration(let range, _): members += Self.bounds(range)
        case .choice(let words): members.append(("enum", JSONText.list((words.map(JSONText.quoted)) + ["null"])))
        case .text, .path: members += Self.textBounds
        case .textList(let maximum):
            let items: [(key: String, value: String)] = [("type", JSONText.quoted("string"))] + Self.textBounds
            members += [("items", JSONText.object(items, indent: "      ")), ("maxItems", String(maximum))]
        case .numberList(let range, let maximum):
            let items: [(key: String, value: String)] = [("type", JSONText.quoted("number"))] + Self.bounds(range)
            members += [("items", JSONText.object(items, indent: "      ")), ("maxItems", String(maximum))]
        case .bool: break
        }
        if isSecret { members.append(("writeOnly", "true")) }
        return members
    }

    /// A null stands for the default everywhere.
    private var typeName: String {
        let name =
            switch kind {
            case .bool: "boolean"
            case .integer: "integer"
            case .number, .duration: "number"
            case .text, .path, .choice: "string"
            case .textList, .numberList: "array"
            }
        return JSONText.list([JSONText.quoted(name), JSONText.quoted("null")])
    }

    private static let textBounds: [(key: String, value: String)] = [
        ("minLength", "1"), ("maxLength", String(OptionLimits.maximumTextBytes)),
    ]

    private static func bounds(_ range: ClosedRange<Double>) -> [(key: String, value: String)] {
        [("minimum", NumberText.shown(range.lowerBound)), ("maximum", NumberText.shown(range.upperBound))]
    }

    fileprivate func annotations(section: String) -> [(key: String, value: String)] {
        var members: [(key: String, value: String)] = [
            ("x-section", JSONText.quoted(section)), ("x-flag", JSONText.quoted("--\(name)")),
        ]
        if case .duration(_, let unit) = kind { members.append(("x-unit", JSONText.quoted(unit.rawValue))) }
        if !aliases.isEmpty { members.append(("x-aliases", JSONText.list(aliases.map(JSONText.quoted)))) }
        if let environment { members.append(("x-environment", JSONText.quoted(environment))) }
        return members
    }
}
