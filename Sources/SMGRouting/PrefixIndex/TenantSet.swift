/// The tenants of one node, to be read while the index is locked.
package struct TenantSet {
    let word: TenantWord
    /// The bit set of the overflow form.
    private let words: UnsafePointer<UInt64>?
    private let wordCount: Int

    /// Layout of an overflow block: arena's word, number of words, words.
    static let overflowHeaderBytes = 8

    init(_ word: TenantWord, in chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>) {
        self.word = word
        guard word.form == .overflow else {
            words = nil
            wordCount = 0
            return
        }
        // SAFETY: an overflow word refers to a used block written by `PrefixTree.makeOverflow`, whose second word counts the
        // 8-byte words behind it.
        let block = Arena.address(word.block, in: chunks)
        wordCount = Int((block + 4).assumingMemoryBound(to: UInt32.self).pointee)
        words = UnsafePointer((block + Self.overflowHeaderBytes).assumingMemoryBound(to: UInt64.self))
    }

    package var count: Int { word.count }

    package func contains(_ tenant: Int) -> Bool {
        switch word.form {
        case .mask:
            return tenant < TenantWord.maskTenants && word.bits & (1 << UInt64(tenant)) != 0
        case .list:
            for i in 0..<word.count where word.listed(i) == tenant { return true }
            return false
        case .overflow:
            let at = tenant >> 6
            return at < wordCount && words![at] & (1 << UInt64(tenant & 63)) != 0
        }
    }

    /// Calls `body` with each tenant once until it returns false. `start` rotates the order, so that equal candidates take
    /// turns: ascending from the first tenant at or behind a place that `start` chooses, then from the beginning.
    @inline(__always)
    package func forEach(from start: UInt64 = 0, _ body: (Int) -> Bool) {
        switch word.form {
        case .mask:
            let low = word.bits & ((1 << (start % UInt64(TenantWord.maskTenants))) - 1)
            guard Self.forEachBit(word.bits ^ low, 0, body) else { return }
            _ = Self.forEachBit(low, 0, body)
        case .list:
            let count = word.count
            let shift = Int(start % UInt64(count))
            for i in 0..<count {
                let at = i + shift
                guard body(word.listed(at < count ? at : at - count)) else { return }
            }
        case .overflow:
            let shift = Int(start % UInt64(wordCount))
            for i in 0..<wordCount {
                let at = i + shift < wordCount ? i + shift : i + shift - wordCount
                guard Self.forEachBit(words![at], at << 6, body) else { return }
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
