import SMGBase

@testable import SMGTokenizer

/// What holds for any bytes that are taken for a tokenizer file.
enum TokenizerFileProperties {
    /// The first property that `input` violates; nil when all hold. Nothing traps, whatever the bytes are.
    static func violation(_ input: UnsafeRawBufferPointer) -> String? {
        guard let tokenizer = try? Tokenizer.load(bytes: input) else { return nil }
        let texts = ["", "a", "Hello, world 123 ▁é日😀\n  <s>", " \u{301}\t\u{fffd}"]
        for text in texts {
            guard let ids = try? tokenizer.encode(text) else { continue }
            let count = Array(text.utf8).withUnsafeBytes {
                try? tokenizer.countTokens($0, addSpecialTokens: true)
            }
            if count != ids.count { return "\(ids.count) ids, counted \(count ?? -1)" }
            for skip in [false, true] {
                guard let whole = try? tokenizer.decode(ids, skipSpecialTokens: skip) else { continue }
                if streamedText(tokenizer, ids, skip) != whole { return "streamed text differs from the whole" }
            }
        }
        return nil
    }

    private static func streamedText(_ tokenizer: Tokenizer, _ ids: [UInt32], _ skip: Bool) -> String? {
        var stream = TokenDecoder.Stream(skipSpecialTokens: skip)
        let text = ByteBuffer(capacity: 64)
        do {
            for id in ids { try tokenizer.decoder.step(id, &stream, into: text) }
            try tokenizer.decoder.finish(&stream, into: text)
        } catch { return nil }
        return text.readableString
    }
}
