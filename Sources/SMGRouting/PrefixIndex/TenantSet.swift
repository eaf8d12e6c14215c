/// The tenants of one node, to be read while the index is locked.
package struct TenantSet {
    let word: TenantWord
    /// Block of a table or bit set: the arena's word, then the second header word, then the members.
    private let block: UnsafeMutableRawPointer?

    /// Offset of the members in a block: 16-bit numbers in ascending order, or 64-bit words of a bit set.
    static let blockHeaderBytes = 8

    @inline(__always)
    init(_ word: TenantWord, in chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>) {
        self.word = word
        block = word.hasBlock ? Arena.address(word.block, in: chunks) : nil
    }

    /// Number of tenants.
    package var count: Int { word.count }

    // SAFETY: a word with a block refers to one that `PrefixTree` filled for this form: `count` numbers, or as many
    // bit-set words as the second header word says, all inside the block and aligned.
    @inline(__always)
    var table: UnsafeMutablePointer<UInt16> {
        (block! + Self.blockHeaderBytes).assumingMemoryBound(to: UInt16.self)
    }

    @inline(__always)
    var words: UnsafeMutablePointer<UInt64> {
        (block! + Self.blockHeaderBytes).assumingMemoryBound(to: UInt64.self)
    }

    @inline(__always)
    var wordCount: Int { Int((block! + 4).assumingMemoryBound(to: UInt32.self).pointee) }

    /// Whether `tenant` is in the set.
    @inline(__always)
    package func contains(_ tenant: Int) -> Bool {
        switch word.form {
        case .mask:
            return tenant < TenantWord.maskTenants && word.bits & (1 << UInt64(tenant)) != 0
        case .list:
            for i in 0..<word.count where word.listed(i) == tenant { return true }
            return false
        case .table:
            let at = place(of: tenant)
            return at < word.count && table[at] == tenant
        case .bitSet:
            return tenant >> 6 < wordCount && words[tenant >> 6] & (1 << UInt64(tenant & 63)) != 0
        }
    }

    /// Where `tenant` is in the table or would be put.
    func place(of tenant: Int) -> Int {
        var low = 0
        var high = word.count
        while low < high {
            let middle = (low + high) / 2
            if Int(table[middle]) < tenant { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Calls `body` with each tenant once until it returns false. `start` rotates the order, so that equal candidates
    /// take turns: it begins at a place that `start` chooses and goes on from the first one after the last.
    @inline(__always)
    package func forEach(from start: UInt64 = 0, _ body: (Int) -> Bool) {
        switch word.form {
        case .mask:
            let low = word.bits & ((1 << (start % UInt64(TenantWord.maskTenants))) - 1)
            guard Self.forEachBit(word.bits ^ low, 0, body) else { return }
            _ = Self.forEachBit(low, 0, body)
        case .list, .table:
            let count = word.count
            let isTable = word.form == .table
            var at = Int(start % UInt64(count))
            for _ in 0..<count {
                guard body(isTable ? Int(table[at]) : word.listed(at)) else { return }
                at = at + 1 < count ? at + 1 : 0
            }
        case .bitSet:
            let count = wordCount
            var at = Int(start % UInt64(count))
            for _ in 0..<count {
                guard Self.forEachBit(words[at], at << 6, body) else { return }
                at = at + 1 < count ? at + 1 : 0
            }
        }
    }

    @inline(__always)
    private static func forEachBit(_ bits: UInt64, _ base: Int, _ body: (Int) -> Bool) -> Bool {
        var rest = bits
        while rest != 0 {
            guard body(base + rest.trailingZeroBitCount) else { return false }
            rest &= rest - 1
        }
        return true
    }
}
