// Stop strings in a text that arrives in pieces. FuzzCorpusTests of SMGTokenizerTests replays the corpus in every test
// run.
//
// fuzz: room SMGTokenizer
// fuzz: with Tests/SMGTokenizerTests/Streaming/StopProperties.swift

/// The first property `input` violates; nil when all hold.
func violation(_ input: [UInt8]) -> String? { StopProperties.violation(input) }
