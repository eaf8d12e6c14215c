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

    /// Decoded texts are UTF-8, so the pieces they are made of must be.
    @Test func piecesMustBeText() throws {
        func load(_ piece: [UInt8], surface: [UInt8] = []) throws {
            let unknown: [UInt8] = [0x0a, 7, 0x0a, 3] + Array("<u>".utf8) + [0x18, 2]
            let normal = [0x0a, UInt8(piece.count + 2), 0x0a, UInt8(piece.count)] + piece
            let trainer =
                surface.isEmpty ? [] : [0x12, UInt8(surface.count + 3), 0xe2, 0x02, UInt8(surface.count)] + surface
            _ = try (unknown + normal + trainer).withUnsafeBytes { try SentencePieceModel($0) }
        }
        try load(Array("é日".utf8), surface: Array("??".utf8))
        for piece: [UInt8] in [[0xe2, 0x96], [0xe2, 0x96, 0x81, 0x3b, 0x96], [0xff], [0xed, 0xa0, 0x80]] {
            #expect(Fixtures.code { try load(piece) } == .malformed)
            #expect(Fixtures.code { try load([0x61], surface: piece) } == .malformed)
        }
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
            let broken = random.broken(file, isCut: round % 2 == 0)
            #expect(SentencePieceProperties.violation(broken) == nil)
        }
    }

    @Test func replaysTheCorpus() {
        let corpus = Corpus.files("sentencepiece")
        #expect(corpus.count >= 15)
        var random = FastRandom(seed: 8)
        for file in corpus {
            #expect(SentencePieceProperties.violation(file) == nil)
            for round in 0..<10 where !file.isEmpty {
                #expect(SentencePieceProperties.violation(random.broken(file, isCut: round == 0)) == nil)
            }
        }
    }
}

extension FastRandom {
    /// `file` with up to three of its bytes changed, and its end cut off when `isCut`.
    fileprivate mutating func broken(_ file: [UInt8], isCut: Bool) -> [UInt8] {
        var broken = file
        if isCut { broken.removeLast(below(broken.count)) }
        for _ in 0..<3 where !broken.isEmpty { broken[below(broken.count)] = UInt8(below(256)) }
        return broken
    }
}
