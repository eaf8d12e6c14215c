package import SMGBase
package import SMGNet

/// Everything about one simulated engine.
package struct SimulatedEngineOptions: Sendable {
    /// Where to listen; port 0 takes any free one.
    package var address: SocketAddress
    /// What it calls itself in the `x-sim-worker` field; empty takes the address.
    package var name = ""
    /// The model it serves.
    package var model = "sim-model"
    /// When set, requests must carry it, except health checks and `/sim/` paths.
    package var apiKey: Secret?
    /// Speed and size.
    package var engine = EngineOptions()
    /// How it misbehaves from the start.
    package var faults = FaultPlan.none
    /// Makes the dice of `errorRate` repeatable.
    package var seed: UInt64 = 1

    /// On a free port of 127.0.0.1.
    package init() {
        guard let any = SocketAddress(literal: "127.0.0.1", port: 0) else { fatalError("a literal address is one") }
        address = any
    }
}
