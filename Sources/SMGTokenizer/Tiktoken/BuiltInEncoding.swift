internal import SMGBase

/// The encodings of OpenAI's models. Their patterns and special tokens are built in; the ranks come from a file.
package enum BuiltInEncoding: String, Sendable, CaseIterable {
    case r50kBase = "r50k_base"
    case p50kBase = "p50k_base"
    case p50kEdit = "p50k_edit"
    case cl100kBase = "cl100k_base"
    case o200kBase = "o200k_base"
    case o200kHarmony = "o200k_harmony"

    /// The tokenizer of this encoding with the ranks of its file.
    package func source(ranks: Vocabulary) -> RankedSource {
        var source = RankedSource(ranks: ranks, pattern: pattern, specials: specials)
        source.bos = "<|endoftext|>"
        source.eos = "<|endoftext|>"
        return source
    }

    /// The expression that cuts texts, as tiktoken spells it.
    package var pattern: String {
        switch self {
        case .r50kBase, .p50kBase, .p50kEdit:
            #"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"#
        case .cl100kBase:
            #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]"#
                + #"|\s+(?!\S)|\s"#
        case .o200kBase, .o200kHarmony: RankedSource.o200kPattern
        }
    }

    /// The special tokens with their ids.
    package var specials: [RankedSource.Special] {
        typealias Special = RankedSource.Special
        switch self {
        case .r50kBase, .p50kBase: return [Special("<|endoftext|>", 50256)]
        case .p50kEdit:
            return [
                Special("<|endoftext|>", 50256), Special("<|fim_prefix|>", 50281), Special("<|fim_middle|>", 50282),
                Special("<|fim_suffix|>", 50283),
            ]
        case .cl100kBase:
            return [
                Special("<|endoftext|>", 100257), Special("<|fim_prefix|>", 100258), Special("<|fim_middle|>", 100259),
                Special("<|fim_suffix|>", 100260), Special("<|endofprompt|>", 100276),
            ]
        case .o200kBase: return [Special("<|endoftext|>", 199999), Special("<|endofprompt|>", 200018)]
        case .o200kHarmony: return Self.harmonySpecials
        }
    }

    /// gpt-oss: named tokens, and reserved ones in all ids between and up to 201087. The id 200018 has two names.
    private static var harmonySpecials: [RankedSource.Special] {
        let names: [UInt32: String] = [
            199998: "startoftext", 199999: "endoftext", 200002: "return", 200003: "constrain", 200005: "channel",
            200006: "start", 200007: "end", 200008: "message", 200012: "call",
        ]
        var specials = (199998..<201088).map { id in
            RankedSource.Special("<|\(names[id] ?? "reserved_\(id)")|>", id)
        }
        specials.append(RankedSource.Special("<|endofprompt|>", 200018))
        return specials
    }
}

// MARK: - Finding one

extension BuiltInEncoding {
    /// The encoding of an OpenAI model, by the last part of its name; nil for names of other models ("gpt-oss" too:
    /// its tokenizer comes with the model).
    package init?(modelName: String) {
        let name = modelName.split(separator: "/").last.map(String.init) ?? modelName
        if let encoding = BuiltInEncoding(rawValue: name) {
            self = encoding
            return
        }
        func begins(_ prefixes: String...) -> Bool { prefixes.contains { name.hasPrefix($0) } }
        func digit(_ offset: Int) -> Bool { name.utf8.dropFirst(offset).first.map(ASCII.isDigit) ?? false }
        if begins("text-davinci-edit", "code-davinci-edit") {
            self = .p50kEdit
        } else if begins(
            "text-davinci-002", "text-davinci-003", "code-davinci", "code-cushman", "davinci-codex", "cushman-codex")
        {
            self = .p50kBase
        } else if begins("text-embedding-", "gpt-3.5", "gpt-35", "davinci-002", "babbage-002")
            || name == "gpt-4" || begins("gpt-4-")
        {
            self = .cl100kBase
        } else if begins("gpt-2", "gpt2", "davinci", "curie", "babbage", "ada", "text-", "code-") {
            self = .r50kBase
        } else if begins("gpt-") && digit(4) || begins("chatgpt-") || Self.isReasoningModel(name) {
            self = .o200kBase
        } else {
            return nil
        }
    }

    /// "o1", "o3-mini", …
    private static func isReasoningModel(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard bytes.count >= 2, bytes[0] == UInt8(ascii: "o"), ASCII.isDigit(bytes[1]) else { return false }
        return bytes.count == 2 || bytes[2] == UInt8(ascii: "-")
    }

    /// Where the rank file may be, the first that exists counts: `TIKTOKEN_ENCODINGS_BASE` has files under their own
    /// names, `TIKTOKEN_CACHE_DIR` and `DATA_GYM_CACHE_DIR` are tiktoken's caches, which name a file by the SHA-1 of
    /// the address it came from. `environment` answers for variables.
    package func rankFilePaths(_ environment: (String) -> String?) -> [String] {
        func join(_ variable: String, _ name: String) -> String? {
            guard let directory = environment(variable), !directory.isEmpty else { return nil }
            return directory.hasSuffix("/") ? directory + name : directory + "/" + name
        }
        return [
            join("TIKTOKEN_ENCODINGS_BASE", rankFileName), join("TIKTOKEN_CACHE_DIR", cacheName),
            join("DATA_GYM_CACHE_DIR", cacheName),
        ].compactMap { $0 }
    }

    /// The name under which the file is published.
    package var rankFileName: String {
        switch self {
        case .r50kBase: "r50k_base.tiktoken"
        case .p50kBase, .p50kEdit: "p50k_base.tiktoken"
        case .cl100kBase: "cl100k_base.tiktoken"
        case .o200kBase, .o200kHarmony: "o200k_base.tiktoken"
        }
    }

    /// The SHA-1 of the published address.
    private var cacheName: String {
        switch self {
        case .r50kBase: "0ea1e91bbb3a60f729a8dc8f777fd2fc07cd8df4"
        case .p50kBase, .p50kEdit: "ec7223a39ce59f226a68acc30dc1af2788490e15"
        case .cl100kBase: "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"
        case .o200kBase, .o200kHarmony: "fb374d419588a4632f3f557e76b4b70aebbca790"
        }
    }
}
