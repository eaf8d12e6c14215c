package import SMGBase

/// The command line of `smg launch`, read to the end: what to do, and with which configuration.
package enum LaunchCommand: Sendable {
    /// `--help`: print the help text for the terminal's width, exit 0.
    case help
    /// `--version`: print the version, exit 0.
    case version
    /// `--check-config`: the configuration is valid; print its warnings, exit 0.
    case check(GatewayConfiguration)
    /// `--print-config`: print this text, exit 0.
    case printConfiguration(String)
    /// Start the gateway.
    case launch(GatewayConfiguration)

    /// Reads the arguments behind `smg launch`. Errors are for stderr, behind `smg launch: `, with exit status 2.
    package static func read(
        _ arguments: [String], environment: (String) -> String? = { _ in nil }, files: LocalFiles = .system
    ) throws(ConfigurationError) -> LaunchCommand {
        // Whoever asks for help gets it, whatever else is wrong with the line.
        let options = arguments.prefix { $0 != "--" }
        if options.contains(where: { $0 == "--help" || $0 == "-h" }) { return .help }
        if options.contains(where: { $0 == "--version" || $0 == "-V" }) { return .version }
        var values = OptionValues(table: GatewayOptions.table)
        try values.apply(arguments: arguments)
        if let path = values.textIfAny("config") { try values.apply(file: path, files: files) }
        try values.apply(environment: environment)
        let configuration = try GatewayConfiguration(values, files: files)
        if values.bool("print-config") { return .printConfiguration(values.dumpYAML()) }
        return values.bool("check-config") ? .check(configuration) : .launch(configuration)
    }

    /// The `--help` text, wrapped to `width` columns.
    package static func help(width: Int) -> String { GatewayOptions.table.help(heading, width: width) }

    private static let heading = OptionHelpHeading(
        usage: "smg launch [options]",
        summary: "Starts the gateway: it stands in front of inference servers that speak the OpenAI or SGLang API, "
            + "chooses one for each request, and relays the answer.",
        notation: "A value follows its flag behind a space or an equals sign. Flags with ... take several values, and "
            + "add to each other when repeated. Flags without a value are switches; --flag=false turns one off that a "
            + "file has turned on.",
        examples: [
            (
                "two workers, requests with a common prefix kept together",
                "smg launch --worker-urls http://10.0.0.1:8000 http://10.0.0.2:8000"
            ),
            (
                "everything in a file, one option changed; look before you start",
                "smg launch --config gateway.yaml --policy round_robin --print-config"
            ),
            (
                "a key for clients, and HTTPS",
                "SMG_API_KEY=... smg launch --config gateway.yaml --tls-cert-path a.crt --tls-key-path a.key"
            ),
            (
                "at most 256 requests in flight, others wait for up to 30 seconds",
                "smg launch --worker-urls http://10.0.0.1:8000 --max-concurrent-requests 256 --queue-timeout-secs 30"
            ),
        ])
}
