internal import SMGBase

/// What `Split`, `Replace` and their like look for: a fixed text or a regular expression.
enum TextPattern: Sendable {
    /// This text; never empty.
    case text([UInt8])
    /// What the expression matches.
    case expression(PatternMatcher)

    /// One stretch of a text: a match, or what is between matches.
    struct Stretch: Equatable {
        var start: Int
        var end: Int
        var isMatch: Bool
    }

    /// The pattern that matches `text` literally.
    init(literal text: [UInt8]) throws(TokenizerError) {
        if text.isEmpty {
            self = .expression(try PatternMatcher(UnsafeRawBufferPointer(start: nil, count: 0)))
        } else {
            self = .text(text)
        }
    }

    /// Divides `text` into matches and what is between them, in order and without gaps. Matches may be empty; other
    /// stretches never are, except that an empty text is one empty stretch.
    func divide(
        _ text: UnsafeRawBufferPointer, _ scratch: PatternScratch, into stretches: inout [Stretch]
    ) throws(TokenizerError) {
        stretches.removeAll(keepingCapacity: true)
        if text.isEmpty { return stretches.append(Stretch(start: 0, end: 0, isMatch: false)) }
        var end = 0
        switch self {
        case .text(let needle):
            while let start = needle.withUnsafeBytes({ text.firstIndex(of: $0, from: end) }) {
                if start > end { stretches.append(Stretch(start: end, end: start, isMatch: false)) }
                stretches.append(Stretch(start: start, end: start + needle.count, isMatch: true))
                end = start + needle.count
            }
        case .expression(let matcher):
            var search = PatternSearch(text)
            while let match = try search.next(matcher, scratch) {
                if match.lowerBound > end {
                    stretches.append(Stretch(start: end, end: match.lowerBound, isMatch: false))
                }
                stretches.append(Stretch(start: match.lowerBound, end: match.upperBound, isMatch: true))
                end = match.upperBound
            }
        }
        if end < text.count { stretches.append(Stretch(start: end, end: text.count, isMatch: false)) }
    }

    /// Appends `text` with every match replaced by `content`. Returns false when the text's first character went away
    /// without a replacement.
    @discardableResult
    func replace(
        in text: UnsafeRawBufferPointer, with content: [UInt8], _ scratch: PatternScratch, into out: ByteBuffer
    ) throws(TokenizerError) -> Bool {
        if case .text(let needle) = self, needle.count == 1 {
            try replaceByte(needle[0], in: text, with: content, into: out)
            return !(content.isEmpty && text.first == needle[0])
        }
        var stretches = scratch.takeStretches()
        defer { scratch.give(stretches) }
        try divide(text, scratch, into: &stretches)
        for stretch in stretches {
            if stretch.isMatch {
                content.withUnsafeBytes { out.append($0) }
                try Self.bound(out)
            } else {
                out.append(text.slice(stretch.start..<stretch.end))
            }
        }
        guard content.isEmpty, let first = stretches.first, first.isMatch else { return true }
        return first.end == first.start
    }

    /// `text` with every match replaced by `content`.
    func replaced(
        in text: UnsafeRawBufferPointer, with content: [UInt8], _ scratch: PatternScratch
    ) throws(TokenizerError) -> [UInt8] {
        let out = ByteBuffer(capacity: text.count)
        try replace(in: text, with: content, scratch, into: out)
        return Array(out.readable)
    }

    /// The same for one byte: SentencePiece-like models replace every space.
    private func replaceByte(
        _ byte: UInt8, in text: UnsafeRawBufferPointer, with content: [UInt8], into out: ByteBuffer
    ) throws(TokenizerError) {
        try content.withBytes { (content) throws(TokenizerError) in
            var at = 0
            while let hit = text.firstIndex(of: byte, from: at) {
                out.append(text.slice(at..<hit))
                out.append(content)
                try Self.bound(out)
                at = hit + 1
            }
            out.append(text.slice(at..<text.count))
        }
    }

    /// Replacements behind each other multiply.
    private static func bound(_ out: ByteBuffer) throws(TokenizerError) {
        guard out.readableCount <= TokenizerLimits.textBytes else {
            throw TokenizerError(.limit, "a text with replacements has more than \(TokenizerLimits.textBytes) bytes")
        }
    }
}

/// Walks over the matches of an expression as the reference does: an empty match right behind a match does not count.
struct PatternSearch {
    private let text: UnsafeRawBufferPointer
    private var from = 0
    private var lastMatchEnd = -1

    init(_ text: UnsafeRawBufferPointer) { self.text = text }

    mutating func next(_ matcher: PatternMatcher, _ scratch: PatternScratch) throws(TokenizerError) -> Range<Int>? {
        while from <= text.count {
            guard let match = try matcher.firstMatch(in: text, from: from, scratch) else {
                from = text.count + 1
                return nil
            }
            if match.isEmpty, match.upperBound == lastMatchEnd {
                // One character further.
                from += 1
                while from < text.count, text[from] & 0xc0 == 0x80 { from += 1 }
                continue
            }
            from = match.upperBound
            lastMatchEnd = match.upperBound
            return match
        }
        return nil
    }
}
