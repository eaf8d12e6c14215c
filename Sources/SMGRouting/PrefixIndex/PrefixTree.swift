/// The radix tree behind `PrefixIndex`: path-compressed, over bytes, in one arena.
///
/// Rules that hold between calls (see `inconsistency()`): a node's tenants include those of its children; every node
/// but the root has a label and a tenant; leaves, and only leaves, are in the clock; the arena's used blocks are
/// exactly the nodes, child tables and large tenant sets of the tree.
///
/// Not thread-safe: `PrefixIndex` keeps it in a mutex.
struct PrefixTree: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: the pointers are owned by this value alone, which its mutex hands to one thread at a time.
    var arena: Arena
    let root: UInt32
    /// Most and least recently added leaf.
    var clockHead: UInt32 = 0
    var clockTail: UInt32 = 0
    /// Nodes that eviction must leave as they are, because the running operation holds their references.
    var pinned: (UInt32, UInt32) = (0, 0)
    /// Label bytes per tenant; `tenantLimit` entries, a multiple of 64.
    var tenantBytes: UnsafeMutablePointer<Int>
    var tenantLimit = 64
    var nodeCount = 1
    var labelBytes = 0
    var evictedNodes = 0

    init(maxBytes: Int) {
        // The byte counts of all tenants there can be, but never a large part of a small cap.
        let tables = min(RoutingLimits.tenants * MemoryLayout<Int>.stride, max(maxBytes, 0) / 16)
        arena = Arena(maxBytes: maxBytes, tableBytes: max(tables, 1024))
        tenantBytes = .allocate(capacity: tenantLimit)
        tenantBytes.initialize(repeating: 0, count: tenantLimit)
        _ = arena.charge(bytes: tenantLimit * MemoryLayout<Int>.stride)
        root = arena.allocate(bytes: PrefixNode.headerBytes)
        precondition(root != 0, "the smallest index cap holds a root")
        node(root).pointee.initialize(parent: 0, labelLength: 0)
    }

    deinit { tenantBytes.deallocate() }

    @inline(__always)
    func node(_ reference: UInt32) -> UnsafeMutablePointer<PrefixNode> {
        // SAFETY: references in the tree name used blocks of at least `headerBytes`, laid out as `PrefixNode`.
        arena.at(reference).assumingMemoryBound(to: PrefixNode.self)
    }

    @inline(__always)
    func label(_ reference: UInt32) -> UnsafeMutableRawPointer { arena.at(reference) + PrefixNode.headerBytes }

    /// A block of `bytes`, evicting leaves while the cap leaves no room. 0 when nothing evictable is left.
    mutating func allocate(bytes: Int) -> UInt32 {
        while true {
            let block = arena.allocate(bytes: bytes)
            if block != 0 { return block }
            guard evictLeaf() else { return 0 }
        }
    }

    /// A new leaf with `tenant` and the bytes of `label` (at most `labelBytes`), not yet in the tree. 0 without memory.
    mutating func makeLeaf(_ label: UnsafeRawBufferPointer, tenant: Int, parent: UInt32) -> UInt32 {
        let made = allocate(bytes: PrefixNode.headerBytes + label.count)
        guard made != 0 else { return 0 }
        let target = node(made)
        target.pointee.initialize(parent: parent, labelLength: label.count)
        target.pointee.tenants = TenantWord(tenant)
        self.label(made).copyMemory(from: label.baseAddress!, byteCount: label.count)
        return made
    }

    /// Puts `replacement` into the place of `reference` in the parent's table.
    func replaceInParent(_ reference: UInt32, by replacement: UInt32) {
        let parent = node(replacement).pointee.parent
        setChild(of: parent, key: label(replacement).load(as: UInt8.self), to: replacement)
    }
}

// MARK: - Clock

extension PrefixTree {
    /// Adds a leaf to the clock: as the last to be evicted, or the first.
    mutating func enqueue(_ reference: UInt32, oldest: Bool = false) {
        let target = node(reference)
        target.pointee.flags |= PrefixNode.queued
        if oldest {
            target.pointee.first = clockTail
            target.pointee.second = 0
            if clockTail != 0 { node(clockTail).pointee.second = reference } else { clockHead = reference }
            clockTail = reference
        } else {
            target.pointee.first = 0
            target.pointee.second = clockHead
            if clockHead != 0 { node(clockHead).pointee.first = reference } else { clockTail = reference }
            clockHead = reference
        }
    }

    mutating func dequeue(_ reference: UInt32) {
        let target = node(reference)
        guard target.pointee.flags & PrefixNode.queued != 0 else { return }
        target.pointee.flags &= ~PrefixNode.queued
        let newer = target.pointee.first
        let older = target.pointee.second
        if newer != 0 { node(newer).pointee.second = older } else { clockHead = older }
        if older != 0 { node(older).pointee.first = newer } else { clockTail = newer }
    }

    /// Tells a queued leaf's neighbours that it moved to `reference`.
    mutating func requeue(movedTo reference: UInt32) {
        let newer = node(reference).pointee.first
        let older = node(reference).pointee.second
        if newer != 0 { node(newer).pointee.second = reference } else { clockHead = reference }
        if older != 0 { node(older).pointee.first = reference } else { clockTail = reference }
    }
}
