import Testing

@testable import SMGUnicode

@Suite struct ScalarTraitsTests {
    @Test func lettersAreThreeKinds() {
        #expect(ScalarTraits.letter.rawValue == 0b111)
        #expect(ScalarTraits.letter.isDisjoint(with: [.mark, .number, .space, .punctuationOrSymbol, .han]))
    }
}
