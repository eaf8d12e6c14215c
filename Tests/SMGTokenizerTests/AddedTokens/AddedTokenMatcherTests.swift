import Testing

@testable import SMGTokenizer

@Suite struct AddedTokenMatcherTests {
    private func matches(_ tokens: [AddedToken], _ text: String) throws -> [String] {
        var byID: [UInt32: AddedToken] = [:]
        for (id, token) in tokens.enumerated() { byID[UInt32(id)] = token }
        let matcher = try #require(
            try AddedTokenMatcher(tokens.enumerated().map { ($0.element.content, UInt32($0.offset)) }, byID))
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { bytes in
            var found: [String] = []
            var (at, taken) = (0, 0)
            while let (match, resume) = matcher.next(in: bytes, from: at, taken: taken) {
                found.append("\(match.id):" + String(decoding: bytes[match.start..<match.end], as: UTF8.self))
                (at, taken) = (resume, match.end)
            }
            return found
        }
    }

    private func token(_ text: String, _ change: (inout AddedToken) -> Void = { _ in }) -> AddedToken {
        var token = AddedToken(content: Array(text.utf8))
        change(&token)
        return token
    }

    @Test func findsTheLeftmostLongest() throws {
        let tokens = ["<|a|>", "<|a|><|b|>", "|b", "x"].map { token($0) }
        #expect(try matches(tokens, "y<|a|><|b|>z<|a|>x<|bx") == ["1:<|a|><|b|>", "0:<|a|>", "3:x", "2:|b", "3:x"])
        #expect(try matches(tokens, "<|a| >") == [])
    }

    @Test func followsItsRules() throws {
        let word = token("word") { $0.isSingleWord = true }
        #expect(try matches([word], "word sword words word, éword word").count == 3)
        let left = token("<m>") { $0.stripsLeft = true }
        #expect(try matches([left], "a \u{3000}<m> b") == ["0: \u{3000}<m>"])
        let right = token("<r>") { $0.stripsRight = true }
        #expect(try matches([right], "<r> \n<r>") == ["0:<r> \n", "0:<r>"])
    }

    @Test func passesOverTextOfEveryLength() throws {
        for count in 0..<70 {
            let text = String(repeating: "a", count: count) + "<s>" + String(repeating: "b", count: count)
            #expect(try matches([token("<s>")], text) == ["0:<s>"])
            #expect(try matches([token("<s>")], String(repeating: "a<", count: count)) == [])
            // Eight first bytes are compared at once, more are not.
            let others = ["[x", "{y", "|z", "#w", "\n\n", "\t\t", "▁▁", "$", "%%"]
            #expect(try matches((["<s>"] + others.prefix(5)).map { token($0) }, text) == ["0:<s>"])
            #expect(try matches((["<s>"] + others).map { token($0) }, text + "$") == ["0:<s>", "8:$"])
        }
    }

    @Test func refusesHugeTokens() {
        var vocabulary = AddedVocabulary(modelCount: 0)
        #expect(throws: TokenizerError.self) {
            try vocabulary.add(AddedToken(content: [UInt8](repeating: 0x61, count: 5000)), modelID: nil)
        }
    }
}
