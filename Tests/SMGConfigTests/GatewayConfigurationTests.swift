import SMGBase
import Testing

@testable import SMGConfig

@Suite struct GatewayConfigurationTests {
    @Test func defaultsAreTheDocumentedOnes() throws {
        let c = try configuration([])
        #expect(c.server.listen == .tcp(host: "0.0.0.0", port: 30_000))
        #expect(c.server.maximumBodyBytes == 536_870_912 && c.server.eventLoops == 0 && c.server.apiKey == nil)
        #expect(c.server.requestIDHeaders == ["x-request-id", "x-correlation-id", "x-trace-id", "request-id"])
        #expect(c.server.shutdownGracePeriod == .seconds(180) && c.server.corsAllowedOrigins.isEmpty)
        #expect(c.workers.urls.isEmpty && c.workers.startupTimeout == .seconds(1800))
        #expect(c.workers.startupCheckInterval == .seconds(30) && c.workers.drainSettle == .seconds(5))
        #expect(c.routing.policy == .cacheAware && c.routing.cacheThreshold == 0.3)
        #expect(c.routing.balanceAbsoluteThreshold == 64 && c.routing.balanceRelativeThreshold == 1.5)
        #expect(c.routing.maximumTreeCharacters == 67_108_864)
        #expect(c.limiter.maximumConcurrent == nil && c.limiter.queueSize == 100)
        #expect(c.limiter.queueTimeout == .seconds(60) && c.limiter.tokensPerSecond == nil)
        #expect(c.timeouts.request == .seconds(1800) && c.timeouts.firstByte == .seconds(1800))
        #expect(c.timeouts.streamStall == .seconds(300) && c.timeouts.sseKeepAlive == .seconds(15))
        #expect(c.retry.maximumAttempts == 5 && c.retry.initialBackoff == .milliseconds(50))
        #expect(c.retry.maximumBackoff == .seconds(30) && c.retry.multiplier == 1.5 && c.retry.jitter == 0.2)
        #expect(c.breaker.isEnabled && c.breaker.failureThreshold == 10 && c.breaker.successThreshold == 3)
        #expect(c.breaker.openDuration == .seconds(60) && c.breaker.window == .seconds(120))
        #expect(c.health.isEnabled && c.health.endpoint == "/health" && c.health.interval == .seconds(60))
        #expect(c.tls.server == nil && c.tls.client == nil && c.tls.authorityPaths.isEmpty)
        #expect(c.observability.logLevel == .info && !c.observability.logsJSON)
        #expect(c.observability.prometheusPort == 29_000 && c.observability.durationBuckets.count == 20)
        #expect(c.upstream.idleTimeout == .seconds(3) && !c.upstream.usesHTTP2)
        #expect(c.warnings.isEmpty)
    }

    @Test func switchesAndZerosTurnThingsOff() throws {
        let c = try configuration([
            "--disable-retries", "--disable-circuit-breaker", "--disable-health-check", "--sse-keepalive-secs", "0",
            "--stream-body-stall-timeout-secs", "0", "--max-concurrent-requests", "-1", "--queue-size", "0",
            "--queue-timeout-secs", "0", "--first-byte-timeout-secs", "2.5",
        ])
        #expect(c.retry.maximumAttempts == 1 && !c.breaker.isEnabled && !c.health.isEnabled)
        #expect(c.timeouts.sseKeepAlive == nil && c.timeouts.streamStall == nil)
        #expect(c.timeouts.firstByte == .milliseconds(2500))
    }

    @Test func aSwitchCanBeTakenBack() throws {
        #expect(try configuration(["--log-json", "--log-json=false"]).observability.logsJSON == false)
        #expect(try configuration(["--log-json=yes"]).observability.logsJSON)
    }

    @Test func listsAccumulateAndNormalise() throws {
        let c = try configuration([
            "--worker-urls", "http://A:80/", "http://b:8000/v1/", "--log-json", "--worker-urls=https://c:443",
            "--worker-urls", "http://[0:0::1]:9000", "--cors-allowed-origins", "HTTPS://A.example:443",
            "--request-id-headers", "X-Id", "Trace",
        ])
        #expect(
            c.workers.urls.map(\.description) == ["http://a", "http://b:8000/v1", "https://c", "http://[::1]:9000"])
        #expect(c.server.corsAllowedOrigins == ["https://a.example"])
        #expect(c.server.requestIDHeaders == ["x-id", "trace"])
    }

    @Test func listensOnASocketInsteadOfAPort() throws {
        #expect(try configuration(["--unix-socket", "/s"]).server.listen == .unix(path: "/s"))
        // The command line overrides what the file wanted, in both directions.
        let socket = ["g.yaml": "unix_socket: /s\n"]
        #expect(
            try configuration(["--config=g.yaml", "--port=1"], documents: socket).server.listen
                == .tcp(host: "0.0.0.0", port: 1))
        let port = ["g.yaml": "port: 1\n"]
        #expect(
            try configuration(["--config=g.yaml", "--unix-socket=/s"], documents: port).server.listen
                == .unix(path: "/s"))
        #expect(line(["--unix-socket", "/s", "--port", "1"]) == "--unix-socket: cannot be combined with --port")
    }

    @Test func certificatesComeInPairs() throws {
        let c = try configuration([
            "--tls-cert-path", "/c.pem", "--tls-key-path", "/k.pem", "--ca-cert-paths", "/a.pem", "/b.pem",
        ])
        #expect(c.tls.server == .init(certificatePath: "/c.pem", keyPath: "/k.pem"))
        #expect(c.tls.authorityPaths == ["/a.pem", "/b.pem"])
        #expect(line(["--tls-cert-path", "/c.pem"]) == "--tls-cert-path: needs --tls-key-path too")
        #expect(line(["--client-key-path", "/k.pem"]) == "--client-key-path: needs --client-cert-path too")
        #expect(documentLine("\ntls_key_path: /k.pem\n") == "g.yaml:2: tls_key_path: needs tls_cert_path too")
    }

    @Test func warnsOfWhatIsProbablyNotMeant() throws {
        #expect(try configuration(["--policy", "power_of_two", "--worker-urls", "http://a"]).warnings.count == 1)
        #expect(
            try configuration(["--policy", "power_of_two", "--worker-urls", "http://a", "http://b"]).warnings.isEmpty)
        #expect(try configuration(["--rate-limit-tokens-per-second", "5"]).warnings.count == 1)
        #expect(try configuration(["--health-check-timeout-secs", "61"]).warnings.count == 1)
    }

    @Test func limiterReadsMinusOneAsNone() throws {
        #expect(try configuration(["--max-concurrent-requests", "0"]).limiter.maximumConcurrent == nil)
        let c = try configuration(["--max-concurrent-requests=4", "--rate-limit-tokens-per-second=0"])
        #expect(c.limiter.maximumConcurrent == 4 && c.limiter.tokensPerSecond == nil)
    }

    @Test func readsOneJSONDocument() throws {
        let text = #"{"worker_urls": ["http://a:1"], "port": 0, "policy": "random", "api_key": "k", "log_json": true}"#
        let c = try GatewayConfiguration(json: Array(text.utf8), files: files())
        #expect(c.workers.urls.map(\.origin) == ["http://a:1"] && c.routing.policy == .random)
        #expect(c.server.apiKey?.value == "k" && c.observability.logsJSON)
        #expect(c.server.listen == .tcp(host: "0.0.0.0", port: 0))
        let bad = #"{"cache_threshold": 1.7}"#
        #expect(throws: ConfigurationError.self) { try GatewayConfiguration(json: Array(bad.utf8), files: files()) }
    }
}
