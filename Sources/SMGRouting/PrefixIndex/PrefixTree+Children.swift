/// The child tables: sorted lists for up to 32 children, one slot per byte above.
extension PrefixTree {
    /// The child whose label starts with `key`, or 0.
    @inline(__always)
    func child(of reference: UInt32, key: UInt8) -> UInt32 {
        let parent = node(reference)
        let form = parent.pointee.form
        if form == .none { return 0 }
        let table = arena.at(parent.pointee.first)
        if form == .direct { return childReferences(table, form)[Int(key)] }
        guard let at = position(of: key, in: table, form, Int(parent.pointee.second)) else { return 0 }
        return childReferences(table, form)[at]
    }

    /// The first child with a key of at least `key`, in key order.
    func child(of reference: UInt32, from key: Int) -> UInt32? {
        let parent = node(reference)
        let form = parent.pointee.form
        guard form != .none else { return nil }
        let table = arena.at(parent.pointee.first)
        let references = childReferences(table, form)
        if form == .direct {
            var at = key
            while at < 256 {
                if references[at] != 0 { return references[at] }
                at += 1
            }
            return nil
        }
        let keys = childKeys(table, form)
        for i in 0..<Int(parent.pointee.second) where Int(keys[i]) >= key { return references[i] }
        return nil
    }

    /// The only child of a node with one child.
    func onlyChild(of reference: UInt32) -> UInt32 { child(of: reference, from: 0) ?? 0 }

    func childCount(_ reference: UInt32) -> Int {
        node(reference).pointee.isLeaf ? 0 : Int(node(reference).pointee.second)
    }

    /// Points the existing entry for `key` at another node.
    func setChild(of reference: UInt32, key: UInt8, to child: UInt32) {
        let parent = node(reference)
        let form = parent.pointee.form
        let table = arena.at(parent.pointee.first)
        let references = childReferences(table, form)
        if form == .direct {
            references[Int(key)] = child
        } else if let at = position(of: key, in: table, form, Int(parent.pointee.second)) {
            references[at] = child
        }
    }

    /// Adds a child under a key that is free. A leaf leaves the clock and becomes an inner node. The caller pins
    /// `reference`. False without memory; nothing has changed then.
    mutating func addChild(to reference: UInt32, key: UInt8, child: UInt32) -> Bool {
        let form = node(reference).pointee.form
        let count = childCount(reference)
        if count == form.capacity {
            guard resizeTable(of: reference, to: form.larger) else { return false }
        }
        insertEntry(in: reference, key: key, child: child)
        return true
    }

    /// Removes the entry for `key`. The last one leaves a leaf behind, outside the clock.
    mutating func removeChild(of reference: UInt32, key: UInt8) {
        let parent = node(reference)
        let form = parent.pointee.form
        let table = arena.at(parent.pointee.first)
        let references = childReferences(table, form)
        let count = Int(parent.pointee.second)
        if form == .direct {
            references[Int(key)] = 0
        } else if let at = position(of: key, in: table, form, count) {
            let keys = childKeys(table, form)
            for i in at..<(count - 1) {
                keys[i] = keys[i + 1]
                references[i] = references[i + 1]
            }
        }
        parent.pointee.second = UInt32(count - 1)
        if count == 1 {
            arena.free(parent.pointee.first)
            parent.pointee.first = 0
            parent.pointee.second = 0
            parent.pointee.form = .none
        } else if form.shrunk(count - 1) != form {
            // Without memory the larger table stays: correct, only less compact.
            _ = resizeTable(of: reference, to: form.shrunk(count - 1), evicting: false)
        }
    }

    /// Moves the entries to a table of another form. A leaf gets its first table.
    private mutating func resizeTable(of reference: UInt32, to form: ChildForm, evicting: Bool = true) -> Bool {
        let made = evicting ? allocate(bytes: form.bytes) : arena.allocate(bytes: form.bytes, growing: false)
        guard made != 0 else { return false }
        let table = arena.at(made)
        if form == .direct { childReferences(table, form).update(repeating: 0, count: 256) }
        let target = node(reference)
        guard target.pointee.form != .none else {
            dequeue(reference)
            target.pointee.first = made
            target.pointee.second = 0
            target.pointee.form = form
            return true
        }
        var filled = 0
        var next = child(of: reference, from: 0)
        while let entry = next {
            let key = label(entry).load(as: UInt8.self)
            if form == .direct {
                childReferences(table, form)[Int(key)] = entry
            } else {
                childKeys(table, form)[filled] = key
                childReferences(table, form)[filled] = entry
            }
            filled += 1
            next = child(of: reference, from: Int(key) + 1)
        }
        arena.free(target.pointee.first)
        target.pointee.first = made
        target.pointee.form = form
        return true
    }

    private func insertEntry(in reference: UInt32, key: UInt8, child: UInt32) {
        let parent = node(reference)
        let form = parent.pointee.form
        let table = arena.at(parent.pointee.first)
        let references = childReferences(table, form)
        var at = Int(parent.pointee.second)
        parent.pointee.second += 1
        if form == .direct {
            references[Int(key)] = child
            return
        }
        let keys = childKeys(table, form)
        while at > 0 && keys[at - 1] > key {
            keys[at] = keys[at - 1]
            references[at] = references[at - 1]
            at -= 1
        }
        keys[at] = key
        references[at] = child
    }

    /// Place of `key` among the `count` keys of a list, eight keys at a time.
    @inline(__always)
    private func position(of key: UInt8, in table: UnsafeMutableRawPointer, _ form: ChildForm, _ count: Int) -> Int? {
        let pattern = UInt64(key) &* 0x0101_0101_0101_0101
        var at = 0
        while at < count {
            let difference = (table + form.keys + at).loadUnaligned(as: UInt64.self) ^ pattern
            let zeros = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
            if zeros != 0 {
                // The lowest mark is exact; keys behind `count` are left-overs.
                let found = at + (zeros.trailingZeroBitCount >> 3)
                return found < count ? found : nil
            }
            at += 8
        }
        return nil
    }

    // SAFETY: the block of a form has its keys and references at these offsets, aligned, and is `form.bytes` long. The
    // key area is a multiple of eight bytes, so `position` stays in bounds.
    @inline(__always)
    private func childKeys(_ table: UnsafeMutableRawPointer, _ form: ChildForm) -> UnsafeMutablePointer<UInt8> {
        (table + form.keys).assumingMemoryBound(to: UInt8.self)
    }

    @inline(__always)
    private func childReferences(_ table: UnsafeMutableRawPointer, _ form: ChildForm) -> UnsafeMutablePointer<UInt32> {
        (table + form.references).assumingMemoryBound(to: UInt32.self)
    }
}
