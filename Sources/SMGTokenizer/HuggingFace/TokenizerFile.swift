internal import SMGBase
internal import SMGJSON

/// Reads a tokenizer.json.
enum TokenizerFile {
    static func read(_ bytes: UnsafeRawBufferPointer) throws(TokenizerError) -> PipelineParts {
        guard bytes.count <= TokenizerLimits.fileBytes else {
            throw TokenizerError(.limit, "a file of \(bytes.count) bytes, at most \(TokenizerLimits.fileBytes)")
        }
        var text = bytes
        // A byte order mark is let pass: some editors leave one.
        if text.hasPrefix("\u{feff}") { text = text.slice(3..<text.count) }
        let document: JSONSlice
        do throws(JSONError) { document = try JSONSlice(parsing: text) } catch {
            throw TokenizerError(.malformed, "not JSON: \(error.message)")
        }
        let file = try JSONPlace(document, "").object()
        if let version = file.member("version"), try version.string() != "1.0" {
            throw version.unsupported("another version than \"1.0\"")
        }
        let preTokenizer = try file.member("pre_tokenizer").map(PreTokenizerReader.read)
        let model = try ModelReader.read(try file.required("model"), spellsBytes: preTokenizer?.endsSpelling ?? false)
        return PipelineParts(
            model: model, added: try addedTokens(file, model.vocabulary),
            normalizer: try file.member("normalizer").map(NormalizerReader.read),
            preTokenizer: model.takesBytes ? preTokenizer?.withoutSpelling : preTokenizer,
            postProcessor: try PostProcessor(try file.member("post_processor").map(PostProcessorReader.read) ?? []),
            truncation: try file.member("truncation").map(PostProcessorReader.truncation),
            padding: try file.member("padding").map(PostProcessorReader.padding),
            decoder: try file.member("decoder").map(DecoderReader.read) ?? [.spaced])
    }

    private static func addedTokens(
        _ file: JSONPlace, _ vocabulary: Vocabulary
    ) throws(TokenizerError) -> AddedVocabulary {
        var added = AddedVocabulary(modelCount: vocabulary.count)
        guard let list = file.member("added_tokens") else { return added }
        for place in try list.elements() {
            let token = try addedToken(place)
            let modelID = token.content.withBytes { vocabulary.id(of: $0) }
            try added.add(token, modelID: modelID)
        }
        return added
    }

    private static func addedToken(_ place: JSONPlace) throws(TokenizerError) -> AddedToken {
        let place = try place.object()
        var token = AddedToken(content: try place.required("content").bytes())
        _ = try place.required("id").id()
        token.isSingleWord = try place.required("single_word").bool()
        token.stripsLeft = try place.required("lstrip").bool()
        token.stripsRight = try place.required("rstrip").bool()
        token.isNormalized = try place.required("normalized").bool()
        token.isSpecial = try place.required("special").bool()
        return token
    }
}
