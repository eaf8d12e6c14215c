import SMGBase
import SMGConfig
import Testing

/// Values each option takes and values it refuses. A row without an entry here fails `everyRowIsCovered`.
struct RowCase: Sendable, CustomTestStringConvertible {
    let name: String
    let accepts: [String]
    let rejects: [String]
    /// Arguments without which the option makes no sense.
    var beside: [String] = []

    var testDescription: String { name }

    init(_ name: String, _ accepts: [String], not rejects: [String], beside: [String] = []) {
        self.name = name
        self.accepts = accepts
        self.rejects = rejects
        self.beside = beside
    }
}

private let switches = ["true", "false", "yes", "no", "on", "off", "1", "0", "TRUE"]
private let notSwitches = ["", "maybe", "2", "tru"]
private let positive = ["0.001", "1", "2.5", "1e3", "315360000"]
private let notPositive = ["0", "-1", "315360001", "1e99", "x", "", "1s", "NaN", "inf", "0x10", "01", ".5", "1."]
private let zeroOrMore = ["0", "0.5", "315360000"]
private let notZeroOrMore = ["-0.1", "315360001", "x", ""]

let rowCases: [RowCase] = [
    RowCase(
        "worker-urls", ["http://a", "https://a:1/x"],
        not: ["a:1", "ftp://a", "grpc://a:1", "http://", "http://a:0", "http://u:p@a", "http://a?x", "", "http://a b"]),
    RowCase("worker-startup-timeout-secs", positive, not: notPositive),
    RowCase("worker-startup-check-interval", positive, not: notPositive),
    RowCase("drain-settle-secs", zeroOrMore, not: notZeroOrMore),
    RowCase("remove-unhealthy-workers", switches, not: notSwitches),
    RowCase(
        "policy", ["random", "round_robin", "power_of_two", "cache_aware"],
        not: ["", "Random", "round-robin", "bucket", "prefix_hash"]),
    RowCase("cache-threshold", ["0", "0.3", "1", "1.0"], not: ["-0.1", "1.1", "x", "", "1e400"]),
    RowCase("balance-abs-threshold", ["0", "64", "1000000000"], not: ["-1", "1.5", "1e2", "1000000001", ""]),
    RowCase("balance-rel-threshold", ["1", "1.5", "1000000"], not: ["0.99", "-1", "", "x"]),
    RowCase("max-tree-size", ["1", "67108864"], not: ["0", "-1", "1.5", "99999999999999999999"]),
    RowCase("eviction-interval-secs", positive, not: notPositive),
    RowCase("model-path", ["org/model", "/models/m"], not: [""]),
    RowCase("tokenizer-path", ["org/model", "/t/tokenizer.json"], not: [""]),
    RowCase("chat-template", ["/c.pem"], not: ["", "/none.pem"], beside: ["--tokenizer-path", "t"]),
    RowCase("tokenizer-cache-enable-l0", switches, not: notSwitches),
    RowCase("tokenizer-cache-l0-max-entries", ["1", "10000000"], not: ["0", "10000001"]),
    RowCase("tokenizer-cache-enable-l1", switches, not: notSwitches),
    RowCase("tokenizer-cache-l1-max-memory", ["65536", "1099511627776"], not: ["65535", "1GB"]),
    RowCase("routing-tokens", switches, not: notSwitches, beside: ["--model-path", "m"]),
    RowCase(
        "host", ["0.0.0.0", "::", "[::1]", "localhost", "a.b-c.d_e"],
        not: ["", "a b", "[::", "1.2.3", "300.1.1.1", "-a"]),
    RowCase("port", ["0", "1", "65535"], not: ["-1", "65536", "080", "1.0", "http", "", "99999999999999999999"]),
    RowCase("unix-socket", ["/run/smg.sock"], not: ["", String(repeating: "x", count: 108)]),
    RowCase("event-loops", ["0", "1", "256"], not: ["-1", "257", ""]),
    RowCase("max-connections", ["1", "10000000"], not: ["0", "10000001"]),
    RowCase("max-payload-size", ["1", "1099511627776"], not: ["0", "-1", "1099511627777", "1MB"]),
    RowCase("request-id-headers", ["x-id", "X-Id"], not: ["", "a b", "a:b", "ä"]),
    RowCase(
        "cors-allowed-origins",
        ["*", "null", "https://a.example", "http://localhost:3000", "https://[::1]:1", "vscode-webview://x"],
        not: ["", "a.example", "https://a/", "https://a/b", "https://a:0", "https://u@a", "://a"]),
    RowCase("shutdown-grace-period-secs", zeroOrMore, not: notZeroOrMore),
    RowCase("api-key", ["k", "sk-123=", "a\"b"], not: ["", "a b", "a\nb", "ä", "[redacted]"]),
    RowCase("tls-cert-path", ["/c.pem"], not: ["", "/none.pem"], beside: ["--tls-key-path", "/k.pem"]),
    RowCase("tls-key-path", ["/k.pem"], not: ["", "/none.pem"], beside: ["--tls-cert-path", "/c.pem"]),
    RowCase("client-cert-path", ["/c.pem"], not: ["", "/none.pem"], beside: ["--client-key-path", "/k.pem"]),
    RowCase("client-key-path", ["/k.pem"], not: ["", "/none.pem"], beside: ["--client-cert-path", "/c.pem"]),
    RowCase("ca-cert-paths", ["/a.pem"], not: ["", "/none.pem"]),
    RowCase("max-concurrent-requests", ["-1", "0", "1", "1000000000"], not: ["-2", "x", ""]),
    RowCase("queue-size", ["0", "1"], not: ["-1", "x"]),
    RowCase("queue-timeout-secs", ["0.001", "60"], not: ["0", "-1", "x"]),
    RowCase("rate-limit-tokens-per-second", ["0", "1"], not: ["-1", "0.5", "x"]),
    RowCase("request-timeout-secs", positive, not: notPositive),
    RowCase("connect-timeout-secs", positive, not: notPositive),
    RowCase("first-byte-timeout-secs", positive, not: notPositive),
    RowCase("stream-body-stall-timeout-secs", zeroOrMore, not: notZeroOrMore),
    RowCase("sse-keepalive-secs", zeroOrMore, not: notZeroOrMore),
    RowCase("header-read-timeout-secs", positive, not: notPositive),
    RowCase("body-read-stall-timeout-secs", positive, not: notPositive),
    RowCase("idle-connection-timeout-secs", positive, not: notPositive),
    RowCase("upstream-http2", switches, not: notSwitches),
    RowCase("upstream-max-connections", ["1", "1000000"], not: ["0", "1000001"]),
    RowCase("upstream-pool-idle-timeout-secs", positive, not: notPositive),
    RowCase("disable-retries", switches, not: notSwitches),
    RowCase("retry-max-retries", ["1", "100"], not: ["0", "101", "1.5"]),
    RowCase("retry-initial-backoff-ms", ["1", "50", "30000"], not: ["0", "30001", "x"]),
    RowCase("retry-max-backoff-ms", ["50", "60000"], not: ["0", "49", "x"]),
    RowCase("retry-backoff-multiplier", ["1", "1.5", "1000"], not: ["0.9", "1001", "x"]),
    RowCase("retry-jitter-factor", ["0", "0.2", "1"], not: ["-0.1", "1.1"]),
    RowCase("disable-circuit-breaker", switches, not: notSwitches),
    RowCase("cb-failure-threshold", ["1"], not: ["0", "-1"]),
    RowCase("cb-success-threshold", ["1"], not: ["0", "-1"]),
    RowCase("cb-timeout-duration-secs", positive, not: notPositive),
    RowCase("cb-window-duration-secs", positive, not: notPositive),
    RowCase("disable-health-check", switches, not: notSwitches),
    RowCase("health-check-interval-secs", positive, not: notPositive),
    RowCase("health-check-timeout-secs", positive, not: notPositive),
    RowCase("health-check-endpoint", ["/", "/health?deep=1"], not: ["", "health", "/a b", "/a#b", "http://a/"]),
    RowCase("health-failure-threshold", ["1"], not: ["0"]),
    RowCase("health-success-threshold", ["1"], not: ["0"]),
    RowCase("log-level", ["debug", "info", "warn", "error"], not: ["", "INFO", "trace", "warning"]),
    RowCase("log-json", switches, not: notSwitches),
    RowCase("prometheus-host", ["127.0.0.1", "::1"], not: ["", "a b"]),
    RowCase("prometheus-port", ["0", "65535"], not: ["-1", "65536", "30000"]),
    RowCase("prometheus-duration-buckets", ["0.5", "1e3"], not: ["", "0", "-1", "x", "1e9"]),
]

