import SMGBase
import Testing

@testable import SMGParsers

/// The formats written in tags, against their fixtures.
@Suite struct MarkupFormatTests {
    static let names = ToolParserRegistry.markupEntries.map(\.name)
    static let fixtures = names.flatMap { ParserFixture.load($0) }

    @Test(arguments: names) func everyFormatHasFixtures(_ name: String) {
        #expect(Self.fixtures.contains { $0.parser == name })
    }

    @Test(arguments: fixtures) func fixture(_ fixture: ParserFixture) throws {
        let entry = try #require(ToolParserRegistry.entry(named: fixture.parser))
        let events = SplitCheck.events(Array(fixture.input.utf8)) { entry.make(fixture.options) }
        let answer = try #require(ParsedAnswer(events), "\(events)")
        #expect(answer.content == fixture.content)
        #expect(answer.calls == fixture.calls)
        if let order = fixture.order { #expect(answer.order == order) }
    }

    @Test(arguments: fixtures) func everySplitIsEqual(_ fixture: ParserFixture) throws {
        let entry = try #require(ToolParserRegistry.entry(named: fixture.parser))
        let violation = SplitCheck.violation(Array(fixture.input.utf8)) { entry.make(fixture.options) }
        #expect(violation == nil)
    }
}
