/// Workers that a request was sent to already, by tenant number. A small value without allocation.
///
/// Keeps the last `RoutingLimits.triedWorkers`; an older one counts as not tried again.
package struct TriedWorkers: Sendable {
    private var tenants = SIMD16<UInt16>(repeating: .max)
    /// Workers noted, forgotten ones included.
    package private(set) var count = 0

    /// Nobody.
    package init() {}

    /// Whether nobody was tried yet.
    @inline(__always)
    package var isEmpty: Bool { count == 0 }

    /// Notes a worker by its tenant number.
    package mutating func insert(_ tenant: Int) {
        if contains(tenant) { return }
        tenants[count % RoutingLimits.triedWorkers] = UInt16(truncatingIfNeeded: tenant)
        count += 1
    }

    /// Notes a worker.
    package mutating func insert(_ slot: WorkerSlot) { insert(slot.tenant) }

    /// Whether the worker with this tenant number was tried.
    @inline(__always)
    package func contains(_ tenant: Int) -> Bool {
        count != 0 && any(tenants .== SIMD16(repeating: UInt16(truncatingIfNeeded: tenant)))
    }
}
