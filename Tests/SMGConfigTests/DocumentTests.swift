import SMGBase
import Testing

@testable import SMGConfig

@Suite struct DocumentTests {
    private let yaml = """
        # Everything once.
        port: 1
        log_json: yes
        cache_threshold: 5e-1
        host: localhost
        worker_urls:
          - http://a:1
          - "http://b:2"
        prometheus_duration_buckets: [0.1, 1, 10]
        api_key: 0123
        policy: 'random'
        eviction_interval: 7
        first_byte_timeout_secs: ~
        log_level:
        """

    private let json = """
        {
          "port": 1, "log_json": true, "cache_threshold": 0.5, "host": "localhost",
          "worker_urls": ["http:\\/\\/a:1", "http://b:2"],
          "prometheus_duration_buckets": [0.1, 1, 10],
          "api_key": "01\\u00323", "policy": "random", "eviction_interval": 7,
          "first_byte_timeout_secs": null, "log_level": null
        }
        """

    @Test func bothLanguagesSayTheSame() throws {
        let a = try configuration(["--config", "g.yaml"], documents: ["g.yaml": yaml])
        let b = try configuration(["--config", "g.json"], documents: ["g.json": json])
        #expect(a == b)
        #expect(a.server.apiKey?.value == "0123" && a.observability.durationBuckets == [0.1, 1, 10])
        #expect(a.workers.urls.count == 2 && a.timeouts.firstByte == a.timeouts.request)
        // JSON is YAML too, so the name of a file decides no more than strictness.
        #expect(try configuration(["--config", "x"], documents: ["x": json]) == a)
    }

    @Test func argumentsWinOverFilesWinOverVariables() throws {
        let documents = ["g.yaml": "log_level: warn\napi_key: file\nworker_urls: [http://a]\n"]
        let environment = ["SMG_LOG_LEVEL": "error", "SMG_API_KEY": "variable"]
        let fromVariables = try configuration([], environment: environment)
        #expect(fromVariables.observability.logLevel == .error && fromVariables.server.apiKey?.value == "variable")
        let fromFile = try configuration(["--config=g.yaml"], environment: environment, documents: documents)
        #expect(fromFile.observability.logLevel == .warn && fromFile.server.apiKey?.value == "file")
        let fromArguments = try configuration(
            ["--log-level=debug", "--config=g.yaml", "--worker-urls", "http://b"], environment: environment,
            documents: documents)
        #expect(fromArguments.observability.logLevel == .debug && fromArguments.server.apiKey?.value == "file")
        #expect(fromArguments.workers.urls.map(\.host) == ["b"], "a list replaces the list of a weaker source")
    }

