/// A recount of everything the tree keeps count of. For tests.
extension PrefixTree {
    private struct Recount {
        var nodes = 0
        var labelBytes = 0
        var granules = 0
        var leaves = 0
        var tenantBytes: [Int: Int] = [:]
    }

    /// A sentence about the first broken rule, or nil.
    func inconsistency() -> String? {
        var count = Recount()
        var pending = [root]
        while let reference = pending.popLast() {
            if let problem = check(reference, &count) { return problem }
            var key = 0
            while let entry = child(of: reference, from: key) {
                if node(entry).pointee.parent != reference { return "node \(entry) has the wrong parent" }
                let first = Int(label(entry).load(as: UInt8.self))
                if first < key { return "children of \(reference) are out of order" }
                if child(of: reference, key: UInt8(first)) != entry {
                    return "child \(first) of \(reference) is not found"
                }
                if let problem = checkSubset(entry, of: reference) { return problem }
                pending.append(entry)
                key = first + 1
            }
        }
        return checkTotals(count) ?? checkClock(leaves: count.leaves) ?? arena.inconsistency()
    }

    private func check(_ reference: UInt32, _ count: inout Recount) -> String? {
        let header = node(reference).pointee
        let length = Int(header.labelLength)
        count.nodes += 1
        count.labelBytes += length
        count.granules += arena.size(reference)
        if header.isLeaf {
            if reference != root { count.leaves += 1 }
        } else {
            count.granules += arena.size(header.first)
            var children = 0
            var key = 0
            while let entry = child(of: reference, from: key) {
                children += 1
                key = Int(label(entry).load(as: UInt8.self)) + 1
            }
            if children == 0 || children != childCount(reference) { return "node \(reference) miscounts its children" }
        }
        if header.tenants.hasBlock { count.granules += arena.size(header.tenants.block) }
        var members = 0
        tenants(reference).forEach {
            members += 1
            count.tenantBytes[$0, default: 0] += length
            return true
        }
        if members != header.tenants.count { return "node \(reference) miscounts its tenants" }
        if reference != root && (members == 0 || length == 0) { return "node \(reference) is empty" }
        if length > RoutingLimits.labelBytes { return "the label of \(reference) is too long" }
        return (header.flags & PrefixNode.queued != 0) == (header.isLeaf && reference != root)
            ? nil : "node \(reference) is wrongly in or out of the clock"
    }

    private func checkSubset(_ child: UInt32, of parent: UInt32) -> String? {
        var missing: Int?
        tenants(child).forEach {
            if !tenants(parent).contains($0) { missing = $0 }
            return missing == nil
        }
        return missing.map { "node \(child) has tenant \($0), its parent has not" }
    }

    private func checkTotals(_ count: Recount) -> String? {
        if count.nodes != nodeCount { return "\(count.nodes) nodes, \(nodeCount) counted" }
        if count.labelBytes != labelBytes { return "\(count.labelBytes) label bytes, \(labelBytes) counted" }
        if count.granules != arena.usedGranules { return "\(count.granules) granules, \(arena.usedGranules) counted" }
        for tenant in 0..<tenantLimit where tenantBytes[tenant] != count.tenantBytes[tenant, default: 0] {
            return "tenant \(tenant) has \(count.tenantBytes[tenant, default: 0]) bytes, \(tenantBytes[tenant]) counted"
        }
        return nil
    }

    private func checkClock(leaves: Int) -> String? {
        var seen = 0
        var newer: UInt32 = 0
        var at = clockHead
        while at != 0 {
            if node(at).pointee.first != newer { return "the clock's links disagree at \(at)" }
            seen += 1
            if seen > leaves { return "the clock has more than the \(leaves) leaves" }
            newer = at
            at = node(at).pointee.second
        }
        return seen == leaves && newer == clockTail ? nil : "\(seen) of \(leaves) leaves are in the clock"
    }
}
