import Testing

@testable import SMGTokenizer

/// What a tokenizer.json may say, and how what it may not is refused.
@Suite struct TokenizerFileTests {
    private func code(_ sections: String) -> TokenizerError.Code? { Fixtures.code { _ = try Fixtures.words(sections) } }

    @Test func refusesWhatItDoesNotKnow() {
        #expect(code(#""normalizer":{"type":"Shuffle"}"#) == .unsupportedComponent)
        #expect(
            code(#""pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Nope"}]}"#) == .unsupportedComponent)
        #expect(code(#""decoder":{"type":"Nope"}"#) == .unsupportedComponent)
        #expect(code(#""post_processor":{"type":"Nope"}"#) == .unsupportedComponent)
        #expect(code(#""version":"2.0""#) == .unsupportedComponent)
        #expect(
            Fixtures.code { _ = try Fixtures.load(#"{"model":{"type":"Nope","vocab":{}}}"#) } == .unsupportedComponent)
        let dropout = #"{"model":{"type":"BPE","dropout":0.1,"vocab":{"a":0},"merges":[]}}"#
        #expect(Fixtures.code { _ = try Fixtures.load(dropout) } == .unsupportedComponent)
    }

    @Test func namesThePlaceOfAFault() {
        func message(_ json: String) -> String {
            do { _ = try Fixtures.load(json) } catch { return (error as? TokenizerError)?.message ?? "" }
            return ""
        }
        #expect(message(#"{"model":{"type":"BPE","vocab":{"a":"x"},"merges":[]}}"#).contains("model.vocab"))
        #expect(message(#"{"model":{"type":"BPE","vocab":{"a":0},"merges":[1]}}"#).contains("model.merges[0]"))
        let part =
            #"{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits"}]},"model":{"vocab":{"a":0}}}"#
        #expect(message(part).contains("pre_tokenizer.pretokenizers[0] has no member \"individual_digits\""))
    }

    @Test func refusesMalformedAndAbsurdFiles() {
        #expect(Fixtures.code { _ = try Fixtures.load("{") } == .malformed)
        #expect(Fixtures.code { _ = try Fixtures.load("{}") } == .malformed)
        #expect(Fixtures.code { _ = try Fixtures.load("plain") } == .unknownFormat)
        #expect(Fixtures.code { _ = try Fixtures.load("GGUF....") } == .unknownFormat)
        #expect(Fixtures.code { _ = try Fixtures.load(#"{"model":{"vocab":{"a":4194304}}}"#) } == .limit)
        let cyclic = #"{"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}}"#
        #expect(Fixtures.code { _ = try Fixtures.load(cyclic) } == .malformed)
        let padding = #""padding":{"strategy":{"Fixed":1000000000},"pad_id":0}"#
        #expect(code(padding) == .limit)
        let many = Array(repeating: #"{"type":"NFC"}"#, count: 300).joined(separator: ",")
        #expect(code(#""normalizer":{"type":"Sequence","normalizers":[\#(many)]}"#) == .limit)
        // Deeper than the JSON reader goes.
        let open = String(repeating: #"{"type":"Sequence","normalizers":["#, count: 300)
        #expect(code(#""normalizer":\#(open)"# + String(repeating: "]}", count: 300)) == .malformed)
    }

    @Test func readsLegacySpellings() throws {
        let legacy = try Fixtures.words(
            #""pre_tokenizer":{"type":"Metaspace","replacement":"▁","str_rep":"▁","add_prefix_space":false}"#)
        #expect(try legacy.encode("a") == [0])
        let contradiction =
            #""pre_tokenizer":{"type":"Metaspace","replacement":"▁","add_prefix_space":false,"prepend_scheme":"always"}"#
        #expect(code(contradiction) == .malformed)
        // Models without a type, merges as pairs, a byte order mark.
        let pairs = "\u{feff}" + #"{"model":{"vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]}}"#
        #expect(try Fixtures.load(pairs).encode("ab") == [2])
        let escaped = #"{"model":{"type":"BPE","vocab":{"\u0061":0,"b":1,"ab":2},"merges":["\u0061 b"]}}"#
        #expect(try Fixtures.load(escaped).encode("ab") == [2])
    }

    @Test func truncatesAndPads() throws {
        let post = #""post_processor":{"type":"BertProcessing","cls":["a",0],"sep":["b",1]}"#
        let cut = #""truncation":{"max_length":4,"strategy":"LongestFirst","stride":0,"direction":"Left"}"#
        let pad =
            #""padding":{"strategy":"BatchLongest","direction":"Left","pad_to_multiple_of":null,"pad_id":3,"pad_token":"x"}"#
        let words = #""pre_tokenizer":{"type":"WhitespaceSplit"}"#
        let tokenizer = try Fixtures.words([post, cut, pad, words].joined(separator: ","))
        #expect(try tokenizer.encode("ab a b") == [0, 0, 1, 1])
        #expect(try tokenizer.encode("ab a b", addSpecialTokens: false) == [2, 0, 1])
        #expect(try tokenizer.encodeBatch(["ab a b", "a", ""]) == [[0, 0, 1, 1], [3, 0, 0, 1], [3, 3, 0, 1]])
    }

    @Test func numbersAddedTokensByTheReferencesRules() throws {
        func token(_ text: String, _ id: Int, special: Bool) -> String {
            #"{"id":\#(id),"content":"\#(text)","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":\#(special)}"#
        }
        let list = [token("X", 9, special: true), token("b", 7, special: false), token("Y", 20, special: false)]
        let tokenizer = try Fixtures.words(#""added_tokens":[\#(list.joined(separator: ","))]"#)
        #expect(tokenizer.id(of: "X") == 4)
        #expect(tokenizer.id(of: "b") == 1)
        #expect(tokenizer.id(of: "Y") == 5)
        #expect(tokenizer.vocabularySize == 4)
        #expect(tokenizer.idLimit == 6)
        #expect(try tokenizer.encode("XaYb") == [4, 0, 5, 1])
        #expect(tokenizer.isSpecial(4))
        #expect(try tokenizer.decode([4, 0, 5, 77]) == "a Y")
        #expect(tokenizer.specialTokens.additional == [SpecialTokens.Token(text: "X", id: 4)])
    }
}
