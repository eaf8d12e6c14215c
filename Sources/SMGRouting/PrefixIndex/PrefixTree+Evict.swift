/// Taking nodes out: eviction, merging, removal of a tenant.
extension PrefixTree {
    /// Removes the leaf that was neither added nor matched for the longest time (second chance). False when every leaf
    /// is pinned or there is none.
    mutating func evictLeaf() -> Bool {
        var spared = 0
        while clockTail != 0 {
            let oldest = clockTail
            let isReferenced = node(oldest).pointee.flags & PrefixNode.referenced != 0
            let isPinned = isPinned(oldest)
            if isPinned && clockHead == oldest { return false }
            if isPinned || (isReferenced && spared < RoutingLimits.sparedLeaves) {
                if isPinned && onlyPinnedLeft() { return false }
                spared += 1
                node(oldest).pointee.flags &= ~PrefixNode.referenced
                dequeue(oldest)
                enqueue(oldest)
                continue
            }
            evictedNodes += 1
            _ = removeLeaf(oldest, aged: true)
            return true
        }
        return false
    }

    @inline(__always)
    private func isPinned(_ reference: UInt32) -> Bool { reference == pinned.0 || reference == pinned.1 }

    /// Whether the clock holds nothing but the two pinned leaves.
    private func onlyPinnedLeft() -> Bool {
        isPinned(clockHead) && isPinned(clockTail) && node(clockHead).pointee.second == clockTail
    }

    /// Takes a leaf out of the tree and tidies its parent up. `aged`: the parent, if it is a leaf now, is as old as
    /// the leaf was and goes next; otherwise it counts as new. Returns the node that now stands for the parent.
    mutating func removeLeaf(_ leaf: UInt32, aged: Bool) -> UInt32 {
        dequeue(leaf)
        let parent = node(leaf).pointee.parent
        let length = Int(node(leaf).pointee.labelLength)
        let counts = tenantBytes
        tenants(leaf).forEach {
            counts[$0] -= length; return true
        }
        freeTenants(node(leaf).pointee.tenants)
        removeChild(of: parent, key: label(leaf).load(as: UInt8.self))
        labelBytes -= length
        nodeCount -= 1
        arena.free(leaf)
        if parent == root { return root }
        switch childCount(parent) {
        case 0:
            enqueue(parent, oldest: aged)
            return merge(node(parent).pointee.parent, with: parent) ?? parent
        case 1:
            return merge(parent, with: onlyChild(of: parent)) ?? parent
        default:
            return parent
        }
    }

    /// Joins `upper` with its only child `lower` into one new node if the same tenants have both and the label fits.
    /// Without memory at hand the two stay: correct, only less compact.
    mutating func merge(_ upper: UInt32, with lower: UInt32) -> UInt32? {
        let above = Int(node(upper).pointee.labelLength)
        let below = Int(node(lower).pointee.labelLength)
        guard upper != root, childCount(upper) == 1, !isPinned(upper), !isPinned(lower),
            node(upper).pointee.tenants.count == node(lower).pointee.tenants.count,
            above + below <= RoutingLimits.labelBytes
        else { return nil }
        let made = arena.allocate(bytes: PrefixNode.headerBytes + above + below, growing: false)
        guard made != 0 else { return nil }
        moveHeader(from: lower, to: made)
        label(made).copyMemory(from: label(upper), byteCount: above)
        (label(made) + above).copyMemory(from: label(lower), byteCount: below)
        let target = node(made)
        target.pointee.parent = node(upper).pointee.parent
        target.pointee.labelLength = UInt16(above + below)
        replaceInParent(upper, by: made)
        adoptChildren(of: made)
        if target.pointee.flags & PrefixNode.queued != 0 { requeue(movedTo: made) }
        freeTenants(node(upper).pointee.tenants)
        arena.free(node(upper).pointee.first)
        arena.free(upper)
        arena.free(lower)
        nodeCount -= 1
        return made
    }

    private func adoptChildren(of reference: UInt32) {
        var key = 0
        while let entry = child(of: reference, from: key) {
            node(entry).pointee.parent = reference
            key = Int(label(entry).load(as: UInt8.self)) + 1
        }
    }

    /// Removes `tenant` from up to `limit` nodes, leaves first. True when it is on no node any more.
    mutating func removeTenant(_ tenant: Int, limit: Int) -> Bool {
        guard tenants(root).contains(tenant) else { return true }
        var at = root
        var removed = 0
        while removed < limit {
            while let below = child(of: at, holding: tenant) { at = below }
            removeTenant(tenant, from: at)
            if at == root { return true }
            removed += 1
            if node(at).pointee.tenants.count == 0 {
                at = removeLeaf(at, aged: false)
                continue
            }
            if childCount(at) == 1, let joined = merge(at, with: onlyChild(of: at)) { at = joined }
            at = node(at).pointee.parent
        }
        return false
    }

    private func child(of reference: UInt32, holding tenant: Int) -> UInt32? {
        var key = 0
        while let entry = child(of: reference, from: key) {
            if tenants(entry).contains(tenant) { return entry }
            key = Int(label(entry).load(as: UInt8.self)) + 1
        }
        return nil
    }
}