    @Test(arguments: [
        ("cache_threshold: 1.7", "g.yaml:1: cache_threshold: 1.7 is out of range, must be between 0 and 1"),
        ("a: 1", "g.yaml:1: a: unknown key"),
        ("port: 1\nprot: 2", "g.yaml:2: prot: unknown key, did you mean port?"),
        ("worker-urls: []", "g.yaml:1: worker-urls: unknown key, did you mean worker_urls?"),
        ("dp_aware: true", "g.yaml:1: dp_aware: not available in this version"),
        ("port: 1\n\nport: 2", "g.yaml:3: port: given twice"),
        ("eviction_interval: 1\neviction_interval_secs: 2", "g.yaml:2: eviction_interval_secs: given twice"),
        ("config: x", "g.yaml:1: config: only allowed on the command line"),
        ("print_config: true", "g.yaml:1: print_config: only allowed on the command line"),
        ("port: '1'", "g.yaml:1: port: is text, must be a whole number without quotes"),
        ("port: 0x10", "g.yaml:1: port: '0x10' is not a whole number"),
        ("port: 1_000", "g.yaml:1: port: '1_000' is not a whole number"),
        ("port: [1]", "g.yaml:1: port: is a list, must be a whole number"),
        ("port: {a: 1}", "g.yaml:1: port: is a mapping, must be a whole number"),
        ("log_json: 1", "g.yaml:1: log_json: must be true or false"),
        ("log_json: maybe", "g.yaml:1: log_json: must be true or false"),
        ("worker_urls: http://a", "g.yaml:1: worker_urls: must be a list"),
        ("ca_cert_paths:\n  - /a.pem\n  - [x]", "g.yaml:3: ca_cert_paths: is a list, must be text"),
        ("prometheus_duration_buckets: [2, 1]", "g.yaml:1: prometheus_duration_buckets: must rise, but 1 follows 2"),
        ("prometheus_duration_buckets: []", "g.yaml:1: prometheus_duration_buckets: needs at least one number"),
        ("- port", "g.yaml:1: must be a mapping of option names to values"),
        ("word", "g.yaml:1: must be a mapping of option names to values"),
        ("a: &x 1", "g.yaml:1: anchors are not supported"),
        ("port: *x", "g.yaml:1: aliases are not supported"),
        ("api_key: !!binary c2stMTIz", "g.yaml:1: tags are not supported"),
        ("? [a]\n: 1", "g.yaml:1: a key must be a name"),
        ("port: 1\n---\nport: 2", "g.yaml:2: only one document is allowed"),
        ("port: [[[[[[[[[[", "g.yaml:1: nested too deeply"),
        ("port: 1\n\tx: 2", "g.yaml:2: not valid YAML: found a tab character that violates indentation"),
        ("port: [1", "g.yaml:2: not valid YAML: did not find expected ',' or ']'"),
        ("worker_urls: [http://a, http://a:80]", "g.yaml:1: worker_urls: 'http://a' is given twice"),
        (
            "worker_urls: ['grpc://a:1']",
            "g.yaml:1: worker_urls: 'grpc://a:1' names a gRPC worker, "
                + "which is not supported yet; use http:// or https://"
        ),
        (
            "retry_initial_backoff_ms: 9\nretry_max_backoff_ms: 5",
            "g.yaml:2: retry_max_backoff_ms: the longest pause (5 ms) is below the first one (9 ms)"
        ),
        ("queue_timeout_secs: 0", "g.yaml:1: queue_timeout_secs: must be above 0 unless queue_size is 0"),
        ("prometheus_port: 30000", "g.yaml:1: prometheus_port: 30000 is also the value of port"),
        ("ca_cert_paths: [/x.pem]", "g.yaml:1: ca_cert_paths: '/x.pem' does not exist"),
        ("", "valid"), ("# nothing", "valid"), ("~", "valid"), ("{}", "valid"), ("---\nport: 1\n...\n", "valid"),
        ("log_json: OFF", "valid"), ("queue_timeout_secs: 0\nqueue_size: 0", "valid"), ("\u{feff}port: 1", "valid"),
    ])
    func yamlErrorsNameFileLineAndKey(text: String, line: String) {
        #expect(documentLine(text) == line)
    }

