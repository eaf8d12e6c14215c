/// What one text, or one part of a text, was encoded to. Immutable, shared by the cache and whoever reads it.
final class CachedIDs: Sendable {
    /// What the ids belong to, compared in full at every hit: equal hashes are not trusted.
    struct Key: Sendable {
        /// The number of the entry for what is before this part; 0 for the beginning of a text.
        let parent: UInt64
        let addsSpecialTokens: Bool
        let text: [UInt8]
    }

    let key: Key
    let ids: [UInt32]
    /// Different for every entry of the process, so that an entry's children are not taken for another's.
    let number: UInt64

    init(key: Key, ids: [UInt32], number: UInt64) {
        self.key = key
        self.ids = ids
        self.number = number
    }

    /// Bytes beside text and ids: object, two arrays, and the shard's slot and place.
    static let overhead = 224

    /// Bytes an entry for so much costs.
    static func cost(bytes: Int, ids: Int) -> Int { overhead + bytes + 4 * ids }

    var cost: Int { Self.cost(bytes: key.text.count, ids: ids.count) }

    @inline(__always)
    func belongs(to text: UnsafeRawBufferPointer, parent: UInt64, _ addsSpecialTokens: Bool) -> Bool {
        key.parent == parent && key.addsSpecialTokens == addsSpecialTokens && key.text.count == text.count
            && key.text.withUnsafeBytes { $0.elementsEqual(text) }
    }
}
