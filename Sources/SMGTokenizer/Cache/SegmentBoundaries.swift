internal import SMGBase

/// Places behind special tokens, where a text may be cut and encoded in parts.
struct SegmentBoundaries: Sendable {
    private let matcher: AddedTokenMatcher
    private let specialIDs: Set<UInt32>

    /// Places of one text: a text of nothing but special tokens would only push everything else out.
    static let maximumCount = 1024

    /// Nil where parts cannot equal the whole: without special tokens that are cut out of the raw text, with tokens that
    /// look beyond themselves, or with lengths that are changed in the end.
    init?(_ tokenizer: Tokenizer) {
        guard case .pipeline(let pipeline) = tokenizer.engine, let matcher = pipeline.rawTokens,
            pipeline.truncation == nil, pipeline.padding == nil
        else { return nil }
        let tokens = pipeline.table.added.tokens.filter { !$0.value.isNormalized }
        // White space that one token takes may be where another begins.
        let takesSpace = tokens.contains { $0.value.stripsRight }
        for token in tokens.values {
            if token.isSingleWord { return nil }
            if takesSpace, token.stripsLeft || token.content.first.map({ $0 <= 0x20 || $0 >= 0x80 }) ?? true {
                return nil
            }
        }
        self.matcher = matcher
        specialIDs = Set(tokens.filter { $0.value.isSpecial }.keys)
        if specialIDs.isEmpty { return nil }
    }

    /// Calls `body` with the end of each part but the last, in order, until it says false.
    func forEach(_ text: UnsafeRawBufferPointer, _ body: (Int) throws(TokenizerError) -> Bool) throws(TokenizerError) {
        var at = 0
        var taken = 0
        var count = 0
        while count < Self.maximumCount, let (match, resume) = matcher.next(in: text, from: at, taken: taken) {
            at = resume
            if match.end <= match.start { continue }
            taken = match.end
            guard specialIDs.contains(match.id) else { continue }
            if taken >= text.count { return }
            count += 1
            if try !body(taken) { return }
        }
    }

    /// Texts that show whether parts equal the whole: special tokens between all that normalizers and pre-tokenizers
    /// treat differently at a beginning or an end.
    func samples(_ tokenizer: Tokenizer) -> [String] {
        let fragments = [
            "Hello", " hello", "  two  ", "\nline\n", "1234", "e\u{301}", "中文", ".", "don't", "\u{2581}x", "end ", "",
        ]
        var samples: [String] = []
        let specials = specialIDs.sorted().prefix(8).compactMap { tokenizer.token($0) }
        for (index, special) in specials.enumerated() {
            let other = specials[(index + 1) % specials.count]
            for (place, fragment) in fragments.enumerated() {
                let next = fragments[(place + index + 1) % fragments.count]
                samples.append("\(fragment)\(special)\(next)\(other)\(special)\(fragment) \(next)")
            }
        }
        return samples
    }
}
