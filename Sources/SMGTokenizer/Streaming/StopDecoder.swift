package import SMGBase

/// Turns the ids of one sequence into text up to what ends it. A value of its own for every sequence; decoder and rules
/// are shared.
///
/// The text does not depend on how ids are grouped, and holds whole characters only.
package struct StopDecoder: Sendable {
    /// What an id brought.
    package enum Progress: Sendable, Hashable {
        /// Text was appended.
        case text
        /// Nothing yet: what came may become a character or a stop string.
        case held
        /// The sequence has ended, and the last of its text was appended where there was some. Nothing follows.
        case stopped
    }

    /// Why the sequence ended; nil while it has not, and when it ended by `finish` alone.
    package private(set) var cause: StopCause?
    private var stream: TokenDecoder.Stream
    private var matcher = StopMatcher()
    private let skipsSpecial: Bool
    private var hasEnded = false

    package init(skipSpecialTokens: Bool) {
        skipsSpecial = skipSpecialTokens
        stream = TokenDecoder.Stream(skipSpecialTokens: skipSpecialTokens)
    }

    /// Takes the next id and appends to `text` what is certain now. Ids behind the end are left out. Fails with
    /// `unknownToken` where the decoder does; the sequence can go on.
    package mutating func step(
        _ id: UInt32, _ decoder: TokenDecoder, _ rules: StopRules, into text: ByteBuffer
    ) throws(TokenizerError) -> Progress {
        if hasEnded { return .stopped }
        let start = text.writerIndex
        let kind = rules.kind(id)
        if kind != .hidden {
            if kind == .visible, end(matcher.finish(text, rules)) { return .stopped }
            let own = text.writerIndex
            try decoder.step(id, &stream, into: text)
            if kind == .plain {
                if end(matcher.take(text, from: own, rules)) { return .stopped }
                return text.writerIndex > start ? .text : .held
            }
            try decoder.finish(&stream, into: text)
        } else {
            // A stop string that began before may come out of what the decoder held.
            if try endText(decoder, rules, into: text) { return .stopped }
        }
        cause = .token(id)
        hasEnded = true
        return .stopped
    }

    /// Takes ids until the sequence ends. How many it took, and what they brought in all.
    package mutating func step(
        _ ids: UnsafeBufferPointer<UInt32>, _ decoder: TokenDecoder, _ rules: StopRules, into text: ByteBuffer
    ) throws(TokenizerError) -> (taken: Int, progress: Progress) {
        let start = text.writerIndex
        for (index, id) in ids.enumerated() {
            if try step(id, decoder, rules, into: text) == .stopped { return (index + 1, .stopped) }
        }
        return (ids.count, hasEnded ? .stopped : text.writerIndex > start ? .text : .held)
    }

    /// Says that no id follows: appends what was held back, incomplete characters as U+FFFD.
    package mutating func finish(
        _ decoder: TokenDecoder, _ rules: StopRules, into text: ByteBuffer
    ) throws(TokenizerError) {
        if hasEnded { return }
        _ = try endText(decoder, rules, into: text)
        hasEnded = true
    }

    /// As it was in the beginning.
    package mutating func reset() { self = StopDecoder(skipSpecialTokens: skipsSpecial) }

    /// Appends all that decoder and matcher hold; true when a stop string is found in it.
    private mutating func endText(
        _ decoder: TokenDecoder, _ rules: StopRules, into text: ByteBuffer
    ) throws(TokenizerError) -> Bool {
        let start = text.writerIndex
        try decoder.finish(&stream, into: text)
        return end(matcher.take(text, from: start, rules)) || end(matcher.finish(text, rules))
    }

    /// Ends the sequence with the stop string at `place`, if there is one.
    private mutating func end(_ place: Int?) -> Bool {
        guard let place else { return false }
        cause = .string(place)
        hasEnded = true
        return true
    }
}
