// Reasoning parsers, alone and before a tool-call parser. AnswerCorpusTests replays the corpus in every test run.
//
// fuzz: room SMGParsers
// fuzz: with Tests/SMGParsersTests/Reasoning/ReasoningProperties.swift

/// The first property `input` violates; nil when all hold.
func violation(_ input: [UInt8]) -> String? { ReasoningProperties.violation(input) }
