import SMGBase

@testable import SMGTokenizer

/// Runs `body` over the bytes of `text`.
func withTextBytes<R>(_ text: String, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try Array(text.utf8).withUnsafeBytes(body)
}

/// Small tokenizers of single characters and two special tokens, `<s>` and `<e>`, that differ in what is around them.
enum SampleTokenizer {
    /// `rest` are members of the file beside the model; `flags` of the special tokens.
    static func make(_ rest: String = "", flags: String = "", normalizer: String = "null") throws -> Tokenizer {
        let letters = "abcdefghijklmnopqrstuvwxyzHL0123456789 .'\n▁é中文"
        let vocabulary = letters.unicodeScalars.enumerated().map { index, letter in
            "\"\(letter == "\n" ? "\\n" : String(letter))\": \(index + 3)"
        }
        let members = ["single_word", "lstrip", "rstrip", "normalized"].filter { !flags.contains($0) }
        let unset = members.map { ", \"\($0)\": false" }.joined()
        let added = ["<s>", "<e>"].enumerated().map { index, text in
            #"{"id": \#(index + 1), "content": "\#(text)", "special": true\#(flags)\#(unset)}"#
        }
        let text = """
            {"version": "1.0", "added_tokens": [\(added.joined(separator: ","))], "normalizer": \(normalizer),
             "pre_tokenizer": null, \(rest)
             "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": false,
             "vocab": {"<unk>": 0, "<s>": 1, "<e>": 2, \(vocabulary.joined(separator: ","))}, "merges": []}}
            """
        return try withTextBytes(text) { try Tokenizer.load(bytes: $0) }
    }

    static let beginningPrepended = #"{"type": "Prepend", "prepend": "▁"}"#
    static let template = #"""
        "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}}], "pair": [{"Sequence": {"id": "A", "type_id": 0}},
        {"Sequence": {"id": "B", "type_id": 1}}], "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}},
        """#
    static let templateWithEnd = #"""
        "post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": "<e>", "type_id": 0}}], "pair": [{"Sequence": {"id": "A", "type_id": 0}},
        {"Sequence": {"id": "B", "type_id": 1}}], "special_tokens": {"<e>": {"id": "<e>", "ids": [2], "tokens": ["<e>"]}}},
        """#
    static let truncation = #"""
        "truncation": {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0},
        """#
}

extension CachedTokenizer {
    func ids(_ text: String, addSpecialTokens: Bool = true) throws -> [UInt32] {
        let ids = TokenBuffer()
        ids.append(77)
        try withTextBytes(text) { try encode($0, addSpecialTokens: addSpecialTokens, into: ids) }
        return Array(ids.ids.dropFirst())
    }
}
