internal import Synchronization

/// The workers of one set, sorted by load at all times.
///
/// Every load level has a queue of the available workers that have this load, and a bit that tells whether the queue
/// is empty. A worker whose load changes moves to the end of its new queue; so the front of the first non-empty queue
/// is the least loaded worker that has waited the longest. Moves and looks take constant time however many workers
/// there are; the mutex is held for some twenty nanoseconds.
final class LoadBoard: Sendable {
    private let state: Mutex<LoadQueues>

    init(_ counters: [UnsafeMutablePointer<SlotCounters>], tenants: [Int]) {
        state = Mutex(LoadQueues(counters, tenants: tenants))
    }

    /// Puts `position` where its counters say it belongs.
    func refresh(_ position: Int) { state.withLock { $0.refresh(position) } }

    /// Looks at all queues at one moment. Short: changes of any worker's load wait.
    func withQueues<Result>(_ body: (inout LoadQueues) -> Result) -> Result {
        state.withLock { body(&$0) }
    }
}

/// The content of a `LoadBoard`: queues per load level over positions in the set.
struct LoadQueues: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: the tables are owned by this value alone, which its mutex hands to one thread at a time;
    // the counters are atomics, kept alive by the set that owns the board.

    private struct Entry {
        var previous: Int32 = -1
        var next: Int32 = -1
        /// Load level of the queue the worker is in; -1 while it is not available.
        var level: Int32 = -1
        /// Place among `available`.
        var place: Int32 = -1
    }

    private struct Queue {
        var head: Int32 = -1
        var tail: Int32 = -1
    }

    private static let levels = RoutingLimits.loadLevels
    private let count: Int
    private let counters: UnsafeMutablePointer<UnsafeMutablePointer<SlotCounters>>
    private let tenants: UnsafeMutablePointer<UInt16>
    private let entries: UnsafeMutablePointer<Entry>
    private let queues: UnsafeMutablePointer<Queue>
    /// One bit per level: its queue has somebody.
    private let occupied: UnsafeMutablePointer<UInt64>
    /// The available positions, in no order that means anything.
    private let available: UnsafeMutablePointer<Int32>
    private(set) var availableCount = 0
    /// About the turns of the worker that had the fewest at the last choice: where a newcomer starts.
    private var turnFloor = 0

    init(_ counters: [UnsafeMutablePointer<SlotCounters>], tenants: [Int]) {
        count = counters.count
        self.counters = .allocate(capacity: count)
        self.counters.initialize(from: counters, count: count)
        self.tenants = .allocate(capacity: count)
        for i in 0..<count { (self.tenants + i).initialize(to: UInt16(tenants[i])) }
        entries = .allocate(capacity: count)
        entries.initialize(repeating: Entry(), count: count)
        queues = .allocate(capacity: Self.levels)
        queues.initialize(repeating: Queue(), count: Self.levels)
        occupied = .allocate(capacity: Self.levels / 64)
        occupied.initialize(repeating: 0, count: Self.levels / 64)
        available = .allocate(capacity: count)
        turnFloor = Self.smallestTurns(counters)
    }

    deinit {
        counters.deallocate()
        tenants.deallocate()
        entries.deallocate()
        queues.deallocate()
        occupied.deallocate()
        available.deallocate()
    }

    private static func smallestTurns(_ counters: [UnsafeMutablePointer<SlotCounters>]) -> Int {
        var smallest = Int.max
        for one in counters where one.pointee.isAvailable.load(ordering: .relaxed) && one.pointee.turns > 0 {
            smallest = min(smallest, one.pointee.turns)
        }
        return smallest == .max ? 0 : smallest
    }

    func load(_ position: Int) -> Int { counters[position].pointee.load.load(ordering: .relaxed) }
    func turns(_ position: Int) -> Int { counters[position].pointee.turns }
}

// MARK: - Reading

extension LoadQueues {
    /// The smallest and the largest load of an available worker.
    var loadRange: (min: Int, max: Int) {
        guard let low = level(from: 0), let high = highestLevel else { return (0, 0) }
        let least = low == Self.levels - 1 ? lastLevelLoads.min : low
        return (least, high == Self.levels - 1 ? lastLevelLoads.max : high)
    }

    /// An available position by its place in the list, which any number names.
    func available(at number: Int) -> Int { Int(available[number % availableCount]) }

