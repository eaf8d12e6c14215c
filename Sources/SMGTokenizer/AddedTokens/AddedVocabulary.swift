/// The added tokens of one tokenizer with their ids, by the reference's rules: a token that the model has keeps the
/// model's id, any other gets the next one behind the model's count, whatever
/// id the file declares. A token given again takes the place of
/// its earlier form, except that "special" sticks to its text.
package struct AddedVocabulary: Sendable {
    /// By id; the token as it was given last.
    package private(set) var tokens: [UInt32: AddedToken] = [:]
    private var ids: [[UInt8]: UInt32] = [:]
    private var specials: Set<[UInt8]> = []
    /// Every form that was given: special ones first, then the others, each in their order.
    private var specialForms: [AddedToken] = []
    private var plainForms: [AddedToken] = []
    private var nextID: UInt32

    /// Added tokens of one tokenizer: twice the largest id there may be is never needed, and real ones have up to 7,000.
    private static let maximumTokens = 1 << 20

    /// Ids of new tokens start at `modelCount`, the number of tokens of the model.
    package init(modelCount: Int) { nextID = UInt32(clamping: modelCount) }

    package var isEmpty: Bool { tokens.isEmpty }

    /// Adds `token`; `modelID` is the id the model has for its text. An empty token is ignored.
    package mutating func add(_ token: AddedToken, modelID: UInt32?) throws(TokenizerError) {
        guard !token.content.isEmpty else { return }
        guard token.content.count <= TokenizerLimits.searchedBytes else {
            throw TokenizerError(
                .limit, "an added token has \(token.content.count) bytes, at most \(TokenizerLimits.searchedBytes)")
        }
        guard specialForms.count + plainForms.count < Self.maximumTokens else {
            throw TokenizerError(.limit, "more than \(Self.maximumTokens) added tokens")
        }
        if token.isSpecial, specials.insert(token.content).inserted { specialForms.append(token) }
        let known = ids[token.content]
        if let known, tokens[known] == token { return }
        let id: UInt32
        if let known = known ?? modelID {
            id = known
        } else {
            id = nextID
            guard id < TokenizerLimits.maximumID else {
                throw TokenizerError(.limit, "token id \(id) is not below \(TokenizerLimits.maximumID)")
            }
            nextID += 1
        }
        ids[token.content] = id
        tokens[id] = token
        if !specials.contains(token.content) { plainForms.append(token) }
    }

    /// Adds `token` under the id its file declares.
    package mutating func add(_ token: AddedToken, declaredID id: UInt32) throws(TokenizerError) {
        try add(token, modelID: id)
    }

    /// The id of the token with this text.
    package func id(of content: [UInt8]) -> UInt32? { ids[content] }

    /// Whether tokens with this text are left out when special ones are skipped.
    package func isSpecial(_ content: [UInt8]) -> Bool { specials.contains(content) }

    /// The texts for which `isSpecial` holds.
    var specialTexts: Set<[UInt8]> { specials }

    /// What is sought in the raw text, or (`normalized`) in the normalised one: texts and ids, of equal texts the first
    /// counts.
    func forms(normalized: Bool) -> [(token: AddedToken, id: UInt32)] {
        (specialForms + plainForms).compactMap { token in
            guard token.isNormalized == normalized, let id = ids[token.content] else { return nil }
            return (token, id)
        }
    }
}
