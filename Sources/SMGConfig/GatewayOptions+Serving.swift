internal import SMGBase

/// The side clients see: listeners, access, limits, timeouts, and the connections to workers behind it.
extension GatewayOptions {
    static let server = OptionSection(
        "Server",
        [
            OptionRow(
                "host", .text, default: "0.0.0.0", "Address or name to listen on.", placeholder: "HOST"),
            OptionRow(
                "port", .integer(0...65535), default: 30_000,
                "Port to listen on; 0 takes any free port, as tests need it.", placeholder: "PORT"),
            OptionRow("unix-socket", .path, "Listen on a Unix socket at this path instead of a host and port."),
            OptionRow(
                "event-loops", .integer(0...256), default: 0, "Threads that serve requests; 0 takes one per core."),
            OptionRow(
                "max-connections", .integer(1...10_000_000), default: 16_384,
                "Client connections open at once; more are refused."),
            OptionRow(
                "max-payload-size", .integer(1...1 << 40), default: 536_870_912, "Largest request body.",
                placeholder: "BYTES"),
            OptionRow(
                "request-id-headers", .textList(maximum: 16),
                default: ["x-request-id", "x-correlation-id", "x-trace-id", "request-id"],
                "Headers that may carry the id of a request; the first one present is taken.", placeholder: "NAME"),
            OptionRow(
                "cors-allowed-origins", .textList(maximum: 1000),
                "Origins whose web pages may call the gateway, such as https://chat.example.com. None given: any.",
                placeholder: "ORIGIN"),
            OptionRow(
                "shutdown-grace-period-secs", secondsOrZero, default: 180,
                "How long requests in flight may take to end after SIGTERM or SIGINT."),
        ])

    static let access = OptionSection(
        "Access and TLS",
        [
            OptionRow(
                "api-key", .text,
                "Key that clients must send, and that is sent to the workers listed here. Prefer the variable or a "
                    + "file: other users of the machine can see a command line.",
                placeholder: "KEY", environment: "SMG_API_KEY", secret: true),
            OptionRow("tls-cert-path", .path, "Certificate chain (PEM) to serve HTTPS with; needs --tls-key-path."),
            OptionRow("tls-key-path", .path, "Private key (PEM) of --tls-cert-path."),
            OptionRow(
                "client-cert-path", .path, "Certificate (PEM) to show to https workers; needs --client-key-path."),
            OptionRow("client-key-path", .path, "Private key (PEM) of --client-cert-path."),
            OptionRow(
                "ca-cert-paths", .textList(maximum: 100),
                "Certificate authorities (PEM) to trust for https workers, besides the system's.", placeholder: "PATH"),
        ])

    static let limits = OptionSection(
        "Limits",
        [
            OptionRow(
                "max-concurrent-requests", .integer(-1...maximumCount), default: -1,
                "Requests in flight at once, to all workers together; -1 or 0 sets no limit."),
            OptionRow(
                "queue-size", .integer(0...maximumCount), default: 100,
                "Requests that may wait while the limit is reached; 0 refuses them at once."),
            OptionRow(
                "queue-timeout-secs", secondsOrZero, default: 60, "How long a request may wait in that queue."),
            OptionRow(
                "rate-limit-tokens-per-second", .integer(0...maximumCount),
                "Requests admitted per second, with bursts up to --max-concurrent-requests; 0 or none limits the "
                    + "requests in flight alone."),
        ])

    static let timeouts = OptionSection(
        "Timeouts",
        [
            OptionRow(
                "request-timeout-secs", positiveSeconds, default: 1800,
                "How long a worker may take for one request, its whole answer included."),
            OptionRow(
                "connect-timeout-secs", positiveSeconds, default: 10, "How long connecting to a worker may take."),
            OptionRow(
                "first-byte-timeout-secs", positiveSeconds,
                "How long a worker may take to begin its answer; not given: as long as the whole request may take."),
            OptionRow(
                "stream-body-stall-timeout-secs", secondsOrZero, default: 300,
                "Longest silence of a worker inside an answer; 0 waits for ever."),
            OptionRow(
                "sse-keepalive-secs", secondsOrZero, default: 15,
                "Silence after which an event stream gets a comment, so that proxies keep it open; 0 sends none."),
            OptionRow(
                "header-read-timeout-secs", positiveSeconds, default: 30,
                "How long a client may take to send the head of a request."),
            OptionRow(
                "body-read-stall-timeout-secs", positiveSeconds, default: 30,
                "Longest silence of a client inside a request body."),
            OptionRow(
                "idle-connection-timeout-secs", positiveSeconds, default: 90,
                "How long a client connection may stay open without a request."),
        ])

    static let upstream = OptionSection(
        "Connections to workers",
        [
            OptionRow(
                "upstream-http2", .bool, "Talk HTTP/2 to workers. They must support it."),
            OptionRow(
                "upstream-max-connections", .integer(1...1_000_000), default: 1024,
                "Connections to one worker, per event loop."),
            OptionRow(
                "upstream-pool-idle-timeout-secs", positiveSeconds, default: 3,
                "How long an idle connection is kept. Stay below the worker's own limit, often 5 seconds."),
        ])

    static let observability = OptionSection(
        "Observability",
        [
            OptionRow(
                "log-level", .choice(LogLevel.allCases.map(\.rawValue)), default: "info",
                "Least severe messages to log.",
                environment: "SMG_LOG_LEVEL"),
            OptionRow("log-json", .bool, "Log one JSON object per line instead of text."),
            OptionRow(
                "prometheus-host", .text, default: "0.0.0.0", "Address to serve metrics on.", placeholder: "HOST"),
            OptionRow(
                "prometheus-port", .integer(0...65535), default: 29_000,
                "Port to serve metrics on; 0 takes any free port.", placeholder: "PORT"),
            OptionRow(
                "prometheus-duration-buckets", .numberList(0.000_001...OptionLimits.maximumSeconds, maximum: 64),
                default: .numbers([
                    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 45, 60, 90, 120, 180, 240,
                ]),
                "Upper bounds of the duration histograms, rising.", placeholder: "SECONDS"),
        ])
}

/// Severities of log messages, least severe first.
package enum LogLevel: String, Sendable, CaseIterable {
    case debug, info, warn, error
}
