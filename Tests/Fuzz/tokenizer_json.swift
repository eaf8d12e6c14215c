// Tokenizer files: loads the bytes, then encodes and decodes short texts. TokenizerFileCorpusTests replays the corpus in
// every test run.
//
// fuzz: room SMGTokenizer
// fuzz: with Tests/SMGTokenizerTests/HuggingFace/TokenizerFileProperties.swift

/// The first property `input` violates; nil when all hold.
func violation(_ input: [UInt8]) -> String? { input.withUnsafeBytes { TokenizerFileProperties.violation($0) } }
