internal import SMGBase
internal import SMGHTTP
internal import SMGJSON
internal import SMGNet

/// One simulated engine on its loop: the model, its connections, its faults, its counters. Touched on the loop only.
final class EngineHost {
    let loop: EventLoop
    let options: SimulatedEngineOptions
    let name: String
    let startedAt: Instant
    var model: EngineModel
    var stats = EngineStats()
    private(set) var faults: FaultPlan
    /// Moves with every new plan: stalls of an older one end.
    private(set) var faultGeneration = 0
    private var dice: FastRandom
    private var connections: [ObjectIdentifier: EngineConnection] = [:]
    /// Waiting for the engine to admit them.
    private var waiting: [EngineModel.RequestID: EngineConnection] = [:]
    private var watchers: [Watcher] = []
    private var serial = 0
    private var isStopped = false
    let scan = JSONObjectScan()
    let scratch = ByteBuffer(capacity: 4 << 10)

    /// Somebody who waits for the counters to reach something.
    final class Watcher {
        let condition: (EngineStats) -> Bool
        let notify: () -> Void
        init(condition: @escaping (EngineStats) -> Bool, notify: @escaping () -> Void) {
            self.condition = condition
            self.notify = notify
        }
    }

    init(loop: EventLoop, options: SimulatedEngineOptions, address: SocketAddress) {
        self.loop = loop
        self.options = options
        name = options.name.isEmpty ? address.description : options.name
        startedAt = loop.now
        model = EngineModel(options.engine)
        faults = options.faults
        dice = FastRandom(seed: options.seed)
        stats.name = name
        stats.model = options.model
    }

    // MARK: - Connections

    /// Takes over an accepted socket.
    func accept(_ descriptor: Int32) {
        stats.connectionsAccepted += 1
        guard let stream = try? ByteStream(loop: loop, connected: descriptor) else { return }
        guard !isStopped, !faults.dropConnections else {
            stats.connectionsDropped += 1
            stats.faults += 1
            if faults.reset { stream.abort() } else { stream.closeDescriptor() }
            statsChanged()
            return
        }
        let connection = EngineConnection(host: self, stream: stream)
        connections[ObjectIdentifier(connection)] = connection
        stats.connectionsOpen += 1
        loop.spawn { [self] in
            await connection.serve()
            connections[ObjectIdentifier(connection)] = nil
            stats.connectionsOpen -= 1
            statsChanged()
        }
        statsChanged()
    }

    /// Closes every connection. Whoever waits for counters gets them as they are.
    func stop() {
        isStopped = true
        for connection in connections.values { connection.shutDown() }
        let left = watchers
        watchers.removeAll()
        for watcher in left { watcher.notify() }
    }

    func handle(_ connection: EngineConnection) async {
        await EngineRoutes(host: self, connection: connection).run()
        statsChanged()
    }

    // MARK: - The engine

    /// Gives a request to the engine and waits until it is admitted. Nil when the client left first.
    func admit(
        _ prompt: BlockChain, completionTokens: Int, for connection: EngineConnection
    ) async throws(EngineRefusal) -> EngineTicket? {
        let id: EngineModel.RequestID
        switch model.submit(prompt, completionTokens: completionTokens, at: loop.now) {
        case .refused(let refusal): throw EngineRefusal(refusal)
        case .admitted(let admitted, let schedule):
            id = admitted
            connection.schedule = schedule
        case .queued(let queued):
            id = queued
            connection.schedule = nil
            waiting[id] = connection
            statsChanged()
            while connection.schedule == nil {
                guard await connection.pause(until: nil) else {
                    waiting[id] = nil
                    // It may have been admitted in the same turn as its client left.
                    wakeAdmitted(model.cancel(id, at: loop.now))
                    return nil
                }
            }
        }
        guard let schedule = connection.schedule else { return nil }
        stats.promptTokens += schedule.promptTokens
        stats.cachedTokens += schedule.cachedTokens
        statsChanged()
        return EngineTicket(id: id, schedule: schedule)
    }

    /// The answer is complete. The engine was done with it when its last token came, unless it was `stalled`.
    func finish(_ ticket: EngineTicket, stalled: Bool = false) {
        stats.completionTokens += ticket.schedule.completionTokens
        let end = stalled ? loop.now : min(ticket.schedule.lastTokenAt, loop.now)
        wakeAdmitted(model.finish(ticket.id, at: end))
    }

    /// The answer is not wanted any more; `tokens` of it were made.
    func cancel(_ ticket: EngineTicket, tokens: Int) {
        stats.completionTokens += tokens
        wakeAdmitted(model.cancel(ticket.id, at: loop.now))
    }

    private func wakeAdmitted(_ admissions: [EngineModel.Admission]) {
        for admission in admissions {
            guard let connection = waiting.removeValue(forKey: admission.id) else { continue }
            connection.schedule = admission.schedule
            connection.wake()
        }
    }

    /// A number no other answer of this engine has.
    func nextSerial() -> Int {
        serial += 1
        return serial
    }

    // MARK: - Faults

    /// Replaces the plan and lets stalled answers go on.
    func setFaults(_ plan: FaultPlan) {
        faults = plan
        faultGeneration += 1
        for connection in connections.values { connection.wake() }
    }

    /// The faults of the inference request that has just come; counts it against the plan.
    func takeRequestFaults() -> FaultPlan {
        let plan = faults
        if let count = plan.count {
            if count > 1 { faults.count = count - 1 } else { faults = plan.withoutRequestFaults }
            if count == 0 { return faults }
        }
        return plan
    }

    func rollsError(_ rate: Double) -> Bool { rate > 0 && dice.unit() < rate }

    // MARK: - Counters

    /// The counters with the load of this moment.
    var currentStats: EngineStats {
        var current = stats
        current.load = model.load(at: loop.now)
        return current
    }

    /// Calls `notify` once, when `condition` holds; at once if it does already.
    func watch(_ watcher: Watcher) {
        if watcher.condition(currentStats) { watcher.notify() } else { watchers.append(watcher) }
    }

    func unwatch(_ watcher: Watcher) { watchers.removeAll { $0 === watcher } }

    func statsChanged() {
        guard !watchers.isEmpty else { return }
        let current = currentStats
        var kept: [Watcher] = []
        var met: [Watcher] = []
        for watcher in watchers {
            if watcher.condition(current) { met.append(watcher) } else { kept.append(watcher) }
        }
        watchers = kept
        for watcher in met { watcher.notify() }
    }
}

/// A request the engine works on.
struct EngineTicket {
    let id: EngineModel.RequestID
    let schedule: Schedule
}

/// The engine did not take a request.
struct EngineRefusal: Error {
    let reason: EngineModel.Refusal
    init(_ reason: EngineModel.Refusal) { self.reason = reason }
}
