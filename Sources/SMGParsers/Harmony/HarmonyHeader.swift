internal import SMGBase

/// What stands between `<|start|>` and `<|message|>`: role, recipient, channel, content type, in nearly any order.
struct HarmonyHeader {
    /// False for a message that the model puts into somebody else's mouth.
    var isAssistant = true
    var channel: String?
    var recipient: String?
    var contentType: String?
    /// What has no place in a header. It is text that the model wrote all the same.
    var rest: [Range<Int>] = []

    /// A place in the header where a formatting token stood.
    struct Mark {
        var offset: Int
        var token: HarmonyToken
    }

    /// A word, and the token right before it.
    private struct Word {
        var range: Range<Int>
        var token: HarmonyToken?
    }

    init() {}

    /// Reads a whole header. `hasRole`: the role was given before its first byte, as in the prompt.
    init(_ bytes: UnsafeRawBufferPointer, marks: [Mark], hasRole: Bool) {
        var words = Self.words(bytes, marks)
        readRole(bytes, &words, hasRole: hasRole)
        if let last = words.lastIndex(where: { $0.token == .channel }) {
            channel = bytes.slice(words[last].range).string
            words.removeAll { $0.token == .channel }
        }
        if let named = words.firstIndex(where: { bytes.slice($0.range).hasPrefix("to=") }) {
            recipient = bytes.slice(words[named].range).dropFirst(3).text
            words.remove(at: named)
            if let type = words.last, words.count == 1 || type.token == .constrain {
                contentType = Self.text(bytes, type)
                words.removeLast()
            }
        } else if words.count == 1, words[0].token != .constrain {
            recipient = bytes.slice(words[0].range).string
            words.removeLast()
        } else if let type = words.popLast() {
            contentType = Self.text(bytes, type)
            if let name = words.popLast() { recipient = bytes.slice(name.range).string }
        }
        rest = words.map(\.range)
    }

    /// Reads the beginning of what was not a header after all: as far as the words belong into one. The rest is one
    /// range, the message's text; arguments may begin right behind a word. `isCut`: the answer ended in it, so its last
    /// word may not be whole.
    init(openEnded bytes: UnsafeRawBufferPointer, marks: [Mark], hasRole: Bool, isCut: Bool) {
        var words = Self.words(bytes, marks)
        readRole(bytes, &words, hasRole: hasRole, known: true)
        for (i, word) in words.enumerated() {
            let brace = bytes.slice(word.range).firstIndex(of: UInt8(ascii: "{")).map { word.range.lowerBound + $0 }
            let text = bytes.slice(word.range.lowerBound..<(brace ?? word.range.upperBound))
            let belongs: Bool
            if word.token == .channel {
                let isLast = i + 1 == words.count
                let isAddressed = recipient != nil || !isLast && bytes.slice(words[i + 1].range).hasPrefix("to=")
                belongs = Self.isChannel(text) || isAddressed && !text.isEmpty || isCut && isLast && brace == nil
                if belongs { channel = text.string }
            } else if word.token == .constrain {
                belongs = true
                if !text.isEmpty { contentType = "<|constrain|>\(text.string)" }
            } else {
                belongs = text.hasPrefix("to=")
                if belongs { recipient = text.dropFirst(3).text }
            }
            if !belongs {
                // Text that never pretended to be a header keeps its whitespace.
                let isText = hasRole && marks.isEmpty && recipient == nil && isAssistant
                rest = [(isText ? 0 : word.range.lowerBound)..<bytes.count]
                return
            }
            if let brace {
                rest = [brace..<bytes.count]
                return
            }
        }
        if hasRole, marks.isEmpty, recipient == nil, !bytes.isEmpty { rest = [0..<bytes.count] }
    }

    private static func isChannel(_ text: UnsafeRawBufferPointer) -> Bool {
        text.equals("analysis") || text.equals("commentary") || text.equals("final")
    }

    private mutating func readRole(
        _ bytes: UnsafeRawBufferPointer, _ words: inout [Word], hasRole: Bool, known: Bool = false
    ) {
        guard let first = words.first, first.token == nil else { return }
        let text = bytes.slice(first.range)
        if text.equals("assistant") {
            words.removeFirst()
        } else if !hasRole, !text.hasPrefix("to=") {
            let isRole = text.equals("user") || text.equals("system") || text.equals("developer") || text.equals("tool")
            // Any other name is a tool's, if more is said.
            guard isRole || !known && words.count > 1 else { return }
            isAssistant = false
            words.removeFirst()
        }
    }

    private static func text(_ bytes: UnsafeRawBufferPointer, _ word: Word) -> String {
        (word.token == .constrain ? "<|constrain|>" : "") + bytes.slice(word.range).string
    }

    /// Splits at whitespace and at the marks. A mark belongs to the word behind it.
    private static func words(_ bytes: UnsafeRawBufferPointer, _ marks: [Mark]) -> [Word] {
        var words: [Word] = []
        var start = 0
        var token: HarmonyToken?
        func flush(_ end: Int) {
            guard end > start else { return }
            words.append(Word(range: start..<end, token: token))
            token = nil
        }
        var next = 0
        for at in 0..<bytes.count {
            while next < marks.count, marks[next].offset == at {
                flush(at)
                start = at
                token = marks[next].token
                next += 1
            }
            if bytes[at] <= 0x20 {
                flush(at)
                start = at + 1
            }
        }
        flush(bytes.count)
        return words
    }
}

extension Slice where Base == UnsafeRawBufferPointer {
    /// The bytes as text.
    fileprivate var text: String { String(decoding: self, as: UTF8.self) }
}
