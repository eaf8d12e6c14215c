import SMGBase
import Testing

@testable import SMGTokenizer

/// Decoders in chains, one id at a time and all at once. Expected texts were asked of the reference.
@Suite struct TokenDecoderTests {
    private func decoder(_ decoder: String, _ tokens: [String]) throws -> Tokenizer {
        let vocabulary = tokens.enumerated().map { #""\#($0.element)":\#($0.offset)"# }.joined(separator: ",")
        return try Fixtures.load(
            #"{"decoder":\#(decoder),"model":{"type":"WordLevel","unk_token":"\#(tokens[0])","vocab":{\#(vocabulary)}}}"#
        )
    }

    private func check(_ chain: String, _ tokens: [String], _ expected: String) throws {
        let tokenizer = try decoder(chain, tokens)
        let ids = Array(0..<UInt32(tokens.count))
        #expect(try tokenizer.decode(ids) == expected, "\(chain)")
        #expect(try streamed(tokenizer, ids, skip: true) == expected, "\(chain)")
    }

    private func sequence(_ parts: String...) -> String {
        #"{"type":"Sequence","decoders":[\#(parts.joined(separator: ","))]}"#
    }

    private let fuse = #"{"type":"Fuse"}"#
    private let byteFallback = #"{"type":"ByteFallback"}"#
    private let strip = #"{"type":"Strip","content":" ","start":1,"stop":1}"#

    @Test func treatsTheFirstTokenApart() throws {
        let metaspace = #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}"#
        try check(metaspace, ["▁▁a▁", "▁b"], "a b")
        try check(#"{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}"#, ["▁▁a▁", "▁b"], "  a  b")
        try check(
            ###"{"type":"WordPiece","prefix":"##","cleanup":true}"###, ["a", ".", "##b", " do not", "n't", "' x"],
            "a.b  don'tn't'x")
        try check("null", ["a", "b"], "a b")
    }

    @Test func joinsBytePieces() throws {
        try check(byteFallback, ["<0xe4>", "<0xBD>", "<0xA0>", "x", "<0xE4>", "<0xbd>"], "你x\u{fffd}\u{fffd}")
        try check(byteFallback, ["<0x+F>", "<0x-1>", "<0x>"], "\u{f}<0x-1><0x>")
    }

    @Test func stripsTheEndsOfAll() throws {
        try check(sequence(fuse, strip), ["  a ", " ", "b ", " "], " a  b ")
        try check(sequence(fuse, strip), [" "], "")
        try check(strip, ["  a  ", "  ", "b"], " a b")
    }

    @Test func replacesAcrossTokensThatAreOne() throws {
        let replace = #"{"type":"Replace","pattern":{"String":"abc"},"content":"X"}"#
        try check(sequence(fuse, replace), ["xa", "b", "cab", "ca", "bd"], "xXXabd")
        try check(sequence(replace, fuse), ["xa", "b", "cabc"], "xabcX")
        let pattern = #"{"type":"Replace","pattern":{"Regex":"a+"},"content":"-"}"#
        try check(sequence(fuse, pattern), ["xa", "aa", "b"], "x-b")
    }

    @Test func knowsTheLastToken() throws {
        try check(#"{"type":"BPEDecoder","suffix":"</w>"}"#, ["a</w>", "b", "c</w>x</w>"], "a bcx")
    }

    @Test func countsRepeatedTokensOnce() throws {
        let ctc = #"{"type":"CTC","pad_token":"<pad>","word_delimiter_token":"|","cleanup":true}"#
        let tokenizer = try decoder(ctc, ["a", "<pad>", "|", "b"])
        let ids: [UInt32] = [0, 0, 1, 0, 2, 3, 2, 2]
        #expect(try tokenizer.decode(ids) == "aa b ")
        #expect(try streamed(tokenizer, ids, skip: true) == "aa b ")
    }

    @Test func repairsBytesOfTokens() throws {
        let byteLevel = #"{"type":"ByteLevel"}"#
        try check(byteLevel, ["Ġa", "é日", "Ã", "©", "a é"], " a\u{fffd}日éa é".replacing("\u{fffd}", with: "é"))
        try check(byteLevel, ["æ", "Ĺ", "a", "æĹ"], "\u{fffd}a\u{fffd}")
        try check(sequence(byteLevel, strip), ["ĠĠÃ", "©"], " é")
    }

    @Test func repairsAtEverySplit() {
        let bytes: [UInt8] =
            Array("aé日😀".utf8) + [0xff, 0xe4, 0xbd, 0x61, 0xf0, 0x9f, 0xc3, 0xa9, 0xed, 0xa0, 0x80, 0xf0, 0x9f]
        let expected = String(decoding: bytes, as: UTF8.self)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var repair = LossyUTF8()
                let out = ByteBuffer(capacity: 64)
                for range in [0..<first, first..<second, second..<bytes.count] {
                    bytes.withUnsafeBytes { repair.append(UnsafeRawBufferPointer(rebasing: $0[range]), into: out) }
                    #expect(String(validating: out.readable, as: UTF8.self) != nil)
                }
                repair.finish(into: out)
                #expect(out.readableString == expected)
            }
        }
    }
}
