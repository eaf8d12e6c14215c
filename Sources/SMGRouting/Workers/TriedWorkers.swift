/// Workers that a request was sent to already, by tenant number. A small value without allocation.
///
/// Keeps the last `RoutingLimits.triedWorkers`; an older one counts as not tried again.
package struct TriedWorkers: Sendable {
    private var tenants = SIMD16<UInt16>(repeating: .max)
    /// Workers noted, forgotten ones included.
    package private(set) var count = 0

    package init() {}

    @inline(__always)
    package var isEmpty: Bool { count == 0 }

    package mutating func insert(_ tenant: Int) {
        if contains(tenant) { return }
        tenants[count % RoutingLimits.triedWorkers] = UInt16(truncatingIfNeeded: tenant)
        count += 1
    }

    package mutating func insert(_ slot: WorkerSlot) { insert(slot.tenant) }

    @inline(__always)
    package func contains(_ tenant: Int) -> Bool {
        count != 0 && any(tenants .== SIMD16(repeating: UInt16(truncatingIfNeeded: tenant)))
    }
}
