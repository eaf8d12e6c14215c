package import SMGBase
package import SMGConfig
internal import SMGHTTP
internal import SMGProtocols
package import SMGRouting
internal import Synchronization

/// What somebody asked to be a worker: a URL and what is known of it beforehand.
package struct WorkerSpec: Sendable {
    package var url: WorkerURL
    package var apiKey: Secret?
    /// Overrides what the worker says of itself.
    package var modelID: String?
    package var priority = 50
    package var cost = 1.0
    package var labels: [String: String] = [:]

    package init(url: WorkerURL, apiKey: Secret? = nil) {
        self.url = url
        self.apiKey = apiKey
    }
}

/// One inference engine that requests can be sent to. Immutable but for its health, its breaker and its load.
///
/// Shared by all loops. What the request path reads of it is atomic; the rest changes under one short lock, only when
/// something went wrong.
package final class Worker: Sendable {
    package let id: String
    package let spec: WorkerSpec
    package let modelID: String
    /// Load and availability as routing sees them.
    package let slot: WorkerSlot
    /// Request heads up to the first variable field, by endpoint.
    private let headPrefixes: [ByteBlock]
    private let state: Mutex<State>
    /// Whether the worker is ready and its breaker has nothing on record: then a success has nothing to change.
    /// Written under the lock of `state`.
    private let isClean = Atomic<Bool>(false)

    private struct State {
        var health: HealthState
        var breaker: BreakerState
    }

    package var url: WorkerURL { spec.url }

    package init(
        id: String, spec: WorkerSpec, modelID: String, tenant: Int, health: HealthPolicy, breaker: BreakerPolicy
    ) {
        self.id = id
        self.spec = spec
        self.modelID = modelID
        slot = WorkerSlot(tenant: tenant, isAvailable: false)
        state = Mutex(State(health: HealthState(policy: health), breaker: BreakerState(policy: breaker)))
        headPrefixes = Endpoint.allCases.map { Worker.headPrefix("POST", "\($0.upstreamPath)", spec) }
    }

    // MARK: - Request heads

    /// Request line, Host and the worker's own key for a POST to `endpoint`.
    func appendHeadPrefix(_ endpoint: Endpoint, to buffer: ByteBuffer) {
        headPrefixes[Int(endpoint.rawValue)].append(to: buffer)
    }

    /// The whole head of a bodiless request of the gateway's own.
    static func appendHead(_ method: String, _ path: String, _ spec: WorkerSpec, to buffer: ByteBuffer) {
        headPrefix(method, path, spec).append(to: buffer)
        if method == "POST" { buffer.append("content-length: 0\r\n") }
        buffer.append("\r\n")
    }

    private static func headPrefix(_ method: String, _ path: String, _ spec: WorkerSpec) -> ByteBlock {
        var text = "\(method) \(spec.url.pathPrefix)\(path) HTTP/1.1\r\nhost: \(spec.url.authority)\r\n"
        if let key = spec.apiKey { text += "authorization: Bearer \(key.value)\r\n" }
        return ByteBlock(Array(text.utf8))
    }

    // MARK: - Health and breaker

    package var status: WorkerStatus { state.withLock { $0.health.status } }
    package var breakerPhase: BreakerState.Phase { state.withLock { $0.breaker.phase } }
    /// How often the breaker has changed its phase.
    package var breakerTransitions: Int { state.withLock { $0.breaker.transitions } }
    package var isHealthy: Bool { status == .ready }

    /// Ready, and no failure is remembered: the common case, in which requests change nothing and take no lock.
    var hasCleanRecord: Bool { isClean.load(ordering: .relaxed) }

    /// Takes the right to send one request, which in half-open is the only probe.
    package func admit(now: Instant) -> Bool {
        if hasCleanRecord { return slot.isAvailable }
        return change(now) { $0.health.status == .ready && $0.breaker.admit(now: now) }
    }

    /// The worker answered, with something it is not to blame for.
    package func recordSuccess(now: Instant) {
        if hasCleanRecord { return }
        change(now) { $0.breaker.succeeded() }
    }

    /// A transport error, timeout or 5xx. If that opened the breaker: when it turns half-open. The caller sees to it
    /// that `refresh` is called then, because routing asks nobody who is not available.
    @discardableResult
    package func recordFailure(now: Instant) -> Instant? {
        change(now) { state in
            let wasOpen = state.breaker.phase == .open
            state.breaker.failed(now: now)
            return wasOpen ? nil : state.breaker.reopensAt
        }
    }

    /// The request ended without saying anything about the worker.
    package func recordAbandoned(now: Instant) {
        if hasCleanRecord { return }
        change(now) { $0.breaker.abandoned() }
    }

    package func activate(now: Instant) { change(now) { $0.health.activate() } }

    package func checkPassed(now: Instant) {
        change(now) {
            $0.health.checkPassed()
            $0.breaker.healthCheckPassed()
        }
    }

    package func checkFailed(now: Instant) { change(now) { $0.health.checkFailed() } }

    package func drain(now: Instant) { change(now) { $0.health.drain() } }

    /// Time has passed: an open breaker may have become selectable again.
    package func refresh(now: Instant) {
        if hasCleanRecord { return }
        change(now) { _ in }
    }

    /// Runs `body` on the state and tells routing what came of it.
    @discardableResult
    private func change<T>(_ now: Instant, _ body: (inout State) -> T) -> T {
        state.withLock { state in
            let result = body(&state)
            let isReady = state.health.status == .ready
            let isAvailable = state.breaker.isSelectable(now: now) && isReady
            isClean.store(isReady && state.breaker.isClean, ordering: .relaxed)
            // Telling routing takes the locks of every set the worker is in: only when there is something to tell.
            if slot.isAvailable != isAvailable { slot.setAvailable(isAvailable) }
            return result
        }
    }
}

/// Bytes that never change, ready to be appended.
struct ByteBlock: Sendable {
    private let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }
    func append(to buffer: ByteBuffer) { bytes.withUnsafeBytes { buffer.append($0) } }
}
