// The JSON reader and what reads requests with it. JSONCorpusTests and RequestCorpusTests replay the corpus in every
// test run.
//
// fuzz: room SMGProtocols
// fuzz: with Tests/SMGJSONTests/JSONProperties.swift Tests/SMGProtocolsTests/RequestProperties.swift

/// The first property `input` violates; nil when all hold.
func violation(_ input: [UInt8]) -> String? {
    input.withUnsafeBytes { JSONProperties.violation($0) ?? RequestProperties.violation($0) }
}
