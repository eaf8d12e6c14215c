import SMGBase
import SMGJSON
import Testing

@Suite struct JSONSliceTests {
    private func slice<R>(_ text: String, _ body: (JSONSlice) throws -> R) rethrows -> R {
        try withBytes(text) { try body(JSONSlice(validated: $0)) }
    }

    @Test(arguments: [
        ("0", 0), ("-0", 0), ("7", 7), ("-7", -7), ("9223372036854775807", Int64.max),
        ("-9223372036854775808", Int64.min),
        ("123456789012", 123_456_789_012),
    ])
    func readsIntegers(text: String, value: Int64) {
        #expect(slice(text) { $0.int64 } == value)
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775809", "99999999999999999999999", "1.0", "1e2", "-", "\"1\"", "true",
        "",
    ])
    func refusesWhatIsNoInt64(text: String) {
        #expect(slice(text) { $0.int64 } == nil)
    }

    @Test(arguments: [
        "0", "-0", "1", "0.1", "-2.5", "1e22", "1e23", "123456789012345", "1234567890123456", "0.000000000000001",
        "123456789.123456789", "1.7976931348623157e308", "5e-324", "2.2250738585072011e-308", "9007199254740993",
        "1e-400",
        "0.30000000000000004", "1E5", "-1.5e+3", "12345678901234567890",
        "0.1000000000000000055511151231257827021181583404541015625",
    ])
    func readsDoublesExactly(text: String) throws {
        let expected = try #require(Double(text))
        let value = try #require(slice(text) { $0.double })
        #expect(value.bitPattern == expected.bitPattern)
    }

    @Test(arguments: ["1e400", "-1e999", "1e99999999999999999999", "\"1\"", "null", "[]", ""])
    func refusesWhatIsNoFiniteDouble(text: String) {
        #expect(slice(text) { $0.double } == nil)
    }

    @Test func readsLiterals() {
        #expect(slice("true") { $0.bool } == true && slice("false") { $0.bool } == false)
        #expect(slice("null") { $0.bool } == nil && slice("null") { $0.isNull } && !slice("0") { $0.isNull })
    }

    @Test func iterates() throws {
        try withBytes(#" { "a" : [ 1 , "x,]" , {"b":[]} , [] ] , "\u0062" : {"c":"}"} , "a":null } "#) { bytes in
            let root = try JSONSlice(parsing: bytes)
            #expect(root.kind == .object)
            #expect(root.members.map { $0.key.string } == ["a", "b", "a"])
            let first = try #require(Array(root.members).first?.value)
            #expect(first.elements.map { $0.bytes.string } == ["1", #""x,]""#, #"{"b":[]}"#, "[]"])
            #expect(root["a"]?.isNull == true && root["b"]?["c"]?.string == "}" && root["d"] == nil)
            #expect(Array(first.members).isEmpty && Array(root.elements).isEmpty)
        }
        #expect(slice("[]") { Array($0.elements).isEmpty } && slice("{ }") { Array($0.members).isEmpty })
    }

    @Test(arguments: [
        (#""abc""#, true), (#""\u0061bc""#, true), (#""\u0061\u0062\u0063""#, true), (#""abd""#, false),
        (#""ab""#, false),
        (#""abcd""#, false), (#""""#, false), (#""\n""#, false), (#""abc\u0000""#, false), ("1", false),
        ("null", false),
        (#""ab\u0063d""#, false),
    ])
    func comparesStrings(text: String, isEqual: Bool) {
        #expect(slice(text) { $0.isEqual(to: "abc") } == isEqual)
    }

    /// A raw backslash is never taken for the character after decoding.
    @Test func comparesBackslashes() {
        #expect(slice(#""a\b""#) { !$0.isEqual(to: "a\\b") })
        #expect(slice(#""a\\b""#) { $0.isEqual(to: "a\\b") })
        #expect(slice(#""\ud83d\ude00""#) { $0.isEqual(to: "😀") })
        #expect(slice(#""é""#) { $0.isEqual(to: "é") })
    }

    /// Malformed input can reach a slice only by a mistake of ours; it must end, and read nothing outside.
    @Test(arguments: [
        "[", "{", "[1", "[,,,]", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\" \"b\"}", "[1 2 3", "[\"",
        "[\"\\", "[[[[",
        "\"", "\"\\\"", "]", "}", ",", ":", "{1:2}", "[:]", "{\"a\":}", "\\", "[}{]", "{]}", "\"\\u12\"",
        "[\"a\\\\\\\"",
    ])
    func survivesMalformedInput(text: String) {
        slice(text) { slice in
            var left = 1000
            func walk(_ slice: JSONSlice) {
                left -= 1
                guard left > 0 else { return }
                _ = (slice.kind, slice.int64, slice.double, slice.bool, slice.string, slice.isEqual(to: "a"))
                for element in slice.elements { walk(element) }
                for member in slice.members { walk(member.value) }
            }
            walk(slice)
            #expect(left > 900)
        }
    }
}

@Suite struct JSONStringTests {
    @Test(arguments: [
        ("", ""), ("abc", "abc"), (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"), (#"\u0041\u00e9\u20ac"#, "Aé€"),
        (#"\ud83d\ude00"#, "😀"), (#"\uDBFF\uDFFF"#, "\u{10ffff}"),
        (#"\u0000"#, "\u{0}"), (#"x\ud83d\ude00y"#, "x😀y"),
        // Halves of pairs.
        (#"\ud800"#, "\u{fffd}"), (#"\udc00"#, "\u{fffd}"), (#"\ud800\ud800\udc00"#, "\u{fffd}\u{10000}"),
        (#"\udc00\ud800"#, "\u{fffd}\u{fffd}"), (#"\ud800a"#, "\u{fffd}a"), (#"\ud800\n"#, "\u{fffd}\n"),
        (#"\ud800\u0041"#, "\u{fffd}A"), (#"\ud83d\ud83d"#, "\u{fffd}\u{fffd}"),
        // Malformed escapes stand for themselves.
        (#"\"#, "\\"), (#"a\q"#, "a\\q"), (#"\u12"#, "\\u12"), (#"\u12zz"#, "\\u12zz"),
        (#"\ud83d\ude0"#, "\u{fffd}\\ude0"),
        ("日本語 text with plain runs longer than a block", "日本語 text with plain runs longer than a block"),
    ])
    func decodes(raw: String, text: String) {
        withBytes(raw) { bytes in
            let string = JSONString(raw: bytes)
            #expect(string.string == text)
            let buffer = ByteBuffer(capacity: 1)
            buffer.append("<")
            #expect(string.append(to: buffer))
            #expect(buffer.readableString == "<" + text)
            withBytes(text) { #expect(string.isEqual(toUTF8: $0)) }
            withBytes(text + "x") { #expect(!string.isEqual(toUTF8: $0)) }
            if !text.isEmpty { withBytes(Array(text.utf8.dropLast())) { #expect(!string.isEqual(toUTF8: $0)) } }
        }
    }

    /// Every limit gives the longest start that fits and splits no scalar.
    @Test(arguments: [
        #"ab\n\u00e9é\u20ac日本\ud83d\ude00😀end"#, "日本語日本語日本語",
        "plain ascii text of some length", #"\\\\\\"#,
    ])
    func cutsBetweenScalars(raw: String) {
        withBytes(raw) { bytes in
            let whole = JSONString(raw: bytes).string
            for limit in -1...whole.utf8.count + 2 {
                let buffer = ByteBuffer(capacity: 1)
                let complete = JSONString(raw: bytes).append(to: buffer, limit: limit)
                var expected = ""
                for scalar in whole.unicodeScalars where expected.utf8.count + scalar.utf8.count <= limit {
                    guard whole.unicodeScalars.starts(with: expected.unicodeScalars) else { break }
                    expected.unicodeScalars.append(scalar)
                    if !whole.unicodeScalars.starts(with: expected.unicodeScalars) {
                        expected.unicodeScalars.removeLast()
                        break
                    }
                }
                #expect(buffer.readableString == expected, "limit \(limit)")
                #expect(complete == (expected == whole), "limit \(limit)")
            }
        }
    }
}
