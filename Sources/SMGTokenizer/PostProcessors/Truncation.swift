/// The section `truncation` of a tokenizer.json.
struct Truncation: Sendable, Equatable {
    enum Strategy: String, Sendable {
        case longestFirst = "LongestFirst"
        case onlyFirst = "OnlyFirst"
        /// For single texts there is no second one to shorten: texts that are too long are an error.
        case onlySecond = "OnlySecond"
    }

    var maximumLength: Int
    var strategy: Strategy
    /// Ids that neighbouring windows share; here only its rule counts that it is below the length.
    var stride: Int
    /// Whether ids go away at the start instead of at the end.
    var cutsStart: Bool

    /// Shortens the ids from `start` to the end of `ids`, leaving room for `addedCount` special tokens.
    func apply(_ ids: TokenBuffer, from start: Int, addedCount: Int) throws(TokenizerError) {
        let length = ids.count - start
        let wanted = maximumLength - addedCount
        // Less room than special tokens alone need: the reference then does not shorten.
        if wanted < 0 { return }
        if wanted == 0 {
            ids.count = start
            return
        }
        if length <= wanted { return }
        if strategy == .onlySecond {
            throw TokenizerError(.cannotEncode, "truncation: there is no second text to shorten")
        }
        guard stride < wanted else {
            throw TokenizerError(.cannotEncode, "truncation: the stride \(stride) is not below the length \(wanted)")
        }
        if cutsStart { (ids.base + start).update(from: ids.base + ids.count - wanted, count: wanted) }
        ids.count = start + wanted
    }
}
