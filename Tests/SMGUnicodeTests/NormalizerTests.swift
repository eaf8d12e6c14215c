import SMGBase
import SMGUnicode
import Testing

@Suite struct NormalizerTests {
    static let forms: [(String, NormalizationForm)] = [("nfc", .nfc), ("nfd", .nfd), ("nfkc", .nfkc), ("nfkd", .nfkd)]

    @Test(arguments: forms)
    func everyScalarIsAsTheReferenceHasIt(name: String, form: NormalizationForm) {
        let normalizer = Normalizer(form)
        var digest = Digest()
        for value in 0..<UInt32(0x110000) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            for byte in normalizer.normalized(Array(String(scalar).utf8)) { digest.add(byte) }
            digest.add(0xff)
        }
        #expect(digest.text == UnicodeFixture.digest("normalization.\(name)"))
    }

    @Test func textsAreAsTheReferenceHasThem() {
        let lines = UnicodeFixture.lines("normalization.txt")
        #expect(lines.count > 250)
        #expect(NormalizationLines.violations(lines).isEmpty)
    }

    @Test(arguments: forms)
    func textInTheFormIsNotCopied(name: String, form: NormalizationForm) {
        let out = ByteBuffer(capacity: 16)
        for text in ["", "plain", "Grüße 中文 한국어 かな", "😀"] {
            let normal = Normalizer(form).normalized(Array(text.utf8))
            #expect(normal.withUnsafeBytes { Normalizer(form).normalize($0, into: out) } == false)
            #expect(out.isEmpty)
        }
    }

    @Test(arguments: forms)
    func bytesThatAreNoTextStay(name: String, form: NormalizationForm) {
        let normalizer = Normalizer(form)
        for bytes: [UInt8] in [
            [0xff], [0xc3], [0xe4, 0xbd], [0xf0, 0x90, 0x80], [0xed, 0xa0, 0x80], [0xef, 0xbf], [0x80, 0x80],
        ] {
            #expect(normalizer.normalized(bytes) == bytes)
            // Between a letter and its mark they part them.
            let parted = Array("e".utf8) + bytes + Array("\u{301}".utf8)
            #expect(normalizer.normalized(parted) == parted, "\(bytes)")
            let joined = bytes + Array("e\u{301}\u{323}".utf8) + bytes
            #expect(
                normalizer.normalized(joined) == bytes + normalizer.normalized(Array("e\u{301}\u{323}".utf8)) + bytes)
        }
    }

    @Test(arguments: forms)
    func longRunsOfMarksAreOrdered(name: String, form: NormalizationForm) {
        // U+0301 is of class 230, U+0323 of class 220; U+0334 of class 1.
        let text = "x" + String(repeating: "\u{301}\u{323}\u{334}", count: 5000) + "y"
        let marks = ["\u{334}", "\u{323}", "\u{301}"].map { String(repeating: $0, count: 5000) }.joined()
        let normal = Normalizer(form).normalized(Array(text.utf8))
        #expect(normal == Array("x\(marks)y".utf8))
    }
}
