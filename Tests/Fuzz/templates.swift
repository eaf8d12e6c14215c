// Chat templates: the bytes are compiled and rendered over a small conversation. FuzzCorpusTests of SMGTemplateTests
// replays the corpus in every test run.
//
// fuzz: room SMGTemplate
// fuzz: with Tests/SMGTemplateTests/TemplateProperties.swift

/// The first property `input` violates; nil when all hold.
func violation(_ input: [UInt8]) -> String? { TemplateProperties.violation(input) }
