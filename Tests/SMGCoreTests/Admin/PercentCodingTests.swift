import Testing

@testable import SMGCore

@Suite struct PercentCodingTests {
    static func decode(_ text: String) -> String? { Array(text.utf8).withUnsafeBytes { PercentCoding.decode($0) } }

    @Test(arguments: [
        ("", ""), ("abc", "abc"), ("http%3A%2F%2Fw%3a8000", "http://w:8000"),
        ("http://w:8000/a%20b", "http://w:8000/a b"),
        ("%41", "A"), ("a+b", "a+b"), ("%25", "%"), ("%2541", "%41"), ("%C3%A9", "é"), ("é", "é"),
    ]) func decodes(text: String, decoded: String) {
        #expect(Self.decode(text) == decoded)
    }

    @Test(arguments: [
        "%", "%4", "a%", "a%4", "%4g", "%g4", "%%41", "% 41", "%00", "a\u{0}b", "%ff", "%c3", "%ED%A0%80",
    ])
    func refuses(text: String) {
        #expect(Self.decode(text) == nil)
    }

    @Test func everyByteComesThrough() {
        for byte in UInt8(1)...127 {
            let hex = String(byte, radix: 16)
            #expect(Self.decode("%" + (hex.count == 1 ? "0" : "") + hex) == String(UnicodeScalar(byte)))
        }
    }
}
