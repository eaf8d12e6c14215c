/// How a model sets its reasoning apart from its answer: the markers, and what else of its framing is not text.
///
/// Made once per format and shared; the searches are prepared in it.
package final class ReasoningFormat: Sendable {
    /// Whether an answer begins inside the reasoning, because the prompt ends behind the start marker.
    package let startsInReasoning: Bool
    /// Whether the markers are special tokens, which a decoder must not leave out.
    package let requiresSpecialTokens: Bool
    /// Whether reasoning may begin again behind its end. Where the markers are plain text it may not: an answer about
    /// `<think>` would lose the rest of itself.
    let repeats: Bool

    /// Looks for what may come outside the reasoning: starts, framing, openings of what passes unchanged.
    let outside: MarkerScanner
    /// How many of the markers of `outside` are starts.
    let startCount: Int
    /// How many of them are starts or framing; the others open a part that passes unchanged.
    let droppedLimit: Int
    /// Looks for what may come inside the reasoning: ends, then starts, then openings of calls.
    let inside: MarkerScanner
    /// How many of the markers of `inside` are ends.
    let endCount: Int
    /// How many of them are ends or starts; the others open a call, which ends the reasoning where calls are read.
    let insideLimit: Int
    /// Looks for the end of a part that passes unchanged; nil when the format has none.
    let unchanged: MarkerScanner?

    /// - `dropped`: framing of the answer, which is neither content nor reasoning.
    /// - `unchanged`: what opens and what closes a part that belongs to the tool-call parser with all its markers.
    /// - `calls`: what opens a call also where the reasoning was not ended.
    init(
        starts: [StaticString], ends: [StaticString], dropped: [StaticString] = [],
        unchanged: (opens: [StaticString], closes: [StaticString])? = nil, calls: [StaticString] = [],
        startsInReasoning: Bool = false, repeats: Bool = false, requiresSpecialTokens: Bool = false
    ) {
        outside = MarkerScanner(starts + dropped + (unchanged?.opens ?? []))
        startCount = starts.count
        droppedLimit = starts.count + dropped.count
        inside = MarkerScanner(ends + starts + calls)
        endCount = ends.count
        insideLimit = ends.count + starts.count
        self.unchanged = unchanged.map { MarkerScanner($0.closes) }
        self.startsInReasoning = startsInReasoning
        self.repeats = repeats
        self.requiresSpecialTokens = requiresSpecialTokens
    }

    /// `<think>` and `</think>`.
    static func think(startsInReasoning: Bool, calls: [StaticString] = []) -> ReasoningFormat {
        ReasoningFormat(
            starts: ["<think>"], ends: ["</think>"], calls: calls, startsInReasoning: startsInReasoning)
    }
}

/// The bounds of reasoning parsers.
package enum ReasoningLimits {
    /// Bytes of reasoning held back for a caller who does not want it streamed; beyond, it is passed on at once. About a
    /// million tokens.
    package static let maximumHeldBytes = 4 << 20
}
