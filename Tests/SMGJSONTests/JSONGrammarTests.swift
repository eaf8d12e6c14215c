import SMGJSON
import Testing

/// Valid documents by the grammar of RFC 8259.
private let accepted: [String] = [
    // Lone values, whitespace around them.
    "null", "true", "false", "0", "-0", "42", "\"\"", "\"a\"", "[]", "{}", " null", "null ", "\t\n\r 1 \t\n\r", " [] ",
    // Structure.
    "[1]", "[1,2]", "[ 1 , 2 ]", "[[]]", "[[],[]]", "[{}]", "{\"a\":[]}", "{\"a\":{}}", "{\"a\":1,\"b\":2}",
    "{ \"a\" : 1 , \"b\" : 2 }", "{\"a\":1,\"a\":2}", "{\"\":0}", "{\"a\":{\"b\":{\"c\":[1,{\"d\":null}]}}}",
    "[null,true,false,0,\"x\",[],{}]", "[\n]", "{\n}", "[\"a\",\n4\n,1,1  ]", "[2] ", "{\"a\\u0000b\":1}",
    "{\"a\":1,\"\\u0061\":2}", "[true]", "[[[[[[[[[[]]]]]]]]]]", "{\"min\":-1.0e+28,\"max\":1.0e+28}",
    // Numbers.
    "1.5", "-1.5", "0.0", "-0.0", "0e1", "0E1", "0e+1", "0e-1", "1e0", "1E22", "1e-2", "1E+2", "123e45", "123.456e78",
    "-123456789012345678901234567890", "1e400", "-1e400", "1e-400", "0.000000000000000000000000000000001",
    "100000000000000000000000000000000000000000000000000000000000000000", "20e1", "-9223372036854775808",
    "1.7976931348623157e308", "5e-324", "1e00", "1e007", "10", "[-0]", "[1.0]", "[0.4e00669999999999999999999999969]",
    // Strings and escapes.
    #""\"""#, #""\\""#, #""\/""#, #""\b\f\n\r\t""#, #""\u0000""#, #""\u00e9""#, #""\uABCD\uabcd""#, #""\\u0000""#,
    #""\\\"""#, "\"/\"", "\"\u{7f}\"", "\"\u{2028}\u{2029}\"", #""\u0022""#, #""\u005c""#, "\" \"", "\"a/*b*/c\"",
    "\"asd \"", #""new\u00A0line""#, #""[],{}:""#, "\"0123456789abcdef\"", "\"0123456789abcde\\n\"",
    // Surrogates: pairs, and halves that syntax allows.
    #""\ud83d\ude00""#, #""\uD834\uDD1E""#, #""\ud800""#, #""\udc00""#, #""\ud800x""#, #""\udc00\ud800""#,
    #""\ud800\ud800""#, #""\ud800\n""#, #""\ud83d\u0041""#, #""\uDBFF\uDFFE""#,
    // UTF-8 at the edges of each length.
    "\"\u{80}\"", "\"\u{7ff}\"", "\"\u{800}\"", "\"\u{ffff}\"", "\"\u{10000}\"", "\"\u{10ffff}\"", "\"\u{d7ff}\"",
    "\"\u{e000}\"", "\"\u{feff}\"", "\"é\"", "\"日本語\"", "\"😀\"", "\"日本語日本語日本語日本語\"",
    "{\"é\":\"ü\"}",
]

