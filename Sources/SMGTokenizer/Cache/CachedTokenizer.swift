internal import SMGBase

/// How much of what a tokenizer did is kept.
package struct TokenCacheOptions: Sendable, Hashable {
    /// Whole texts kept (`--tokenizer-cache-l0-max-entries`); 0 keeps none.
    package var exactEntries = 10_000
    /// Bytes of whole texts and their ids.
    package var exactBytes = 64 << 20
    /// Bytes of parts of texts up to special tokens (`--tokenizer-cache-l1-max-memory`); 0 keeps none.
    package var prefixBytes = 0

    package init() {}
}

/// A tokenizer that remembers: whole texts, and how texts begin, up to their special tokens. Its ids are the tokenizer's.
///
/// Chats send the same beginning with every turn: what was encoded up to a special token need not be encoded again. That
/// is only right where parts of a text encode as they do in the whole, which a test at the start proves or disproves.
package final class CachedTokenizer: Sendable {
    package let tokenizer: Tokenizer
    private let exact: TokenCache?
    private let prefixes: TokenCache?
    private let boundaries: SegmentBoundaries?
    /// Whether parts equal the whole with special tokens added, and without.
    private let cutsWithSpecial: Bool
    private let cutsPlain: Bool

    /// Encodes about a hundred short texts where beginnings are to be kept.
    package init(_ tokenizer: Tokenizer, _ options: TokenCacheOptions = TokenCacheOptions()) {
        self.tokenizer = tokenizer
        exact =
            options.exactEntries > 0 && options.exactBytes > 0
            ? TokenCache(maximumEntries: options.exactEntries, maximumBytes: options.exactBytes) : nil
        let boundaries = options.prefixBytes > 0 ? SegmentBoundaries(tokenizer) : nil
        self.boundaries = boundaries
        cutsWithSpecial = boundaries.map { Self.partsEqualWhole(tokenizer, $0, addSpecialTokens: true) } ?? false
        cutsPlain = boundaries.map { Self.partsEqualWhole(tokenizer, $0, addSpecialTokens: false) } ?? false
        prefixes =
            cutsWithSpecial || cutsPlain ? TokenCache(maximumEntries: .max, maximumBytes: options.prefixBytes) : nil
    }

    /// Whether beginnings are kept for texts that get, or do not get, special tokens added.
    package func keepsPrefixes(addSpecialTokens: Bool) -> Bool { addSpecialTokens ? cutsWithSpecial : cutsPlain }

    /// What whole texts came to; nil when none are kept.
    package var exactStatistics: TokenCacheStatistics? { exact?.statistics }
    /// What beginnings came to, per part; nil when none are kept.
    package var prefixStatistics: TokenCacheStatistics? { prefixes?.statistics }

    /// Forgets everything that was kept, but not the counts of hits and misses.
    package func removeAll() {
        exact?.removeAll()
        prefixes?.removeAll()
    }

    /// Appends the ids of `text`, as `Tokenizer.encode` does.
    package func encode(
        _ text: UnsafeRawBufferPointer, addSpecialTokens: Bool, into ids: TokenBuffer
    ) throws(TokenizerError) {
        if let found = exact?.find(text, addSpecialTokens) { return append(found, to: ids) }
        let start = ids.count
        if keepsPrefixes(addSpecialTokens: addSpecialTokens), text.count <= TokenizerLimits.textBytes, let prefixes,
            let boundaries
        {
            try encodeParts(text, addSpecialTokens, prefixes, boundaries, into: ids)
        } else {
            try tokenizer.encode(text, addSpecialTokens: addSpecialTokens, into: ids)
        }
        exact?.insert(text, addSpecialTokens, UnsafeBufferPointer(rebasing: ids.ids[start...]))
    }

    /// How many ids `encode` gives.
    package func countTokens(_ text: UnsafeRawBufferPointer, addSpecialTokens: Bool) throws(TokenizerError) -> Int {
        if let found = exact?.find(text, addSpecialTokens) { return found.ids.count }
        return try tokenizer.countTokens(text, addSpecialTokens: addSpecialTokens)
    }

    private func append(_ found: CachedIDs, to ids: TokenBuffer) {
        found.ids.withUnsafeBufferPointer { ids.append($0) }
    }

    /// Takes known parts from the cache; encodes and keeps those behind them. The last part, behind the last special
    /// token, differs from text to text and is not kept.
    private func encodeParts(
        _ text: UnsafeRawBufferPointer, _ addSpecialTokens: Bool, _ cache: TokenCache, _ boundaries: SegmentBoundaries,
        into ids: TokenBuffer
    ) throws(TokenizerError) {
        var start = 0
        var parent: UInt64 = 0
        var isKnown = true
        try boundaries.forEach(text) { (end) throws(TokenizerError) in
            let part = text.slice(start..<end)
            let adds = addSpecialTokens && start == 0
            if isKnown, let found = cache.find(part, parent: parent, adds) {
                append(found, to: ids)
                parent = found.number
                start = end
                return true
            }
            isKnown = false
            let first = ids.count
            try tokenizer.encode(part, addSpecialTokens: adds, into: ids)
            start = end
            guard
                let kept = cache.insert(part, parent: parent, adds, UnsafeBufferPointer(rebasing: ids.ids[first...]))
            else {
                // Too long to keep: what follows could not be found again.
                return false
            }
            parent = kept.number
            return true
        }
        if start < text.count || text.isEmpty {
            let rest = text.slice(start..<text.count)
            try tokenizer.encode(rest, addSpecialTokens: addSpecialTokens && start == 0, into: ids)
        }
    }

    // MARK: - The test at the start

    private static func partsEqualWhole(
        _ tokenizer: Tokenizer, _ boundaries: SegmentBoundaries, addSpecialTokens: Bool
    ) -> Bool {
        boundaries.samples(tokenizer).allSatisfy { sample in
            Array(sample.utf8).withUnsafeBytes { sample in
                do throws(TokenizerError) {
                    let whole = TokenBuffer()
                    try tokenizer.encode(sample, addSpecialTokens: addSpecialTokens, into: whole)
                    let parts = TokenBuffer()
                    var start = 0
                    try boundaries.forEach(sample) { (end) throws(TokenizerError) in
                        let adds = addSpecialTokens && start == 0
                        try tokenizer.encode(sample.slice(start..<end), addSpecialTokens: adds, into: parts)
                        start = end
                        return true
                    }
                    let rest = sample.slice(start..<sample.count)
                    let adds = addSpecialTokens && start == 0
                    try tokenizer.encode(rest, addSpecialTokens: adds, into: parts)
                    return whole.ids.elementsEqual(parts.ids)
                } catch { return false }
            }
        }
    }
}
