/// Which pairs of symbols merge, and how early: (left id, right id) to rank. Immutable after it is filled.
///
/// One word an entry: left and right id and the rank have 21 bits each, so that a table of 128,000 merges has 2 MB and
/// most questions are answered by one cache line.
struct PairTable: ~Copyable {
    /// Ids and ranks run below this.
    static let symbolLimit: UInt32 = 1 << 21
    /// The answer for pairs that do not merge; above every rank.
    static let none: UInt32 = .max

    private static let rankMask: UInt64 = (1 << 21) - 1
    /// No pair is spelled like this, since the top bit of an entry is never used.
    private static let free = UInt64.max

    private let slots: UnsafeMutablePointer<UInt64>
    private let mask: UInt64
    private let shift: UInt64

    /// A table for up to `count` pairs.
    init(count: Int) {
        var bits: UInt64 = 4
        while (1 << bits) < 2 * count { bits += 1 }
        mask = (1 << bits) - 1
        shift = 64 - bits
        slots = .allocate(capacity: 1 << bits)
        slots.initialize(repeating: Self.free, count: 1 << bits)
    }

    deinit { slots.deallocate() }

    @inline(__always)
    private static func key(_ left: UInt32, _ right: UInt32) -> UInt64 {
        UInt64(left) &<< 42 | UInt64(right) &<< 21
    }

    @inline(__always)
    private func home(_ key: UInt64) -> UInt64 { (key &* 0x9e37_79b9_7f4a_7c15) &>> shift }

    /// Sets the rank of a pair. The last of several wins, as in the reference.
    func insert(_ left: UInt32, _ right: UInt32, rank: UInt32) {
        let key = Self.key(left, right)
        var slot = home(key)
        while slots[Int(slot)] != Self.free, slots[Int(slot)] & ~Self.rankMask != key { slot = (slot + 1) & mask }
        slots[Int(slot)] = key | UInt64(rank)
    }

    /// The rank of a pair; `none` where it does not merge. Ids from `symbolLimit` on merge with nothing.
    @inline(__always)
    func rank(_ left: UInt32, _ right: UInt32) -> UInt32 {
        guard left | right < Self.symbolLimit else { return Self.none }
        let key = Self.key(left, right)
        var slot = home(key)
        while true {
            let entry = slots[Int(truncatingIfNeeded: slot)]
            if entry & ~Self.rankMask == key { return UInt32(truncatingIfNeeded: entry & Self.rankMask) }
            if entry == Self.free { return Self.none }
            slot = (slot &+ 1) & mask
        }
    }
}