/// Documents that break a rule, with the code of that rule.
private let rejected: [(String, JSONError.Code)] = [
    // Nothing, or not enough.
    ("", .unexpectedEnd), (" ", .unexpectedEnd), ("\n", .unexpectedEnd), ("[", .unexpectedEnd), ("{", .unexpectedEnd),
    ("[1", .unexpectedEnd), ("[1,", .unexpectedEnd), ("{\"a\"", .unexpectedEnd), ("{\"a\":", .unexpectedEnd),
    ("{\"a\":1", .unexpectedEnd), ("{\"a\":1,", .unexpectedEnd), ("\"", .unexpectedEnd), ("\"a", .unexpectedEnd),
    ("\"\\", .unexpectedEnd), ("\"\\u", .unexpectedEnd), ("\"\\u12", .unexpectedEnd), ("\"\\\"", .unexpectedEnd),
    ("-", .unexpectedEnd), ("1.", .unexpectedEnd), ("1e", .unexpectedEnd), ("1e+", .unexpectedEnd),
    ("tru", .unexpectedEnd), ("fals", .unexpectedEnd), ("nul", .unexpectedEnd), ("[[[[", .unexpectedEnd),
    ("{\"a\":{\"b\":[", .unexpectedEnd), ("{\"", .unexpectedEnd), ("[\"", .unexpectedEnd),
    ("[1,\n1\n,1", .unexpectedEnd),
    // Structure.
    ("]", .expectedValue), ("}", .expectedValue), (",", .expectedValue), (":", .expectedValue),
    ("[,1]", .expectedValueOrArrayEnd),
    ("[1,]", .expectedValue), ("[1,,2]", .expectedValue), ("[,]", .expectedValueOrArrayEnd),
    ("[1 2]", .expectedCommaOrArrayEnd),
    ("[1}", .expectedCommaOrArrayEnd), ("{]", .expectedKeyOrObjectEnd), ("[}", .expectedValueOrArrayEnd),
    ("{\"a\":1]", .expectedCommaOrObjectEnd), ("{\"a\":1,}", .expectedKey), ("{\"a\":1,,\"b\":2}", .expectedKey),
    ("{,}", .expectedKeyOrObjectEnd), ("{\"a\" 1}", .expectedColon), ("{\"a\",1}", .expectedColon),
    ("{\"a\"::1}", .expectedValue), ("{\"a\":}", .expectedValue), ("{:1}", .expectedKeyOrObjectEnd),
    ("{a:1}", .expectedKeyOrObjectEnd), ("{1:1}", .expectedKeyOrObjectEnd), ("{null:1}", .expectedKeyOrObjectEnd),
    ("{'a':1}", .expectedKeyOrObjectEnd), ("{\"a\":1 \"b\":2}", .expectedCommaOrObjectEnd), ("{\"a\"}", .expectedColon),
    ("{\"a\":1,1}", .expectedKey), ("[\"a\":1]", .expectedCommaOrArrayEnd), ("{[1]:2}", .expectedKeyOrObjectEnd),
    ("[1:2]", .expectedCommaOrArrayEnd), ("{\"a\":\"b\":\"c\"}", .expectedCommaOrObjectEnd),
    ("[\"\",]", .expectedValue),
    ("[a]", .expectedValueOrArrayEnd), ("[*]", .expectedValueOrArrayEnd), ("'a'", .expectedValue),
    ("<.>", .expectedValue),
    // Something behind the value.
    ("1 2", .trailingData), ("[]]", .trailingData), ("{}}", .trailingData), ("[][]", .trailingData),
    ("null,", .trailingData),
    ("{}#", .trailingData), ("{\"a\":1}/**/", .trailingData), ("\"a\"x", .trailingData), ("truex", .trailingData),
    ("1x", .trailingData), ("[1]\u{0}", .trailingData), ("{} {}", .trailingData), ("0x1", .trailingData),
    ("1_000", .trailingData),
    // Literals.
    ("True", .expectedValue), ("TRUE", .expectedValue), ("tRue", .invalidLiteral), ("nulL", .invalidLiteral),
    ("fabse", .invalidLiteral), ("nan", .invalidLiteral), ("NaN", .expectedValue), ("Infinity", .expectedValue),
    ("undefined", .expectedValue), ("[nule]", .invalidLiteral), ("[truth]", .invalidLiteral), ("None", .expectedValue),
    // Numbers.
    ("01", .invalidNumber), ("-01", .invalidNumber), ("00", .invalidNumber), ("-", .unexpectedEnd),
    ("--1", .invalidNumber),
    ("+1", .expectedValue), (".5", .expectedValue), ("-.5", .invalidNumber), ("1.e1", .invalidNumber),
    ("1.-1", .invalidNumber),
    ("[1.]", .invalidNumber), ("[1e]", .invalidNumber), ("[1e+]", .invalidNumber), ("1ee1", .invalidNumber),
    ("1e1.5", .trailingData),
    ("1.2.3", .trailingData), ("-Infinity", .invalidNumber), ("-NaN", .invalidNumber), ("[- 1]", .invalidNumber),
    ("[1+2]", .expectedCommaOrArrayEnd), ("[0e]", .invalidNumber), ("[1eE2]", .invalidNumber),
    ("[-foo]", .invalidNumber),
    ("[0x42]", .expectedCommaOrArrayEnd), ("[1 000.0]", .expectedCommaOrArrayEnd), ("[-2.]", .invalidNumber),
    ("[\u{ff11}]", .expectedValueOrArrayEnd),
    // Strings.
    ("\"\n\"", .controlCharacter), ("\"\t\"", .controlCharacter), ("\"\u{0}\"", .controlCharacter),
    ("\"\u{1f}\"", .controlCharacter), ("\"0123456789abcdef\n\"", .controlCharacter),
    ("{\"a\nb\":1}", .controlCharacter),
    (#""\x41""#, .invalidEscape), (#""\a""#, .invalidEscape), (#""\'""#, .invalidEscape),
    (#""\U0041""#, .invalidEscape),
    (#""\0""#, .invalidEscape), ("\"\\\n\"", .invalidEscape), ("\"\\\u{e9}\"", .invalidEscape),
    (#""\ ""#, .invalidEscape),
    ("\"\\\u{0}\"", .invalidEscape), (#""\u""#, .invalidUnicodeEscape), (#""\u1""#, .invalidUnicodeEscape),
    (#""\u123""#, .invalidUnicodeEscape), (#""\u123g""#, .invalidUnicodeEscape), (#""\u+123""#, .invalidUnicodeEscape),
    (#""\u 123""#, .invalidUnicodeEscape), (#""\uD800\u""#, .invalidUnicodeEscape),
    (#""\u{41}""#, .invalidUnicodeEscape),
    (#""\u00""#, .invalidUnicodeEscape), (#""\ud83d\ude0""#, .invalidUnicodeEscape), (#""\"#, .unexpectedEnd),
    // Not JSON at all.
    ("// x\n1", .expectedValue), ("/* x */ 1", .expectedValue), ("\u{feff}{}", .byteOrderMark),
    ("\u{a0}1", .expectedValue),
    ("[\u{b}1]", .expectedValueOrArrayEnd), ("[\u{c}]", .expectedValueOrArrayEnd),
    ("[\u{2060}]", .expectedValueOrArrayEnd),
    ("\u{0}", .expectedValue), ("[1\u{0}]", .expectedCommaOrArrayEnd), ("=", .expectedValue),
    ("[\u{0}]", .expectedValueOrArrayEnd),
    ("{\"a\"\u{0}:1}", .expectedColon), ("\u{1f}1", .expectedValue), ("abc", .expectedValue), ("&", .expectedValue),
]

/// Ill-formed UTF-8 inside a string.
private let illFormed: [[UInt8]] = [
    // Lone continuation bytes, bytes that never occur.
    [0x80], [0xbf], [0xc0], [0xc1], [0xf5], [0xf8], [0xfc], [0xfe], [0xff],
    // Overlong.
    [0xc0, 0x80], [0xc0, 0xaf], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xe0, 0x9f, 0xbf], [0xf0, 0x80, 0x80, 0x80],
    [0xf0, 0x8f, 0xbf, 0xbf], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80],
    // Surrogates.
    [0xed, 0xa0, 0x80], [0xed, 0xaf, 0xbf], [0xed, 0xb0, 0x80], [0xed, 0xbf, 0xbf],
    [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
    // Above U+10FFFF.
    [0xf4, 0x90, 0x80, 0x80], [0xf4, 0xbf, 0xbf, 0xbf], [0xf5, 0x80, 0x80, 0x80], [0xf7, 0xbf, 0xbf, 0xbf],
    // Truncated, then an ASCII byte or another lead.
    [0xc3], [0xe6], [0xe6, 0x97], [0xf0], [0xf0, 0x9f], [0xf0, 0x9f, 0x98], [0xe6, 0xc3, 0xa9],
    [0xf0, 0x9f, 0x98, 0x41],
    [0xc3, 0xc3, 0xa9], [0xe6, 0x97, 0x41],
]

@Suite struct JSONGrammarTests {
    @Test(arguments: accepted)
    func accepts(text: String) {
        #expect(documentError(Array(text.utf8)) == nil)
        // The same value inside other values, and at every distance from a block's end.
        for inside in ["[\(text)]", "[0,\(text),0]", "{\"k\":\(text)}", "{\"a\":{\"b\":[[\(text)]]}}"] {
            #expect(documentError(Array(inside.utf8)) == nil, "\(inside)")
        }
        for padding in 0..<17 {
            let body = "{\"\(String(repeating: "p", count: padding))\":\(text)}"
            #expect(scanError(Array(body.utf8)) == nil, "\(body)")
        }
    }

    @Test(arguments: rejected)
    func rejects(text: String, code: JSONError.Code) {
        #expect(documentError(Array(text.utf8))?.code == code)
        #expect(scanError(Array(text.utf8)) != nil)
        // Behind a key no document with a broken value may pass either.
        if code != .trailingData, code != .byteOrderMark {
            #expect(scanError(Array("{\"k\":\(text)".utf8)) != nil)
        }
    }

    @Test(arguments: illFormed)
    func rejectsIllFormedUTF8(bytes: [UInt8]) {
        for padding in 0..<18 {
            let prefix = Array("\"".utf8) + [UInt8](repeating: 0x61, count: padding)
            #expect(documentError(prefix + bytes + Array("\"".utf8))?.code == .invalidUTF8)
            #expect(documentError(prefix + bytes + Array("tail of the string\"".utf8))?.code == .invalidUTF8)
            #expect(documentError(prefix + bytes) != nil)
        }
        #expect(documentError(Array("[".utf8) + bytes + Array("]".utf8))?.code == .expectedValueOrArrayEnd)
        #expect(scanError(Array("{\"".utf8) + bytes + Array("\":1}".utf8))?.code == .invalidUTF8)
    }

    /// Every pair and triple of bytes from the edges of the table, compared with the standard library's decoder.
    @Test func agreesWithTheStandardLibraryOnUTF8() {
        let edges: [UInt8] = [
            0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
            0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
        ]
        for a in edges {
            for b in edges {
                for c in edges {
                    for text in [[a, b, c], [a, b, c, 0x80], [a, b, c, 0x41]] {
                        let isValid = String(validating: text, as: UTF8.self) != nil
                        #expect((documentError([0x22] + text + [0x22]) == nil) == isValid, "\(text)")
                    }
                }
            }
        }
    }

    @Test func rejectsEveryProperPrefix() {
        let document =
            Array(
                #"{"model":"m","messages":[{"role":"user","content":"h\u00e9\n\ud83d\ude00 日 😀"},{"a":[1e-3]}],"#
                    .utf8)
            + Array(#""stream":false,"n":null,"x":{"y":{},"z":[]},"long":"0123456789abcdefghijklmnopqrstuvwxyz"}"#.utf8)
        #expect(scanError(document) == nil)
        for end in 0..<document.count {
            let prefix = Array(document[..<end])
            #expect(scanError(prefix) != nil)
            #expect(documentError(prefix) != nil)
        }
    }

    @Test func boundsDepth() {
        func nested(_ depth: Int, _ open: String, _ close: String) -> [UInt8] {
            Array((String(repeating: open, count: depth) + "0" + String(repeating: close, count: depth)).utf8)
        }
        let limit = JSONLimits.maximumDepth
        #expect(documentError(nested(limit, "[", "]")) == nil)
        #expect(documentError(nested(limit + 1, "[", "]")) == JSONError(.depthLimit, at: limit))
        #expect(documentError(nested(limit, "{\"a\":", "}")) == nil)
        #expect(documentError(nested(limit + 1, "{\"a\":", "}"))?.code == .depthLimit)
        #expect(documentError([UInt8](repeating: 0x5b, count: 1_000_000))?.code == .depthLimit)
        // The scanned object is a level of its own.
        let key = Array("{\"a\":".utf8)
        #expect(scanError(key + nested(limit - 1, "[", "]") + Array("}".utf8)) == nil)
        #expect(scanError(key + nested(limit, "[", "]") + Array("}".utf8))?.code == .depthLimit)
    }

    /// Containers of both kinds in every order, so that closing one restores the kind of the outer.
    @Test func remembersKindsOfOpenContainers() {
        var random = FastRandomBits(seed: 11)
        for _ in 0..<50 {
            var open = ""
            var closing: [String] = []
            for _ in 0..<200 {
                let object = random.next()
                open += object ? "{\"k\":" : "["
                closing.append(object ? "}" : "]")
            }
            let text = open + "1" + closing.reversed().joined()
            #expect(documentError(Array(text.utf8)) == nil)
            let broken = 1 + closing.count / 2
            closing[broken] = closing[broken] == "}" ? "]" : "}"
            #expect(documentError(Array((open + "1" + closing.reversed().joined()).utf8)) != nil)
        }
    }

    @Test func acceptsHugeNumbers() {
        let digits = String(repeating: "7", count: 100_000)
        for text in [digits, "-" + digits, "0." + digits, "1e" + digits, "\(digits).\(digits)E-\(digits)"] {
            #expect(documentError(Array(text.utf8)) == nil)
        }
    }
}

/// Random bits for shapes.
private struct FastRandomBits {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> Bool {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 63 == 1
    }
}

@Suite struct JSONErrorTests {
    @Test(arguments: [
        (#"{"model":"llama" "n":1}"#, "expected ',' or '}' at offset 17"),
        (#"{"a":1"#, "unexpected end of input at offset 6"),
        (#"{"a":[1,2}"#, "expected ',' or ']' at offset 9"),
        (#"{"a" 1}"#, "expected ':' at offset 5"),
        (#"{"a":"x\q"}"#, "invalid escape in a string at offset 8"),
        (#"{"a":01}"#, "invalid number at offset 6"),
        (#"[1]"#, "expected a JSON object at offset 0"),
        (#"{"a":1} x"#, "unexpected data after the value at offset 8"),
        (#"{"a":tru}"#, "invalid literal, expected true, false or null at offset 8"),
    ])
    func tellsWhatAndWhere(text: String, message: String) {
        #expect(scanError(Array(text.utf8))?.message == message)
    }

    @Test func hasOneStableCodeEach() {
        let codes = JSONError.Code.allCases.map(\.rawValue)
        #expect(Set(codes).count == codes.count)
        #expect(codes.allSatisfy { $0.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" } })
    }
}
