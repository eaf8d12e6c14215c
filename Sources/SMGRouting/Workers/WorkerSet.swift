internal import Synchronization

/// The workers of one model and role: an immutable list, made anew when the worker table changes.
///
/// A set keeps a load board of its own up to date for as long as it exists; making and dropping one costs some fifty
/// nanoseconds per worker. Old and new sets may share slots for any time. Thread-safe.
package final class WorkerSet: @unchecked Sendable {
    // `@unchecked Sendable`: immutable after `init`; the pointers are into slots that `slots` keeps alive.

    /// The workers, in the order given.
    package let slots: [WorkerSlot]
    let board: LoadBoard
    /// The slots' counters, by position: read without touching the slots' reference counts.
    private let counters: [UnsafeMutablePointer<SlotCounters>]
    private let tenants: [Int]
    /// Position of each tenant number, or -1.
    private let positions: [Int32]

    /// `slots` must have distinct tenant numbers.
    package init(_ slots: [WorkerSlot]) {
        self.slots = slots
        counters = slots.map(\.counters)
        tenants = slots.map(\.tenant)
        var positions = [Int32](repeating: -1, count: (tenants.max() ?? -1) + 1)
        for (position, tenant) in tenants.enumerated() {
            precondition(positions[tenant] < 0, "two slots of a set have the same tenant number")
            positions[tenant] = Int32(position)
        }
        self.positions = positions
        board = LoadBoard(counters, tenants: tenants)
        for (position, slot) in slots.enumerated() { slot.join(board, at: position) }
    }

    deinit { for slot in slots { slot.leave(board) } }

    /// Workers, available or not.
    package var count: Int { slots.count }

    /// Workers that may be chosen now.
    package var availableCount: Int { board.withQueues { $0.availableCount } }

    /// The smallest and largest load of the available workers; zeros if there are none.
    package var loadRange: (min: Int, max: Int) { board.withQueues { $0.loadRange } }

    /// Position of the slot with this tenant number, if the set has it.
    @inline(__always)
    func position(ofTenant tenant: Int) -> Int? {
        guard tenant < positions.count, positions[tenant] >= 0 else { return nil }
        return Int(positions[tenant])
    }

    @inline(__always)
    func tenant(_ position: Int) -> Int { tenants[position] }

    @inline(__always)
    func load(_ position: Int) -> Int { counters[position].pointee.load.load(ordering: .relaxed) }

    @inline(__always)
    func turns(_ position: Int) -> Int { counters[position].pointee.turns }

    /// Available and not tried.
    @inline(__always)
    func isCandidate(_ position: Int, _ tried: TriedWorkers) -> Bool {
        counters[position].pointee.isAvailable.load(ordering: .relaxed) && !tried.contains(tenants[position])
    }
}
