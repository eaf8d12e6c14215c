/// One option: everything the command line, files, the schema, the help and the language bindings know about it.
package struct OptionRow: Sendable {
    /// Where an option may be given.
    package enum Scope: Sendable {
        /// Everywhere: it is part of the configuration.
        case configuration
        /// On the command line only: it says what to do with the configuration.
        case command
    }

    /// The flag without its dashes: `worker-urls`.
    package let name: String
    package let kind: OptionKind
    /// Nil when the option has no value unless somebody gives one.
    package let defaultValue: OptionValue?
    /// One or two sentences: what the option does and what special values mean.
    package let help: String
    /// The value's stand-in in help texts.
    package let placeholder: String
    /// The environment variable that sets the option, if any.
    package let environment: String?
    /// Whether the value is redacted wherever it could be seen.
    package let isSecret: Bool
    /// Other names of the flag; a name of one letter is a short flag (`-h`).
    package let aliases: [String]
    package let scope: Scope

    package init(
        _ name: String, _ kind: OptionKind, default defaultValue: OptionValue? = nil, _ help: String,
        placeholder: String? = nil, environment: String? = nil, secret: Bool = false, aliases: [String] = [],
        scope: Scope = .configuration
    ) {
        self.name = name
        self.kind = kind
        self.defaultValue = OptionRow.normalized(defaultValue, for: kind)
        self.help = help
        self.placeholder = placeholder ?? kind.placeholder
        self.environment = environment
        self.isSecret = secret
        self.aliases = aliases
        self.scope = scope
    }

    /// The name in files and documents: `worker_urls`.
    package var key: String { OptionRow.key(of: name) }

    static func key(of name: String) -> String {
        String(decoding: name.utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
    }

    /// Switches and lists always have a value; a whole number is a fine default for a decimal option.
    private static func normalized(_ value: OptionValue?, for kind: OptionKind) -> OptionValue? {
        switch (kind, value) {
        case (.bool, nil): .bool(false)
        case (.textList, nil): .texts([])
        case (.numberList, nil): .numbers([])
        case (.number, .integer(let whole)), (.duration, .integer(let whole)): .number(Double(whole))
        default: value
        }
    }
}

/// Options that belong together, under one heading in the help.
package struct OptionSection: Sendable {
    package let title: String
    package let rows: [OptionRow]

    package init(_ title: String, _ rows: [OptionRow]) {
        self.title = title
        self.rows = rows
    }
}
