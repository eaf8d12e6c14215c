/// The load boards that one slot is on: usually one, two while a table change is under way.
///
/// A plain table, because every request walks it twice and an array of references costs more than the walk.
struct Memberships: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: the table is owned by this value alone, which its slot's mutex hands to one thread at a
    // time.

    private struct Membership {
        /// Alive while it is listed: the set that owns the board takes it off first, under the slot's mutex.
        let board: Unmanaged<LoadBoard>
        let position: Int
    }

    private var list: UnsafeMutablePointer<Membership>
    private var count = 0
    private var capacity = 2

    init() { list = .allocate(capacity: capacity) }

    deinit { list.deallocate() }

    /// Tells every board that the counters of this slot changed.
    @inline(__always)
    func refresh() {
        for i in 0..<count {
            let position = list[i].position
            list[i].board._withUnsafeGuaranteedRef { $0.refresh(position) }
        }
    }

    mutating func add(_ board: LoadBoard, _ position: Int) {
        if count == capacity {
            let grown = UnsafeMutablePointer<Membership>.allocate(capacity: capacity * 2)
            grown.update(from: list, count: count)
            list.deallocate()
            list = grown
            capacity *= 2
        }
        list[count] = Membership(board: Unmanaged.passUnretained(board), position: position)
        count += 1
    }

    mutating func remove(_ board: LoadBoard) {
        let wanted = Unmanaged.passUnretained(board).toOpaque()
        for i in 0..<count where list[i].board.toOpaque() == wanted {
            count -= 1
            list[i] = list[count]
            return
        }
    }
}
