import SMGBase
import Testing

@testable import SMGTokenizer

@Suite struct WordModelTests {
    @Test func wordPieceGivesTheReferencesIDs() throws {
        let rows = try ModelFixtures.rows("hf-wordpiece.model")
        let model = try wordPiece(
            try ModelFixtures.vocabulary(rows.dropFirst(3)), unknown: "[UNK]", maximumCharacters: 20)
        let wanted = try ModelFixtures.ids("hf-wordpiece.ids")
        for (text, ids) in zip(try ModelFixtures.rows("texts.bin"), wanted) {
            let out = TokenBuffer()
            try eachWord(text) { try model.encode($0, into: out) }
            #expect(out.array == ids, "\(String(decoding: text, as: UTF8.self))")
        }
    }

    @Test func wordLevelGivesTheReferencesIDs() throws {
        let rows = try ModelFixtures.rows("hf-wordpiece.model")
        let vocabulary = try ModelFixtures.vocabulary(rows.dropFirst(3))
        let model = Array("[UNK]".utf8).withUnsafeBytes { WordLevelModel(vocabulary: vocabulary, unknownToken: $0) }
        for (text, ids) in zip(try ModelFixtures.rows("texts.bin"), try ModelFixtures.ids("hf-wordlevel.ids")) {
            let out = TokenBuffer()
            try eachWord(text) { try model.encode($0, into: out) }
            #expect(out.array == ids)
        }
    }

    @Test func anUnknownWordFailsWithoutAnUnknownToken() throws {
        let vocabulary = try vocabulary(["a", "##b"])
        let model = try wordPiece(vocabulary, unknown: "[UNK]", maximumCharacters: 3)
        #expect(try ids(model, "abb") == [0, 1, 1])
        #expect(throws: TokenizerError.self) { try ids(model, "abbb") }
        #expect(throws: TokenizerError.self) { try ids(model, "ac") }
        #expect(throws: TokenizerError.self) { try ids(model, "b") }
        #expect(try ids(model, "") == [])
    }

    @Test func lengthsAreCountedInCharacters() throws {
        let model = try wordPiece(try vocabulary(["é", "##é", "?"]), unknown: "?", maximumCharacters: 2)
        #expect(try ids(model, "éé") == [0, 1])
        #expect(try ids(model, "ééé") == [2])
    }

    /// Longest match against the definition: every prefix tried, longest first.
    @Test func randomVocabulariesMatchTheDefinition() throws {
        var random = FastRandom(seed: 7)
        for _ in 0..<200 {
            let tokens = Set((0..<12).map { _ in word(&random, 4) } + (0..<8).map { _ in "##" + word(&random, 3) })
            let list = tokens.sorted() + ["[UNK]"]
            let model = try wordPiece(try vocabulary(list), unknown: "[UNK]", maximumCharacters: 12)
            for _ in 0..<50 {
                let text = word(&random, 14)
                #expect(try ids(model, text) == naive(list, text, limit: 12), "\(list) \(text)")
            }
        }
    }

    private func naive(_ tokens: [String], _ text: String, limit: Int) -> [UInt32] {
        let index = Dictionary(uniqueKeysWithValues: tokens.enumerated().map { ($1, UInt32($0)) })
        let unknown = [UInt32(tokens.count - 1)]
        guard text.count <= limit else { return unknown }
        var rest = text[...]
        var out: [UInt32] = []
        while !rest.isEmpty {
            let prefix = out.isEmpty ? "" : "##"
            guard let length = (1...rest.count).last(where: { index[prefix + rest.prefix($0)] != nil }) else {
                return unknown
            }
            out.append(index[prefix + rest.prefix(length)] ?? 0)
            rest = rest.dropFirst(length)
        }
        return out
    }

    private func word(_ random: inout FastRandom, _ longest: Int) -> String {
        String((0..<1 + random.below(longest)).map { _ in ["a", "b", "é", "c"][random.below(4)] as Character })
    }

    private func vocabulary(_ tokens: [String]) throws -> Vocabulary {
        var builder = Vocabulary.Builder()
        for (id, token) in tokens.enumerated() { try builder.add(token, id: UInt32(id)) }
        return Vocabulary(builder)
    }

    private func ids(_ model: WordPieceModel, _ text: String) throws -> [UInt32] {
        let out = TokenBuffer()
        try Array(text.utf8).withUnsafeBytes { try model.encode($0, into: out) }
        return out.array
    }
}

private func wordPiece(_ vocabulary: Vocabulary, unknown: String, maximumCharacters: Int) throws -> WordPieceModel {
    try Array(unknown.utf8).withUnsafeBytes { bytes in
        try WordPieceModel(vocabulary: vocabulary, unknownToken: bytes, maximumCharacters: maximumCharacters)
    }
}
