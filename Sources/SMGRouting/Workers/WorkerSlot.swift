internal import Synchronization

/// What routing knows of one worker: how busy it is and whether it may be chosen.
///
/// A slot lives as long as its worker, through every rebuild of the worker sets it belongs to, and as long as any
/// lease on it. Every change is passed on to the load boards of those sets before the call returns. Thread-safe.
package final class WorkerSlot: @unchecked Sendable {
    // `@unchecked Sendable`: `counters` points at atomics, and the rest is immutable or in the mutex.

    /// The worker's number in prefix indexes and in lists of tried workers, below `RoutingLimits.tenants`. Numbers
    /// should be dense per model: up to 62 of them fit a node of the index as a mask.
    package let tenant: Int
    let counters = SlotCounters.allocate()
    private let memberships = Mutex(Memberships())

    /// `tenant` must be below `RoutingLimits.tenants`: the worker table refuses more workers than that.
    package init(tenant: Int, isAvailable: Bool = true) {
        precondition((0..<RoutingLimits.tenants).contains(tenant), "tenant numbers stay below RoutingLimits.tenants")
        self.tenant = tenant
        counters.pointee.isAvailable.store(isAvailable, ordering: .relaxed)
    }

    deinit { SlotCounters.deallocate(counters) }

    /// Requests in flight.
    package var load: Int { counters.pointee.load.load(ordering: .relaxed) }

    /// Requests given to the worker since it appeared.
    package var processed: Int { counters.pointee.processed.load(ordering: .relaxed) }

    /// Whether policies may choose the worker.
    package var isAvailable: Bool { counters.pointee.isAvailable.load(ordering: .relaxed) }

    /// Counts a request in. Prefer `InFlightLease`, which cannot forget `release()`.
    package func acquire() {
        counters.pointee.processed.wrappingAdd(1, ordering: .relaxed)
        counters.pointee.load.wrappingAdd(1, ordering: .relaxed)
        publish()
    }

    /// Counts a request out; once for each `acquire()`.
    package func release() {
        let old = counters.pointee.load.wrappingSubtract(1, ordering: .relaxed).oldValue
        assert(old > 0, "released more often than acquired")
        publish()
    }

    /// Takes the worker out of every policy's choice (unhealthy, breaker open, draining), or back in.
    package func setAvailable(_ isAvailable: Bool) {
        counters.pointee.isAvailable.store(isAvailable, ordering: .relaxed)
        publish()
    }

    /// Brings the boards up to date. Each reads the counters itself under its lock, so of two racing changes the later
    /// call leaves the truth behind, whichever it is.
    private func publish() { memberships.withLock { $0.refresh() } }

    func join(_ board: LoadBoard, at position: Int) {
        memberships.withLock { list in
            list.add(board, position)
            board.refresh(position)
        }
    }

    func leave(_ board: LoadBoard) { memberships.withLock { $0.remove(board) } }
}

/// One request in flight at a worker: raises the worker's load when it is made and lowers it exactly once, when it
/// ends or goes out of scope, on every path.
package struct InFlightLease: ~Copyable, Sendable {
    /// The worker the request is at.
    package let slot: WorkerSlot

    /// Counts a request in at `slot`.
    package init(_ slot: WorkerSlot) {
        self.slot = slot
        slot.acquire()
    }

    deinit { slot.release() }

    /// Ends the lease now.
    package consuming func end() {}
}
