import SMGBase
import SMGJSON
import Testing

@testable import SMGParsers

/// What a parameter's text becomes, by the types its schema allows.
@Suite struct ParameterValueTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let types: ParameterTypes?
        let text: String
        let json: String

        init(_ types: ParameterTypes?, _ text: String, _ json: String) {
            self.types = types
            self.text = text
            self.json = json
        }

        var testDescription: String { "\(types.map { "\($0.rawValue)" } ?? "raw"): \(text.prefix(40))" }
    }

    static let rows: [Row] = [
        // Text that the format marks as such.
        Row(nil, "", #""""#), Row(nil, "null", #""null""#), Row(nil, #""a""#, #""\"a\"""#),
        Row(nil, " 1\n", #"" 1\n""#),
        // Strings.
        Row(.string, "", #""""#), Row(.string, "12", #""12""#), Row(.string, "null", #""null""#),
        Row(.string, #""a b""#, #""a b""#), Row(.string, #""a\n\u00e9""#, #""a\n\u00e9""#),
        Row(.string, #""a" b"#, #""\"a\" b""#), Row(.string, #""a"#, #""\"a""#), Row(.string, #" "a""#, #"" \"a\"""#),
        Row(.string, "\"a\nb\"", #""\"a\nb\"""#), Row(.string, #""a" "#, #""\"a\" ""#), Row(.string, "{}", #""{}""#),
        Row(.string, #""\x""#, #""\"\\x\"""#), Row(.string, "\"", #""\"""#),
        // Integers.
        Row(.integer, "42", "42"), Row(.integer, " -7\n", "-7"), Row(.integer, "+5", "5"), Row(.integer, "007", "7"),
        Row(.integer, "-0", "-0"), Row(.integer, "000", "0"),
        Row(.integer, "123456789012345678901234567890", "123456789012345678901234567890"),
        Row(.integer, "3.0", "3.0"), Row(.integer, "abc", #""abc""#), Row(.integer, "", #""""#),
        Row(.integer, "-", #""-""#),
        Row(.integer, "null", "null"), Row(.integer, "None", "null"), Row(.integer, #""5""#, #""5""#),
        Row(.integer, "[1]", "[1]"), Row(.integer, "1 2", #""1 2""#),
        // Numbers.
        Row(.number, "1.50", "1.50"), Row(.number, ".5", "0.5"), Row(.number, "5.", "5"),
        Row(.number, "-.5E+3", "-0.5e+3"),
        Row(.number, "1e5", "1e5"), Row(.number, "1e", #""1e""#), Row(.number, ".", #"".""#),
        Row(.number, "nan", #""nan""#),
        Row(.number, "Infinity", #""Infinity""#), Row(.number, "1_000", #""1_000""#), Row(.number, "12", "12"),
        // Booleans.
        Row(.boolean, "true", "true"), Row(.boolean, "False", "false"), Row(.boolean, " TRUE ", "true"),
        Row(.boolean, "yes", #""yes""#), Row(.boolean, "1", "1"), Row(.boolean, "none", "null"),
        // Containers.
        Row(.object, #" { "a" : [ 1 , 2 ] } "#, #"{"a":[1,2]}"#), Row(.object, "[1, 2]", "[1,2]"),
        Row(.object, "{'a': 1}", #""{'a': 1}""#), Row(.array, "[]", "[]"), Row(.array, "[1,", #""[1,""#),
        Row(.array, "None", "null"), Row(.object, #"{"a": 1} x"#, #""{\"a\": 1} x""#),
        // Several types.
        Row([.string, .null], "null", "null"), Row([.string, .null], "None", "null"),
        Row([.string, .null], "x", #""x""#),
        Row([.string, .null], "12", #""12""#), Row([.string, .null], #""12""#, #""12""#),
        Row([.string, .null], "[1]", #""[1]""#), Row([.string, .integer], "12", "12"),
        Row([.string, .integer], "1.5", #""1.5""#), Row([.string, .integer], " 12 a", #"" 12 a""#),
        Row([.string, .boolean], "True", "true"), Row([.string, .object], #"{"a" : 1}"#, #"{"a":1}"#),
        Row([.string, .object], "[1]", #""[1]""#), Row([.integer, .null], "null", "null"), Row(.null, "null", "null"),
        Row(.null, "x", #""x""#),
        // Nothing declared: JSON and Python's words, and no guess that loses something.
        Row([], "12", "12"), Row([], "1.0", "1.0"), Row([], "true", "true"), Row([], "True", "true"),
        Row([], "None", "null"), Row([], "none", #""none""#), Row([], "02139", #""02139""#), Row([], "+49", #""+49""#),
        Row([], #" {"a": null} "#, #"{"a":null}"#), Row([], #""x""#, #""x""#), Row([], "x", #""x""#),
        Row([], " x ", #"" x ""#),
        Row([], "", #""""#), Row([], "1 2", #""1 2""#),
        // Text that is text from some byte on.
        Row([], String(repeating: "0", count: 70), "\"\(String(repeating: "0", count: 70))\""),
        Row([.string, .null], String(repeating: "ab\n", count: 40), "\"\(String(repeating: "ab\\n", count: 40))\""),
    ]

    private func json(_ row: Row, pieces: Int) -> (json: String, isWhole: Bool) {
        let output = ParserOutput()
        var value = ParameterValue()
        value.begin(row.types)
        let bytes = Array(row.text.utf8)
        bytes.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: pieces) {
                value.take(bytes.slice(start..<min(start + pieces, bytes.count)), false, output, 0)
            }
        }
        let isWhole = value.end(output, 0)
        var text = ""
        for case .toolArguments(_, let json) in output.events { text += json }
        return (text, isWhole)
    }

    @Test(arguments: rows) func spelling(_ row: Row) throws {
        for pieces in [1, 3, max(row.text.utf8.count, 1)] {
            let (json, isWhole) = json(row, pieces: pieces)
            #expect(json == row.json)
            #expect(isWhole)
        }
        _ = try Array(row.json.utf8).withUnsafeBytes { try JSONSlice(parsing: $0).kind }
    }

    @Test(arguments: [ParameterTypes.object, [], [.string, .object]])
    func aValueBeyondTheLimitIsAString(_ types: ParameterTypes) {
        let text = "[" + String(repeating: "1,", count: ParserLimits.maximumHeldBytes / 2) + "1]"
        for pieces in [4096, text.utf8.count] {
            let (json, isWhole) = json(Row(types, text, ""), pieces: pieces)
            #expect(json == "\"\(text)\"")
            #expect(!isWhole)
        }
    }

    @Test func aValueAtTheLimitIsWhatItIs() {
        let text = "[" + String(repeating: " ", count: ParserLimits.maximumHeldBytes - 2) + "]"
        for pieces in [4096, text.utf8.count] {
            let (json, isWhole) = json(Row(.array, text, ""), pieces: pieces)
            #expect(json == "[]")
            #expect(isWhole)
        }
    }

    @Test func longTextOfOpenTypeThatTurnsOutToBeTextIsWhole() {
        let text = "[" + String(repeating: "1,", count: 400_000) + "x" + String(repeating: "1,", count: 400_000)
        for pieces in [1000, text.utf8.count] {
            let (json, isWhole) = json(Row([], text, ""), pieces: pieces)
            #expect(json == "\"\(text)\"")
            #expect(isWhole)
        }
    }

    @Test func depthIsBounded() {
        let deep = ParserLimits.maximumDepth
        let good = String(repeating: "[", count: deep) + String(repeating: "]", count: deep)
        #expect(json(Row([], good, ""), pieces: 7).json == good)
        let bad = "[" + good + "]"
        #expect(json(Row([], bad, ""), pieces: 7).json == "\"\(bad)\"")
    }
}
