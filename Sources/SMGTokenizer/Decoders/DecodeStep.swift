internal import SMGBase

/// One component of a decoder. Tokens go through the steps in order; what comes out of the last one is put together.
enum DecodeStep: Sendable {
    /// Tokens in the byte alphabet become their bytes; then all tokens are one.
    case byteLevel
    /// The replacement becomes a space; `dropsFirst`: nothing in the first token.
    case metaspace(replacement: [UInt8], dropsFirst: Bool)
    /// Matches become `content`.
    case replace(TextPattern, content: [UInt8])
    /// Runs of `<0xNN>` tokens become their bytes.
    case byteFallback
    /// All tokens become one.
    case fuse
    /// Up to `start` times `content` goes away in front of every token, up to `stop` times behind it.
    case strip(content: [UInt8], start: Int, stop: Int)
    /// Tokens but the first lose `prefix` or get a space in front.
    case wordPiece(prefix: [UInt8], cleanup: Bool)
    /// The suffix becomes a space, nothing in the last token.
    case wordSuffix(TextPattern)
    /// Repeated tokens count once, `pad` is nothing; with `cleanup`, `delimiter` is a space.
    case ctc(pad: [UInt8], delimiter: TextPattern, cleanup: Bool)
    /// A space between tokens: what the reference does without a decoder.
    case spaced
}

extension DecodeStep {
    /// Whether a token's outcome depends only on the token and on whether it is the first one.
    var isStatic: Bool {
        switch self {
        case .metaspace, .replace, .strip, .wordPiece, .spaced: true
        case .byteLevel, .byteFallback, .fuse, .wordSuffix, .ctc: false
        }
    }

    /// What a static step makes of one token.
    func transform(
        _ token: UnsafeRawBufferPointer, isFirst: Bool, _ scratch: PatternScratch
    ) throws(TokenizerError) -> [UInt8] {
        switch self {
        case .metaspace(let replacement, let dropsFirst):
            return TextEdit.replacing(replacement, in: token, with: isFirst && dropsFirst ? [] : [0x20])
        case .replace(let pattern, let content): return try pattern.replaced(in: token, with: content, scratch)
        case .strip(let content, let start, let stop): return Array(TextEdit.stripped(token, content, start, stop))
        case .wordPiece(let prefix, let cleanup):
            var text = Array(token)
            if !isFirst {
                if token.starts(with: prefix) { text.removeFirst(prefix.count) } else { text.insert(0x20, at: 0) }
            }
            return cleanup ? TextEdit.cleaned(text) : text
        case .spaced: return isFirst ? Array(token) : [0x20] + token
        case .byteLevel, .byteFallback, .fuse, .wordSuffix, .ctc: return Array(token)
        }
    }
}

/// Edits of single tokens.
enum TextEdit {
    /// `text` with every `old` replaced by `new`.
    static func replacing(_ old: [UInt8], in text: UnsafeRawBufferPointer, with new: [UInt8]) -> [UInt8] {
        guard !old.isEmpty else { return Array(text) }
        var out: [UInt8] = []
        out.reserveCapacity(text.count)
        var at = 0
        while let hit = old.withUnsafeBytes({ text.firstIndex(of: $0, from: at) }) {
            out += text[at..<hit]
            out += new
            at = hit + old.count
        }
        out += text[at...]
        return out
    }

    static func replacing(_ old: StaticString, in text: [UInt8], with new: StaticString) -> [UInt8] {
        let old = Array(UnsafeBufferPointer(start: old.utf8Start, count: old.utf8CodeUnitCount))
        let new = Array(UnsafeBufferPointer(start: new.utf8Start, count: new.utf8CodeUnitCount))
        return text.withUnsafeBytes { replacing(old, in: $0, with: new) }
    }

    /// `text` without up to `start` times `content` in front and up to `stop` times behind.
    static func stripped(
        _ text: UnsafeRawBufferPointer, _ content: [UInt8], _ start: Int, _ stop: Int
    ) -> UnsafeRawBufferPointer {
        guard !content.isEmpty else { return text }
        var low = 0
        var high = text.count
        var taken = 0
        while taken < start, high - low >= content.count, text[low...].starts(with: content) {
            low += content.count
            taken += 1
        }
        taken = 0
        while taken < stop, high - low >= content.count, text[(high - content.count)..<high].elementsEqual(content) {
            high -= content.count
            taken += 1
        }
        return text.slice(low..<high)
    }

    /// English spacing as WordPiece's and CTC's clean-up does it, in its order.
    static func cleaned(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(0x20) else { return text }
        let rules: [(StaticString, StaticString)] = [
            (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
            (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
        ]
        return rules.reduce(text) { replacing($1.0, in: $0, with: $1.1) }
    }
}
