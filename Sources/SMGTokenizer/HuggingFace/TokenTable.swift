internal import SMGBase

/// All tokens of one tokenizer: the model's and the added ones. Where the two disagree about an id or a spelling, the
/// added one counts.
final class TokenTable: Sendable {
    let vocabulary: Vocabulary
    let added: AddedVocabulary
    /// How added tokens that are sought in normalised text are spelled there, where that differs. The reference decodes
    /// them so.
    let normalizedForms: [UInt32: [UInt8]]
    /// One more than the highest id.
    let idLimit: Int
    /// Where added tokens are; most ids are outside.
    private let addedIDs: ClosedRange<UInt32>?
    /// Ids that are left out when special tokens are skipped. The reference asks for the spelling, not the id.
    private let specialIDs: Set<UInt32>

    init(_ vocabulary: Vocabulary, _ added: AddedVocabulary, normalizedForms: [UInt32: [UInt8]] = [:]) {
        self.vocabulary = vocabulary
        self.added = added
        self.normalizedForms = normalizedForms
        let highest = added.tokens.keys.max()
        idLimit = max(vocabulary.idLimit, highest.map { Int($0) + 1 } ?? 0)
        addedIDs = highest.map { added.tokens.keys.min()!...$0 }
        var specials: Set<UInt32> = []
        for (id, token) in added.tokens where added.isSpecial(token.content) { specials.insert(id) }
        for content in added.specialTexts {
            let id = content.withUnsafeBytes { vocabulary.id(of: $0) }
            if let id, added.tokens[id] == nil { specials.insert(id) }
        }
        specialIDs = specials
    }

    /// Calls `body` with the spelling of token `id`, valid during the call; nil for an id that is not there.
    func withToken<R, E: Error>(_ id: UInt32, _ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R? {
        if isAdded(id), let token = added.tokens[id] { return try token.content.withBytes(body) }
        guard let token = vocabulary.token(id) else { return nil }
        return try body(token)
    }

    /// The same as a decoder sees it.
    func withDecodedToken<R, E: Error>(_ id: UInt32, _ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R? {
        if let form = normalizedForms[id] { return try form.withBytes(body) }
        return try withToken(id, body)
    }

    func id(of token: [UInt8]) -> UInt32? { added.id(of: token) ?? token.withUnsafeBytes { vocabulary.id(of: $0) } }

    /// Whether token `id` is left out when special tokens are skipped.
    func isSpecial(_ id: UInt32) -> Bool { specialIDs.contains(id) }

    func isAdded(_ id: UInt32) -> Bool {
        guard let addedIDs, addedIDs.contains(id) else { return false }
        return added.tokens[id] != nil
    }
}
