internal import Synchronization

/// The counters of one worker slot, alone on their cache line so that busy workers do not slow their neighbours'
/// readers.
struct SlotCounters: ~Copyable {
    /// Requests in flight.
    let load = Atomic<Int>(0)
    /// Requests given to the worker since it appeared.
    let processed = Atomic<Int>(0)
    /// Added to `processed` where equally loaded workers are compared. Raised when a worker (re)appears, so that a new
    /// one takes its turn with the others instead of every request until it has caught up.
    let handicap = Atomic<Int>(0)
    let isAvailable = Atomic<Bool>(true)

    /// A cache line, and the one the prefetcher takes with it.
    static let lineBytes = 128

    /// What decides between equal loads: fewer is better.
    @inline(__always)
    var turns: Int { processed.load(ordering: .relaxed) &+ handicap.load(ordering: .relaxed) }

    static func allocate() -> UnsafeMutablePointer<SlotCounters> {
        // SAFETY: a line of its own, aligned to it, freed by the slot that asked for it.
        let memory = UnsafeMutableRawPointer.allocate(byteCount: lineBytes, alignment: lineBytes)
        let counters = memory.bindMemory(to: SlotCounters.self, capacity: 1)
        counters.initialize(to: SlotCounters())
        return counters
    }

    static func deallocate(_ counters: UnsafeMutablePointer<SlotCounters>) {
        counters.deinitialize(count: 1)
        UnsafeMutableRawPointer(counters).deallocate()
    }
}
