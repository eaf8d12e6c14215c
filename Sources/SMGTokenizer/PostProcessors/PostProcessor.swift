/// The post-processor of a tokenizer.json for single texts: what stands around the ids of the text.
///
/// Its components are worked out at load; what remains is a list of ids with places for the text, one list for callers
/// who want special tokens and one for those who do not.
struct PostProcessor: Sendable, Equatable {
    /// One part of the outcome.
    enum Part: Sendable, Equatable {
        /// The ids of the text.
        case text
        case id(UInt32)
    }

    /// One component.
    enum Component: Sendable {
        case template(single: [TemplatePiece], pair: [TemplatePiece])
        /// `cls` and `sep` around the first sequence, `sep` behind every further one; `repeatsSeparator`: in front too.
        case classification(cls: UInt32, sep: UInt32, repeatsSeparator: Bool)
    }

    /// One piece of a template.
    enum TemplatePiece: Sendable {
        /// Sequence 0 (`$A`) or 1 (`$B`).
        case sequence(Int)
        case special([UInt32])
    }

    private let special: [Part]
    private let plain: [Part]
    /// Special tokens that truncation leaves room for: what each component counts for a single text, summed.
    let addedCount: Int

    /// Parts of one post-processor. Real ones have at most ten; sequences of templates multiply.
    static let maximumParts = 1 << 16

    init(_ components: [Component]) throws(TokenizerError) {
        special = try Self.parts(components, addSpecialTokens: true)
        plain = try Self.parts(components, addSpecialTokens: false)
        addedCount = components.reduce(0) { sum, component in
            switch component {
            case .classification: return sum + 2
            case .template(let single, _):
                return single.reduce(sum) { sum, piece in
                    if case .special(let ids) = piece { return sum + ids.count }
                    return sum
                }
            }
        }
    }

    /// What the components make of one text. Between them the reference keeps every piece of a template as a sequence
    /// of its own, so that a component behind a template sees a pair, say, where there was one text.
    private static func parts(
        _ components: [Component], addSpecialTokens: Bool
    ) throws(TokenizerError) -> [Part] {
        var sequences: [[Part]] = [[.text]]
        for component in components {
            switch component {
            case .classification(let cls, let sep, let repeatsSeparator):
                if !addSpecialTokens { continue }
                for i in sequences.indices {
                    let start: [Part] = i == 0 ? [.id(cls)] : repeatsSeparator ? [.id(sep)] : []
                    sequences[i] = start + sequences[i] + [.id(sep)]
                }
            case .template(let single, let pair):
                guard sequences.count == 1 || sequences.count == 2 else {
                    throw TokenizerError(
                        .unsupportedComponent, "post_processor: a template over other than 1 or 2 sequences")
                }
                var next: [[Part]] = []
                for piece in sequences.count == 1 ? single : pair {
                    switch piece {
                    case .sequence(let i):
                        guard i < sequences.count else {
                            throw TokenizerError(.malformed, "post_processor: a template for one text that names $B")
                        }
                        next.append(sequences[i])
                    case .special(let ids): if addSpecialTokens { next.append(ids.map { .id($0) }) }
                    }
                }
                sequences = next
            }
            guard sequences.reduce(0, { $0 + $1.count }) <= maximumParts else {
                throw TokenizerError(.limit, "post_processor yields more than \(maximumParts) parts")
            }
        }
        return Array(sequences.joined())
    }

    /// The parts in order.
    func parts(addSpecialTokens: Bool) -> [Part] { addSpecialTokens ? special : plain }

    /// Puts special tokens around the ids from `start` to the end of `ids`.
    func apply(_ ids: TokenBuffer, from start: Int, addSpecialTokens: Bool) {
        let parts = parts(addSpecialTokens: addSpecialTokens)
        if parts == [.text] { return }
        let text = Array(ids.ids[start...])
        ids.count = start
        for part in parts {
            switch part {
            case .id(let id): ids.append(id)
            case .text: text.withUnsafeBufferPointer { ids.append($0) }
            }
        }
    }
}
