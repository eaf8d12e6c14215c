internal import Synchronization

/// Whether the gateway serves, or is on its way out. Read by readiness on every loop.
package final class Lifecycle: Sendable {
    private let draining = Atomic<Bool>(false)

    package init() {}

    package var isDraining: Bool { draining.load(ordering: .relaxed) }
    package func beginDraining() { draining.store(true, ordering: .relaxed) }
}
