import SMGBase
import SMGUnicode
import Testing

/// Bytes that `body` appends to a buffer for `text`.
func appended(_ text: [UInt8], _ body: (UnsafeRawBufferPointer, ByteBuffer) -> Void) -> [UInt8] {
    let out = ByteBuffer(capacity: 16)
    text.withUnsafeBytes { body($0, out) }
    return Array(out.readable)
}

@Suite struct TextCaseTests {
    private static let perScalar: [(String, @Sendable (UInt32) -> CaseMapping)] = [
        ("case.rust", ScalarCase.lower), ("case.upper", ScalarCase.upper), ("case.title", ScalarCase.title),
    ]

    @Test(arguments: perScalar)
    func everyScalarIsAsTheReferenceHasIt(property: String, map: @Sendable (UInt32) -> CaseMapping) {
        var digest = Digest()
        var text = [UInt8](repeating: 0, count: 4)
        for value in 0..<UInt32(0x110000) where Unicode.Scalar(value) != nil {
            let mapping = map(value)
            for (place, scalar) in [mapping.first, mapping.second, mapping.third].enumerated() {
                if place > 0, scalar == 0 { continue }
                text.withUnsafeMutableBytes { UTF8Text.encode(scalar, to: $0.baseAddress!) }
                for byte in text[..<UTF8Text.width(scalar)] { digest.add(byte) }
            }
            digest.add(0xff)
        }
        #expect(digest.text == UnicodeFixture.digest(property))
    }

    @Test func textsAreAsPythonHasThem() {
        let lines = UnicodeFixture.lines("case.txt")
        #expect(lines.count > 250)
        #expect(CaseLines.violations(lines).isEmpty)
    }

    @Test func lowercaseOfEachLeavesSigmasAlone() {
        #expect(appended(Array("ΑΣ Σ ABC".utf8), TextCase.lowercaseEach) == Array("ας σ abc".replacingFinal().utf8))
        #expect(appended(Array("ΑΣ Σ ABC".utf8), TextCase.lower) == Array("ας σ abc".utf8))
    }

    @Test func bytesThatAreNoTextStay() {
        let bytes: [UInt8] = [0x41, 0xff, 0x42, 0xce, 0xce, 0xa3, 0xe4, 0xbd]
        #expect(appended(bytes, TextCase.lower) == [0x61, 0xff, 0x62, 0xce, 0xcf, 0x83, 0xe4, 0xbd])
        #expect(appended(bytes, TextCase.upper) == bytes)
        #expect(appended([0x61, 0xff, 0x62], TextCase.title) == [0x41, 0xff, 0x42])
    }

    @Test func manySigmasTakeLinearTime() {
        // Quadratic work on these marks would not end.
        let text = Array("a".utf8) + Array(String(repeating: "\u{301}", count: 200_000).utf8) + Array("Σ".utf8)
        #expect(appended(text, TextCase.lower).suffix(2) == [0xcf, 0x82])
        let sigmas = Array(String(repeating: "Σ\u{301}", count: 20_000).utf8)
        #expect(appended(sigmas, TextCase.lower).count == sigmas.count)
    }
}

extension String {
    /// With σ in place of ς.
    fileprivate func replacingFinal() -> String { String(map { $0 == "ς" ? "σ" : $0 }) }
}

/// Lines of a text and what Python's lower, upper, title and capitalize make of it.
enum CaseLines {
    static func violations(_ lines: [Substring]) -> [String] {
        let methods: [(String, (UnsafeRawBufferPointer, ByteBuffer) -> Void)] = [
            ("lower", TextCase.lower), ("upper", TextCase.upper), ("title", TextCase.title),
            ("capitalize", TextCase.capitalize),
        ]
        var found: [String] = []
        for line in lines {
            let fields = line.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map(
                Array.init)
            guard fields.count == 5 else {
                found.append("malformed line: \(line)")
                continue
            }
            for (index, (name, method)) in methods.enumerated() where appended(fields[0], method) != fields[index + 1] {
                found.append("\(name) of \(NormalizationLines.scalars(fields[0]))")
            }
        }
        return found
    }
}
