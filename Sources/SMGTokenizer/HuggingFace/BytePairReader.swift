internal import SMGBase
internal import SMGJSON

/// Reads a model of type `BPE`.
enum BytePairReader {
    static func read(_ place: JSONPlace, spellsBytes: Bool) throws(TokenizerError) -> TokenModel {
        let vocabulary = try VocabularyReader.vocabulary(try place.required("vocab"))
        if let dropout = place.member("dropout"), dropout.value.double != 0 {
            throw dropout.unsupported("leaving out merges at random")
        }
        let prefix = try place.member("continuing_subword_prefix")?.bytes() ?? []
        let suffix = try place.member("end_of_word_suffix")?.bytes() ?? []
        let unknown = try place.member("unk_token").map { token throws(TokenizerError) in try token.bytes() }
        let ignoresMerges = try place.bool("ignore_merges", default: false)
        var merges = MergeList(vocabulary: vocabulary, continuingPrefix: prefix, expected: vocabulary.count)
        try VocabularyReader.merges(try place.required("merges"), into: &merges)

        var options = BytePairModel.Options()
        options.alphabet = spellsBytes ? .spelledBytes : .characters
        options.ignoresMerges = ignoresMerges
        options.fusesUnknown = try place.bool("fuse_unk", default: false)
        options.fallsBackToBytes = try place.bool("byte_fallback", default: false)
        options.continuingPrefix = prefix
        options.endOfWordSuffix = suffix
        if let unknown {
            guard let id = unknown.withUnsafeBytes({ vocabulary.id(of: $0) }) else {
                throw place.malformed("has an unknown token that is not in its vocabulary")
            }
            options.unknown = id
        }
        return .bytePair(try BytePairModel(vocabulary: vocabulary, merges: merges, options: options), vocabulary)
    }
}
