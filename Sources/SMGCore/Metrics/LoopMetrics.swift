internal import SMGConfig
internal import SMGProtocols
internal import SMGRouting
internal import SMGTelemetry

/// One loop's cells, and the series it has used so far by what identifies them on the request path: after the first
/// request of a kind, counting it takes no lock and builds no string.
final class LoopMetrics {
    let families: GatewayMetrics
    let cells: MetricCells
    private var routes: [RouteSeries?] = Array(repeating: nil, count: Endpoint.allCases.count)
    private var models: [ObjectIdentifier: ModelSeries] = [:]
    /// By the worker's tenant number.
    private var decisions: ContiguousArray<CounterSeries?> = []
    /// By the reason's code.
    private var reasons: ContiguousArray<CounterSeries?> = []
    private var lastModel: (pool: ObjectIdentifier, series: ModelSeries)?
    let cacheHits: CounterSeries
    let cacheMisses: CounterSeries

    init(families: GatewayMetrics) {
        self.families = families
        cells = families.registry.makeCells()
        cacheHits = families.cacheHits.series()
        cacheMisses = families.cacheMisses.series()
    }

    /// Pools and workers are remembered by identity, which means nothing once a snapshot has let them go.
    func snapshotChanged() {
        models.removeAll(keepingCapacity: true)
        lastModel = nil
        decisions.removeAll(keepingCapacity: true)
    }

    /// The series of one endpoint.
    final class RouteSeries {
        let success: CounterSeries
        let retries: CounterSeries
        let exhausted: CounterSeries
        let clientsGone: CounterSeries
        private let name: String
        private let families: GatewayMetrics
        /// By status, up to 599.
        private var statuses = ContiguousArray<CounterSeries?>(repeating: nil, count: 600)

        init(_ endpoint: Endpoint, _ families: GatewayMetrics) {
            name = "\(endpoint.path)"
            self.families = families
            success = families.requests.series(name)
            retries = families.retries.series(name)
            exhausted = families.retriesExhausted.series(name)
            clientsGone = families.clientsGone.series(name)
        }

        func status(_ status: Int) -> CounterSeries {
            guard statuses.indices.contains(status) else { return families.responses.series(name, "other") }
            if let known = statuses[status] { return known }
            let made = families.responses.series(name, String(status))
            statuses[status] = made
            return made
        }
    }

    /// The series of one model at one endpoint.
    struct EndpointSeries {
        let plain: HistogramSeries
        let streamed: HistogramSeries
        let firstByte: HistogramSeries
        let perToken: HistogramSeries
        let events: CounterSeries
    }

    /// The series of one model, for all endpoints.
    final class ModelSeries {
        private let families: GatewayMetrics
        private let model: String
        private var byEndpoint: [EndpointSeries?] = Array(repeating: nil, count: Endpoint.allCases.count)

        init(_ model: String, _ families: GatewayMetrics) {
            self.model = model
            self.families = families
        }

        func series(_ endpoint: Endpoint) -> EndpointSeries {
            if let known = byEndpoint[Int(endpoint.rawValue)] { return known }
            let route = "\(endpoint.path)"
            let made = EndpointSeries(
                plain: families.duration.series(model, route, "false"),
                streamed: families.duration.series(model, route, "true"),
                firstByte: families.firstByte.series(model, route), perToken: families.perToken.series(model, route),
                events: families.streamEvents.series(model, route))
            byEndpoint[Int(endpoint.rawValue)] = made
            return made
        }
    }

    func route(_ endpoint: Endpoint) -> RouteSeries {
        if let known = routes[Int(endpoint.rawValue)] { return known }
        let made = RouteSeries(endpoint, families)
        routes[Int(endpoint.rawValue)] = made
        return made
    }

    func model(_ pool: ModelPool, _ endpoint: Endpoint) -> EndpointSeries {
        let id = ObjectIdentifier(pool)
        if let lastModel, lastModel.pool == id { return lastModel.series.series(endpoint) }
        let series = models[id] ?? ModelSeries(pool.model, families)
        models[id] = series
        lastModel = (id, series)
        return series.series(endpoint)
    }

    func decision(_ policy: String, _ worker: Worker) -> CounterSeries {
        let tenant = worker.slot.tenant
        if tenant < decisions.count, let known = decisions[tenant] { return known }
        while decisions.count <= tenant { decisions.append(nil) }
        let made = families.decisions.series(policy, worker.url.description)
        decisions[tenant] = made
        return made
    }

    func reason(_ policy: String, _ code: UInt8, _ label: StaticString) -> CounterSeries {
        if Int(code) < reasons.count, let known = reasons[Int(code)] { return known }
        while reasons.count <= Int(code) { reasons.append(nil) }
        let made = families.selections.series(policy, "\(label)")
        reasons[Int(code)] = made
        return made
    }

    /// Rare: a lock and strings are fine.
    func error(_ endpoint: Endpoint, _ code: String) {
        cells.add(families.requestErrors.series("\(endpoint.path)", code))
    }

    func upstreamError(_ worker: Worker, _ code: String) {
        cells.add(families.upstreamErrors.series(worker.url.description, code))
    }

    func limited(_ result: String) { cells.add(families.rateLimited.series(result)) }
}
