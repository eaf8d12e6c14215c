import Testing

@testable import SMGTokenizer

/// Patterns in the reference's syntax. What they match was asked of the reference.
@Suite struct PatternTests {
    private func pieces(_ pattern: String, _ text: String) throws -> [String] {
        let matcher = try Array(pattern.utf8).withUnsafeBytes { try PatternMatcher($0) }
        let scratch = PatternScratch()
        return try Array(text.utf8).withUnsafeBytes { text in
            var search = PatternSearch(text)
            var found: [String] = []
            while let match = try search.next(matcher, scratch) {
                found.append(String(decoding: text[match], as: UTF8.self))
            }
            return found
        }
    }

    @Test func readsClasses() throws {
        #expect(try pieces(#"[a-z&&[^aeiou]]+"#, "hello") == ["h", "ll"])
        #expect(try pieces(#"[^a-c[x-z]]+"#, "abdxez") == ["d", "e"])
        #expect(try pieces(#"[\p{L}&&[^\p{Han}]]+"#, "ab中c") == ["ab", "c"])
        #expect(try pieces(#"[[:punct:]]"#, "a!✂b") == ["!", "✂"])
        #expect(try pieces(#"[]a]+"#, "a]b") == ["a]"])
        #expect(try pieces(#"\h+\H"#, "1Fg") == ["1Fg"])
        #expect(try pieces(#"\w+"#, "a½é́_") == ["a½é́_"])
        #expect(try pieces(#"[\w]+"#, "a½b") == ["a", "b"])
        #expect(try pieces(#"\s+"#, "a\u{180e}\u{2003}\u{85}b") == ["\u{2003}\u{85}"])
    }

    @Test func readsQuantifiersAndGroups() throws {
        #expect(try pieces(#"a{,2}b"#, "aaab") == ["aab"])
        #expect(try pieces(#"(?:a{1,2}+)b"#, "aaab") == ["aaab"])
        #expect(try pieces(#"a{2}?"#, "aaa") == ["aa", ""])
        #expect(try pieces(#"a(?i)b|c"#, "aBaCc") == ["aB", "aC"])
        #expect(try pieces(#"(?x) a b # c"#, "ab") == ["ab"])
        #expect(try pieces(#"(?m:.)"#, "\n") == ["\n"])
        #expect(try pieces(#"^."#, "a\nb") == ["a", "b"])
        #expect(try pieces(#"(a)(b)?\1"#, "abaa") == ["aba"])
        #expect(try pieces(#"\s+(?!\S)|\s+"#, "a   b") == ["  ", " "])
    }

    @Test func refusesWhatItCannotTranslate() {
        func code(_ pattern: String) -> TokenizerError.Code? { Fixtures.code { _ = try pieces(pattern, "") } }
        #expect(code(#"\X"#) == .unsupportedComponent)
        #expect(code(#"(?~ab)"#) == .unsupportedComponent)
        #expect(code(#"\p{Nope}"#) == .malformed)
        #expect(code("(a") == .malformed)
        #expect(code("a)") == .malformed)
        #expect(code("[a") == .malformed)
        #expect(code("*") == .malformed)
        #expect(code(String(repeating: "(", count: 100) + String(repeating: ")", count: 100)) == .limit)
        #expect(code(String(repeating: "a", count: 70_000)) == .limit)
    }

    @Test func noPatternRunsForEver() {
        let text = String(repeating: "a", count: 48) + "bc"
        #expect(Fixtures.code { _ = try pieces(#"(?:(?:a|aa)+)+c"#, text) } == .limit)
    }
}
