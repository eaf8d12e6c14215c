internal import SMGBase
internal import SMGJSON
internal import SMGParsers

/// The command line of `smg parse`, read to the end.
enum ParseCommandLine {
    /// Print the help text, exit 0.
    case help
    /// Print the parsers, exit 0.
    case list
    /// Parse an answer.
    case parse(ParseOptions)

    static func read(_ arguments: [String]) throws(ConfigurationError) -> ParseCommandLine {
        let options = arguments.prefix { $0 != "--" }
        if options.contains(where: { $0 == "--help" || $0 == "-h" }) { return .help }
        var values = OptionValues(table: ParseOptions.table)
        try values.apply(arguments: arguments)
        if values.bool("list") { return .list }
        return .parse(try ParseOptions(values))
    }

    static func help(width: Int) -> String { ParseOptions.table.help(ParseOptions.heading, width: width) }
}

/// What `smg parse` is to do.
struct ParseOptions {
    /// Bytes of the file of tools: far more than a request may have.
    private static let maximumToolsBytes = 16 << 20

    /// The file to read; nil for standard input.
    let input: String?
    let streams: Bool
    let reasoning: ReasoningEntry
    let tools: ToolParserEntry
    let toolOptions: ToolParserOptions
    let reasoningOptions: ReasoningOptions

    init(_ values: OptionValues, files: LocalFiles = .system) throws(ConfigurationError) {
        input = values.textIfAny("input").flatMap { $0 == "-" ? nil : $0 }
        streams = values.bool("stream")
        let model = values.textIfAny("model") ?? ""
        let reasoningName = values.textIfAny("reasoning-parser")
        if let name = reasoningName, ReasoningRegistry.entry(named: name) == nil {
            throw values.error(.invalidValue, "reasoning-parser", Self.unknown(name))
        }
        let toolName = values.textIfAny("tool-call-parser")
        if let name = toolName, ToolParserRegistry.entry(named: name) == nil {
            throw values.error(.invalidValue, "tool-call-parser", Self.unknown(name))
        }
        reasoning = ReasoningRegistry.entry(configured: reasoningName, model: model)
        tools = ToolParserRegistry.entry(configured: toolName, model: model)
        reasoningOptions = ReasoningOptions(started: values.bool("reasoning-started"))
        var toolOptions = ToolParserOptions()
        if let path = values.textIfAny("tools") { toolOptions.tools = try Self.tools(path, values, files) }
        toolOptions.unknownTools = values.text("unknown-tools") == "content" ? .asContent : .forward
        self.toolOptions = toolOptions
    }

    private static func unknown(_ name: String) -> String {
        "no parser is called '\(name)'; smg parse --list shows them all"
    }

    /// Reads the tools: an array as in a request, or a request that has one.
    private static func tools(
        _ path: String, _ values: OptionValues, _ files: LocalFiles
    ) throws(ConfigurationError) -> ToolSet {
        let bytes: [UInt8]
        do throws(LocalFiles.Fault) {
            bytes = try files.read(path, maximumToolsBytes)
        } catch {
            throw values.error(.unreadableFile, "tools", "\(path) \(error.explanation)")
        }
        let read: Result<ToolSet?, JSONError> = bytes.withUnsafeBytes { bytes in
            do throws(JSONError) {
                let document = try JSONSlice(parsing: bytes)
                let list = document.kind == .array ? document : document["tools"]
                return .success(list.flatMap { $0.kind == .array ? ToolSet(json: $0) : nil })
            } catch {
                return .failure(error)
            }
        }
        switch read {
        case .success(let tools?): return tools
        case .success(nil):
            throw values.error(.invalidValue, "tools", "\(path) holds neither an array of tools nor a request with one")
        case .failure(let error):
            throw values.error(.syntax, "tools", "\(path) is not JSON: \(error.message)")
        }
    }

    // MARK: - Table

    static let table = OptionTable([
        OptionSection(
            "Parsers",
            [
                OptionRow(
                    "tool-call-parser", .text, "Format of the tool calls. Not given: that of --model.",
                    placeholder: "NAME"),
                OptionRow(
                    "reasoning-parser", .text, "Manner of the reasoning. Not given: that of --model.",
                    placeholder: "NAME"),
                OptionRow(
                    "model", .text, "Model id; its parsers are taken where none is named.", placeholder: "NAME"),
                OptionRow(
                    "reasoning-started", .bool, "The prompt has opened the reasoning: the answer begins inside it."),
            ]),
        OptionSection(
            "Tools",
            [
                OptionRow(
                    "tools", .path,
                    "File with the tools of the request, or with the request: their schemas say what type a parameter "
                        + "has where the format does not."),
                OptionRow(
                    "unknown-tools", .choice(["forward", "content"]), default: "forward",
                    "What becomes of a call to a function that is not among them: a call all the same, or content."),
            ]),
        OptionSection(
            "Input and output",
            [
                OptionRow("input", .path, "File with the model's answer. Not given, or -: standard input."),
                OptionRow("stream", .bool, "Print each event as it comes, one JSON object a line."),
            ]),
        OptionSection(
            "Command",
            [
                OptionRow("list", .bool, "Print the parsers with their aliases, then exit.", scope: .command),
                OptionRow("help", .bool, "Print this text, then exit.", aliases: ["h"], scope: .command),
            ]),
    ])

    static let heading = OptionHelpHeading(
        usage: "smg parse [options]",
        summary: "Takes a model's answer apart as the gateway does: into the text for the reader, the reasoning, and "
            + "the tool calls. The result is one line of JSON with content, reasoning_content, tool_calls as in the "
            + "OpenAI API, and complete: false when a call was cut off or its arguments are not valid JSON.",
        notation:
            "A value follows its flag behind a space or an equals sign. The answer is read as it is: the text that "
            + "the tokenizer gives, special tokens included.",
        examples: [
            ("what is in an answer of Qwen3", "smg parse --model Qwen/Qwen3-8B --input answer.txt"),
            (
                "parameters by the schemas of the tools",
                "smg parse --tool-call-parser qwen_coder --tools tools.json < answer.txt"
            ),
            (
                "events as the answer comes",
                "generate | smg parse --stream --reasoning-parser deepseek_r1 --tool-call-parser deepseek"
            ),
        ])
}
