import SMGBase
import SMGJSON
import Testing

@Suite struct JSONWriterTests {
    @Test func writesStructure() {
        let text = written { writer in
            writer.beginObject()
            writer.key("a" as StaticString)
            writer.beginArray()
            writer.int(1)
            writer.string("x")
            writer.beginObject()
            writer.endObject()
            writer.beginArray()
            writer.endArray()
            writer.null()
            writer.endArray()
            writer.key("b\n" as String)
            writer.bool(true)
            writer.key("c" as StaticString)
            withBytes("[1]") { writer.raw($0) }
            writer.key("d" as StaticString)
            writer.bool(false)
            writer.endObject()
        }
        #expect(text == #"{"a":[1,"x",{},[],null],"b\n":true,"c":[1],"d":false}"#)
    }

    @Test(arguments: [
        ("", #""""#), ("\"\\/", #""\"\\/""#), ("\u{8}\u{9}\u{a}\u{c}\u{d}", #""\b\t\n\f\r""#),
        ("\u{0}\u{1}\u{f}\u{10}\u{1f}\u{7f}", "\"\\u0000\\u0001\\u000f\\u0010\\u001f\u{7f}\""),
        ("é日😀\u{2028}", "\"é日😀\u{2028}\""),
        ("long text before the \" quote, and after", #""long text before the \" quote, and after""#),
    ])
    func escapesStrings(text: String, json: String) {
        #expect(written { $0.string(text) } == json)
    }

    /// The same repair the standard library makes: one U+FFFD for each longest start of a sequence.
    @Test(
        arguments: [
            [0x80], [0xff, 0x41], [0xc3], [0xe6, 0x97], [0xf0, 0x9f, 0x98], [0xf0, 0x9f, 0x41], [0xed, 0xa0, 0x80],
            [0xc0, 0xaf], [0xe0, 0x80, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf0, 0x80, 0x80, 0x41],
            [0x61, 0xe6, 0xc3, 0xa9, 0x62],
            [0xc3, 0xa9, 0xff, 0xc3, 0xa9], [0xf1, 0x80, 0x80, 0xe1, 0x80, 0xc2, 0x62, 0x80, 0x63],
            [0xf8, 0x88, 0x80, 0x80],
        ] as [[UInt8]])
    func repairsIllFormedUTF8(bytes: [UInt8]) {
        let json = withBytes(bytes) { text in written { $0.string(utf8: text) } }
        #expect(json == "\"" + String(decoding: bytes, as: UTF8.self) + "\"")
    }

    @Test(arguments: [
        (0.0, "0.0"), (-0.0, "-0.0"), (1.0, "1.0"), (0.1, "0.1"), (1e-7, "1e-07"), (1e300, "1e+300"),
        (Double.leastNonzeroMagnitude, "5e-324"),
        (0.1 + 0.2, "0.30000000000000004"), (Double.infinity, "null"), (-Double.infinity, "null"), (Double.nan, "null"),
    ])
    func writesDoubles(value: Double, json: String) throws {
        #expect(written { $0.double(value) } == json)
        #expect(documentError(Array(json.utf8)) == nil)
    }

    @Test(arguments: [0, -1, Int.max, Int.min])
    func writesIntegers(value: Int) {
        #expect(written { $0.int(value) } == String(value))
    }
}

@Suite struct JSONRoundTripTests {
    /// Random values come back the same through writer, validator and lazy reader.
    @Test(arguments: 0..<40)
    func randomValues(seed: Int) throws {
        var generator = TreeGenerator(random: FastRandom(seed: UInt64(seed)))
        for _ in 0..<25 {
            let tree = generator.tree(depth: 5)
            try withBytes(written { tree.write(to: &$0) }) { bytes in
                let read = Tree(try JSONSlice(parsing: bytes))
                #expect(read == tree)
                #expect(JSONProperties.violation(bytes) == nil)
            }
        }
    }

    /// One changed byte: whatever the verdict, the properties hold.
    @Test(arguments: 0..<40)
    func randomDamage(seed: Int) {
        var generator = TreeGenerator(random: FastRandom(seed: UInt64(1000 + seed)))
        for _ in 0..<10 {
            let tree = generator.object(depth: 4)
            var bytes = Array(written { tree.write(to: &$0) }.utf8)
            for _ in 0..<8 {
                bytes[generator.random.below(bytes.count)] = UInt8(generator.random.below(256))
                withBytes(bytes) { #expect(JSONProperties.violation($0) == nil) }
            }
        }
    }
}
