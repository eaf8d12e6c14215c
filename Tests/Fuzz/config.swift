// The readers of configurations. ConfigurationCorpusTests replays the corpus in every test run.
//
// fuzz: room SMGConfig
// fuzz: with Tests/SMGConfigTests/ConfigurationProperty.swift

/// The first property `input` violates; nil when all hold.
func violation(_ input: [UInt8]) -> String? { ConfigurationProperty.violation(input) }
