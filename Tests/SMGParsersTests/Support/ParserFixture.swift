import SMGBase
import SMGJSON
import SMGParsers
import Testing

/// One case of `Tests/Fixtures/parsers/<parser>/*.json`: an answer, and what is to come out of it.
///
/// A file is `{"cases": [...]}`, with `tools` beside it where all cases share them. A case has `name` and `input`;
/// `tools` and `unknown` ("content") when they matter; `content`, `reasoning` and `calls` (`name`, `arguments`, and where they matter `id`, `complete`: true unless said).
/// `order`, a string of `c`, `r` and `t`, says in which order content, reasoning and calls come, where that matters.
struct ParserFixture: Sendable, CustomTestStringConvertible {
    let parser: String
    let name: String
    let input: String
    let options: ToolParserOptions
    let content: String
    let reasoning: String
    let calls: [ParsedCall]
    let order: String?

    var testDescription: String { "\(parser): \(name)" }

    /// Every case of one parser.
    static func load(_ parser: String) -> [ParserFixture] {
        let folder = "Fixtures/parsers/\(parser)"
        return TestFiles.names(in: folder).filter { $0.hasSuffix(".json") }.flatMap { file -> [ParserFixture] in
            do {
                return try read(TestFiles.bytes("\(folder)/\(file)"), parser: parser)
            } catch {
                fatalError("\(folder)/\(file): \(error)")
            }
        }
    }

    private static func read(_ bytes: [UInt8], parser: String) throws -> [ParserFixture] {
        try bytes.withUnsafeBytes { bytes in
            let document = try JSONSlice(parsing: bytes)
            return document["cases"]?.elements.map { item in
                var options = ToolParserOptions()
                if let tools = item["tools"] ?? document["tools"] { options.tools = ToolSet(json: tools) }
                if item["unknown"]?.string == "content" { options.unknownTools = .asContent }
                let calls = item["calls"]?.elements.map { call in
                    ParsedCall(
                        name: call["name"]?.string ?? "", arguments: call["arguments"]?.string ?? "",
                        id: call["id"]?.string, complete: call["complete"]?.bool ?? true)
                }
                return ParserFixture(
                    parser: parser, name: item["name"]?.string ?? "", input: item["input"]?.string ?? "",
                    options: options, content: item["content"]?.string ?? "",
                    reasoning: item["reasoning"]?.string ?? "", calls: calls ?? [], order: item["order"]?.string)
            } ?? []
        }
    }
}
