/// Ids on their way out of a model: a growing run of `UInt32` that engines write into without a check per id.
///
/// A class, because it travels through the stages of one encoding by reference. Belongs to one thread at a time.
package final class TokenBuffer {
    /// First id. Moves when the buffer grows: never keep it across a mutation.
    package private(set) var base: UnsafeMutablePointer<UInt32>
    package private(set) var capacity: Int
    /// Ids that are in.
    package var count = 0

    package init(capacity: Int = 0) {
        self.capacity = max(capacity, 64)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// The ids. Valid until the next mutation.
    package var ids: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: base, count: count) }

    /// The ids as an array.
    package var array: [UInt32] { Array(ids) }

    /// Makes room for `extra` more ids.
    @inline(__always)
    package func reserve(_ extra: Int) {
        if capacity &- count < extra { grow(extra) }
    }

    @inline(never)
    private func grow(_ extra: Int) {
        let wanted = max(capacity * 2, count + extra)
        let moved = UnsafeMutablePointer<UInt32>.allocate(capacity: wanted)
        moved.update(from: base, count: count)
        base.deallocate()
        base = moved
        capacity = wanted
    }

    /// Appends one id.
    package func append(_ id: UInt32) {
        reserve(1)
        base[count] = id
        count &+= 1
    }

    /// Appends `ids`.
    package func append(_ ids: UnsafeBufferPointer<UInt32>) {
        guard let source = ids.baseAddress, ids.count > 0 else { return }
        reserve(ids.count)
        (base + count).update(from: source, count: ids.count)
        count &+= ids.count
    }

    package func removeAll() { count = 0 }
}
