internal import SMGBase
internal import SMGJSON

/// Where tokenizers come from: directories of models, single files, bytes.
extension Tokenizer {
    /// Loads the tokenizer at `path`: a directory of a model or one file of a supported format. Reads local files only.
    package static func load(
        path: String, options: TokenizerOptions = TokenizerOptions()
    ) throws(TokenizerError) -> Tokenizer {
        if let directory = try ModelDirectory(at: path) { return try load(directory, options) }
        let bytes = try ModelDirectory.read(path, limit: TokenizerLimits.fileBytes)
        // What lies beside the file counts as it would for the directory.
        let configuration =
            try siblings(of: path).map { directory throws(TokenizerError) in try ModelConfiguration(directory) }
            ?? ModelConfiguration()
        return try naming(path) { () throws(TokenizerError) in
            try bytes.withBytes { bytes throws(TokenizerError) in
                try load(bytes, name: String(path.split(separator: "/").last ?? ""), configuration, options)
            }
        }
    }

    /// Loads from memory: the bytes of a tokenizer.json, a tekken.json, a rank file or a SentencePiece model, told apart
    /// by their content.
    package static func load(
        bytes: UnsafeRawBufferPointer, options: TokenizerOptions = TokenizerOptions()
    ) throws(TokenizerError) -> Tokenizer {
        try load(bytes, name: "", ModelConfiguration(), options)
    }

    private static func load(
        _ bytes: UnsafeRawBufferPointer, name: String, _ configuration: ModelConfiguration, _ options: TokenizerOptions
    ) throws(TokenizerError) -> Tokenizer {
        switch SourceFormat(of: bytes) {
        // The name first: to tell the members apart, the whole file must be read.
        case .json where bytes.firstIndex(of: "default_vocab_size") != nil && TekkenFile.isOne(bytes):
            return try tekken(bytes, configuration, options)
        case .json: return try huggingFace(bytes, configuration, options)
        case .ranks: return try rankFile(bytes, name: name, configuration, options)
        case .sentencePiece: return try sentencePiece(bytes, configuration, options)
        case .gguf: throw TokenizerError(.unknownFormat, "a GGUF file: its tokenizer cannot be read")
        case .unknown:
            throw TokenizerError(.unknownFormat, "neither JSON nor a rank file nor a SentencePiece model")
        }
    }

    private static func load(
        _ directory: ModelDirectory, _ options: TokenizerOptions
    ) throws(TokenizerError) -> Tokenizer {
        let configuration = try ModelConfiguration(directory)
        let hasMerges = directory.has("vocab.json") && directory.has("merges.txt")
        if !directory.has("tokenizer.json"), hasMerges, isQwen(configuration) {
            return try qwen(directory, configuration, options)
        }
        let names = directory.names
        let name =
            ["tokenizer.json", "tiktoken.model"].first(where: directory.has)
            ?? names.first { $0.hasSuffix(".tiktoken") }
            ?? ["tekken.json", "tokenizer.model"].first(where: directory.has)
            ?? (hasMerges
                ? nil : names.first { $0.hasSuffix(".model") || $0.hasPrefix("tekken") && $0.hasSuffix(".json") })
        guard let name else {
            if hasMerges { return try qwen(directory, configuration, options) }
            throw TokenizerError(.unknownFormat, "\(directory.path) holds no tokenizer file")
        }
        let bytes = try ModelDirectory.read(directory.filePath(name), limit: TokenizerLimits.fileBytes)
        return try naming(directory.filePath(name)) { () throws(TokenizerError) in
            try bytes.withBytes { bytes throws(TokenizerError) in try load(bytes, name: name, configuration, options) }
        }
    }

    private static func qwen(
        _ directory: ModelDirectory, _ configuration: ModelConfiguration, _ options: TokenizerOptions
    ) throws(TokenizerError) -> Tokenizer {
        let vocabulary = try ModelDirectory.read(directory.filePath("vocab.json"), limit: TokenizerLimits.fileBytes)
        let merges = try ModelDirectory.read(directory.filePath("merges.txt"), limit: TokenizerLimits.fileBytes)
        return try naming(directory.path) { () throws(TokenizerError) in
            try qwen(vocabulary: vocabulary, merges: merges, configuration, options)
        }
    }

    /// Puts the path in front of an error's message.
    static func naming<Result>(
        _ path: String, _ body: () throws(TokenizerError) -> Result
    ) throws(TokenizerError) -> Result {
        do throws(TokenizerError) { return try body() } catch {
            throw TokenizerError(error.code, "\(path): \(error.message)")
        }
    }

    /// The directory that the file at `path` lies in.
    private static func siblings(of path: String) throws(TokenizerError) -> ModelDirectory? {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return try ModelDirectory(at: ".") }
        let directory = String(path[..<slash])
        return try ModelDirectory(at: directory.isEmpty ? "/" : directory)
    }
}

// MARK: - Formats

extension Tokenizer {
    private static func huggingFace(
        _ bytes: UnsafeRawBufferPointer, _ configuration: ModelConfiguration, _ options: TokenizerOptions
    ) throws(TokenizerError) -> Tokenizer {
        try pipeline(try TokenizerFile.read(bytes), configuration, options)
    }

    static func pipeline(
        _ parts: PipelineParts, _ configuration: ModelConfiguration, _ options: TokenizerOptions
    ) throws(TokenizerError) -> Tokenizer {
        var parts = parts
        if !options.honoursTruncationAndPadding {
            parts.truncation = nil
            parts.padding = nil
        }
        try parts.surround(configuration)
        let pipeline = try Pipeline(parts)
        return Tokenizer(
            kind: .huggingFace, engine: .pipeline(pipeline),
            decoder: try TokenDecoder(parts.decoder, pipeline.table), configuration: configuration, options: options)
    }

    private static func sentencePiece(
        _ bytes: UnsafeRawBufferPointer, _ configuration: ModelConfiguration, _ options: TokenizerOptions
    ) throws(TokenizerError) -> Tokenizer {
        let model = try SentencePieceModel(bytes)
        return Tokenizer(
            kind: .sentencePiece, engine: .sentencePiece(SentencePieceEngine(model, configuration)),
            decoder: try TokenDecoder(model), configuration: configuration, options: options)
    }
}

extension PipelineParts {
    /// Follows `add_bos_token` and `add_eos_token` of a tokenizer_config.json: either of them on puts a template with
    /// bos and eos in the place of the post-processor. Bos alone being off changes nothing.
    fileprivate mutating func surround(_ configuration: ModelConfiguration) throws(TokenizerError) {
        let addsEOS = configuration.addsEOS ?? false
        guard addsEOS || configuration.addsBOS == true else { return }
        let addsBOS = configuration.addsBOS ?? (postProcessor.addedCount > 0)
        let table = TokenTable(model.vocabulary, added)
        let tokens = SpecialTokens(configuration, additional: []) { table.id(of: Array($0.utf8)) }
        var pieces: [PostProcessor.TemplatePiece] = []
        if addsBOS, let bos = tokens.bos?.id { pieces.append(.special([bos])) }
        pieces.append(.sequence(0))
        if addsEOS, let eos = tokens.eos?.id { pieces.append(.special([eos])) }
        postProcessor = try PostProcessor([.template(single: pieces, pair: pieces)])
    }
}
