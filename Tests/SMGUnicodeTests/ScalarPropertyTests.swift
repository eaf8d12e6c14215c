import SMGBase
import SMGUnicode
import Testing

@Suite struct ScalarPropertyTests {
    @Test(arguments: 0..<7)
    func huggingFaceTraitsAreTheReferences(bit: Int) {
        let trait = HuggingFaceTraits(rawValue: 1 << UInt8(bit))
        let digest = Digest.ofAllScalars { HuggingFaceTraits.of($0).contains(trait) ? 1 : 0 }
        #expect(digest == UnicodeFixture.digest("hugging_face.\(bit)"))
    }

    @Test(arguments: 0..<10)
    func pythonTraitsAreTheReferences(bit: Int) {
        let trait = PythonTraits(rawValue: 1 << UInt16(bit))
        let digest = Digest.ofAllScalars { PythonTraits.of($0).contains(trait) ? 1 : 0 }
        #expect(digest == UnicodeFixture.digest("python.\(bit)"))
    }

    @Test func scriptClassesAreTheReferences() {
        #expect(Digest.ofAllScalars { HuggingFaceTraits.scriptClass($0) } == UnicodeFixture.digest("scripts"))
        #expect(HuggingFaceTraits.scriptClass(0x3042) == HuggingFaceTraits.scriptClass(0x4e2d))
        #expect(HuggingFaceTraits.scriptClass(0x41) != HuggingFaceTraits.scriptClass(0x430))
        #expect(HuggingFaceTraits.scriptClass(0x20) == 0)
    }

    @Test func whiteSpaceDiffersByTheSeparators() {
        for scalar in 0..<UInt32(0x110000) {
            let isSeparator = (0x1c...0x1f).contains(scalar)
            let rust = HuggingFaceTraits.isSpace(scalar)
            #expect(!(rust && isSeparator))
            if PythonTraits.isSpace(scalar) != (rust || isSeparator) { Issue.record("U+\(scalar)") }
        }
    }

    @Test func numbersThatAreNoScalarsHaveNoTraits() {
        for number: UInt32 in [0xd800, 0x110000, .max] {
            #expect(HuggingFaceTraits.of(number).isEmpty)
            #expect(PythonTraits.of(number).isEmpty)
            #expect(HuggingFaceTraits.scriptClass(number) == 0)
            #expect(ScalarCase.upper(number).first == number)
        }
    }
}
