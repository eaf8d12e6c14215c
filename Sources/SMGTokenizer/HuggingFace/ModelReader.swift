internal import SMGBase
internal import SMGJSON

/// Reads the section `model` of a tokenizer.json.
enum ModelReader {
    /// `spellsBytes`: pieces come in the byte alphabet, and whoever calls the model may give it the bytes instead where
    /// the model takes them (`TokenModel.takesBytes`).
    static func read(_ place: JSONPlace, spellsBytes: Bool) throws(TokenizerError) -> TokenModel {
        let place = try place.object()
        switch try type(of: place) {
        case "BPE": return try BytePairReader.read(place, spellsBytes: spellsBytes)
        case "WordPiece": return .wordPiece(try wordPiece(place))
        case "WordLevel": return .wordLevel(try wordLevel(place))
        case "Unigram": return .unigram(try unigram(place))
        case let other: throw place.unsupported("the model \"\(other.prefix(64))\"")
        }
    }

    /// Files from before there was a "type" are told by what they have.
    private static func type(of place: JSONPlace) throws(TokenizerError) -> String {
        if let type = place.member("type") { return try type.string() }
        if place.member("merges") != nil { return "BPE" }
        if place.member("max_input_chars_per_word") != nil { return "WordPiece" }
        return try place.required("vocab").value.kind == .array ? "Unigram" : "WordLevel"
    }

    private static func wordPiece(_ place: JSONPlace) throws(TokenizerError) -> WordPieceModel {
        let vocabulary = try VocabularyReader.vocabulary(try place.required("vocab"))
        let unknown = try place.member("unk_token")?.bytes() ?? Array("[UNK]".utf8)
        let prefix = try place.member("continuing_subword_prefix")?.bytes() ?? Array("##".utf8)
        let limit = try place.member("max_input_chars_per_word")?.count() ?? 100
        return try unknown.withBytes { unknown throws(TokenizerError) in
            try WordPieceModel(
                vocabulary: vocabulary, unknownToken: unknown, continuingPrefix: prefix, maximumCharacters: limit)
        }
    }

    private static func wordLevel(_ place: JSONPlace) throws(TokenizerError) -> WordLevelModel {
        let vocabulary = try VocabularyReader.vocabulary(try place.required("vocab"))
        let unknown = try place.member("unk_token")?.bytes() ?? Array("<unk>".utf8)
        return unknown.withBytes { WordLevelModel(vocabulary: vocabulary, unknownToken: $0) }
    }

    private static func unigram(_ place: JSONPlace) throws(TokenizerError) -> UnigramModel {
        let builder = try VocabularyReader.unigram(try place.required("vocab"))
        return try builder.build(
            unknownID: try place.member("unk_id")?.id(), byteFallback: try place.bool("byte_fallback", default: false))
    }
}
