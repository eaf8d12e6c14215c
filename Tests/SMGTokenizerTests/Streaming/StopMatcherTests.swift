import SMGBase
import SMGTokenizer
import Testing

@Suite struct StopMatcherTests {
    @Test func agreesWithASearchOfEveryPlace() {
        var random = FastRandom(seed: 71)
        for _ in 0..<4000 {
            let input = (0..<random.below(60)).map { _ in UInt8(random.below(256)) }
            if let violation = StopProperties.violation(input) { Issue.record("\(violation)") }
        }
    }

    @Test(arguments: [
        (["abc"], [], "xxabcx", "xx", 0),
        ([], ["abc"], "xxabcx", "xxabc", 0),
        // Hidden ones win at one place, whatever their length.
        (["ab"], ["abc"], "xabc", "x", 0),
        (["abc"], ["ab"], "xabd", "xab", 1),
        // The leftmost wins, even when it ends later.
        (["bc"], ["abcd"], "abcd", "abcd", 1),
        (["bc"], ["abcd"], "abce", "a", 0),
        (["", "b"], [""], "ab", "a", 0),
        (["\n\nUser:"], [], "a\n\n\nUser:", "a\n", 0),
    ])
    func knownTexts(hidden: [String], visible: [String], text: String, kept: String, place: Int) throws {
        let rules = try StopRules(hiddenStrings: hidden, visibleStrings: visible)
        for cut in [[text], text.unicodeScalars.map { String($0) }] {
            var matcher = StopMatcher()
            let out = ByteBuffer(capacity: 16)
            var found: Int?
            for piece in cut where found == nil {
                let start = out.writerIndex
                out.append(string: piece)
                found = matcher.take(out, from: start, rules)
            }
            if found == nil { found = matcher.finish(out, rules) }
            #expect(out.readable.string == kept)
            #expect(found == place)
            #expect(!matcher.isHolding)
        }
    }

    @Test func boundsAreKept() throws {
        let longest = String(repeating: "x", count: StopRules.stringBytes)
        _ = try StopRules(hiddenStrings: [longest])
        #expect(throws: TokenizerError.self) { _ = try StopRules(hiddenStrings: [longest, "y"]) }
        #expect(throws: TokenizerError.self) {
            _ = try StopRules(visibleStrings: [String](repeating: "y", count: StopRules.stringCount + 1))
        }
    }
}
