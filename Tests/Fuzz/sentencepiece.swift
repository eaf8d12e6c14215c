// SentencePiece models: loads the bytes, then encodes and decodes short texts. SentencePieceModelTests replays the
// corpus in every test run.
//
// fuzz: room SMGTokenizer
// fuzz: with Tests/SMGTokenizerTests/SentencePiece/SentencePieceProperties.swift

/// The first property `input` violates; nil when all hold.
func violation(_ input: [UInt8]) -> String? { SentencePieceProperties.violation(input) }
