import SMGBase
import SMGJSON
import SMGParsers
import Testing

/// Every fixture of every tool-call parser in the registry.
@Suite struct ToolParserFixtureTests {
    static let fixtures = ToolParserRegistry.entries.flatMap { ParserFixture.load($0.name) }

    private func make(_ fixture: ParserFixture) -> StreamParser {
        ToolParserRegistry.entry(configured: fixture.parser, model: "").make(fixture.options)
    }

    @Test func everyParserHasFixtures() {
        for entry in ToolParserRegistry.entries { #expect(!ParserFixture.load(entry.name).isEmpty, "\(entry.name)") }
    }

    @Test(arguments: fixtures) func parses(fixture: ParserFixture) throws {
        let events = SplitCheck.events(Array(fixture.input.utf8)) { make(fixture) }
        let answer = try #require(ParsedAnswer(events), "\(events)")
        #expect(answer.content == fixture.content)
        #expect(answer.calls.map(\.name) == fixture.calls.map(\.name))
        for (found, wanted) in zip(answer.calls, fixture.calls) {
            #expect(found.arguments == wanted.arguments)
            #expect(found.complete == wanted.complete)
            #expect(found.id == wanted.id)
            #expect(!found.complete || isObject(found.arguments))
        }
        if let order = fixture.order { #expect(answer.order == order) }
    }

    @Test(arguments: fixtures) func isTheSameInPieces(fixture: ParserFixture) {
        #expect(SplitCheck.violation(Array(fixture.input.utf8)) { make(fixture) } == nil)
    }

    /// Cut anywhere, an answer is still parsed by the rules, in pieces too.
    @Test(arguments: fixtures) func survivesBeingCut(fixture: ParserFixture) {
        let bytes = Array(fixture.input.utf8)
        for length in stride(from: 0, to: bytes.count, by: 1 + bytes.count / 60) {
            let cut = Array(bytes[..<length])
            let whole = SplitCheck.events(cut) { make(fixture) }
            #expect(ParsedAnswer(whole) != nil)
            #expect(SplitCheck.events(cut, cuts: Array(0..<length)) { make(fixture) } == whole)
            for case .toolCallEnd(let index, true) in whole {
                #expect(isObject(ParsedAnswer(whole)?.calls[index].arguments ?? ""))
            }
        }
    }

    private func isObject(_ json: String) -> Bool {
        Array(json.utf8).withUnsafeBytes { (try? JSONSlice(parsing: $0))?.kind == .object }
    }
}
