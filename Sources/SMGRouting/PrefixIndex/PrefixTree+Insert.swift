/// Adding a prompt below the place where its match ended.
extension PrefixTree {
    /// Records that `tenant` has `prompt`, of which `end` is the match just made. With no memory left the index keeps a
    /// prefix of it, or nothing.
    mutating func insert(_ prompt: UnsafeRawBufferPointer, below end: MatchEnd, tenant: Int) {
        guard admit(tenant), prompt.count > 0 else { return }
        defer { pinned = (0, 0) }
        pinned = (end.node, 0)
        var place = end.node
        let rest = UnsafeRawBufferPointer(rebasing: prompt[end.matched...])
        if end.partial < Int(node(place).pointee.labelLength) {
            if rest.isEmpty && tenants(place).contains(tenant) {
                node(place).pointee.flags |= PrefixNode.referenced
                return
            }
            place = split(place, at: end.partial)
            guard place != 0 else { return }
            pinned.0 = place
        }
        guard addToPath(place, tenant: tenant) else { return }
        if rest.isEmpty {
            node(place).pointee.flags |= PrefixNode.referenced
        } else if !extend(place, with: rest, tenant: tenant) {
            append(rest, below: place, tenant: tenant)
        }
    }

    /// Cuts a label in two. The upper part becomes a new node, whose reference is returned; the lower one keeps its
    /// own, so its children and its place in the clock stay as they are. 0 without memory.
    private mutating func split(_ lower: UInt32, at length: Int) -> UInt32 {
        let upper = allocate(bytes: PrefixNode.headerBytes + length)
        guard upper != 0 else { return 0 }
        node(upper).pointee.initialize(parent: 0, labelLength: length)
        guard let word = copyTenants(node(lower).pointee.tenants) else {
            arena.free(upper)
            return 0
        }
        let key = (label(lower) + length).load(as: UInt8.self)
        guard addChild(to: upper, key: key, child: lower) else {
            freeTenants(word)
            arena.free(upper)
            return 0
        }
        let target = node(lower)
        node(upper).pointee.tenants = word
        node(upper).pointee.parent = target.pointee.parent
        label(upper).copyMemory(from: label(lower), byteCount: length)
        replaceInParent(lower, by: upper)
        let left = Int(target.pointee.labelLength) - length
        // SAFETY: overlapping ranges of one block; copyMemory moves correctly.
        label(lower).copyMemory(from: label(lower) + length, byteCount: left)
        target.pointee.parent = upper
        target.pointee.labelLength = UInt16(left)
        arena.trim(lower, bytes: PrefixNode.headerBytes + left)
        nodeCount += 1
        return upper
    }

    /// Adds `tenant` to `place` and its ancestors. All or nothing, so that parents always include their children's
    /// sets.
    private mutating func addToPath(_ place: UInt32, tenant: Int) -> Bool {
        var at = place
        while !tenants(at).contains(tenant) {
            pinned.1 = at
            guard addTenant(tenant, to: at) else {
                var undo = place
                while undo != at {
                    removeTenant(tenant, from: undo)
                    undo = node(undo).pointee.parent
                }
                return false
            }
            if at == root { break }
            at = node(at).pointee.parent
        }
        pinned.1 = 0
        return true
    }

    /// Lengthens a leaf that only `tenant` has instead of hanging a child below it: a conversation that grows turn by
    /// turn stays one node. False when it is not such a leaf, or the label would get too long.
    private mutating func extend(_ leaf: UInt32, with rest: UnsafeRawBufferPointer, tenant: Int) -> Bool {
        let old = Int(node(leaf).pointee.labelLength)
        guard leaf != root, node(leaf).pointee.isLeaf, node(leaf).pointee.tenants == TenantWord(tenant),
            old + rest.count <= RoutingLimits.labelBytes
        else { return false }
        let made = allocate(bytes: PrefixNode.headerBytes + old + rest.count)
        guard made != 0 else { return false }
        dequeue(leaf)
        moveHeader(from: leaf, to: made)
        label(made).copyMemory(from: label(leaf), byteCount: old)
        (label(made) + old).copyMemory(from: rest.baseAddress!, byteCount: rest.count)
        node(made).pointee.labelLength = UInt16(old + rest.count)
        replaceInParent(leaf, by: made)
        arena.free(leaf)
        enqueue(made)
        labelBytes += rest.count
        tenantBytes[tenant] += rest.count
        return true
    }

    /// Hangs `rest` below `place`, in as many nodes as its length takes.
    private mutating func append(_ rest: UnsafeRawBufferPointer, below place: UInt32, tenant: Int) {
        var parent = place
        var at = 0
        while at < rest.count {
            pinned.0 = parent
            let length = min(RoutingLimits.labelBytes, rest.count - at)
            let piece = UnsafeRawBufferPointer(rebasing: rest[at..<(at + length)])
            let leaf = makeLeaf(piece, tenant: tenant, parent: parent)
            guard leaf != 0 else { break }
            guard addChild(to: parent, key: piece[0], child: leaf) else {
                arena.free(leaf)
                break
            }
            nodeCount += 1
            labelBytes += length
            tenantBytes[tenant] += length
            parent = leaf
            at += length
        }
        let last = node(parent)
        if parent != root, last.pointee.isLeaf, last.pointee.flags & PrefixNode.queued == 0 { enqueue(parent) }
    }

    /// Copies everything but the arena's word.
    func moveHeader(from source: UInt32, to target: UInt32) {
        (arena.at(target) + 4).copyMemory(from: arena.at(source) + 4, byteCount: PrefixNode.headerBytes - 4)
    }
}
