package import SMGBase
internal import SMGNet

/// The command line of `smg worker`.
package enum WorkerCommandLine: Sendable {
    /// Print the help text, exit 0.
    case help
    /// Start these engines, on this many event loops.
    case start([SimulatedEngineOptions], eventLoops: Int)

    /// Reads the arguments behind `smg worker`.
    package static func read(
        _ arguments: [String], environment: (String) -> String? = { _ in nil }
    ) throws(ConfigurationError) -> WorkerCommandLine {
        let options = arguments.prefix { $0 != "--" }
        if options.contains(where: { $0 == "--help" || $0 == "-h" }) { return .help }
        var values = OptionValues(table: WorkerOptions.table)
        try values.apply(arguments: arguments)
        try values.apply(environment: environment)
        let count = values.integer("count")
        var engines: [SimulatedEngineOptions] = []
        for index in 0..<count { engines.append(try WorkerOptions.engine(index, of: count, values)) }
        return .start(engines, eventLoops: values.integer("event-loops"))
    }

    /// The `--help` text, wrapped to `width` columns.
    package static func help(width: Int) -> String { WorkerOptions.table.help(WorkerOptions.heading, width: width) }
}

/// The options of `smg worker`, one row each.
enum WorkerOptions {
    /// Engines of one process: more than a gateway is ever tested with on one machine.
    private static let maximumCount = 4096

    static let table = OptionTable([listening, engine, faults, command])

    private static let listening = OptionSection(
        "Listening",
        [
            OptionRow("host", .text, default: "127.0.0.1", "Address to listen on.", placeholder: "ADDRESS"),
            OptionRow(
                "port", .integer(0...65535), default: 0,
                "Port of the first worker, the others follow; 0 takes any free ports.", placeholder: "PORT"),
            OptionRow("unix-socket", .path, "Listen on a Unix socket at this path instead; for one worker."),
            OptionRow("count", .integer(1...maximumCount), default: 1, "Workers to start in this process."),
            OptionRow("event-loops", .integer(0...256), default: 1, "Threads they share; 0 takes one per core."),
            OptionRow(
                "api-key", .text, "Key that requests must carry, except health checks and /sim/ paths.",
                placeholder: "KEY", environment: "SMG_WORKER_API_KEY", secret: true),
        ])

    private static let engine = OptionSection(
        "Engine",
        [
            OptionRow("model", .text, default: "sim-model", "Name of the model served.", placeholder: "NAME"),
            OptionRow(
                "name", .text,
                "What answers carry in x-sim-worker, with -0, -1, ... behind it if there are several workers. Not "
                    + "given: the address.",
                placeholder: "NAME"),
            OptionRow(
                "prefill-tokens-per-sec", .number(0...EngineLimits.maximumRate), default: 0,
                "Prompt tokens read a second, by all requests of a worker in turn; 0 takes no time."),
            OptionRow(
                "decode-tokens-per-sec", .number(0...EngineLimits.maximumRate), default: 0,
                "Answer tokens a second of each running request; 0 takes no time."),
            OptionRow(
                "max-running", .integer(1...EngineLimits.maximumRequests), default: 256, "Requests run at once."),
            OptionRow(
                "max-queue", .integer(0...EngineLimits.maximumRequests), default: 4096,
                "Requests that wait for that; more are answered 503."),
            OptionRow(
                "kv-blocks", .integer(1...EngineLimits.maximumBlocks), default: 65_536,
                "Blocks of the KV cache. Running requests hold theirs; what the others hold is the prefix cache."),
            OptionRow(
                "block-size", .integer(1...EngineLimits.maximumBlockSize), default: 16,
                "Tokens in a block. A prompt has a token for each four bytes of text, or for each id."),
        ])

    private static let faults = OptionSection(
        "Faults (also at run time: POST the same names with underscores as JSON to /sim/fault)",
        [
            OptionRow(
                "fault-count", .integer(0...EngineLimits.maximumRequests),
                "Requests the faults are for; not given: all. Health and accept faults stay. The JSON member is count."),
            OptionRow("status", .integer(200...599), "Answer with this status and an error."),
            OptionRow("error-rate", .number(0...1), default: 0, "Share of requests to answer with --error-status."),
            OptionRow("error-status", .integer(200...599), default: 500, "The status of --error-rate."),
            OptionRow("delay-ms", pause, default: 0, "Wait this long before a request is looked at."),
            OptionRow("stall-before-head", .bool, "Never begin an answer."),
            OptionRow("slow-head-ms", pause, default: 0, "Pause this long behind each byte of an answer's head."),
            OptionRow("stall-after-tokens", tokens, "Fall silent after this many tokens."),
            OptionRow("cut-after-tokens", tokens, "Break the connection after this many tokens."),
            OptionRow("cut-before-head", .bool, "Break the connection instead of answering."),
            OptionRow("reset", .bool, "Break connections with a reset instead of an orderly close."),
            OptionRow("malformed-head", .bool, "Answer with something that is not HTTP."),
            OptionRow(
                "length-mismatch", .bool,
                "Send less than the announced length; in a stream, more than the announced chunk."),
            OptionRow("close-reused", .bool, "Close a connection without a word at its second request."),
            OptionRow("drop-connections", .bool, "Close connections as soon as they are accepted."),
            OptionRow("unhealthy", .bool, "Answer health checks with 503."),
        ])

