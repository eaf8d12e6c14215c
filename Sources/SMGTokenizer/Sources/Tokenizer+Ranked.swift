internal import SMGBase
internal import SMGJSON

/// Tokenizers of ranks: tiktoken's files and tekken.json.
extension Tokenizer {
    /// Loads a rank file with the pattern that cuts texts (`pattern`: an expression, or the name of a built-in encoding
    /// such as "cl100k_base") and its special tokens; nil for those of the encoding, which a bare expression has not.
    package static func load(
        tiktoken path: String, pattern: String, specialTokens: [(String, UInt32)]? = nil,
        options: TokenizerOptions = TokenizerOptions()
    ) throws(TokenizerError) -> Tokenizer {
        let bytes = try ModelDirectory.read(path, limit: TokenizerLimits.fileBytes)
        return try naming(path) { () throws(TokenizerError) in
            let ranks = try bytes.withBytes { bytes throws(TokenizerError) in try RankFile.vocabulary(bytes) }
            let encoding = BuiltInEncoding(rawValue: pattern)
            let specials = specialTokens.map { $0.map { RankedSource.Special($0.0, $0.1) } }
            var source = RankedSource(
                ranks: ranks, pattern: encoding?.pattern ?? pattern, specials: specials ?? encoding?.specials ?? [])
            if let encoding, specials == nil { source = encoding.source(ranks: ranks) }
            for special in source.specials where special.id >= TokenizerLimits.maximumID {
                throw TokenizerError(.limit, "special token id \(special.id)")
            }
            return try ranked(
                source, kind: .tiktoken, ModelConfiguration(), options, vocabularySize: encoding?.shownVocabularySize)
        }
    }

    /// The built-in encoding of an OpenAI model's name, with the rank file where `environment` says files are kept. Nil
    /// for other names; `sourceNotFound` where no file is there.
    package static func load(
        openAIModel name: String, environment: (String) -> String?, options: TokenizerOptions = TokenizerOptions()
    ) throws(TokenizerError) -> Tokenizer? {
        guard let encoding = BuiltInEncoding(modelName: name) else { return nil }
        let paths = encoding.rankFilePaths(environment)
        for path in paths {
            do throws(TokenizerError) {
                return try load(tiktoken: path, pattern: encoding.rawValue, options: options)
            } catch {
                if error.code != .sourceNotFound { throw error }
            }
        }
        throw TokenizerError(
            .sourceNotFound,
            "no rank file for \(encoding.rawValue): set TIKTOKEN_ENCODINGS_BASE to the directory that has it")
    }

    /// A rank file of a model's directory: Kimi's and Llama's patterns are known by the files, others are GPT-4's.
    static func rankFile(
        _ bytes: UnsafeRawBufferPointer, name: String, _ configuration: ModelConfiguration, _ options: TokenizerOptions
    ) throws(TokenizerError) -> Tokenizer {
        let ranks = try RankFile.vocabulary(bytes)
        let named = configuration.addedTokens.map { RankedSource.Special(text: $0.token.content, id: $0.id) }
        var source: RankedSource
        var shown: Int?
        if configuration.isKimi {
            source = .kimi(ranks: ranks, named: named)
        } else if let encoding = BuiltInEncoding.allCases.first(where: { $0.rankFileName == name }), named.isEmpty {
            source = encoding.source(ranks: ranks)
            shown = encoding.shownVocabularySize
        } else if named.isEmpty, let llama = RankedSource.llama(ranks: ranks) {
            source = llama
        } else {
            source = RankedSource(ranks: ranks, pattern: RankedSource.cl100kPattern, specials: named)
        }
        return try ranked(source, kind: .tiktoken, configuration, options, vocabularySize: shown)
    }

    /// A tekken.json.
    static func tekken(
        _ bytes: UnsafeRawBufferPointer, _ configuration: ModelConfiguration, _ options: TokenizerOptions
    ) throws(TokenizerError) -> Tokenizer {
        try ranked(try TekkenFile.read(bytes), kind: .tekken, configuration, options, vocabularySize: nil)
    }

    private static func ranked(
        _ source: RankedSource, kind: Kind, _ configuration: ModelConfiguration, _ options: TokenizerOptions,
        vocabularySize: Int?
    ) throws(TokenizerError) -> Tokenizer {
        var configuration = configuration
        let defaults = [
            ("bos_token", source.bos), ("eos_token", source.eos),
            ("pad_token", vocabularySize == nil ? nil : source.eos),
        ]
        for (name, token) in defaults where configuration.tokens[name, default: .absent] == .absent {
            configuration.tokens[name] = token.map { .text($0) }
        }
        let engine = try RankedEngine(source, addsBOS: kind == .tekken, vocabularySize: vocabularySize)
        return Tokenizer(
            kind: kind, engine: .ranked(engine), decoder: try engine.makeDecoder(), configuration: configuration,
            options: options)
    }
}

extension BuiltInEncoding {
    /// The vocabulary size that the reference shows; not the highest id + 1 for each.
    fileprivate var shownVocabularySize: Int {
        switch self {
        case .r50kBase: 50_257
        case .p50kBase, .p50kEdit: 50_281
        case .cl100kBase: 100_256
        case .o200kBase: 200_019
        case .o200kHarmony: 201_088
        }
    }
}

extension ModelConfiguration {
    /// Whether the model is one of Kimi's.
    var isKimi: Bool { namesKimi || ["kimi_k2", "kimi_k25", "kimi_k3"].contains(modelType) }
}
