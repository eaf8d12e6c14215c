// The parser of Harmony answers. AnswerCorpusTests replays the corpus in every test run.
//
// fuzz: room SMGParsers
// fuzz: with Tests/SMGParsersTests/Harmony/HarmonyProperties.swift

/// The first property `input` violates; nil when all hold.
func violation(_ input: [UInt8]) -> String? { HarmonyProperties.violation(input) }
