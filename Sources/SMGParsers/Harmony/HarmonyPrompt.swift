package import SMGBase

/// A rendered conversation: formatting tokens and runs of text in their order. Text is to be encoded run by run and
/// without special tokens, so that what a user writes never becomes a formatting token.
///
/// Storage that is used again: `clear()` it between requests.
package final class HarmonyPrompt {
    package enum Segment: Hashable, Sendable {
        case special(HarmonyToken)
        /// Bytes of `buffer`.
        case text(Range<Int>)
    }

    package private(set) var segments: [Segment] = []
    /// The runs of text one after the other, UTF-8.
    package let buffer = ByteBuffer(capacity: 4096)

    package init() {}

    package func clear() {
        segments.removeAll(keepingCapacity: true)
        buffer.clear()
    }

    /// The text of a segment; nothing for a token. Valid until the prompt changes.
    package func text(_ segment: Segment) -> UnsafeRawBufferPointer {
        switch segment {
        case .special: UnsafeRawBufferPointer(start: nil, count: 0)
        case .text(let range): buffer.slice(range)
        }
    }

    /// Everything as one text, tokens as they are written. What came from users may look like tokens here: for people
    /// and for tests, not for an engine that reads special tokens from text.
    package var string: String {
        let whole = ByteBuffer(capacity: buffer.readableCount + 16 * segments.count)
        for segment in segments {
            switch segment {
            case .special(let token): whole.append(token.spelling)
            case .text(let range): whole.append(buffer.slice(range))
            }
        }
        return whole.readableString
    }

    /// Appends a formatting token.
    func append(_ token: HarmonyToken) { segments.append(.special(token)) }

    /// Appends one run of text; nothing when `write` writes nothing.
    func text(_ write: (ByteBuffer) -> Void) {
        let start = buffer.writerIndex
        write(buffer)
        if buffer.writerIndex > start { segments.append(.text(start..<buffer.writerIndex)) }
    }

    /// Appends one run of text.
    func text(_ text: String) { self.text { $0.append(string: text) } }
}
