import SMGBase
import Testing

@testable import SMGTokenizer

/// Files and texts that ask for more than any real one does end in an error, not in a hang or without memory.
@Suite struct TokenizerLimitsTests {
    private static func load(_ members: String, model: String? = nil) throws(TokenizerError) -> Tokenizer {
        let words = #"{"type":"WordLevel","unk_token":"<unk>","vocab":{"a":0,"<unk>":1}}"#
        let file = #"{"version":"1.0","model":\#(model ?? words)\#(members.isEmpty ? "" : "," + members)}"#
        return try Array(file.utf8).withBytes { bytes throws(TokenizerError) in try Tokenizer.load(bytes: bytes) }
    }

    private static func encode(_ text: String, _ tokenizer: Tokenizer) throws(TokenizerError) -> [UInt32] {
        let ids = TokenBuffer(capacity: 16)
        try Array(text.utf8).withBytes { bytes throws(TokenizerError) in
            try tokenizer.encode(bytes, addSpecialTokens: true, into: ids)
        }
        return ids.array
    }

    private func isLimited(_ body: () throws(TokenizerError) -> Void) {
        do throws(TokenizerError) {
            try body()
            Issue.record("no limit was reached")
        } catch { #expect(error.code == .limit, "\(error)") }
    }

    private static func list(_ item: String, _ count: Int) -> String {
        Array(repeating: item, count: count).joined(separator: ",")
    }

    @Test func replacementsThatMultiply() {
        let long = String(repeating: "a", count: 1000)
        let step = #"{"type":"Replace","pattern":{"String":"a"},"content":"\#(long)"}"#
        isLimited { () throws(TokenizerError) in
            _ = try Self.load(#""decoder":{"type":"Sequence","decoders":[\#(Self.list(step, 6))]}"#).decode([0])
        }
        isLimited { () throws(TokenizerError) in
            // Over the whole text, behind the step that joins the tokens.
            let steps = #"{"type":"Fuse"},"# + Self.list(step, 6)
            _ = try Self.load(#""decoder":{"type":"Sequence","decoders":[\#(steps)]}"#).decode([0])
        }
        isLimited { () throws(TokenizerError) in
            let normalizer = #""normalizer":{"type":"Sequence","normalizers":[\#(Self.list(step, 6))]}"#
            _ = try Self.encode("a", try Self.load(normalizer))
        }
    }

    @Test(arguments: [(4, true), (5, false)])
    func spellingsOfSpellings(_ count: Int, _ isTaken: Bool) throws {
        let step = #"{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":false}"#
        let steps = #""pre_tokenizer":{"type":"Sequence","pretokenizers":[\#(Self.list(step, count))]}"#
        if isTaken {
            #expect(try Self.encode("a é", try Self.load(steps)) == [1])
        } else {
            isLimited { () throws(TokenizerError) in _ = try Self.load(steps) }
        }
    }

    @Test func templatesThatNameATokenOftenAreCounted() {
        let piece = #"{"SpecialToken":{"id":"S","type_id":0}}"#
        let special = #"{"S":{"id":"S","ids":[\#(Self.list("0", 10_000))],"tokens":["S"]}}"#
        isLimited { () throws(TokenizerError) in
            _ = try Self.load(
                #""post_processor":{"type":"TemplateProcessing","single":[\#(Self.list(piece, 10_000))],"pair":[],"#
                    + #""special_tokens":\#(special)}"#)
        }
    }

    @Test(arguments: [(512, true), (513, false)])
    func whatIsSoughtByteByByteIsShort(_ length: Int, _ isTaken: Bool) throws {
        let text = String(repeating: "a", count: length)
        let token =
            #""added_tokens":[{"id":5,"content":"\#(text)","special":false,"single_word":false,"lstrip":false,"#
            + #""rstrip":false,"normalized":false}]"#
        let unigram = #"{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["\#(text)",-1]]}"#
        if isTaken {
            #expect(try Self.encode(text, try Self.load(token)) == [2])
            #expect(try Self.encode(text, try Self.load("", model: unigram)) == [1])
        } else {
            isLimited { () throws(TokenizerError) in _ = try Self.load(token) }
            isLimited { () throws(TokenizerError) in _ = try Self.load("", model: unigram) }
        }
    }

    /// A quadratic search would take minutes.
    @Test func whiteSpaceAroundTokensOfWhiteSpaceIsLookedAtOnce() throws {
        let token =
            #""added_tokens":[{"id":5,"content":" ","special":false,"single_word":false,"lstrip":true,"#
            + #""rstrip":true,"normalized":false}]"#
        let tokenizer = try Self.load(token)
        let many = try Self.encode("a" + String(repeating: " ", count: 200_000) + "a", tokenizer)
        #expect(many == [0, 2, 0])
        #expect(try Self.encode("a   a", tokenizer) == many)
    }
}
