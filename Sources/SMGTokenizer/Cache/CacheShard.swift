internal import Synchronization

/// One part of a cache with its own lock: entries by hash, the one longest unused goes first.
final class CacheShard: Sendable {
    private struct Slot {
        var entry: CachedIDs
        var hash: UInt64
        /// Neighbours in the order of use; -1 where there is none.
        var newer: Int32
        var older: Int32
    }

    private struct State {
        var slots: [Slot] = []
        /// Where the entry of a hash is. One entry per hash: of two texts with one hash, the later stays.
        var places: [UInt64: Int32] = [:]
        var newest: Int32 = -1
        var oldest: Int32 = -1
        var bytes = 0
    }

    private let state = Mutex(State())
    private let maximumEntries: Int
    private let maximumBytes: Int
    let hits = Atomic<Int>(0)
    let misses = Atomic<Int>(0)

    init(maximumEntries: Int, maximumBytes: Int) {
        self.maximumEntries = maximumEntries
        self.maximumBytes = maximumBytes
    }

    /// Whether an entry of this cost is kept at all.
    func accepts(cost: Int) -> Bool { maximumEntries > 0 && cost <= maximumBytes }

    /// The entry of `hash`, which counts as used. The caller compares the key.
    func entry(_ hash: UInt64) -> CachedIDs? {
        state.withLock { state in
            guard let place = state.places[hash] else { return nil }
            if state.newest != place {
                Self.unlink(&state, place)
                Self.linkNewest(&state, place)
            }
            return state.slots[Int(place)].entry
        }
    }

    /// Keeps `entry`, in place of one with its hash and of as many old ones as need be.
    func insert(_ entry: CachedIDs, _ hash: UInt64) {
        let cost = entry.cost
        guard accepts(cost: cost) else { return }
        // Freed after the lock is.
        var dropped: [CachedIDs] = []
        state.withLock { state in
            if let place = state.places[hash] { dropped.append(Self.remove(&state, place)) }
            while state.slots.count >= maximumEntries || state.bytes + cost > maximumBytes {
                dropped.append(Self.remove(&state, state.oldest))
            }
            state.slots.append(Slot(entry: entry, hash: hash, newer: -1, older: -1))
            state.places[hash] = Int32(state.slots.count - 1)
            state.bytes += cost
            Self.linkNewest(&state, Int32(state.slots.count - 1))
        }
        withExtendedLifetime(dropped) {}
    }

    /// Entries and their bytes.
    var usage: (entries: Int, bytes: Int) { state.withLock { ($0.slots.count, $0.bytes) } }

    func removeAll() {
        let old = state.withLock { state in
            let old = state.slots
            state = State()
            return old.map(\.entry)
        }
        withExtendedLifetime(old) {}
    }

    // MARK: - The order of use

    private static func unlink(_ state: inout State, _ place: Int32) {
        let slot = state.slots[Int(place)]
        if slot.newer >= 0 { state.slots[Int(slot.newer)].older = slot.older } else { state.newest = slot.older }
        if slot.older >= 0 { state.slots[Int(slot.older)].newer = slot.newer } else { state.oldest = slot.newer }
    }

    private static func linkNewest(_ state: inout State, _ place: Int32) {
        state.slots[Int(place)].newer = -1
        state.slots[Int(place)].older = state.newest
        if state.newest >= 0 { state.slots[Int(state.newest)].newer = place } else { state.oldest = place }
        state.newest = place
    }

    /// Takes the entry at `place` out; the last slot moves into the hole.
    private static func remove(_ state: inout State, _ place: Int32) -> CachedIDs {
        unlink(&state, place)
        let removed = state.slots[Int(place)]
        state.places[removed.hash] = nil
        state.bytes -= removed.entry.cost
        let last = state.slots.removeLast()
        if Int(place) < state.slots.count {
            state.slots[Int(place)] = last
            state.places[last.hash] = place
            if last.newer >= 0 { state.slots[Int(last.newer)].older = place } else { state.newest = place }
            if last.older >= 0 { state.slots[Int(last.older)].newer = place } else { state.oldest = place }
        }
        return removed.entry
    }
}
