internal import SMGBase
internal import SMGJSON

/// Mistral's tekken.json: ranks with a pattern and special tokens, which have the first ids.
package enum TekkenFile {
    /// Special tokens that files of early versions leave out, in the order of their ids.
    private static let firstSpecials = [
        "<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_RESULTS]",
        "[/TOOL_RESULTS]", "[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]", "[IMG_END]", "[PREFIX]", "[MIDDLE]",
        "[SUFFIX]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[TOOL_CONTENT]",
    ]

    /// Reads the file. Ids are ranks behind the special tokens; tokens beyond `default_vocab_size` are left out.
    package static func read(_ bytes: UnsafeRawBufferPointer) throws(TokenizerError) -> RankedSource {
        let document: JSONSlice
        do throws(JSONError) { document = try JSONSlice(parsing: bytes) } catch {
            throw TokenizerError(.malformed, "the file is no JSON: \(error)")
        }
        let root = try JSONPlace(document, "").object()
        let configuration = try root.required("config").object()
        let pattern = try configuration.required("pattern").string()
        let size = try configuration.required("default_vocab_size").id()
        let specialCount = try configuration.required("default_num_special_tokens").id()
        guard specialCount <= size else { throw configuration.malformed("has more special tokens than tokens") }
        let specials = try specials(root.member("special_tokens"), count: specialCount)
        let ranks = try ranks(root.required("vocab"), first: specialCount, count: size - specialCount)
        var source = RankedSource(ranks: ranks, pattern: pattern, specials: specials)
        source.bos = "<s>"
        source.eos = "</s>"
        return source
    }

    /// Whether `document` has the members of a tekken.json.
    package static func isOne(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let document = try? JSONSlice(parsing: bytes), document.kind == .object else { return false }
        return document["vocab"]?.kind == .array && document["config"]?["pattern"] != nil
    }

    /// The tokens that the file names, and fillers up to `count`.
    private static func specials(_ place: JSONPlace?, count: UInt32) throws(TokenizerError) -> [RankedSource.Special] {
        var named: [RankedSource.Special] = []
        if let place {
            for entry in try place.elements() {
                let id = try entry.required("rank").id()
                guard id < count else { throw entry.malformed("has an id beyond the special tokens") }
                named.append(RankedSource.Special(try entry.required("token_str").string(), id))
            }
        } else {
            named = firstSpecials.prefix(Int(count)).enumerated().map {
                RankedSource.Special($0.element, UInt32($0.offset))
            }
        }
        let taken = Set(named.map(\.id))
        for id in 0..<count where !taken.contains(id) { named.append(RankedSource.Special("<SPECIAL_\(id)>", id)) }
        return named.sorted { $0.id < $1.id }
    }

    /// The first `count` ranks, at ids from `first` on.
    private static func ranks(_ place: JSONPlace, first: UInt32, count: UInt32) throws(TokenizerError) -> Vocabulary {
        guard place.value.kind == .array else { throw place.malformed("is no array") }
        var builder = Vocabulary.Builder(tokens: Int(count), bytes: 8 * Int(count))
        let text = ByteBuffer(capacity: 256)
        let token = ByteBuffer(capacity: 256)
        var index = 0
        for entry in place.value.elements {
            guard let rank = entry["rank"]?.int64, rank >= 0, let spelled = entry["token_bytes"]?.text else {
                throw place.malformed("[\(index)] has no rank and bytes")
            }
            index += 1
            if rank >= Int64(count) { continue }
            text.clear()
            token.clear()
            spelled.append(to: text)
            guard Base64.decode(text.readable, into: token) else {
                throw place.malformed("[\(index - 1)] has no base64")
            }
            try builder.add(token.readable, id: first + UInt32(rank))
        }
        return Vocabulary(builder)
    }
}
