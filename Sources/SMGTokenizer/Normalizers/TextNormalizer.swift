internal import SMGBase
internal import SMGUnicode

/// The normalizer of a tokenizer.json: its components in order, nested sequences taken apart.
struct TextNormalizer: Sendable {
    /// One component.
    enum Step: Sendable {
        /// NFC, NFD, NFKC or NFKD.
        case unicode(Normalizer)
        /// Every scalar by its own rule: a final sigma is like any other.
        case lowercase
        /// Without marks (Mn, Mc, Me).
        case stripAccents
        /// Without white space at the ends.
        case strip(left: Bool, right: Bool)
        case replace(TextPattern, content: [UInt8])
        /// In front of a text that is not empty.
        case prepend([UInt8])
        case bert(BertNormalizer)
        /// A SentencePiece charsmap.
        case charsmap(Charsmap)
        /// Bytes become the characters that spell them.
        case byteLevel
        /// SentencePiece's rules for control characters and white space.
        case nmt
    }

    let steps: [Step]

    /// A normalised text.
    struct Output {
        /// Valid until the scratch is used again.
        var text: UnsafeRawBufferPointer
        /// Whether the first character of `text` comes from the first one of the source.
        var keepsLead: Bool
    }

    /// Memory of one thread: steps write to one buffer while they read the other.
    final class Scratch {
        fileprivate let buffers = (ByteBuffer(capacity: 256), ByteBuffer(capacity: 256))
        fileprivate let inner = ByteBuffer(capacity: 256)
        let pattern: PatternScratch

        init(_ pattern: PatternScratch) { self.pattern = pattern }
    }

    func normalize(_ text: UnsafeRawBufferPointer, _ scratch: Scratch) throws(TokenizerError) -> Output {
        var output = Output(text: text, keepsLead: true)
        var usesFirst = true
        for step in steps {
            let buffer = usesFirst ? scratch.buffers.0 : scratch.buffers.1
            buffer.clear()
            if try step.apply(to: &output, buffer, scratch) {
                guard buffer.readableCount <= TokenizerLimits.textBytes else {
                    throw TokenizerError(.limit, "a normalised text has more than \(TokenizerLimits.textBytes) bytes")
                }
                output.text = buffer.readable
                usesFirst.toggle()
            }
        }
        return output
    }
}

extension TextNormalizer.Step {
    /// Puts what becomes of the text into `out` and returns true, or returns false when nothing changes or the result is
    /// a part of the text (then set in `output`).
    fileprivate func apply(
        to output: inout TextNormalizer.Output, _ out: ByteBuffer, _ scratch: TextNormalizer.Scratch
    ) throws(TokenizerError) -> Bool {
        let text = output.text
        switch self {
        case .unicode(let normalizer): return normalizer.normalize(text, into: out)
        case .lowercase: return CharacterEdits.lowercase(text, into: out)
        case .stripAccents:
            return CharacterEdits.filter(text, into: out, &output.keepsLead) { !ScalarKinds.isMark($0) }
        case .strip(let left, let right):
            let start = left ? WhiteSpace.end(of: text, from: 0) : 0
            let end = right ? max(WhiteSpace.start(of: text, before: text.count), start) : text.count
            if start > 0 { output.keepsLead = false }
            output.text = text.slice(start..<end)
            return false
        case .replace(let pattern, let content):
            if !(try pattern.replace(in: text, with: content, scratch.pattern, into: out)) { output.keepsLead = false }
            return true
        case .prepend(let prefix):
            if text.isEmpty { return false }
            prefix.withUnsafeBytes { out.append($0) }
            out.append(text)
            return true
        case .bert(let normalizer): return normalizer.normalize(text, scratch.inner, into: out, &output.keepsLead)
        case .charsmap(let charsmap):
            if charsmap.leavesUnchanged(text) { return false }
            charsmap.normalize(text, into: out)
            return true
        case .byteLevel:
            CharacterEdits.spell(text, into: out)
            return true
        case .nmt: return CharacterEdits.nmt(text, into: out, &output.keepsLead)
        }
    }
}
