internal import SMGBase
internal import SMGJSON
internal import SMGUnicode

/// Qwen 2 and later from vocab.json and merges.txt, which say nothing of the pipeline: it is that of the model's class.
extension Tokenizer {
    /// Whether the class of `configuration` is one whose pipeline is known.
    static func isQwen(_ configuration: ModelConfiguration) -> Bool {
        configuration.tokenizerClass == "Qwen2Tokenizer" || configuration.tokenizerClass == "Qwen2TokenizerFast"
    }

    /// Lines of a merges.txt. Real files have about 151,000.
    private static let maximumMerges = 1 << 22

    static func qwen(
        vocabulary file: [UInt8], merges lines: [UInt8], _ configuration: ModelConfiguration,
        _ options: TokenizerOptions
    ) throws(TokenizerError) -> Tokenizer {
        guard isQwen(configuration) else {
            throw TokenizerError(
                .unsupportedComponent,
                "vocab.json and merges.txt of the class \(configuration.tokenizerClass ?? "(none)"), only Qwen2Tokenizer is known"
            )
        }
        let vocabulary = try file.withBytes { bytes throws(TokenizerError) in
            let document: JSONSlice
            do throws(JSONError) { document = try JSONSlice(parsing: bytes) } catch {
                throw TokenizerError(.malformed, "vocab.json: \(error.message)")
            }
            return try VocabularyReader.vocabulary(JSONPlace(document, "vocab.json"))
        }
        var merges = MergeList(vocabulary: vocabulary, expected: vocabulary.count)
        try lines.withBytes { bytes throws(TokenizerError) in try read(bytes, into: &merges) }
        let model = try BytePairModel(vocabulary: vocabulary, merges: merges, options: BytePairModel.Options())

        var added = AddedVocabulary(modelCount: vocabulary.count)
        for (id, token) in configuration.addedTokens {
            try added.add(token, modelID: token.content.withUnsafeBytes { vocabulary.id(of: $0) })
            guard added.id(of: token.content) == id else {
                throw TokenizerError(.malformed, "tokenizer_config.json: added token \(id) comes out with another id")
            }
        }
        var steps: [PreTokenizer.Step] = [.scan(PieceScanner(.qwen2))]
        if configuration.addsPrefixSpace ?? false { steps.append(.prefixSpace) }
        let parts = PipelineParts(
            model: .bytePair(model, vocabulary), added: added,
            normalizer: TextNormalizer(steps: [.unicode(Normalizer(.nfc))]), preTokenizer: PreTokenizer(steps: steps),
            postProcessor: try PostProcessor([]), truncation: nil, padding: nil, decoder: [.byteLevel])
        return try pipeline(parts, configuration, options)
    }

    /// Reads lines of two tokens; the first line may name a version.
    private static func read(_ bytes: UnsafeRawBufferPointer, into merges: inout MergeList) throws(TokenizerError) {
        var at = 0
        var isFirst = true
        while at < bytes.count {
            let end = bytes.firstIndex(of: UInt8(ascii: "\n"), from: at) ?? bytes.count
            var line = bytes.slice(at..<end)
            if line.last == UInt8(ascii: "\r") { line = line.slice(0..<line.count - 1) }
            at = end + 1
            defer { isFirst = false }
            if line.isEmpty || isFirst && line.hasPrefix("#version") { continue }
            guard merges.count < maximumMerges else {
                throw TokenizerError(.limit, "merges.txt: more than \(maximumMerges) merges")
            }
            try merges.add(line: line)
        }
    }
}