    private static let command = OptionSection(
        "Command", [OptionRow("help", .bool, "Print this text, then exit.", aliases: ["h"], scope: .command)])

    private static let pause = OptionKind.duration(0...3_600_000, unit: .milliseconds)
    private static let tokens = OptionKind.integer(0...EngineLimits.maximumAnswerTokens)

    static let heading = OptionHelpHeading(
        usage: "smg worker [options]",
        summary: "Starts simulated inference engines: they speak the OpenAI, Anthropic and SGLang APIs, answer with "
            + "words made from the prompt's hash, and queue, cache prefixes and take their time like real ones. For "
            + "trying the gateway, testing clients, and measuring routing policies without a GPU. Each prints "
            + "'smg worker listening on URL model=NAME' when it is ready; SIGINT or SIGTERM ends them all.",
        notation: "A value follows its flag behind a space or an equals sign. GET /sim/stats shows what a worker has "
            + "seen, GET /sim/wait?completed=3 waits for it, POST /sim/fault makes it misbehave.",
        examples: [
            ("four workers on free ports", "smg worker --count 4"),
            (
                "one that behaves like a small GPU: 8,000 prompt tokens a second, 60 tokens a second and request",
                "smg worker --port 8000 --prefill-tokens-per-sec 8000 --decode-tokens-per-sec 60 --max-running 32"
            ),
            (
                "a small cache, to see evictions: 1,000 blocks of 16 tokens",
                "smg worker --kv-blocks 1000 --block-size 16"
            ),
            ("every tenth request fails", "smg worker --error-rate 0.1 --error-status 503"),
        ])

    // MARK: - Reading

    static func engine(_ index: Int, of count: Int, _ values: OptionValues) throws(ConfigurationError)
        -> SimulatedEngineOptions
    {
        var options = SimulatedEngineOptions()
        options.address = try address(index, of: count, values)
        if let name = values.textIfAny("name") { options.name = count > 1 ? "\(name)-\(index)" : name }
        options.model = values.text("model")
        options.apiKey = values.secretIfAny("api-key")
        options.engine.prefillTokensPerSecond = values.number("prefill-tokens-per-sec")
        options.engine.decodeTokensPerSecond = values.number("decode-tokens-per-sec")
        options.engine.maxRunning = values.integer("max-running")
        options.engine.maxQueue = values.integer("max-queue")
        options.engine.kvBlocks = values.integer("kv-blocks")
        options.engine.blockSize = values.integer("block-size")
        options.faults = faultPlan(values)
        // Workers that fail at a rate shall not fail in step.
        options.seed = UInt64(index) + 1
        return options
    }

    private static func faultPlan(_ values: OptionValues) -> FaultPlan {
        var plan = FaultPlan()
        plan.count = values.integerIfAny("fault-count")
        plan.status = values.integerIfAny("status")
        plan.errorRate = values.number("error-rate")
        plan.errorStatus = values.integer("error-status")
        plan.delay = values.duration("delay-ms")
        plan.stallBeforeHead = values.bool("stall-before-head")
        plan.slowHead = values.duration("slow-head-ms")
        plan.stallAfterTokens = values.integerIfAny("stall-after-tokens")
        plan.cutAfterTokens = values.integerIfAny("cut-after-tokens")
        plan.cutBeforeHead = values.bool("cut-before-head")
        plan.reset = values.bool("reset")
        plan.malformedHead = values.bool("malformed-head")
        plan.lengthMismatch = values.bool("length-mismatch")
        plan.closeReused = values.bool("close-reused")
        plan.dropConnections = values.bool("drop-connections")
        plan.unhealthy = values.bool("unhealthy")
        return plan
    }

    private static func address(
        _ index: Int, of count: Int, _ values: OptionValues
    ) throws(ConfigurationError) -> SocketAddress {
        if let path = values.textIfAny("unix-socket") {
            guard count == 1 else {
                throw values.error(.conflict, "unix-socket", "is for one worker, not \(count)")
            }
            guard let address = SocketAddress(unixPath: path) else {
                throw values.error(
                    .invalidValue, "unix-socket", "is longer than \(SocketAddress.maxUnixPathBytes) bytes")
            }
            return address
        }
        let first = values.integer("port")
        let port = first == 0 ? 0 : first + index
        guard port <= 65535 else {
            throw values.error(.outOfRange, "count", "the ports from \(first) on do not reach for \(count) workers")
        }
        let host = values.text("host")
        let literal = host == "localhost" ? "127.0.0.1" : host
        guard let address = SocketAddress(literal: literal, port: UInt16(port)) else {
            throw values.error(.invalidValue, "host", "must be an IP address or localhost")
        }
        return address
    }
}
