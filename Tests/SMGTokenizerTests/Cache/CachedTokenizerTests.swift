import Testing

@testable import SMGTokenizer

@Suite struct CachedTokenizerTests {
    private func options(exact: Int = 100, prefixBytes: Int = 1 << 20) -> TokenCacheOptions {
        var options = TokenCacheOptions()
        options.exactEntries = exact
        options.prefixBytes = prefixBytes
        return options
    }

    private static let chats = [
        "", "a", "<s>", "<s>hello<e>", "<s>hello<e>world", "<s>hello<e>world<s>", "<s>hello<e>world<s>more<e>x",
        "<s>hello<e>other", "<s><s><e>", "no tokens at all", "<s>\u{fffd}<e>中文<s>e\u{301}",
    ]

    @Test(arguments: [0, 100], [0, 1 << 20])
    func idsAreTheTokenizers(exact: Int, prefixBytes: Int) throws {
        let tokenizer = try SampleTokenizer.make(SampleTokenizer.template)
        let cached = CachedTokenizer(tokenizer, options(exact: exact, prefixBytes: prefixBytes))
        for _ in 0..<2 {
            for chat in Self.chats {
                for special in [true, false] {
                    let expected = try tokenizer.encode(chat, addSpecialTokens: special)
                    #expect(try cached.ids(chat, addSpecialTokens: special) == expected)
                    let count = try withTextBytes(chat) { try cached.countTokens($0, addSpecialTokens: special) }
                    #expect(count == expected.count)
                }
            }
        }
    }

    @Test func beginningsAreFoundAgain() throws {
        let tokenizer = try SampleTokenizer.make(SampleTokenizer.template)
        let cached = CachedTokenizer(tokenizer, options(exact: 0))
        #expect(cached.keepsPrefixes(addSpecialTokens: true))
        #expect(cached.exactStatistics == nil)
        _ = try cached.ids("<s>hello<e>first")
        #expect(cached.prefixStatistics?.entries == 2)
        #expect(cached.prefixStatistics?.hits == 0)
        _ = try cached.ids("<s>hello<e>second<s>x")
        #expect(cached.prefixStatistics?.hits == 2)
        #expect(cached.prefixStatistics?.entries == 3)
        // The same part behind another beginning is another part.
        _ = try cached.ids("<e>hello<e>second")
        #expect(cached.prefixStatistics?.hits == 2)
        cached.removeAll()
        #expect(cached.prefixStatistics?.entries == 0)
    }

    @Test func wholeTextsAreFoundFirst() throws {
        let cached = CachedTokenizer(try SampleTokenizer.make(), options())
        _ = try cached.ids("<s>hello<e>x")
        let before = cached.prefixStatistics
        _ = try cached.ids("<s>hello<e>x")
        #expect(cached.exactStatistics?.hits == 1)
        #expect(cached.prefixStatistics == before)
    }

    @Test func partsAreOnlyUsedWhereTheyEqualTheWhole() throws {
        func keeps(_ rest: String = "", flags: String = "", normalizer: String = "null") throws -> [Bool] {
            let tokenizer = try SampleTokenizer.make(rest, flags: flags, normalizer: normalizer)
            let cached = CachedTokenizer(tokenizer, options())
            for chat in Self.chats {
                #expect(try cached.ids(chat) == (try tokenizer.encode(chat)))
            }
            return [true, false].map { cached.keepsPrefixes(addSpecialTokens: $0) }
        }
        #expect(try keeps() == [true, true])
        #expect(try keeps(normalizer: SampleTokenizer.beginningPrepended) == [true, true])
        #expect(try keeps(SampleTokenizer.template) == [true, true])
        // Ends with the end token in the whole only.
        #expect(try keeps(SampleTokenizer.templateWithEnd) == [false, true])
        #expect(try keeps(SampleTokenizer.truncation) == [false, false])
        #expect(try keeps(flags: #", "single_word": true"#) == [false, false])
        #expect(try keeps(flags: #", "rstrip": true"#) == [true, true])
        #expect(try keeps(flags: #", "rstrip": true, "lstrip": true"#) == [false, false])
        // Sought in the normalised text.
        #expect(try keeps(flags: #", "normalized": true"#) == [false, false])
    }

    @Test func textOfSpecialTokensDoesNotFillTheCache() throws {
        let cached = CachedTokenizer(try SampleTokenizer.make(), options(exact: 0, prefixBytes: 8 << 20))
        let text = String(repeating: "<s>", count: 5000)
        #expect(try cached.ids(text) == [UInt32](repeating: 1, count: 5000))
        #expect(cached.prefixStatistics?.entries == SegmentBoundaries.maximumCount)
    }

    @Test func manyThreadsGetTheRightIds() async throws {
        let tokenizer = try SampleTokenizer.make(SampleTokenizer.template)
        // So small that entries come and go all the time.
        var options = TokenCacheOptions()
        options.exactEntries = 16
        options.prefixBytes = 4096
        let cached = CachedTokenizer(tokenizer, options)
        let chats = (0..<64).map { "<s>system \($0 % 5)<e>turn \($0 % 9)<s>\($0)" }
        let expected = try chats.map { try tokenizer.encode($0) }
        let wrong = try await withThrowingTaskGroup(of: Int.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    var wrong = 0
                    for round in 0..<400 {
                        let place = (round * (worker + 3) + worker) % chats.count
                        if try cached.ids(chats[place]) != expected[place] { wrong += 1 }
                    }
                    return wrong
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(wrong == 0)
        let statistics = try #require(cached.prefixStatistics)
        #expect(statistics.bytes <= 4096)
        #expect(statistics.hits > 0)
        let exact = try #require(cached.exactStatistics)
        #expect(exact.hits + exact.misses == 8 * 400)
        #expect(exact.entries <= 16)
    }
}
