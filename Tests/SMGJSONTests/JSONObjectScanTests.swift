import SMGBase
import SMGJSON
import Testing

@Suite struct JSONObjectScanTests {
    @Test func recordsMembers() throws {
        let text =
            #" { "model" : "m\u0031" , "n":1.5,"o":{"x":[]}, "a":[{}], "t":true,"f":false ,"z":null, "k\u0065y":"v" } "#
        try withBytes(text) { bytes in
            let scan = JSONObjectScan()
            try scan.scan(bytes)
            let kinds: [JSONKind] = [.string, .number, .object, .array, .bool, .bool, .null, .string]
            #expect(scan.members.map(\.kind) == kinds)
            let values = scan.members.map { bytes.slice($0.valueRange).string }
            #expect(values == [#""m\u0031""#, "1.5", #"{"x":[]}"#, "[{}]", "true", "false", "null", #""v""#])
            let keys = scan.members.map { bytes.slice($0.keyRange).string }
            #expect(keys == ["model", "n", "o", "a", "t", "f", "z", #"k\u0065y"#])
            #expect(scan.members.map(\.keyHasEscapes) == [false, false, false, false, false, false, false, true])
            #expect(scan.members.map(\.valueHasEscapes) == [true, false, false, false, false, false, false, false])
            #expect(bytes.slice(scan.objectRange).string == text.dropFirst().dropLast())
            #expect(scan.value("model", in: bytes)?.string == "m1")
            #expect(scan.value("key", in: bytes)?.string == "v")
            #expect(scan.value("k", in: bytes) == nil && scan.value("", in: bytes) == nil)
            #expect(scan.key(7, in: bytes)?.string == "key" && scan.key(8, in: bytes) == nil)
        }
    }

    @Test func lastOfRepeatedKeysWins() throws {
        try withBytes(#"{"a":1,"b":2,"\u0061":3,"b":4,"aa":5}"#) { bytes in
            let scan = JSONObjectScan()
            try scan.scan(bytes)
            #expect(scan.value("a", in: bytes)?.int64 == 3)
            #expect(scan.value("b", in: bytes)?.int64 == 4)
            #expect(scan.occurrences(of: "a", in: bytes) == 2 && scan.occurrences(of: "aa", in: bytes) == 1)
            #expect(scan.occurrences(of: "c", in: bytes) == 0 && scan.members.count == 5)
        }
    }

    @Test func isEmptyAfterFailureAndReusable() throws {
        let scan = JSONObjectScan()
        try withBytes(#"{"a":1,"b":2}"#) { try scan.scan($0) }
        #expect(scan.members.count == 2)
        withBytes(#"{"a":1,"b":2"#) { bytes in
            #expect(throws: JSONError(.unexpectedEnd, at: 12)) { try scan.scan(bytes) }
            #expect(scan.members.isEmpty && scan.byteCount == 0 && scan.value("a", in: bytes) == nil)
        }
        try withBytes("{}") { try scan.scan($0) }
        #expect(scan.members.isEmpty && scan.objectRange == 0..<2)
    }

    /// Look-ups with bytes that were not scanned find nothing instead of reading elsewhere.
    @Test func refusesOtherBytes() throws {
        let scan = JSONObjectScan()
        try withBytes(#"{"a":"0123456789"}"#) { try scan.scan($0) }
        withBytes("{}") { bytes in
            #expect(scan.value("a", in: bytes) == nil && scan.key(0, in: bytes) == nil)
            #expect(scan.occurrences(of: "a", in: bytes) == 0)
        }
    }

    @Test func boundsMembers() {
        func object(_ count: Int) -> [UInt8] {
            Array(("{" + (0..<count).map { "\"k\($0)\":0" }.joined(separator: ",") + "}").utf8)
        }
        #expect(scanError(object(JSONLimits.maximumMembers)) == nil)
        #expect(scanError(object(JSONLimits.maximumMembers + 1))?.code == .memberLimit)
    }

    @Test(arguments: ["[]", "1", "\"a\"", "null", "  true"])
    func refusesOtherKinds(text: String) {
        #expect(scanError(Array(text.utf8))?.code == .expectedObject)
    }

    @Test func refusesEmptyInput() {
        #expect(throws: JSONError(.unexpectedEnd, at: 0)) {
            try JSONObjectScan().scan(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        #expect(throws: JSONError(.unexpectedEnd, at: 0)) {
            try JSONSlice(parsing: UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }
}
