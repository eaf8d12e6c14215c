// The tool-call parsers. ToolParserPropertyTests replays the corpus in every test run.
//
// fuzz: room SMGParsers
// fuzz: with Tests/SMGParsersTests/{ToolParserProperties,Support/ParsedAnswer,Support/SplitCheck}.swift

/// The first property `input` violates; nil when all hold.
func violation(_ input: [UInt8]) -> String? { ToolParserProperties.violation(input) }
