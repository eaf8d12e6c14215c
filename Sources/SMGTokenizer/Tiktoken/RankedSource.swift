internal import SMGBase

/// What makes a tokenizer of a rank file: the ranks, the pattern that cuts texts, and the special tokens.
package struct RankedSource: Sendable {
    /// A token that stands outside of the model.
    package struct Special: Hashable, Sendable {
        package let text: [UInt8]
        package let id: UInt32

        package init(text: [UInt8], id: UInt32) {
            self.text = text
            self.id = id
        }

        package init(_ text: String, _ id: UInt32) { self.init(text: Array(text.utf8), id: id) }
    }

    /// Tokens by their bytes; ids are ranks, or ranks behind the special tokens.
    package let ranks: Vocabulary
    /// The expression that cuts texts; what it does not match is left out, as tiktoken does.
    package let pattern: String
    package let specials: [Special]
    /// The token that begins a text and those that end one, where the format says so.
    package var bos: String?
    package var eos: String?

    package init(ranks: Vocabulary, pattern: String, specials: [Special]) {
        self.ranks = ranks
        self.pattern = pattern
        self.specials = specials
    }

    /// One more than the highest id, special tokens included.
    package var idLimit: Int { max(ranks.idLimit, specials.reduce(0) { max($0, Int($1.id) + 1) }) }

    private static let tail = #"|\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"

    /// GPT-4's pattern as Llama 3 spells it: what rank files without a known pattern are cut by.
    package static let cl100kPattern =
        contractions + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"# + tail

    /// GPT-4o's pattern.
    package static let o200kPattern =
        mixedWords("", contractions + "?") + #"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*"# + tail

    /// Kimi K2's pattern.
    package static let kimiPattern =
        #"[\p{Han}]+|"# + mixedWords(#"&&[^\p{Han}]"#, contractions + "?")
        + #"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"# + tail

    /// The two kinds of words of o200k and its kin.
    private static func mixedWords(_ except: String, _ contractions: String) -> String {
        let upper = #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}"# + except + "]"
        let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}"# + except + "]"
        return "\(upper)*\(lower)+\(contractions)|\(upper)+\(lower)*\(contractions)|"
    }
}

// MARK: - Families

extension RankedSource {
    /// Kimi K2: ids from the number of ranks on are special; `named` has those that the configuration names
    /// (`added_tokens_decoder`), the others of the 256 are reserved.
    package static func kimi(ranks: Vocabulary, named: [Special]) -> RankedSource {
        var specials = named
        let taken = Set(named.map(\.id))
        for id in UInt32(ranks.idLimit)..<UInt32(ranks.idLimit) + 256 where !taken.contains(id) {
            specials.append(Special("<|reserved_token_\(id)|>", id))
        }
        return RankedSource(ranks: ranks, pattern: kimiPattern, specials: specials.sorted { $0.id < $1.id })
    }

    /// The original format of Llama: which generation it is shows in the number of ranks. Nil for other files.
    package static func llama(ranks: Vocabulary) -> RankedSource? {
        let names: [String]
        switch ranks.count {
        case 128_000: names = llama3Specials
        case 200_000: names = llama4Specials
        default: return nil
        }
        let specials = names.enumerated().map { Special($0.element, UInt32(ranks.idLimit + $0.offset)) }
        var source = RankedSource(
            ranks: ranks, pattern: ranks.count == 128_000 ? cl100kPattern : o200kPattern, specials: specials)
        source.bos = "<|begin_of_text|>"
        source.eos = "<|end_of_text|>"
        return source
    }

    private static var llama3Specials: [String] {
        [
            "<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>",
            "<|finetune_right_pad_id|>", "<|step_id|>", "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>",
            "<|eot_id|>", "<|python_tag|>", "<|image|>",
        ] + reserved("", 2..<246)
    }

    private static var llama4Specials: [String] {
        let basic = ["<|begin_of_text|>", "<|end_of_text|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"]
        let text =
            ["<|header_start|>", "<|header_end|>", "<|eom|>", "<|eot|>", "<|step|>"]
            + reserved("text_post_train_", 0..<6)
            + ["<|python_start|>", "<|python_end|>", "<|finetune_right_pad|>"] + reserved("text_post_train_", 8..<69)
        let vision =
            ["<|image_start|>", "<|image_end|>"] + reserved("vision_", 0..<2)
            + ["<|tile_x_separator|>", "<|tile_y_separator|>"] + reserved("vision_", 2..<6) + ["<|image|>"]
            + reserved("vision_", 6..<7) + ["<|patch|>"] + reserved("vision_", 7..<1048)
        let reasoning =
            reserved("reasoning_", 0..<8) + ["<|reasoning_thinking_start|>", "<|reasoning_thinking_end|>"]
        let named = basic + text + vision + reasoning
        return named + reserved("", 0..<2048 - named.count)
    }

    private static func reserved(_ kind: String, _ numbers: Range<Int>) -> [String] {
        numbers.map { "<|\(kind)reserved_special_token_\($0)|>" }
    }
}
