/// One row of the registry: a format of tool calls, its names and the models that write it.
package struct ToolParserEntry: Sendable {
    /// The name `--tool-call-parser` takes.
    package let name: String
    /// Other names it takes.
    package let aliases: [String]
    /// Model patterns: the stem, without the `*`.
    package let models: [String]
    /// Makes the parser of one choice.
    package let make: @Sendable (ToolParserOptions) -> StreamParser

    package init(
        _ name: String, aliases: [String] = [], models: [String] = [],
        make: @escaping @Sendable (ToolParserOptions) -> StreamParser
    ) {
        self.name = name
        self.aliases = aliases
        self.models = models
        self.make = make
    }
}

/// How a model's id is compared with the patterns.
package enum ModelMatching: Sendable {
    /// The pattern begins the id, letters by case. As gateways of the 0.2 line did.
    case prefix
    /// The pattern stands anywhere in the id, ASCII letters without case.
    case anywhere
}
