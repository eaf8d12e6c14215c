internal import Synchronization

/// Whether the gateway serves, or is on its way out. Read by readiness on every loop.
package final class Lifecycle: Sendable {
    private let draining = Atomic<Bool>(false)

    package init() {}

    package var isDraining: Bool { draining.load(ordering: .relaxed) }
    /// True for the first call, false for all later ones.
    @discardableResult
    package func beginDraining() -> Bool { !draining.exchange(true, ordering: .acquiringAndReleasing) }
}
