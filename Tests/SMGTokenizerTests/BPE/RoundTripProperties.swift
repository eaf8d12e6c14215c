import SMGBase

@testable import SMGTokenizer

/// What holds for every text that goes through a byte-level BPE tokenizer: nothing of it is lost.
enum RoundTripProperties {
    /// How a tokenizer of these tests cuts texts and what it adds to them.
    private struct Style {
        var name: String
        var preTokenizer: String
        var ignoresMerges = false
        var addsBOS = false
    }

    private static let byteLevel = #"{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}"#

    private static func split(_ pattern: String) -> String {
        let spelled = pattern.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let split = #"{"type":"Split","pattern":{"Regex":"\#(spelled)"},"behavior":"Isolated","invert":false}"#
        return #"{"type":"Sequence","pretokenizers":[\#(split),\#(byteLevel)]}"#
    }

    /// The known patterns, which have scanners of their own, one that is left to PCRE2, and no pattern at all.
    private static let styles = [
        Style(name: "gpt2", preTokenizer: #"{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}"#),
        Style(name: "cl100k", preTokenizer: split(RankedSource.cl100kPattern), ignoresMerges: true, addsBOS: true),
        Style(name: "o200k", preTokenizer: split(RankedSource.o200kPattern), ignoresMerges: true),
        Style(name: "kimi", preTokenizer: split(RankedSource.kimiPattern)),
        Style(name: "expression", preTokenizer: split(#"\p{L}{1,3}|[0-9]| ?[^\p{L}0-9]"#)),
        Style(name: "whole", preTokenizer: byteLevel),
    ]

    /// Pairs of what merges, spelled in bytes; some tokens end inside of characters.
    private static let merges: [([UInt8], [UInt8])] =
        [
            ("h", "e"), ("l", "l"), ("he", "ll"), ("hell", "o"), (" ", "t"), ("i", "n"), ("in", "g"), (" t", "he"),
            (" ", " "),
            ("  ", "  "), ("\n", "\n"), ("1", "2"), ("12", "3"), ("'", "s"), ("a", "a"), ("aa", "aa"), ("aaaa", "a"),
            ("e", "r"), ("<", "|"), ("日", "本"),
        ].map { (Array($0.0.utf8), Array($0.1.utf8)) } + [
            ([0xc3], [0xa9]), ([0xe6], [0x97]), ([0xe6, 0x97], [0xa5]), ([0xf0], [0x9f]), ([0xf0, 0x9f], [0x98]),
            ([0x80], [0xf0]), ([0xcc], [0x81]), ([0xa9], [0xcc]),
        ]

    private static let tokenizers: [(name: String, tokenizer: Tokenizer)] = styles.compactMap { style in
        guard let tokenizer = tokenizer(style) else { return nil }
        return (style.name, tokenizer)
    }

    private static func tokenizer(_ style: Style) -> Tokenizer? {
        func spelled(_ bytes: [UInt8]) -> String {
            var text: [UInt8] = []
            bytes.withUnsafeBytes { ByteAlphabet.shared.encode($0, into: &text) }
            return String(decoding: text, as: UTF8.self).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        }
        var tokens = (0...255).map { spelled([$0]) }
        var rules: [String] = []
        for (left, right) in merges where tokens.contains(spelled(left)) && tokens.contains(spelled(right)) {
            tokens.append(spelled(left + right))
            rules.append(#"["\#(spelled(left))","\#(spelled(right))"]"#)
        }
        let vocabulary = tokens.enumerated().map { #""\#($1)":\#($0)"# }.joined(separator: ",")
        // Letters of the byte alphabet in an added token would be decoded as bytes, as the reference does.
        let added = [("<s>", true), ("<|end|>", true), ("<note>", false), ("€!", false)].enumerated().map {
            #"{"id":\#(tokens.count + $0),"content":"\#($1.0)","special":\#($1.1),"single_word":false,"lstrip":false,"#
                + #""rstrip":false,"normalized":false}"#
        }
        let bos =
            #"{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},"#
            + #"{"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{"<s>":{"id":"<s>","ids":[\#(tokens.count)],"#
            + #""tokens":["<s>"]}}}"#
        let json =
            #"{"added_tokens":[\#(added.joined(separator: ","))],"pre_tokenizer":\#(style.preTokenizer),"#
            + #""post_processor":\#(style.addsBOS ? bos : "null"),"decoder":{"type":"ByteLevel"},"model":{"type":"BPE","#
            + #""ignore_merges":\#(style.ignoresMerges),"vocab":{\#(vocabulary)},"merges":[\#(rules.joined(separator: ","))]}}"#
        return Array(json.utf8).withUnsafeBytes { try? Tokenizer.load(bytes: $0) }
    }

    /// Ids whose prefixes are decoded one by one.
    private static let cuts = 16

    /// The first property that `input` violates; nil when all hold.
    static func violation(_ input: [UInt8]) -> String? {
        guard tokenizers.count == styles.count else { return "a tokenizer does not load" }
        for (name, tokenizer) in tokenizers {
            do {
                if let broken = try violation(input, tokenizer) { return "\(name): \(broken)" }
            } catch { return "\(name): \(error)" }
        }
        return nil
    }

    private static func violation(_ input: [UInt8], _ tokenizer: Tokenizer) throws -> String? {
        let text = String(decoding: input, as: UTF8.self)
        let plain = try tokenizer.encode(text, addSpecialTokens: false)
        for addsSpecial in [false, true] {
            let ids = try tokenizer.encode(text, addSpecialTokens: addsSpecial)
            let raw = TokenBuffer()
            try input.withUnsafeBytes { try tokenizer.encode($0, addSpecialTokens: addsSpecial, into: raw) }
            if raw.array != ids { return "ill-formed text is not read as its repaired form" }
            let counted = try input.withUnsafeBytes {
                try tokenizer.countTokens($0, addSpecialTokens: addsSpecial)
            }
            if counted != ids.count { return "\(ids.count) ids, counted \(counted)" }
            if let id = ids.first(where: { tokenizer.token($0) == nil }) { return "id \(id) has no token" }
            let whole = try tokenizer.decode(ids, skipSpecialTokens: false)
            if whole != (ids.count > plain.count ? "<s>" : "") + text { return "the decoded text is another one" }
            for skips in [false, true] where addsSpecial {
                if let broken = try violation(ofStreaming: ids, tokenizer, skips) { return broken }
            }
        }
        return nil
    }

    /// The text of `ids` one by one: whole characters, the same in all, and the same for everything cut off.
    private static func violation(ofStreaming ids: [UInt32], _ tokenizer: Tokenizer, _ skips: Bool) throws -> String? {
        var stream = TokenDecoder.Stream(skipSpecialTokens: skips)
        let text = ByteBuffer(capacity: 64)
        for (at, id) in ids.enumerated() {
            if at < cuts {
                // What is held back at the cut comes when the text ends there.
                var rest = stream
                let ended = ByteBuffer(Array(text.readable))
                try tokenizer.decoder.finish(&rest, into: ended)
                let wanted = try tokenizer.decode(Array(ids[..<at]), skipSpecialTokens: skips)
                if ended.readableString != wanted { return "the first \(at) ids stream to another text" }
            }
            let start = text.writerIndex
            try tokenizer.decoder.step(id, &stream, into: text)
            if String(validating: text.slice(start..<text.writerIndex), as: UTF8.self) == nil {
                return "a part of a character after \(at + 1) ids"
            }
        }
        try tokenizer.decoder.finish(&stream, into: text)
        let whole = try tokenizer.decode(ids, skipSpecialTokens: skips)
        return text.readableString == whole ? nil : "streamed text differs from the whole"
    }
}
