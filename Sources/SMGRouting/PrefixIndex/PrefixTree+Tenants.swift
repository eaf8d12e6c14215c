/// Changing the tenant set of a node.
extension PrefixTree {
    func tenants(_ reference: UInt32) -> TenantSet {
        TenantSet(node(reference).pointee.tenants, in: arena.chunks)
    }

    /// Adds `tenant` to a node that lacks it and counts the label for it. False when the memory for a larger set is not to
    /// be had; nothing has changed then.
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
        guard word.form == .overflow else { return word }
        let source = TenantSet(word, in: arena.chunks)
        return makeOverflow(count: word.count, wordCount: tenantLimit >> 6) { words in
            source.forEach {
                words[$0 >> 6] |= 1 << UInt64($0 & 63); return true
            }
        }
    }

    mutating func freeTenants(_ word: TenantWord) {
        if word.form == .overflow { arena.free(word.block) }
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

    private mutating func adding(_ tenant: Int, to word: TenantWord) -> TenantWord? {
        switch word.form {
        case .mask where tenant < TenantWord.maskTenants:
            return TenantWord(mask: word.bits | 1 << UInt64(tenant))
        case .overflow where tenant >> 6 < overflowWordCount(word):
            overflowWords(word)[tenant >> 6] |= 1 << UInt64(tenant & 63)
            return TenantWord(overflow: word.block, count: word.count + 1)
        case .list where word.count < TenantWord.listCapacity:
            let count = word.count
            return TenantWord(count: count + 1) { $0 < count ? word.listed($0) : tenant }
        default:
            return widening(word, with: tenant)
        }
    }

    /// Moves a set that outgrew its form, with `tenant` added, into a list or a new bit set.
    private mutating func widening(_ word: TenantWord, with tenant: Int) -> TenantWord? {
        let old = TenantSet(word, in: arena.chunks)
        let count = word.count + 1
        if count <= TenantWord.listCapacity {
            var members = SIMD4<UInt16>()
            var filled = 0
            old.forEach {
                members[filled] = UInt16($0); filled += 1; return true
            }
            members[filled] = UInt16(tenant)
            return TenantWord(count: count) { Int(members[$0]) }
        }
        let made = makeOverflow(count: count, wordCount: tenantLimit >> 6) { words in
            old.forEach {
                words[$0 >> 6] |= 1 << UInt64($0 & 63); return true
            }
            words[tenant >> 6] |= 1 << UInt64(tenant & 63)
        }
        guard let made else { return nil }
        freeTenants(word)
        return made
    }

    private mutating func removing(_ tenant: Int, from word: TenantWord) -> TenantWord {
        switch word.form {
        case .mask:
            return TenantWord(mask: word.bits & ~(1 << UInt64(tenant)))
        case .overflow where word.count - 1 > TenantWord.maskTenants:
            overflowWords(word)[tenant >> 6] &= ~(1 << UInt64(tenant & 63))
            return TenantWord(overflow: word.block, count: word.count - 1)
        default:
            return narrowing(word, without: tenant)
        }
    }

    /// The set without `tenant` in its smallest form.
    private mutating func narrowing(_ word: TenantWord, without tenant: Int) -> TenantWord {
        if word.form == .overflow { overflowWords(word)[tenant >> 6] &= ~(1 << UInt64(tenant & 63)) }
        var mask: UInt64 = 0
        var count = 0
        var members = SIMD4<UInt16>()
        var fitsMask = true
        TenantSet(word, in: arena.chunks).forEach { member in
            if member == tenant { return true }
            if member < TenantWord.maskTenants { mask |= 1 << UInt64(member) } else { fitsMask = false }
            if count < TenantWord.listCapacity { members[count] = UInt16(member) }
            count += 1
            return true
        }
        if !fitsMask && count > TenantWord.listCapacity { return TenantWord(overflow: word.block, count: count) }
        freeTenants(word)
        return fitsMask ? TenantWord(mask: mask) : TenantWord(count: count) { Int(members[$0]) }
    }

    private mutating func makeOverflow(
        count: Int, wordCount: Int, fill: (UnsafeMutablePointer<UInt64>) -> Void
    ) -> TenantWord? {
        let block = allocate(bytes: TenantSet.overflowHeaderBytes + wordCount * 8)
        guard block != 0 else { return nil }
        // SAFETY: the block holds the two header words and `wordCount` aligned 8-byte words.
        let address = arena.at(block)
        (address + 4).assumingMemoryBound(to: UInt32.self).pointee = UInt32(wordCount)
        let words = (address + TenantSet.overflowHeaderBytes).assumingMemoryBound(to: UInt64.self)
        words.update(repeating: 0, count: wordCount)
        fill(words)
        return TenantWord(overflow: block, count: count)
    }

    private func overflowWordCount(_ word: TenantWord) -> Int {
        Int((arena.at(word.block) + 4).assumingMemoryBound(to: UInt32.self).pointee)
    }

    private func overflowWords(_ word: TenantWord) -> UnsafeMutablePointer<UInt64> {
        (arena.at(word.block) + TenantSet.overflowHeaderBytes).assumingMemoryBound(to: UInt64.self)
    }
}
