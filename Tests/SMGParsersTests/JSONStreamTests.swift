import SMGBase
import SMGJSON
import Testing

@testable import SMGParsers

@Suite struct JSONStreamTests {
    /// What a stream makes of `text`, fed in pieces that end at `cuts`.
    private func read(_ text: String, cuts: [Int] = []) -> (status: JSONStream.Status, used: Int, json: String) {
        var stream = JSONStream()
        let output = ParserOutput()
        var used = 0
        Array(text.utf8).withUnsafeBytes { bytes in
            var start = 0
            for cut in cuts + [bytes.count] {
                used = start + stream.consume(bytes.slice(start..<cut), to: output)
                if used < cut { break }
                start = cut
            }
        }
        _ = stream.finish()
        let json = output.events.map { if case .toolArguments(_, let text) = $0 { text } else { "?" } }.joined()
        return (stream.status, used, json)
    }

    private func isValid(_ text: String) -> Bool {
        Array(text.utf8).withUnsafeBytes { bytes in (try? JSONSlice(parsing: bytes)) != nil }
    }

    static let documents = [
        #"{"a": 1, "b": [1.5e-3, -0, 0.1, "x\"\\\u00e9\n", {}, [], true, false, null], "c": {"d": "漢 字"}}"#,
        "[]", "{}", " 12 ", "-1.5E+10", "\"a b\"", "true", "[ 1 ,\t2\r\n]", #"{"":{"":[[[{}]]]}}"#,
        // Not JSON.
        "{", "[1,]", "{\"a\":}", "{\"a\" 1}", "{a:1}", "{'a':1}", "01", "-", "1.", "1e", "+1", ".5", "tru", "truth",
        "[1 2]", "\"\\x\"", "\"\\u12g4\"", "\"a\nb\"", "nul", "[}", "{]", "{,}", "[,]", "NaN", "\u{feff}{}", "",
    ]

    @Test(arguments: documents) func agreesWithTheValidator(text: String) {
        let whole = read(text)
        // The stream stops behind its value; the validator wants nothing there.
        let rest = text.utf8.dropFirst(whole.used).allSatisfy { [0x20, 0x0a, 0x0d, 0x09].contains($0) }
        #expect((whole.status == .complete && rest) == isValid(text))
        if whole.status == .complete {
            #expect(isValid(whole.json))
            #expect(whole.json == read(whole.json).json)
        }
        for cut in 0...text.utf8.count {
            let split = read(text, cuts: [cut])
            #expect(split.status == whole.status && split.used == whole.used && split.json == whole.json)
        }
    }

    @Test func dropsWhitespaceBetweenTokensOnly() {
        #expect(read("{ \"a b\" : [ 1 , \" c \" ] }  tail").json == #"{"a b":[1," c "]}"#)
        #expect(read("{\"a\":1}{").used == 7)
    }

    @Test func depthIsBounded() {
        let deep = ParserLimits.maximumDepth
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(read(nested(deep)).status == .complete)
        #expect(read(nested(deep + 1)).status == .invalid)
    }

    private func complete(_ text: String, partialStrings: Bool = true) -> (String, Int) {
        let buffer = ByteBuffer(capacity: 16)
        let used = Array(text.utf8).withUnsafeBytes {
            PartialJSON.complete($0, partialStrings: partialStrings, to: buffer)
        }
        return (buffer.readableString, used)
    }

    @Test(arguments: [
        ("", "null", "null"), ("{", "{}", "{}"), ("[", "[]", "[]"), ("[1,", "[1]", "[1]"), ("[1, 2", "[1,2]", "[1,2]"),
        (#"{"a"#, "{}", "{}"), (#"{"a""#, #"{"a":null}"#, "{}"), (#"{"a":"#, #"{"a":null}"#, "{}"),
        (#"{"a": "b"#, #"{"a":"b"}"#, "{}"), (#"{"a": "b\"#, #"{"a":"b"}"#, "{}"),
        (#"{"a": "b\u00e"#, #"{"a":"b"}"#, "{}"), (#"{"a": 1, "b": "x"#, #"{"a":1,"b":"x"}"#, #"{"a":1}"#),
        (#"{"a": [{"b": t"#, #"{"a":[{"b":true}]}"#, #"{"a":[{"b":true}]}"#), ("-", "0", "0"), ("[1.", "[1]", "[1]"),
        ("[1e", "[1]", "[1]"), ("[1e-", "[1]", "[1]"), ("[1, x", "[1]", "[1]"), ("\"ab", "\"ab\"", "null"),
        (#"{"a":1}x"#, #"{"a":1}"#, #"{"a":1}"#), ("nu", "null", "null"), (#"{"a":1,}"#, #"{"a":1}"#, #"{"a":1}"#),
    ]) func completesWhatWasCut(text: String, kept: String, strict: String) {
        #expect(complete(text).0 == kept)
        #expect(complete(text, partialStrings: false).0 == strict)
    }

    @Test func everyPrefixOfADocumentCompletes() {
        for text in Self.documents where isValid(text) {
            let bytes = Array(text.utf8)
            for length in 0...bytes.count {
                // Cut between characters, as text is.
                guard let prefix = String(validating: bytes[..<length], as: UTF8.self) else { continue }
                for partial in [true, false] {
                    #expect(isValid(complete(prefix, partialStrings: partial).0), "\(prefix)")
                }
            }
        }
    }
}
