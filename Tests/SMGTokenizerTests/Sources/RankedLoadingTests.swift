import SMGBase
import Testing

@testable import SMGTokenizer

/// Rank files, tekken.json and SentencePiece models behind the face of `Tokenizer`.
@Suite struct RankedLoadingTests {
    private func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = Array(bytes[start..<min(start + 3, bytes.count)])
            let bits = part.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << UInt32(16 - 8 * $1.offset) }
            for i in 0..<4 { text.append(i <= part.count ? alphabet[Int(bits >> UInt32(18 - 6 * i)) & 63] : "=") }
        }
        return text
    }

    /// All bytes, "ab" (256) and "abc" (257).
    private var tokens: [[UInt8]] { (0..<256).map { [UInt8($0)] } + [Array("ab".utf8), Array("abc".utf8)] }

    private var ranks: String {
        tokens.enumerated().map { "\(base64($0.element)) \($0.offset)\n" }.joined()
    }

    @Test func loadsRankFilesByPatternOrName() throws {
        let directory = ScratchDirectory()
        let path = directory.write("x.tiktoken", ranks)
        let tokenizer = try Tokenizer.load(
            tiktoken: path, pattern: #"\w+|\W"#, specialTokens: [("<|end|>", 300)])
        #expect(tokenizer.kind == .tiktoken)
        #expect(tokenizer.vocabularySize == 301)
        #expect(try tokenizer.encode("abc ab<|end|>") == [257, 32, 256, 300])
        #expect(try tokenizer.decode([257, 300], skipSpecialTokens: false) == "abc<|end|>")
        #expect(try tokenizer.decode([257, 300]) == "abc")
        #expect(try tokenizer.decode([0xe4, 0xbd, 97]) == "\u{fffd}a")
        #expect(Fixtures.code { _ = try tokenizer.decode([299]) } == .unknownToken)
        #expect(tokenizer.id(of: "<|end|>") == 300)
        #expect(tokenizer.token(256) == "ab")

        let named = try Tokenizer.load(tiktoken: path, pattern: "cl100k_base")
        #expect(named.specialTokens.eos == SpecialTokens.Token(text: "<|endoftext|>", id: 100_257))
        #expect(try named.encode("abc<|endoftext|>") == [257, 100_257])
        #expect(Fixtures.code { _ = try Tokenizer.load(tiktoken: path, pattern: "(") } == .malformed)
    }

    @Test func knowsKimi() throws {
        let directory = ScratchDirectory()
        directory.write("tiktoken.model", ranks)
        directory.write(
            "tokenizer_config.json",
            #"{"auto_map":{"AutoTokenizer":["tokenization_kimi.TikTokenTokenizer",null]},"#
                + #""added_tokens_decoder":{"258":{"content":"[BOS]","special":true}},"bos_token":"[BOS]"}"#)
        let tokenizer = try Tokenizer.load(path: directory.path)
        #expect(tokenizer.specialTokens.bos?.id == 258)
        #expect(tokenizer.id(of: "<|reserved_token_259|>") == 259)
        #expect(tokenizer.idLimit == 258 + 256)
        #expect(try tokenizer.encode("[BOS]abc<|reserved_token_513|>") == [258, 257, 513])
    }

    @Test func loadsTekken() throws {
        let entries = tokens.enumerated().map { #"{"rank":\#($0.offset),"token_bytes":"\#(base64($0.element))"}"# }
        let pattern = #"[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|."#
        let json =
            #"{"config":{"pattern":"\#(pattern)","num_vocab_tokens":258,"default_vocab_size":268,"#
            + #""default_num_special_tokens":10,"version":"v3"},"vocab":[\#(entries.joined(separator: ","))]}"#
        let tokenizer = try Fixtures.load(json)
        #expect(tokenizer.kind == .tekken)
        #expect(tokenizer.specialTokens.bos?.text == "<s>")
        #expect(try tokenizer.encode("abc", addSpecialTokens: false) == [267])
        #expect(try tokenizer.encode("abc") == [1, 267])
        #expect(try tokenizer.decode([1, 267]) == "abc")
    }

    @Test func loadsSentencePiece() throws {
        let name = try #require(
            try LocalFiles.names(in: Fixtures.folder + "/models", limit: 1000)?.first { $0.hasSuffix(".model") })
        let tokenizer = try Tokenizer.load(path: "\(Fixtures.folder)/models/\(name)")
        #expect(tokenizer.kind == .sentencePiece)
        let plain = try tokenizer.encode("hello world", addSpecialTokens: false)
        #expect(try tokenizer.decode(plain) == "hello world")
        #expect(try streamed(tokenizer, plain, skip: true) == "hello world")
        if let bos = tokenizer.specialTokens.bos?.id { #expect(try tokenizer.encode("hello world") == [bos] + plain) }
    }

    @Test func findsBuiltInEncodingsByModelName() throws {
        let directory = ScratchDirectory()
        directory.write("cl100k_base.tiktoken", ranks)
        let environment = { (name: String) in name == "TIKTOKEN_ENCODINGS_BASE" ? directory.path : nil }
        let tokenizer = try #require(try Tokenizer.load(openAIModel: "gpt-4", environment: environment))
        #expect(try tokenizer.encode("abc") == [257])
        #expect(try Tokenizer.load(openAIModel: "gpt-oss-20b", environment: environment) == nil)
        #expect(
            Fixtures.code { _ = try Tokenizer.load(openAIModel: "gpt-4o", environment: environment) } == .sourceNotFound
        )
    }
}
