import SMGUnicode
import Testing

@Suite struct ScalarTableTests {
    private static let tables: [(String, ScalarTable)] = [
        ("oniguruma", .oniguruma), ("rust", .rust), ("newest", .newest),
    ]

    @Test(arguments: tables)
    func everyScalarIsAsTheReferenceHasIt(name: String, table: ScalarTable) {
        let digest = Digest.ofAllScalars { table.traits($0).rawValue }
        #expect(digest == UnicodeFixture.digest("traits.\(name)"))
    }

    @Test(arguments: tables)
    func asciiIsTheStartOfTheTable(name: String, table: ScalarTable) {
        for scalar in 0..<UInt32(128) {
            #expect(table.ascii[Int(scalar)] == table.traits(scalar).rawValue)
        }
    }

    @Test(arguments: tables)
    func knowsWellKnownScalars(name: String, table: ScalarTable) {
        #expect(table.traits(0x41) == .upper)
        #expect(table.traits(0xdf) == .lower)
        #expect(table.traits(0x1c5) == .upper)  // Lt
        #expect(table.traits(0x4e2d) == [.otherLetter, .han])
        #expect(table.traits(0x3007) == [.number, .han])
        #expect(table.traits(0x301) == .mark)
        #expect(table.traits(0x85) == .space)
        #expect(table.traits(0x3000) == .space)
        #expect(table.traits(0x180e) == [])
        #expect(table.traits(0x200b) == [])
        #expect(table.traits(0x2028) == .space)
        #expect(table.traits(0x24) == .punctuationOrSymbol)
    }

    @Test(arguments: tables)
    func numbersThatAreNoScalarsHaveNoTraits(name: String, table: ScalarTable) {
        for number: UInt32 in [0xd800, 0xdfff, 0x10ffff, 0x110000, 0x8000_0000, .max] {
            #expect(table.traits(number) == [])
        }
    }

    @Test func versionsDiffer() {
        // Latin letters that came with Unicode 17.
        #expect(ScalarTable.oniguruma.traits(0xa7ce) == [])
        #expect(ScalarTable.newest.traits(0xa7ce) == .upper)
    }
}
