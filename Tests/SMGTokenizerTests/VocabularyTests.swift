import Testing

@testable import SMGTokenizer

@Suite struct VocabularyTests {
    private func vocabulary(_ tokens: [(String, UInt32)]) throws -> Vocabulary {
        var builder = Vocabulary.Builder()
        for (token, id) in tokens { try builder.add(token, id: id) }
        return Vocabulary(builder)
    }

    @Test func findsBothWaysAcrossHoles() throws {
        let vocabulary = try vocabulary([("a", 0), ("", 3), ("Ġthe", 7)])
        #expect(vocabulary.count == 3)
        #expect(vocabulary.idLimit == 8)
        #expect(vocabulary.id(of: "Ġthe") == 7)
        #expect(vocabulary.id(of: "") == 3)
        #expect(vocabulary.id(of: "b") == nil)
        #expect(vocabulary.token(7).map { String(decoding: $0, as: UTF8.self) } == "Ġthe")
        #expect(vocabulary.token(3)?.count == 0)
        #expect(vocabulary.token(1) == nil)
        #expect(vocabulary.token(8) == nil)
    }

    @Test func theLaterOfTwoWins() throws {
        let vocabulary = try vocabulary([("x", 1), ("y", 1), ("z", 2), ("z", 5)])
        #expect(vocabulary.id(of: "x") == nil)
        #expect(vocabulary.id(of: "y") == 1)
        #expect(vocabulary.id(of: "z") == 5)
    }

    @Test func manyTokensAreAllFound() throws {
        let vocabulary = try vocabulary((0..<20_000).map { ("token \($0)", UInt32($0)) })
        for id in 0..<20_000 { #expect(vocabulary.id(of: "token \(id)") == UInt32(id)) }
    }

    @Test func refusesAbsurdIds() {
        #expect(throws: TokenizerError.self) { _ = try vocabulary([("a", TokenizerLimits.maximumID)]) }
    }
}
