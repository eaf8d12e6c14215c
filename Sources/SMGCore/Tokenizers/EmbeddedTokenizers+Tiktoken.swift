package import SMGTokenizer

extension EmbeddedTokenizers {
    /// A tiktoken rank file with the pattern and special tokens of a known encoding, or with those given.
    package static func fromTiktoken(
        path: String, pattern: String, specialTokens: [(String, UInt32)]?
    ) throws(TokenizerError) -> Tokenizer {
        try Tokenizer.load(tiktoken: path, pattern: pattern, specialTokens: specialTokens)
    }
}
