/// Changing the tenant set of a node.
extension PrefixTree {
    func tenants(_ reference: UInt32) -> TenantSet {
        TenantSet(node(reference).pointee.tenants, in: arena.chunks)
    }

    /// Adds `tenant` to a node that lacks it and counts the label for it. False when the memory for a larger set is
    /// not to be had; nothing has changed then.
    mutating func addTenant(_ tenant: Int, to reference: UInt32) -> Bool {
        let word = node(reference).pointee.tenants
        guard let grown = adding(tenant, to: word) else { return false }
        let target = node(reference)
        target.pointee.tenants = grown
        tenantBytes[tenant] += Int(target.pointee.labelLength)
        return true
    }

    /// Takes `tenant` from a node that has it and from the count of its bytes.
    mutating func removeTenant(_ tenant: Int, from reference: UInt32) {
        let target = node(reference)
        target.pointee.tenants = removing(tenant, from: target.pointee.tenants)
        tenantBytes[tenant] -= Int(target.pointee.labelLength)
    }

    /// A set of the same members with its own memory, or nil when there is none.
    mutating func copyTenants(_ word: TenantWord) -> TenantWord? {
        word.hasBlock ? build(TenantSet(word, in: arena.chunks), count: word.count) : word
    }

    mutating func freeTenants(_ word: TenantWord) {
        if word.hasBlock { arena.free(word.block) }
    }

    /// Makes the tables reach `tenant`. False when the cap forbids it.
    mutating func admit(_ tenant: Int) -> Bool {
        if tenant < tenantLimit { return true }
        guard tenant < RoutingLimits.tenants else { return false }
        let limit = min(max(tenantLimit * 2, (tenant | 63) + 1), RoutingLimits.tenants)
        let bytes = (limit - tenantLimit) * MemoryLayout<Int>.stride
        guard arena.charge(bytes: bytes) else { return false }
        let grown = UnsafeMutablePointer<Int>.allocate(capacity: limit)
        grown.initialize(repeating: 0, count: limit)
        grown.update(from: tenantBytes, count: tenantLimit)
        tenantBytes.deallocate()
        tenantBytes = grown
        tenantLimit = limit
        return true
    }

    /// `word` with `tenant` added, in place where its form has room.
    private mutating func adding(_ tenant: Int, to word: TenantWord) -> TenantWord? {
        let old = TenantSet(word, in: arena.chunks)
        let count = word.count
        switch word.form {
        case .mask where tenant < TenantWord.maskTenants:
            return TenantWord(mask: word.bits | 1 << UInt64(tenant))
        case .list where count < TenantWord.listCapacity:
            return TenantWord(count: count + 1) { $0 < count ? word.listed($0) : tenant }
        case .table where count < tableRoom(word):
            let place = old.place(of: tenant)
            for i in stride(from: count, to: place, by: -1) { old.table[i] = old.table[i - 1] }
            old.table[place] = UInt16(tenant)
            return TenantWord(table: word.block, count: count + 1)
        case .bitSet where tenant >> 6 < old.wordCount:
            old.words[tenant >> 6] |= 1 << UInt64(tenant & 63)
            return TenantWord(bitSet: word.block, count: count + 1)
        default:
            guard let made = build(old, count: count + 1, adding: tenant) else { return nil }
            freeTenants(word)
            return made
        }
    }

    /// `word` without `tenant`, back in the word when it fits there. Needs no memory.
    private mutating func removing(_ tenant: Int, from word: TenantWord) -> TenantWord {
        let old = TenantSet(word, in: arena.chunks)
        let count = word.count - 1
        switch word.form {
        case .mask:
            return TenantWord(mask: word.bits & ~(1 << UInt64(tenant)))
        case .list:
            return packed(old, except: tenant) ?? word
        case .table:
            for i in old.place(of: tenant)..<count { old.table[i] = old.table[i + 1] }
        case .bitSet:
            old.words[tenant >> 6] &= ~(1 << UInt64(tenant & 63))
        }
        let left =
            word.form == .table
            ? TenantWord(table: word.block, count: count) : TenantWord(bitSet: word.block, count: count)
        guard count <= TenantWord.maskTenants, let small = packed(TenantSet(left, in: arena.chunks)) else {
            return left
        }
        freeTenants(word)
        return small
    }

    /// The members of `set`, without `tenant`, as a mask or list, if they fit one.
    private func packed(_ set: TenantSet, except tenant: Int = -1) -> TenantWord? {
        var mask: UInt64 = 0
        var members = SIMD4<UInt16>()
        var count = 0
        var fitsMask = true
        set.forEach { member in
            if member == tenant { return true }
            if member < TenantWord.maskTenants { mask |= 1 << UInt64(member) } else { fitsMask = false }
            if count < TenantWord.listCapacity { members[count] = UInt16(member) }
            count += 1
            return fitsMask || count <= TenantWord.listCapacity
        }
        if fitsMask { return TenantWord(mask: mask) }
        return count <= TenantWord.listCapacity ? TenantWord(count: count) { Int(members[$0]) } : nil
    }

    /// Numbers that fit the table of `word`.
    private func tableRoom(_ word: TenantWord) -> Int {
        min((arena.size(word.block) * Arena.granule - TenantSet.blockHeaderBytes) / 2, TenantWord.tableCapacity)
    }

    /// A new set of the members of `old` and `tenant`, `count` in all: in the smallest form that holds them.
    private mutating func build(_ old: TenantSet, count: Int, adding tenant: Int? = nil) -> TenantWord? {
        if count <= TenantWord.listCapacity, let tenant {
            // Only a mask outgrows its form this early.
            var members = SIMD4<UInt16>()
            var filled = 0
            old.forEach {
                members[filled] = UInt16($0); filled += 1; return true
            }
            members[filled] = UInt16(tenant)
            return TenantWord(count: count) { Int(members[$0]) }
        }
        let bitSetBytes = tenantLimit / 8
        let asTable = count <= TenantWord.tableCapacity && count * 2 < bitSetBytes
        let block = allocate(bytes: TenantSet.blockHeaderBytes + (asTable ? count * 2 : bitSetBytes))
        guard block != 0 else { return nil }
        guard asTable else {
            // SAFETY: as in `TenantSet`; the header word is written before the words are used.
            (arena.at(block) + 4).assumingMemoryBound(to: UInt32.self).pointee = UInt32(tenantLimit >> 6)
            let words = TenantSet(TenantWord(bitSet: block, count: count), in: arena.chunks).words
            words.update(repeating: 0, count: tenantLimit >> 6)
            old.forEach {
                words[$0 >> 6] |= 1 << UInt64($0 & 63); return true
            }
            if let tenant { words[tenant >> 6] |= 1 << UInt64(tenant & 63) }
            return TenantWord(bitSet: block, count: count)
        }
        let table = TenantSet(TenantWord(table: block, count: count), in: arena.chunks).table
        var filled = 0
        func put(_ member: Int) {
            var at = filled
            while at > 0 && Int(table[at - 1]) > member {
                table[at] = table[at - 1]
                at -= 1
            }
            table[at] = UInt16(member)
            filled += 1
        }
        old.forEach {
            put($0); return true
        }
        if let tenant { put(tenant) }
        return TenantWord(table: block, count: count)
    }
}