@Suite struct OptionRowTests {
    @Test func everyRowIsCovered() {
        #expect(rowCases.map(\.name).sorted() == GatewayOptions.table.configurationRows.map(\.name).sorted())
    }

    @Test(arguments: rowCases)
    func acceptsAndRejectsOnTheCommandLine(row: RowCase) {
        for text in row.accepts {
            #expect(line(row.beside + ["--\(row.name)=\(text)"]) == "valid", "--\(row.name)=\(text)")
        }
        for text in row.rejects {
            #expect(throws: ConfigurationError.self, "--\(row.name)=\(text)") {
                try values(row.beside + ["--\(row.name)=\(text)"])
            }
        }
    }

    /// Whatever is wrong with a value, the line names the option first and stays one line.
    @Test(arguments: rowCases)
    func errorsNameTheOption(row: RowCase) {
        for text in row.rejects {
            let shown = line(row.beside + ["--\(row.name)=\(text)"])
            // Two options of a pair may blame either.
            let names = [row.name, "retry-initial-backoff-ms", "retry-max-backoff-ms"]
            #expect(names.contains { shown.hasPrefix("--\($0): ") }, "\(shown)")
            #expect(!shown.contains("\n"))
        }
    }

    /// The same values in a file: scalars as YAML, lists in brackets.
    @Test(arguments: rowCases)
    func acceptsAndRejectsInDocuments(row: RowCase) throws {
        let option = try #require(GatewayOptions.table.row(flag: row.name))
        let beside = row.beside.isEmpty ? "" : "\(row.beside[0].dropFirst(2)): \(row.beside[1])\n"
        let besideKeys = String(beside.map { $0 == "-" ? "_" : $0 })
        func document(_ text: String) -> String {
            let isText = ["text", "path", "choice", "textList"].contains { "\(option.kind)".hasPrefix($0) }
            let scalar = isText ? "\"\(text.replacing("\"", with: "\\\"").replacing("\n", with: "\\n"))\"" : text
            return besideKeys + option.key + ": " + (option.kind.isList ? "[\(scalar)]" : scalar) + "\n"
        }
        for text in row.accepts where option.kind != .bool || !["1", "0"].contains(text) {
            #expect(documentLine(document(text)) == "valid", "\(document(text))")
        }
        // An empty scalar without quotes is a null, which sets nothing.
        for text in row.rejects where !text.isEmpty {
            #expect(documentLine(document(text)) != "valid", "\(document(text))")
        }
    }
}
