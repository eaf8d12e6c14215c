import SMGBase
import Testing

@testable import SMGTokenizer

@Suite struct SentencePieceModelTests {
    static let names = ["unigram-suffix", "unigram-rules", "bpe-bytes", "bpe-symbols", "bpe-rules"]

    private func load(_ name: String) throws -> SentencePieceModel {
        try ModelFixtures.bytes("\(name).model").withUnsafeBytes { try SentencePieceModel($0) }
    }

    @Test(arguments: names) func givesTheReferencesIDs(_ name: String) throws {
        let model = try load(name)
        let scratch = model.makeScratch()
        for _ in 0..<2 {
            for (text, ids) in zip(try ModelFixtures.rows("texts.bin"), try ModelFixtures.ids("\(name).ids")) {
                let out = TokenBuffer()
                try text.withUnsafeBytes { try model.encode($0, into: out, scratch: scratch) }
                #expect(out.array == ids, "\(String(decoding: text, as: UTF8.self))")
            }
        }
    }

    @Test(arguments: names) func decodesLikeTheReferenceAtOnceAndStepByStep(_ name: String) throws {
        let model = try load(name)
        for (ids, wanted) in zip(try ModelFixtures.ids("\(name).ids"), try ModelFixtures.rows("\(name).decoded")) {
            let whole = ByteBuffer(capacity: 64)
            try ids.withUnsafeBufferPointer { try model.decode($0, into: whole) }
            #expect(Array(whole.readable) == wanted)
            let steps = ByteBuffer(capacity: 64)
            var state = SentencePieceModel.DecodeState()
            for id in ids {
                try model.step(id, &state, into: steps)
                // What is told is whole characters.
                #expect(String(validating: steps.readable, as: UTF8.self) != nil)
            }
            model.finish(&state, into: steps)
            #expect(Array(steps.readable) == wanted)
        }
    }

    @Test func incompleteBytesBecomeOneReplacementEach() throws {
        let model = try load("bpe-bytes")
        func text(_ bytes: [UInt8]) throws -> String {
            let ids = bytes.map { byte in
                let digits = String(byte, radix: 16, uppercase: true)
                return model.vocabulary.id(of: "<0x\(digits.count == 1 ? "0" : "")\(digits)>") ?? 0
            }
            let out = ByteBuffer(capacity: 64)
            try ids.withUnsafeBufferPointer { try model.decode($0, into: out) }
            return out.readableString
        }
        #expect(try text(Array("é日😀".utf8)) == "é日😀")
        #expect(try text([0xe6, 0x97]) == "\u{fffd}\u{fffd}")
        #expect(try text([0xf0, 0x9f, 0x98, 0x41]) == "\u{fffd}\u{fffd}\u{fffd}A")
        #expect(try text([0xed, 0xa0, 0x80]) == "\u{fffd}\u{fffd}\u{fffd}")
    }

    @Test func anUnknownIDFails() throws {
        let model = try load("bpe-bytes")
        let ids = [UInt32(model.vocabulary.idLimit)]
        #expect(throws: TokenizerError.self) {
            try ids.withUnsafeBufferPointer { try model.decode($0, into: ByteBuffer(capacity: 16)) }
        }
    }

    @Test func knowsItsSpecialPieces() throws {
        let model = try load("bpe-symbols")
        #expect(model.unknownID == 0)
        #expect(model.bosID == 1)
        #expect(model.eosID == 2)
        #expect(model.padID == nil)
        #expect(model.kind(0) == .unknown)
        #expect(model.kind(1) == .control)
        #expect(model.vocabulary.id(of: "<sep>").flatMap(model.kind) == .userDefined)
        #expect(model.kind(.max) == nil)
    }

    /// A file cut anywhere, or with a byte changed, loads or fails; what loads encodes.
    @Test func brokenFilesNeverTrap() throws {
        let file = try ModelFixtures.bytes("bpe-rules.model")
        var random = FastRandom(seed: 3)
        for round in 0..<120 {
            var broken = file
            if round % 2 == 0 { broken.removeLast(random.below(broken.count)) }
            for _ in 0..<3 where !broken.isEmpty { broken[random.below(broken.count)] = UInt8(random.below(256)) }
            #expect(violatedModelProperty(broken) == nil)
        }
    }
}

/// Loads `input` as a SentencePiece model and uses it; the property it violates, or nil.
func violatedModelProperty(_ input: [UInt8]) -> String? {
    guard let model = try? input.withUnsafeBytes({ try SentencePieceModel($0) }) else { return nil }
    let text = Array("The  quick ﬁ\u{301} \u{2581}<x> ½日本😀\u{fffd} ".utf8) + [0xff, 0xe2, 0x96] + input.suffix(64)
    let ids = TokenBuffer()
    let again = TokenBuffer()
    let scratch = model.makeScratch()
    do {
        try text.withUnsafeBytes { try model.encode($0, into: ids, scratch: scratch) }
        try text.withUnsafeBytes { try model.encode($0, into: again, scratch: scratch) }
    } catch { return nil }
    if ids.array != again.array { return "a second encoding differs from the first" }
    if ids.array.contains(where: { model.kind($0) == nil }) { return "an id that is none" }
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
