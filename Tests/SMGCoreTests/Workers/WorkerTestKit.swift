import SMGBase
import SMGConfig
import SMGRouting

@testable import SMGCore

/// Workers and registries without a network.
enum Fleet {
    static let health = HealthPolicy(failureThreshold: 2, successThreshold: 2)
    static let breaker = BreakerPolicy(failureThreshold: 3, successThreshold: 2, openDuration: .seconds(60))

    static func at(_ seconds: Double) -> Instant { Instant(nanoseconds: 0) + .seconds(1_000 + seconds) }

    static func spec(_ url: String, key: String? = nil) throws -> WorkerSpec {
        WorkerSpec(url: try WorkerURL(url), apiKey: key.map { Secret($0) })
    }

    static func worker(_ url: String = "http://w:1", tenant: Int = 0, breaker: BreakerPolicy = breaker) throws -> Worker
    {
        Worker(
            id: "id-\(tenant)", spec: try spec(url), modelID: "m", tenant: tenant, health: health, breaker: breaker)
    }

    static func registry(_ kind: PolicyKind = .cacheAware) -> WorkerRegistry {
        WorkerRegistry(health: health, breaker: breaker) { Policy(kind, maxIndexBytes: 1 << 20) }
    }
}

extension WorkerRegistry {
    /// Announces and registers at once.
    func add(_ url: String, model: String = "m") throws -> Worker? {
        let spec = try Fleet.spec(url)
        return register(try announce(spec).id, spec: spec, modelID: model, now: Fleet.at(0))
    }
}
