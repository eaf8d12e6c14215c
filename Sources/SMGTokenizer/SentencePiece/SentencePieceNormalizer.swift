internal import SMGBase

/// The normalizer of a SentencePiece model: rules of a charsmap, spaces collapsed, escaped and added, user-defined
/// pieces left alone.
struct SentencePieceNormalizer: Sendable {
    /// What bytes below 0x80 need when the next one is below 0x80 too.
    private enum Step: UInt8 {
        /// A look at the rules.
        case rules
        /// A copy.
        case copy
        /// A copy of a space.
        case space
    }

    /// U+2581, which stands for a space.
    static let spaceSymbol: StaticString = "\u{2581}"

    private let charsmap: Charsmap?
    private let addsDummyPrefix: Bool
    private let removesExtraSpaces: Bool
    private let escapesSpaces: Bool
    private let spaceIsSuffix: Bool
    /// Pieces that are matched before any rule, the longest first; nil for none.
    private let userDefined: ByteTrie?
    private let steps: [Step]

    /// Fails with `malformed` for a broken charsmap.
    init(_ spec: SentencePieceFile.Normalizer, spaceIsSuffix: Bool, userDefined: ByteTrie?) throws(TokenizerError) {
        charsmap = spec.charsmap.isEmpty ? nil : try Charsmap(spec.charsmap)
        addsDummyPrefix = spec.addsDummyPrefix
        removesExtraSpaces = spec.removesExtraSpaces
        escapesSpaces = spec.escapesSpaces
        self.spaceIsSuffix = spaceIsSuffix
        self.userDefined = userDefined
        var steps = [Step](repeating: .rules, count: 256)
        for byte in 0..<128 {
            let isPlain = charsmap.map { $0.isPlain[byte] } ?? true
            let beginsPiece = userDefined.map { ByteTrie.child($0.units, of: ByteTrie.root, UInt8(byte)) != nil }
            guard isPlain, beginsPiece != true else { continue }
            steps[byte] = byte == 0x20 ? .space : .copy
        }
        self.steps = steps
    }

    /// Replaces the contents of `output` by `text` as the model wants to see it.
    func normalize(_ text: UnsafeRawBufferPointer, into output: ByteBuffer) {
        output.clear()
        var at = removesExtraSpaces ? leadingSpaces(text) : 0
        guard at < text.count else { return }
        output.reserve(text.count + text.count / 2)
        if addsDummyPrefix, !spaceIsSuffix { appendSpace(output) }
        var afterSpace = removesExtraSpaces
        steps.withUnsafeBufferPointer { steps in
            while at < text.count {
                let start = at
                at = copyPlain(text, at, steps, &afterSpace, output)
                if at == start { at += appendPrefix(text, at, &afterSpace, output) }
            }
        }
        if removesExtraSpaces { dropTrailingSpaces(output) }
        if addsDummyPrefix, spaceIsSuffix { appendSpace(output) }
    }

    /// Copies from `start` while rules have no say; returns where it stopped.
    @inline(__always)
    private func copyPlain(
        _ text: UnsafeRawBufferPointer, _ start: Int, _ steps: UnsafeBufferPointer<Step>, _ afterSpace: inout Bool,
        _ output: ByteBuffer
    ) -> Int {
        var at = start
        while at < text.count {
            let byte = text[at]
            let step = steps[Int(byte)]
            if step == .rules || (at &+ 1 < text.count && text[at &+ 1] >= 0x80) { break }
            at &+= 1
            if step == .copy {
                output.append(byte)
                afterSpace = false
            } else if !afterSpace {
                appendSpace(output)
                afterSpace = removesExtraSpaces
            }
        }
        return at
    }

    /// Appends what the text at `at` becomes by one rule; returns how many bytes of it that takes.
    private func appendPrefix(
        _ text: UnsafeRawBufferPointer, _ at: Int, _ afterSpace: inout Bool, _ output: ByteBuffer
    ) -> Int {
        let rest = text.slice(at..<text.count)
        if let userDefined {
            let length = userDefined.longestPrefix(of: rest)
            if length > 0 {
                append(rest.slice(0..<length), &afterSpace, output)
                return length
            }
        }
        if let charsmap, let match = charsmap.longest(rest) {
            let isDone = charsmap.withText(match.value) { replacement in
                guard let replacement else { return false }
                append(replacement, &afterSpace, output)
                return true
            }
            if isDone { return match.length }
        }
        let length = SentencePieceText.characterLength(rest)
        if length == 0 {
            output.append("\u{fffd}")
            afterSpace = false
            return 1
        }
        append(rest.slice(0..<length), &afterSpace, output)
        return length
    }

    /// Appends `part`, spaces escaped, leading ones dropped after a space.
    private func append(_ part: UnsafeRawBufferPointer, _ afterSpace: inout Bool, _ output: ByteBuffer) {
        var at = 0
        if afterSpace { while at < part.count, part[at] == 0x20 { at += 1 } }
        guard at < part.count else { return }
        while at < part.count {
            if part[at] == 0x20 { appendSpace(output) } else { output.append(part[at]) }
            at += 1
        }
        afterSpace = removesExtraSpaces && part[part.count - 1] == 0x20
    }

    private func appendSpace(_ output: ByteBuffer) {
        if escapesSpaces { output.append(Self.spaceSymbol) } else { output.append(0x20) }
    }

    /// Bytes at the front of `text` that become single spaces.
    private func leadingSpaces(_ text: UnsafeRawBufferPointer) -> Int {
        var at = 0
        while at < text.count {
            let rest = text.slice(at..<text.count)
            if let userDefined {
                let length = userDefined.longestPrefix(of: rest)
                if length > 0 {
                    guard length == 1, rest[0] == 0x20 else { break }
                    at += 1
                    continue
                }
            }
            let match = charsmap?.longest(rest)
            let isSpace = match.flatMap { match in
                charsmap?.withText(match.value) { text in text.map { $0.count == 1 && $0[0] == 0x20 } }
            }
            guard isSpace ?? (rest[0] == 0x20) else { break }
            at += isSpace == nil ? 1 : match?.length ?? 1
        }
        return at
    }

    private func dropTrailingSpaces(_ output: ByteBuffer) {
        let symbol: StaticString = escapesSpaces ? Self.spaceSymbol : " "
        let size = symbol.utf8CodeUnitCount
        while output.readableCount >= size {
            let end = output.readable
            guard end.slice(end.count - size..<end.count).equals(symbol) else { break }
            output.writerIndex -= size
        }
    }
}