    @Test(arguments: [
        (#"{"port": "1"}"#, "g.json:1: port: is text, must be a whole number without quotes"),
        (#"{"port": 01}"#, "g.json:1: not valid JSON: neither a number, text between quotes, true, false nor null"),
        (
            #"{"log_json": yes}"#,
            "g.json:1: not valid JSON: neither a number, text between quotes, true, false nor null"
        ),
        (#"{"log_json": "true"}"#, "g.json:1: log_json: is text, must be true or false without quotes"),
        (#"{"log_json": 1}"#, "g.json:1: log_json: must be true or false"),
        (#"{"port": true}"#, "g.json:1: port: 'true' is not a whole number"),
        (#"{"port": 1e3}"#, "g.json:1: port: '1e3' is not a whole number"),
        (#"{"host": 1}"#, "g.json:1: host: must be text between quotes"),
        (#"{"api_key": 5555}"#, "g.json:1: api_key: must be text between quotes"),
        ("{\n\"port\": 1,\n\"port\": 2}", "g.json:3: port: given twice"),
        ("{\n\n\"prt\": 1}", "g.json:3: prt: unknown key, did you mean port?"),
        ("{\"port\": 1,}", "g.json:1: not valid JSON: a key between quotes is missing"),
        (
            "{\"worker_urls\": [\"http://a\",]}",
            "g.json:1: not valid JSON: neither a number, text between quotes, true, false nor null"
        ),
        ("{\"port\" 1}", "g.json:1: not valid JSON: a colon is missing"),
        ("{\"port\": 1", "g.json:1: not valid JSON: a comma or } is missing"),
        ("{\"port\": [1", "g.json:1: not valid JSON: a comma or ] is missing"),
        ("{\"port\":", "g.json:1: not valid JSON: a value is missing at the end"),
        ("{\"host\": \"a", "g.json:1: not valid JSON: text without a closing quote"),
        ("{\"host\": \"a\n\"}", "g.json:1: not valid JSON: a control character or line break inside text"),
        (#"{"host": "\x"}"#, "g.json:1: not valid JSON: an unknown escape inside text"),
        (#"{"host": "\u12"}"#, "g.json:1: not valid JSON: \\u without four digits"),
        (#"{"host": "\ud800"}"#, "g.json:1: not valid JSON: half a surrogate pair inside text"),
        (#"{"host": "\ud800\u0041"}"#, "g.json:1: not valid JSON: half a surrogate pair inside text"),
        (#"{"host": "\udc00"}"#, "g.json:1: not valid JSON: half a surrogate pair inside text"),
        ("{} x", "g.json:1: not valid JSON: text behind the document's end"),
        ("// c\n{}", "g.json:1: not valid JSON: neither a number, text between quotes, true, false nor null"),
        ("", "g.json:1: not valid JSON: a value is missing at the end"),
        ("null", "g.json:1: must be a mapping of option names to values"),
        ("[]", "g.json:1: must be a mapping of option names to values"),
        ("[[[[[[[[[[", "g.json:1: not valid JSON: nested too deeply"),
        ("{}", "valid"), (#"{"health_check_endpoint": "\/x"}"#, "valid"), ("\u{feff}{}", "valid"),
        (
            #"{"unix_socket": "/\ud83d\ude00\b"}"#,
            "g.json:1: unix_socket: must not contain control characters or line breaks"
        ),
        (#"{"unix_socket": "/\ud83d\ude00"}"#, "valid"),
    ])
    func jsonIsStrict(text: String, line: String) {
        #expect(documentLine(text, name: "g.json") == line)
    }

    @Test func unreadableInputIsAnError() {
        #expect(line(["--config", "none.yaml"]) == "--config: 'none.yaml' does not exist")
        let large = String(repeating: "#", count: DocumentLimits.maximumBytes + 1)
        #expect(documentLine(large) == "--config: 'g.yaml' is larger than 1048576 bytes")
        var values = OptionValues(table: GatewayOptions.table)
        let bytes = Array(large.utf8)
        #expect(throws: ConfigurationError.self) { try values.apply(bytes: bytes, name: "x", rules: .json) }
        for bytes in [[0x70, 0xff, 0x0a], [0], [0xff, 0xfe, 0x61, 0]] as [[UInt8]] {
            #expect(throws: ConfigurationError.self) { try values.apply(bytes: bytes, name: "x", rules: .yaml) }
        }
        #expect(throws: ConfigurationError.self) {
            try values.apply(bytes: Array(#"{"host": "a"#.utf8) + [0xff] + Array(#""}"#.utf8), name: "x", rules: .json)
        }
    }

    @Test func everyPrefixOfADocumentIsValidOrAnError() {
        for (text, rules) in [(yaml, DocumentRules.yaml), (json, .json), (json, .yaml)] {
            let bytes = Array(text.utf8)
            for end in 0..<bytes.count {
                var values = OptionValues(table: GatewayOptions.table)
                do { try values.apply(bytes: Array(bytes[..<end]), name: "x", rules: rules) } catch {
                    #expect(!error.description.isEmpty && !error.description.contains("\n"))
                }
            }
        }
    }
}