    /// The least loaded available worker that was not tried. Of equally loaded ones the one with the fewest turns among
    /// the first `RoutingLimits.tieCandidates` in the queue, of those the one that waited longest.
    func leastLoaded(excluding tried: TriedWorkers) -> Int? {
        var next = level(from: 0)
        while let here = next {
            var at = queues[here].head
            var best: (position: Int, load: Int, turns: Int)?
            var compared = 0
            while at >= 0 && compared < RoutingLimits.tieCandidates {
                let position = Int(at)
                at = entries[position].next
                if tried.contains(Int(tenants[position])) { continue }
                compared += 1
                let (load, turns) = (here == Self.levels - 1 ? load(position) : here, turns(position))
                if let best, (best.load, best.turns) <= (load, turns) { continue }
                best = (position, load, turns)
            }
            if let best { return best.position }
            next = level(from: here + 1)
        }
        return nil
    }

    /// Calls `body` with available positions, least loaded first, until it returns false or `limit` were seen.
    func forEachByLoad(limit: Int, _ body: (Int) -> Bool) {
        var left = limit
        var next = level(from: 0)
        while let here = next {
            var at = queues[here].head
            while at >= 0 {
                guard left > 0, body(Int(at)) else { return }
                left -= 1
                at = entries[Int(at)].next
            }
            next = level(from: here + 1)
        }
    }

    /// The first level with somebody in it at or above `start`.
    private func level(from start: Int) -> Int? {
        var word = start >> 6
        guard word < Self.levels / 64 else { return nil }
        var bits = occupied[word] & (~0 << UInt64(start & 63))
        while bits == 0 {
            word += 1
            guard word < Self.levels / 64 else { return nil }
            bits = occupied[word]
        }
        return word << 6 + bits.trailingZeroBitCount
    }

    private var highestLevel: Int? {
        for word in stride(from: Self.levels / 64 - 1, through: 0, by: -1) where occupied[word] != 0 {
            return word << 6 + 63 - occupied[word].leadingZeroBitCount
        }
        return nil
    }

    /// Loads at the front of the last level, where levels are no longer exact.
    private var lastLevelLoads: (min: Int, max: Int) {
        var range = (min: Int.max, max: 0)
        var at = queues[Self.levels - 1].head
        var seen = 0
        while at >= 0 && seen < RoutingLimits.holdersCompared {
            let load = load(Int(at))
            range = (min(range.min, load), max(range.max, load))
            at = entries[Int(at)].next
            seen += 1
        }
        return range
    }
}

// MARK: - Changing

extension LoadQueues {
    mutating func refresh(_ position: Int) {
        let one = counters[position]
        let isAvailable = one.pointee.isAvailable.load(ordering: .relaxed)
        let load = one.pointee.load.load(ordering: .relaxed)
        let level = isAvailable ? Int32(min(max(load, 0), Self.levels - 1)) : -1
        let old = entries[position].level
        if level == old { return }
        if old >= 0 { unlink(position) } else { arrive(position) }
        if level >= 0 { link(position, level) } else { depart(position) }
    }

    /// Remembers how many turns the chosen worker had.
    mutating func noteTurn(of position: Int) { turnFloor = max(turnFloor, turns(position)) }

    private mutating func arrive(_ position: Int) {
        available[availableCount] = Int32(position)
        entries[position].place = Int32(availableCount)
        availableCount += 1
        let behind = turnFloor - turns(position)
        if behind > 0 { counters[position].pointee.handicap.wrappingAdd(behind, ordering: .relaxed) }
    }

    private mutating func depart(_ position: Int) {
        availableCount -= 1
        let place = entries[position].place
        let last = available[availableCount]
        available[Int(place)] = last
        entries[Int(last)].place = place
        entries[position].place = -1
    }

    private func link(_ position: Int, _ level: Int32) {
        let tail = queues[Int(level)].tail
        entries[position].previous = tail
        entries[position].next = -1
        entries[position].level = level
        if tail >= 0 {
            entries[Int(tail)].next = Int32(position)
        } else {
            queues[Int(level)].head = Int32(position)
            occupied[Int(level) >> 6] |= 1 << UInt64(level & 63)
        }
        queues[Int(level)].tail = Int32(position)
    }

    private func unlink(_ position: Int) {
        let entry = entries[position]
        let level = Int(entry.level)
        if entry.previous >= 0 {
            entries[Int(entry.previous)].next = entry.next
        } else {
            queues[level].head = entry.next
        }
        if entry.next >= 0 {
            entries[Int(entry.next)].previous = entry.previous
        } else {
            queues[level].tail = entry.previous
        }
        if queues[level].head < 0 { occupied[level >> 6] &= ~(1 << UInt64(level & 63)) }
        entries[position].level = -1
    }
}
