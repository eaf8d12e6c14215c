import SMGBase
import SMGJSON
import SMGParsers
import Testing

/// One case of `Tests/Fixtures/reasoning/NAME.json`, made by scripts/gen-reasoning-fixtures.
struct ReasoningFixture: Sendable, CustomTestStringConvertible {
    let parser: String
    let name: String
    let input: [UInt8]
    let started: Bool
    let reasoning: String
    let content: String
    let order: String

    var testDescription: String { "\(parser): \(name)" }

    static let all: [ReasoningFixture] = TestFiles.names(in: "Fixtures/reasoning").flatMap { file in
        do {
            return try read(file)
        } catch {
            fatalError("\(file): \(error)")
        }
    }

    private static func read(_ file: String) throws -> [ReasoningFixture] {
        try TestFiles.bytes("Fixtures/reasoning/\(file)").withUnsafeBytes { bytes in
            let document = try JSONSlice(parsing: bytes)
            return document["cases"]?.elements.map { item in
                ReasoningFixture(
                    parser: String(file.dropLast(".json".count)), name: item["name"]?.string ?? "",
                    input: Array((item["input"]?.string ?? "").utf8), started: item["started"]?.bool ?? false,
                    reasoning: item["reasoning"]?.string ?? "", content: item["content"]?.string ?? "",
                    order: item["order"]?.string ?? "")
            } ?? []
        }
    }

    /// A new parser for the case.
    func make(streams: Bool = true) -> StreamParser {
        let entry = ReasoningRegistry.entry(named: parser)!
        return AnswerParser.make(
            reasoning: entry.make(ReasoningOptions(started: started, streams: streams)), tools: nil)
    }
}
