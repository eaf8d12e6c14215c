internal import SMGJSON

/// Reads the sections `post_processor`, `truncation` and `padding` of a tokenizer.json.
enum PostProcessorReader {
    /// Components of one section, nested ones included. Real ones have at most ten.
    static let maximumComponents = 256

    static func read(_ place: JSONPlace) throws(TokenizerError) -> [PostProcessor.Component] {
        var components: [PostProcessor.Component] = []
        try append(place, to: &components)
        return components
    }

    private static func append(
        _ place: JSONPlace, to components: inout [PostProcessor.Component]
    ) throws(TokenizerError) {
        guard components.count < maximumComponents else {
            throw TokenizerError(.limit, "\(place.path): more than \(maximumComponents) components")
        }
        let type = try place.object().required("type").string()
        switch type {
        case "Sequence": for part in try place.required("processors").elements() { try append(part, to: &components) }
        case "ByteLevel": break
        case "BertProcessing", "RobertaProcessing":
            components.append(
                .classification(
                    cls: try pairedID(try place.required("cls")), sep: try pairedID(try place.required("sep")),
                    repeatsSeparator: type == "RobertaProcessing"))
        case "TemplateProcessing":
            let specials = try place.required("special_tokens")
            components.append(
                .template(
                    single: try pieces(try place.required("single"), specials),
                    pair: try pieces(try place.required("pair"), specials)))
        default: throw place.unsupported("the post-processor \"\(type.prefix(64))\"")
        }
    }

    /// The id of `["[SEP]", 102]`.
    private static func pairedID(_ place: JSONPlace) throws(TokenizerError) -> UInt32 {
        let parts = try place.elements()
        guard parts.count == 2 else { throw place.malformed("is no pair of a token and an id") }
        return try parts[1].id()
    }

    private static func pieces(
        _ place: JSONPlace, _ specials: JSONPlace
    ) throws(TokenizerError) -> [PostProcessor.TemplatePiece] {
        var pieces: [PostProcessor.TemplatePiece] = []
        var known: [String: [UInt32]] = [:]
        var total = 0
        for part in try place.elements() {
            if let sequence = part.member("Sequence") {
                let name = try sequence.required("id").string()
                guard name == "A" || name == "B" else { throw sequence.malformed("names neither \"A\" nor \"B\"") }
                pieces.append(.sequence(name == "A" ? 0 : 1))
            } else {
                let name = try part.required("SpecialToken").required("id").string()
                if known[name] == nil { known[name] = try ids(of: name, specials) }
                let ids = known[name] ?? []
                pieces.append(.special(ids))
                total += ids.count
                guard total <= PostProcessor.maximumParts else {
                    throw TokenizerError(.limit, "\(place.path): more than \(PostProcessor.maximumParts) tokens")
                }
            }
        }
        return pieces
    }

    private static func ids(of name: String, _ specials: JSONPlace) throws(TokenizerError) -> [UInt32] {
        for (key, value) in try specials.object().value.members where key.string == name {
            var ids: [UInt32] = []
            for place in try JSONPlace(value, "\(specials.path).\(name)").required("ids").elements() {
                ids.append(try place.id())
            }
            return ids
        }
        throw specials.malformed("lacks \"\(name)\", which a template names")
    }

    static func truncation(_ place: JSONPlace) throws(TokenizerError) -> Truncation {
        let strategy = try place.object().required("strategy")
        guard let known = Truncation.Strategy(rawValue: try strategy.string()) else {
            throw strategy.malformed("is no strategy")
        }
        return Truncation(
            maximumLength: try place.required("max_length").count(), strategy: known,
            stride: try place.required("stride").count(), cutsStart: try isLeft(place.member("direction")))
    }

    static func padding(_ place: JSONPlace) throws(TokenizerError) -> Padding {
        let strategy = try place.object().required("strategy")
        var fixed: Int?
        if strategy.value.kind == .string {
            guard try strategy.string() == "BatchLongest" else { throw strategy.malformed("is no strategy") }
        } else {
            fixed = try strategy.object().required("Fixed").count()
        }
        let multiple = try place.member("pad_to_multiple_of")?.count()
        guard max(fixed ?? 0, multiple ?? 0) <= TokenizerLimits.paddedIDs else {
            throw TokenizerError(.limit, "\(place.path): a length above \(TokenizerLimits.paddedIDs)")
        }
        return Padding(
            fixedLength: fixed, multiple: multiple, id: try place.required("pad_id").id(),
            padsStart: try isLeft(place.member("direction")))
    }

    private static func isLeft(_ place: JSONPlace?) throws(TokenizerError) -> Bool {
        guard let place else { return false }
        switch try place.string() {
        case "Left": return true
        case "Right": return false
        default: throw place.malformed("is no direction")
        }
    }
}
