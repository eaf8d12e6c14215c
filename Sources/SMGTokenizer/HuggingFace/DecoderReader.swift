internal import SMGJSON

/// Reads the section `decoder` of a tokenizer.json.
enum DecoderReader {
    /// Components of one section, nested ones included. Real ones have at most ten.
    static let maximumComponents = 256

    static func read(_ place: JSONPlace) throws(TokenizerError) -> [DecodeStep] {
        var steps: [DecodeStep] = []
        try append(place, to: &steps)
        return steps
    }

    private static func append(_ place: JSONPlace, to steps: inout [DecodeStep]) throws(TokenizerError) {
        guard steps.count < maximumComponents else {
            throw TokenizerError(.limit, "\(place.path): more than \(maximumComponents) components")
        }
        let type = try place.object().required("type").string()
        switch type {
        case "Sequence": for part in try place.required("decoders").elements() { try append(part, to: &steps) }
        case "ByteLevel": steps.append(.byteLevel)
        case "ByteFallback": steps.append(.byteFallback)
        case "Fuse": steps.append(.fuse)
        case "Metaspace":
            steps.append(
                .metaspace(
                    replacement: try place.required("replacement").character(),
                    dropsFirst: try PreTokenizerReader.prependScheme(place) != .never))
        case "Replace":
            let pattern = try PatternReader.read(try place.required("pattern"))
            steps.append(.replace(pattern, content: try place.required("content").bytes()))
        case "Strip":
            steps.append(
                .strip(
                    content: try place.required("content").character(), start: try place.required("start").count(),
                    stop: try place.required("stop").count()))
        case "WordPiece":
            steps.append(
                .wordPiece(
                    prefix: try place.required("prefix").bytes(), cleanup: try place.required("cleanup").bool()))
        case "BPEDecoder":
            steps.append(.wordSuffix(try TextPattern(literal: try place.required("suffix").bytes())))
        case "CTC":
            steps.append(
                .ctc(
                    pad: try place.required("pad_token").bytes(),
                    delimiter: try TextPattern(literal: try place.required("word_delimiter_token").bytes()),
                    cleanup: try place.required("cleanup").bool()))
        default: throw place.unsupported("the decoder \"\(type.prefix(64))\"")
        }
    }
}
