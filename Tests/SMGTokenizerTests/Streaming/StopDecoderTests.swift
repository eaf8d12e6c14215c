import SMGBase
import Testing

@testable import SMGTokenizer

@Suite struct StopDecoderTests {
    /// Every byte, and some words; 300 is special.
    private static let decoder: TokenDecoder = {
        let words = ["the ", "stop", "st", "op", " 中", "ab"].map { Array($0.utf8) }
        let tokens = (0..<256).map { [UInt8($0)] } + words
        let arena = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 1)
        defer { arena.deallocate() }
        return try! TokenDecoder(idLimit: 301, isSpecial: { $0 == 300 }) { id in
            let token = id == 300 ? Array("<end>".utf8) : Int(id) < tokens.count ? tokens[Int(id)] : nil
            guard let token else { return nil }
            arena.copyBytes(from: token)
            return UnsafeRawBufferPointer(rebasing: arena[..<token.count])
        }
    }()

    /// The text of `ids`, step by step or at once, and why it ended.
    private func run(
        _ ids: [UInt32], _ rules: StopRules, atOnce: Bool = false, skip: Bool = true
    ) throws -> (text: String, cause: StopCause?) {
        var stops = StopDecoder(skipSpecialTokens: skip)
        let out = ByteBuffer(capacity: 16)
        if atOnce {
            _ = try ids.withUnsafeBufferPointer { ids throws(TokenizerError) in
                try stops.step(ids, Self.decoder, rules, into: out)
            }
        } else {
            for id in ids {
                let before = out.writerIndex
                let progress = try stops.step(id, Self.decoder, rules, into: out)
                if progress == .text { #expect(out.writerIndex > before) }
                if progress == .held { #expect(out.writerIndex == before) }
                #expect(String(validating: out.readable, as: UTF8.self) != nil)
            }
        }
        try stops.finish(Self.decoder, rules, into: out)
        return (out.readable.string, stops.cause)
    }

    private func ids(_ text: String) -> [UInt32] { text.utf8.map { UInt32($0) } }

    @Test func withoutStopsAllTextComes() throws {
        let rules = try StopRules()
        #expect(try run(ids("aé中😀"), rules).text == "aé中😀")
        // What is cut at the end is repaired, what is no text too.
        #expect(try run([0x61, 0xe4, 0xb8], rules).text == "a\u{fffd}")
        #expect(try run([0xe4, 0x61, 0xff], rules).text == "\u{fffd}a\u{fffd}")
    }

    @Test func hiddenTokensEndWithoutTheirText() throws {
        let rules = try StopRules(hiddenTokens: [0x62], eosIDs: [300])
        #expect(try run(ids("abc"), rules) == ("a", .token(0x62)))
        #expect(try run(ids("a") + [300] + ids("c"), rules, skip: false) == ("a", .token(300)))
        // A character that is not complete comes out repaired.
        #expect(try run([0x61, 0xe4, 300], rules) == ("a\u{fffd}", .token(300)))
    }

    @Test func visibleTokensEndWithTheirText() throws {
        let rules = try StopRules(visibleTokens: [0x62, 300])
        #expect(try run(ids("abc"), rules) == ("ab", .token(0x62)))
        #expect(try run(ids("a") + [300], rules, skip: false) == ("a<end>", .token(300)))
        #expect(try run(ids("a") + [300], rules, skip: true) == ("a", .token(300)))
        let both = try StopRules(hiddenTokens: [0x62], visibleTokens: [0x62])
        #expect(try run(ids("abc"), both) == ("a", .token(0x62)))
    }

    @Test func stringsAreFoundAcrossTokens() throws {
        let hidden = try StopRules(hiddenStrings: ["stop"])
        let visible = try StopRules(visibleStrings: ["stop"])
        for tail: [UInt32] in [[257], [258, 259], ids("stop")] {
            #expect(try run([256] + tail + [256], hidden) == ("the ", .string(0)))
            #expect(try run([256] + tail + [256], visible) == ("the stop", .string(0)))
            #expect(try run([256] + tail + [256], hidden, atOnce: true) == ("the ", .string(0)))
        }
        #expect(try run([256, 258, 256], hidden) == ("the stthe ", nil))
        #expect(try run([256, 258], hidden) == ("the st", nil))
        // Held text comes out before a stop token's end.
        let tokens = try StopRules(hiddenTokens: [300], visibleTokens: [261], hiddenStrings: ["stop"])
        #expect(try run([258, 300], tokens) == ("st", .token(300)))
        #expect(try run([258, 261], tokens) == ("stab", .token(261)))
    }

    @Test func nothingFollowsTheEnd() throws {
        let rules = try StopRules(hiddenStrings: ["ab"])
        var stops = StopDecoder(skipSpecialTokens: true)
        let out = ByteBuffer(capacity: 16)
        #expect(try stops.step(261, Self.decoder, rules, into: out) == .stopped)
        #expect(try stops.step(0x63, Self.decoder, rules, into: out) == .stopped)
        try stops.finish(Self.decoder, rules, into: out)
        #expect(out.isEmpty)
        stops.reset()
        #expect(stops.cause == nil)
        #expect(try stops.step(0x63, Self.decoder, rules, into: out) == .text)
    }

    @Test func unknownTokensAreErrorsAndTheSequenceGoesOn() throws {
        let rules = try StopRules(hiddenStrings: ["ab"])
        var stops = StopDecoder(skipSpecialTokens: true)
        let out = ByteBuffer(capacity: 16)
        _ = try stops.step(0x61, Self.decoder, rules, into: out)
        #expect(throws: TokenizerError.self) { try stops.step(299, Self.decoder, rules, into: out) }
        #expect(try stops.step(0x63, Self.decoder, rules, into: out) == .text)
        #expect(out.readable.string == "ac")
    }

    @Test func equalsASearchOfTheWholeText() throws {
        var random = FastRandom(seed: 5)
        let rules = try StopRules(hiddenStrings: ["中a", "\u{fffd}b"], visibleStrings: ["ab", "a中ab"])
        let bytes = Array("ab中".utf8) + [0xe4, 0xff]
        for _ in 0..<3000 {
            let ids = (0..<random.below(16)).map { _ in UInt32(bytes[random.below(bytes.count)]) }
            let text = Array(String(decoding: ids.map { UInt8($0) }, as: UTF8.self).utf8)
            let expected = StopProperties.naive(text, ["中a", "\u{fffd}b"], ["ab", "a中ab"])
            let found = try run(ids, rules)
            #expect(Array(found.text.utf8) == expected.text)
            #expect(found.cause == expected.place.map { .string($0) })
        }
    }
}
