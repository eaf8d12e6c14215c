internal import SMGBase
internal import SMGConfig
internal import SMGRouting
package import SMGTelemetry

/// The gateway's metric families. The names of the system it replaces are kept beside the new ones, so that existing
/// dashboards go on working; docs/metrics.md is the list for people.
package struct GatewayMetrics: Sendable {
    package let registry: MetricRegistry

    let requests: CounterFamily
    let requestErrors: CounterFamily
    let responses: CounterFamily
    let duration: HistogramFamily
    let firstByte: HistogramFamily
    let perToken: HistogramFamily
    let streamEvents: CounterFamily
    let retries: CounterFamily
    let retriesExhausted: CounterFamily
    let upstreamErrors: CounterFamily
    let decisions: CounterFamily
    let cacheHits: CounterFamily
    let cacheMisses: CounterFamily
    let selections: CounterFamily
    let rateLimited: CounterFamily
    let clientsGone: CounterFamily
    let healthChecks: CounterFamily

    let workerHealth: GaugeFamily
    let workerHealthOld: GaugeFamily
    let workerLoad: GaugeFamily
    let workerLoadOld: GaugeFamily
    let workerProcessed: GaugeFamily
    let breakerState: GaugeFamily
    let breakerStateOld: GaugeFamily
    let breakerTransitions: GaugeFamily
    let activeWorkers: GaugeFamily
    let queued: GaugeFamily
    let running: GaugeFamily
    let connections: GaugeFamily
    let treeBytes: GaugeFamily

    package init(registry: MetricRegistry, durationBuckets: [Double]) {
        self.registry = registry
        let r = registry
        requests = r.counter("sgl_router_requests_total", help: "Requests answered with success.", labels: ["route"])
        requestErrors = r.counter(
            "sgl_router_request_errors_total", help: "Requests that failed, by stable error code.",
            labels: ["route", "error_type"])
        responses = r.counter(
            "smg_http_responses_total", help: "Answers sent to clients.", labels: ["path", "status_code"])
        duration = r.histogram(
            "smg_router_request_duration_seconds", help: "From the request's head to the answer's last byte.",
            labels: ["model", "endpoint", "streaming"], buckets: durationBuckets)
        firstByte = r.histogram(
            "smg_router_ttft_seconds", help: "From the request's head to the first byte of a streamed answer's body.",
            labels: ["model", "endpoint"], buckets: durationBuckets)
        perToken = r.histogram(
            "smg_router_tpot_seconds", help: "Mean time between the events of one streamed answer.",
            labels: ["model", "endpoint"], buckets: GatewayMetrics.tokenBuckets)
        streamEvents = r.counter(
            "smg_stream_events_total", help: "Server-sent events relayed.", labels: ["model", "endpoint"])
        retries = r.counter("sgl_router_retries_total", help: "Repeated attempts.", labels: ["route"])
        retriesExhausted = r.counter(
            "sgl_router_retries_exhausted_total", help: "Requests that failed on their last attempt.",
            labels: ["route"])
        upstreamErrors = r.counter(
            "smg_worker_errors_total", help: "Failed attempts by worker and cause.", labels: ["worker", "error_type"])
        decisions = r.counter(
            "sgl_router_policy_decisions_total", help: "Workers chosen, by policy.", labels: ["policy", "worker"])
        cacheHits = r.counter(
            "sgl_router_cache_hits_total", help: "Requests sent to a worker that holds their prefix.")
        cacheMisses = r.counter(
            "sgl_router_cache_misses_total", help: "Requests whose prefix the chosen worker does not hold.")
        selections = r.counter(
            "smg_worker_selection_total", help: "Why workers were chosen.", labels: ["policy", "reason"])
        rateLimited = r.counter(
            "smg_http_rate_limit_total", help: "Requests at the concurrency limit, by outcome.", labels: ["result"])
        clientsGone = r.counter(
            "smg_client_disconnects_total", help: "Clients that left before their answer was complete.",
            labels: ["route"])
        healthChecks = r.counter(
            "smg_worker_health_checks_total", help: "Health checks by result.", labels: ["worker", "result"])
        workerHealth = r.gauge("smg_worker_health", help: "1 if the worker is ready.", labels: ["worker"])
        workerHealthOld = r.gauge("sgl_router_worker_health", help: "1 if the worker is ready.", labels: ["worker"])
        workerLoad = r.gauge("smg_worker_requests_active", help: "Requests at the worker now.", labels: ["worker"])
        workerLoadOld = r.gauge("sgl_router_running_requests", help: "Requests at the worker now.", labels: ["worker"])
        workerProcessed = r.gauge(
            "sgl_router_processed_requests_total", help: "Requests the worker was chosen for.", labels: ["worker"])
        breakerState = r.gauge("smg_worker_cb_state", help: "0 closed, 1 open, 2 half-open.", labels: ["worker"])
        breakerStateOld = r.gauge("sgl_router_cb_state", help: "0 closed, 1 open, 2 half-open.", labels: ["worker"])
        breakerTransitions = r.gauge(
            "smg_worker_cb_transitions_total", help: "Changes of the breaker's state so far.", labels: ["worker"])
        activeWorkers = r.gauge("sgl_router_active_workers", help: "Workers that requests can be sent to.")
        queued = r.gauge("smg_queue_depth", help: "Requests waiting for the concurrency limit.")
        running = r.gauge("smg_requests_running", help: "Requests that hold a permit of the concurrency limit.")
        connections = r.gauge("smg_http_connections_active", help: "Client connections open.")
        treeBytes = r.gauge("smg_prefix_index_bytes", help: "Memory of the prefix index.", labels: ["model"])
    }

    /// Gaps between tokens are shorter than requests: from 1 ms to 10 s.
    private static let tokenBuckets = [
        0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 10,
    ]

    /// Writes what is read only when somebody looks: worker states, the limiter and the prefix indexes.
    func refresh(from snapshot: RoutingSnapshot, limiter: AdmissionLimiter, connections open: Int, now: Instant) {
        var active = 0
        for worker in snapshot.workers {
            worker.refresh(now: now)
            if worker.slot.isAvailable { active += 1 }
            refresh(worker)
        }
        registry.set(activeWorkers.series(), Double(active))
        let load = limiter.load
        registry.set(queued.series(), Double(load.queued))
        registry.set(running.series(), Double(load.running))
        registry.set(connections.series(), Double(open))
        for pool in snapshot.pools {
            guard let index = pool.policy.index else { continue }
            registry.set(treeBytes.series(pool.model), Double(index.statistics.usedBytes))
        }
        let models = Set(snapshot.pools.map(\.model))
        treeBytes.removeAll { !models.contains($0[0]) }
    }

    private func refresh(_ worker: Worker) {
        let url = worker.url.description
        let healthy = worker.isHealthy ? 1.0 : 0.0
        let load = Double(worker.slot.load)
        let phase = Double(worker.breakerPhase.rawValue)
        registry.set(workerHealth.series(url), healthy)
        registry.set(workerHealthOld.series(url), healthy)
        registry.set(workerLoad.series(url), load)
        registry.set(workerLoadOld.series(url), load)
        registry.set(workerProcessed.series(url), Double(worker.slot.processed))
        registry.set(breakerState.series(url), phase)
        registry.set(breakerStateOld.series(url), phase)
        registry.set(breakerTransitions.series(url), Double(worker.breakerTransitions))
    }
}
