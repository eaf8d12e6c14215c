internal import SMGBase
internal import SMGJSON
internal import SMGUnicode

/// Reads the section `normalizer` of a tokenizer.json.
enum NormalizerReader {
    /// Components of one section, nested ones included. Real ones have at most ten.
    static let maximumComponents = 256

    static func read(_ place: JSONPlace) throws(TokenizerError) -> TextNormalizer {
        var steps: [TextNormalizer.Step] = []
        try append(place, to: &steps)
        return TextNormalizer(steps: steps)
    }

    private static func append(
        _ place: JSONPlace, to steps: inout [TextNormalizer.Step]
    ) throws(TokenizerError) {
        guard steps.count < maximumComponents else {
            throw TokenizerError(.limit, "\(place.path): more than \(maximumComponents) components")
        }
        let type = try place.object().required("type").string()
        switch type {
        case "Sequence": for part in try place.required("normalizers").elements() { try append(part, to: &steps) }
        case "NFC": steps.append(.unicode(Normalizer(.nfc)))
        case "NFD": steps.append(.unicode(Normalizer(.nfd)))
        case "NFKC": steps.append(.unicode(Normalizer(.nfkc)))
        case "NFKD": steps.append(.unicode(Normalizer(.nfkd)))
        case "Lowercase": steps.append(.lowercase)
        case "StripAccents": steps.append(.stripAccents)
        case "Nmt": steps.append(.nmt)
        case "ByteLevel": steps.append(.byteLevel)
        case "Strip":
            steps.append(
                .strip(
                    left: try place.required("strip_left").bool(), right: try place.required("strip_right").bool()))
        case "Prepend": steps.append(.prepend(try place.required("prepend").bytes()))
        case "Replace":
            let pattern = try PatternReader.read(try place.required("pattern"))
            steps.append(.replace(pattern, content: try place.required("content").bytes()))
        case "BertNormalizer":
            let lowercase = try place.required("lowercase").bool()
            steps.append(
                .bert(
                    BertNormalizer(
                        cleansText: try place.required("clean_text").bool(),
                        separatesIdeographs: try place.required("handle_chinese_chars").bool(),
                        stripsAccents: try place.bool("strip_accents", default: lowercase), lowercases: lowercase)))
        case "Precompiled": steps.append(.charsmap(try charsmap(try place.required("precompiled_charsmap"))))
        default: throw place.unsupported("the normalizer \"\(type.prefix(64))\"")
        }
    }

    private static func charsmap(_ place: JSONPlace) throws(TokenizerError) -> Charsmap {
        guard let text = place.value.text else { throw place.malformed("is no string") }
        let encoded = ByteBuffer(capacity: text.raw.count)
        text.append(to: encoded)
        let blob = ByteBuffer(capacity: encoded.readableCount)
        guard Base64.decode(encoded.readable, into: blob) else { throw place.malformed("is no base64") }
        return try Charsmap(blob.readable)
    }
}

/// Reads patterns: `{"String": …}` or `{"Regex": …}`.
enum PatternReader {
    static func read(_ place: JSONPlace) throws(TokenizerError) -> TextPattern {
        if let text = place.member("String") { return try TextPattern(literal: try text.bytes()) }
        let pattern = try place.required("Regex").bytes()
        return .expression(try pattern.withBytes { text throws(TokenizerError) in try PatternMatcher(text) })
    }
}
