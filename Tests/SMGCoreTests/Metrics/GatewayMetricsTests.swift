import SMGBase
import SMGRouting
import SMGTelemetry
import Testing

@testable import SMGCore

@Suite struct GatewayMetricsTests {
    static let limiter = AdmissionLimiter(maxConcurrent: 4, queueSize: 4, queueTimeout: .seconds(1), ratePerSecond: nil)

    /// What a scrape shows: series and value.
    static func scrape(_ metrics: GatewayMetrics) -> [String: String] {
        let buffer = ByteBuffer(capacity: 4096)
        metrics.registry.writeText(to: buffer)
        var values: [String: String] = [:]
        for line in buffer.readableString.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " ") else { continue }
            values[String(line[..<space])] = String(line[line.index(after: space)...])
        }
        return values
    }

    @Test func refreshWritesWhatWorkersAre() throws {
        let registry = Fleet.registry()
        let a = try #require(try registry.add("http://a:1"))
        let b = try #require(try registry.add("http://b:1"))
        let metrics = GatewayMetrics(registry: MetricRegistry(), durationBuckets: [1, 2])
        let lease = InFlightLease(a.slot)
        for _ in 0..<3 { b.recordFailure(now: Fleet.at(0)) }
        metrics.refresh(from: registry.snapshot, limiter: Self.limiter, connections: 7, now: Fleet.at(1))
        var values = Self.scrape(metrics)
        for (name, ofA, ofB) in [
            ("smg_worker_health", "1", "1"), ("sgl_router_worker_health", "1", "1"),
            ("smg_worker_requests_active", "1", "0"), ("sgl_router_running_requests", "1", "0"),
            ("sgl_router_processed_requests_total", "1", "0"), ("smg_worker_cb_state", "0", "1"),
            ("sgl_router_cb_state", "0", "1"), ("smg_worker_cb_transitions_total", "0", "1"),
        ] {
            #expect(values[#"\#(name){worker="http://a:1"}"#] == ofA, "\(name)")
            #expect(values[#"\#(name){worker="http://b:1"}"#] == ofB, "\(name)")
        }
        #expect(values["sgl_router_active_workers"] == "1")
        #expect(values["smg_http_connections_active"] == "7")
        #expect(values["smg_queue_depth"] == "0" && values["smg_requests_running"] == "0")
        #expect(values[#"smg_prefix_index_bytes{model="m"}"#] != nil)
        lease.end()

        // Time passes: looking lets the breaker be probed.
        for _ in 0..<2 { a.checkFailed(now: Fleet.at(2)) }
        metrics.refresh(from: registry.snapshot, limiter: Self.limiter, connections: 0, now: Fleet.at(61))
        values = Self.scrape(metrics)
        #expect(values[#"smg_worker_health{worker="http://a:1"}"#] == "0")
        #expect(values[#"smg_worker_requests_active{worker="http://a:1"}"#] == "0")
        #expect(values[#"smg_worker_cb_state{worker="http://b:1"}"#] == "2")
        #expect(values[#"smg_worker_cb_transitions_total{worker="http://b:1"}"#] == "2")
        #expect(values["sgl_router_active_workers"] == "1")
    }

    @Test func removalEndsAWorkersSeries() throws {
        let registry = Fleet.registry()
        let a = try #require(try registry.add("http://a:1"))
        _ = try registry.add("http://b:1")
        let metrics = GatewayMetrics(registry: MetricRegistry(), durationBuckets: [1, 2])
        metrics.refresh(from: registry.snapshot, limiter: Self.limiter, connections: 0, now: Fleet.at(0))
        registry.withdraw(a, now: Fleet.at(1))
        registry.forget(a)
        metrics.registry.removeSeries(label: "worker", value: "http://a:1")
        #expect(Self.scrape(metrics)[#"smg_worker_health{worker="http://a:1"}"#] == "0", "shown one last time")
        metrics.refresh(from: registry.snapshot, limiter: Self.limiter, connections: 0, now: Fleet.at(2))
        let values = Self.scrape(metrics)
        #expect(!values.keys.contains { $0.contains("http://a:1") })
        #expect(values[#"smg_worker_health{worker="http://b:1"}"#] == "1")
    }
}
