import SMGBase

@testable import SMGTokenizer

/// What holds for any bytes that are taken for a SentencePiece model.
enum SentencePieceProperties {
    /// The first property that `input` violates; nil when all hold. Nothing traps, whatever the bytes are.
    static func violation(_ input: [UInt8]) -> String? {
        guard let model = try? input.withUnsafeBytes({ try SentencePieceModel($0) }) else { return nil }
        if Int(model.unknownID) >= model.vocabulary.idLimit { return "the unknown piece has no id" }
        let scratch = model.makeScratch()
        for text in texts(input) {
            if let broken = violation(model, text, scratch) { return broken }
        }
        return violation(ofTokenizer: input, texts(input)[0])
    }

    /// Texts with all a normalizer looks at, ill-formed UTF-8, and some of the file's own bytes.
    private static func texts(_ input: [UInt8]) -> [[UInt8]] {
        let plain = Array("The  quick ﬁ\u{301} \u{2581}<x> ½日本😀\u{fffd} thethe ".utf8)
        return [plain, plain + [0xff, 0xe2, 0x96] + input.suffix(64), [], [0x20, 0x20], [0xe6, 0x97]]
    }

    private static func violation(
        _ model: SentencePieceModel, _ text: [UInt8], _ scratch: SentencePieceModel.Scratch
    ) -> String? {
        let ids = TokenBuffer()
        let again = TokenBuffer()
        do {
            try text.withUnsafeBytes { try model.encode($0, into: ids, scratch: scratch) }
            try text.withUnsafeBytes { try model.encode($0, into: again, scratch: scratch) }
        } catch { return nil }
        if ids.array != again.array { return "a second encoding differs from the first" }
        for id in ids.ids {
            if Int(id) >= model.vocabulary.idLimit { return "id \(id) is beyond the vocabulary" }
            if model.kind(id) == nil { return "id \(id) has no piece" }
        }
        let whole = ByteBuffer(capacity: 64)
        let steps = ByteBuffer(capacity: 64)
        var state = SentencePieceModel.DecodeState()
        do {
            try model.decode(ids.ids, into: whole)
            for id in ids.ids { try model.step(id, &state, into: steps) }
        } catch { return "its own ids do not decode" }
        model.finish(&state, into: steps)
        if String(validating: whole.readable, as: UTF8.self) == nil { return "decoded text is not UTF-8" }
        return whole.readable.elementsEqual(steps.readable) ? nil : "decoding by steps differs"
    }

    /// The same file as a tokenizer counts the ids it gives.
    private static func violation(ofTokenizer input: [UInt8], _ text: [UInt8]) -> String? {
        guard let tokenizer = try? input.withUnsafeBytes({ try Tokenizer.load(bytes: $0) }) else { return nil }
        for addsSpecial in [false, true] {
            let ids = TokenBuffer()
            let counted = try? text.withUnsafeBytes { bytes in
                try tokenizer.encode(bytes, addSpecialTokens: addsSpecial, into: ids)
                return try tokenizer.countTokens(bytes, addSpecialTokens: addsSpecial)
            }
            if let counted, counted != ids.array.count { return "\(ids.array.count) ids, counted \(counted)" }
        }
        return nil
    }
}
