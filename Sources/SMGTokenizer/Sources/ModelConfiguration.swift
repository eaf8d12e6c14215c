internal import SMGBase
internal import SMGJSON

/// What the files beside a tokenizer say: tokenizer_config.json, special_tokens_map.json, config.json,
/// generation_config.json and chat templates.
struct ModelConfiguration: Sendable {
    /// What a file says about a token with a part.
    enum Named: Sendable, Equatable {
        /// Nothing: the vocabulary may be asked.
        case absent
        /// That there is none.
        case none
        case text(String)
    }

    /// Tokens by their names in the files ("bos_token").
    var tokens: [String: Named] = [:]
    var addsBOS: Bool?
    var addsEOS: Bool?
    /// Whether a space goes in front of every text (models made of vocab.json and merges.txt).
    var addsPrefixSpace: Bool?
    /// Name of the tokenizer's class.
    var tokenizerClass: String?
    /// Added tokens with the ids the file declares, ascending.
    var addedTokens: [(id: UInt32, token: AddedToken)] = []
    /// Ids that end a generation, ascending.
    var eosIDs: [UInt32] = []
    /// Type of the model, from config.json.
    var modelType: String?
    /// Whether tokenizer_config.json names code of Kimi's tokenizer.
    var namesKimi = false
    /// Named chat templates in their order; one without a name is "default".
    var templates: [(name: String, source: String)] = []

    static let tokenNames = [
        "bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token",
    ]

    init() {}

    /// Reads the files that are in `directory`; a file that is malformed is an error with its path.
    init(_ directory: ModelDirectory) throws(TokenizerError) {
        try Self.withJSON(directory, "tokenizer_config.json") { file throws(TokenizerError) in
            try readTokenizerConfig(file)
        }
        try Self.withJSON(directory, "special_tokens_map.json") { file throws(TokenizerError) in
            for name in Self.tokenNames where tokens[name, default: .absent] == .absent {
                tokens[name] = try Self.named(name, file)
            }
        }
        var ids: Set<UInt32> = []
        try Self.withJSON(directory, "config.json") { file throws(TokenizerError) in
            ids.formUnion(try Self.eosIDs(file))
            modelType = file.member("model_type")?.value.string
        }
        try Self.withJSON(directory, "generation_config.json") { file throws(TokenizerError) in
            ids.formUnion(try Self.eosIDs(file))
        }
        eosIDs = ids.sorted()
        try readTemplateFiles(directory)
    }

    /// Calls `body` with the object in file `name`, if the file is there.
    private static func withJSON(
        _ directory: ModelDirectory, _ name: String, _ body: (JSONPlace) throws(TokenizerError) -> Void
    ) throws(TokenizerError) {
        guard let bytes = try directory.read(name) else { return }
        try bytes.withBytes { bytes throws(TokenizerError) in
            let value: JSONSlice
            do throws(JSONError) { value = try JSONSlice(parsing: bytes) } catch {
                throw TokenizerError(.malformed, "\(directory.filePath(name)): \(error.message)")
            }
            try body(try JSONPlace(value, "\(name):").object())
        }
    }

    private mutating func readTokenizerConfig(_ file: JSONPlace) throws(TokenizerError) {
        for name in Self.tokenNames { tokens[name] = try Self.named(name, file) }
        addsBOS = file.member("add_bos_token")?.value.bool
        addsEOS = file.member("add_eos_token")?.value.bool
        addsPrefixSpace = file.member("add_prefix_space")?.value.bool
        tokenizerClass = file.member("tokenizer_class")?.value.string
        namesKimi = file.value.bytes.firstIndex(of: "tokenization_kimi") != nil && Self.mentionsKimi(file.value)
        if let template = file.member("chat_template") { try readTemplates(template) }
        guard let added = file.member("added_tokens_decoder") else { return }
        for (key, value) in try added.object().value.members {
            let place = JSONPlace(value, "\(added.path).\(key.string)")
            guard let id = UInt32(key.string), id < TokenizerLimits.maximumID else {
                throw place.malformed("is not under a token id")
            }
            addedTokens.append((id, try Self.addedToken(place)))
        }
        addedTokens.sort { $0.id < $1.id }
    }

    /// A token of `added_tokens_decoder`; flags that are absent are off, `normalized` is then the opposite of `special`.
    private static func addedToken(_ place: JSONPlace) throws(TokenizerError) -> AddedToken {
        var token = AddedToken(content: try place.required("content").bytes())
        token.isSingleWord = try place.bool("single_word", default: false)
        token.stripsLeft = try place.bool("lstrip", default: false)
        token.stripsRight = try place.bool("rstrip", default: false)
        token.isSpecial = try place.bool("special", default: false)
        token.isNormalized = try place.bool("normalized", default: !token.isSpecial)
        return token
    }

    /// Whether a string in `value` has `tokenization_kimi` among its parts between dots.
    private static func mentionsKimi(_ value: JSONSlice) -> Bool {
        switch value.kind {
        case .string: value.string?.split(separator: ".").contains("tokenization_kimi") ?? false
        case .array: value.elements.contains(where: mentionsKimi)
        case .object: value.members.contains { mentionsKimi($0.value) }
        default: false
        }
    }

    /// A token given as a string or as an object with its content.
    private static func named(_ name: String, _ file: JSONPlace) throws(TokenizerError) -> Named {
        var found = Named.absent
        for (key, value) in file.value.members where key.string == name {
            let place = JSONPlace(value, "\(file.path) \(name)")
            if value.isNull {
                found = .none
            } else if value.kind == .object {
                found = .text(try place.required("content").string())
            } else {
                found = .text(try place.string())
            }
        }
        return found
    }

    private static func eosIDs(_ file: JSONPlace) throws(TokenizerError) -> [UInt32] {
        guard let place = file.member("eos_token_id") else { return [] }
        guard place.value.kind == .array else { return [try place.id()] }
        var ids: [UInt32] = []
        for place in try place.elements() { ids.append(try place.id()) }
        return ids
    }
}

// MARK: - Chat templates

extension ModelConfiguration {
    /// One template, or an array of named ones.
    private mutating func readTemplates(_ place: JSONPlace) throws(TokenizerError) {
        templates = []
        guard place.value.kind == .array else {
            templates = [("default", try place.string())]
            return
        }
        for place in try place.elements() {
            templates.append((try place.required("name").string(), try place.required("template").string()))
        }
    }

    /// Template files go before tokenizer_config.json: chat_template.json, then chat_template.jinja, then any other.
    private mutating func readTemplateFiles(_ directory: ModelDirectory) throws(TokenizerError) {
        if directory.has("chat_template.json") {
            guard let bytes = try directory.read("chat_template.json", limit: ModelDirectory.templateBytes) else {
                return
            }
            try bytes.withBytes { bytes throws(TokenizerError) in
                let value: JSONSlice
                do throws(JSONError) { value = try JSONSlice(parsing: bytes) } catch {
                    throw TokenizerError(.malformed, "\(directory.filePath("chat_template.json")): \(error.message)")
                }
                let place = JSONPlace(value, "chat_template.json")
                try readTemplates(value.kind == .object ? try place.required("chat_template") : place)
            }
            return
        }
        let others = directory.names.filter { $0.hasSuffix(".jinja") }
        guard let name = others.first(where: { $0 == "chat_template.jinja" }) ?? others.first,
            let bytes = try directory.read(name, limit: ModelDirectory.templateBytes)
        else { return }
        templates = [("default", String(decoding: bytes, as: UTF8.self))]
    }
}
