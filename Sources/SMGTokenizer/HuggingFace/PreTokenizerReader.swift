internal import SMGBase
internal import SMGJSON

/// Reads the section `pre_tokenizer` of a tokenizer.json.
enum PreTokenizerReader {
    /// Components of one section, nested ones included. Real ones have at most ten.
    static let maximumComponents = 256
    /// `ByteLevel` components of one section: each spells the spelling of the one before it, twice as long. Real ones
    /// have one.
    static let maximumSpellings = 4
    /// The pattern of the component `ByteLevel`.
    static let byteLevelPattern =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    /// A component with the expression it splits by, where every match becomes a piece.
    private struct Part {
        var step: PreTokenizer.Step
        var isolated: String?
    }

    static func read(_ place: JSONPlace) throws(TokenizerError) -> PreTokenizer {
        var parts: [Part] = []
        try append(place, to: &parts)
        let spellings = parts.count { if case .spell = $0.step { true } else { false } }
        guard spellings <= maximumSpellings else {
            throw TokenizerError(.limit, "\(place.path): more than \(maximumSpellings) of the type \"ByteLevel\"")
        }
        return PreTokenizer(steps: scanned(parts))
    }

    /// Puts scanners in the place of known patterns, and of known sequences of them.
    private static func scanned(_ parts: [Part]) -> [PreTokenizer.Step] {
        var steps: [PreTokenizer.Step] = []
        var at = 0
        while at < parts.count {
            let patterns = parts[at...].prefix { $0.isolated != nil }.compactMap(\.isolated)
            let known = (1...max(patterns.count, 1)).reversed().lazy.compactMap { count in
                patterns.count < count
                    ? nil
                    : PieceScanner.known(patterns: Array(patterns.prefix(count))).map { (scanner: $0, count: count) }
            }.first
            if let known {
                steps.append(.scan(known.scanner))
                at += known.count
            } else {
                steps.append(parts[at].step)
                at += 1
            }
        }
        return steps
    }

    private static func append(_ place: JSONPlace, to parts: inout [Part]) throws(TokenizerError) {
        guard parts.count < maximumComponents else {
            throw TokenizerError(.limit, "\(place.path): more than \(maximumComponents) components")
        }
        func add(_ step: PreTokenizer.Step) { parts.append(Part(step: step)) }
        let type = try place.object().required("type").string()
        switch type {
        case "Sequence": for part in try place.required("pretokenizers").elements() { try append(part, to: &parts) }
        case "ByteLevel":
            if try place.required("add_prefix_space").bool() { parts.append(Part(step: .prefixSpace)) }
            if try place.bool("use_regex", default: true) {
                let pattern = try expression(byteLevelPattern)
                parts.append(Part(step: .split(pattern, .isolated, inverts: false), isolated: byteLevelPattern))
            }
            parts.append(Part(step: .spell))
        case "Split": parts.append(try split(place))
        case "Metaspace":
            add(
                .metaspace(
                    replacement: try place.required("replacement").character(), try prependScheme(place),
                    splits: try place.bool("split", default: true)))
        case "Whitespace": add(.whitespace)
        case "WhitespaceSplit": add(.whitespaceSplit)
        case "BertPreTokenizer": add(.bert)
        case "Punctuation": add(.punctuation(try place.member("behavior").map(behavior) ?? .isolated))
        case "Digits": add(.digits(individual: try place.required("individual_digits").bool()))
        case "UnicodeScripts": add(.unicodeScripts)
        case "CharDelimiterSplit":
            add(.characterDelimiter(try place.required("delimiter").character()))
        case "FixedLength":
            let length = try place.member("length")?.count() ?? 5
            guard length > 0 else { throw place.malformed("has a length of 0") }
            add(.fixedLength(length))
        default: throw place.unsupported("the pre-tokenizer \"\(type.prefix(64))\"")
        }
    }

    private static func split(_ place: JSONPlace) throws(TokenizerError) -> Part {
        let behavior = try behavior(try place.required("behavior"))
        let inverts = try place.required("invert").bool()
        let pattern = try place.required("pattern")
        let step = PreTokenizer.Step.split(try PatternReader.read(pattern), behavior, inverts: inverts)
        // A known pattern leaves nothing between its matches that could be removed.
        let isIsolated = behavior == .isolated || behavior == .removed && inverts
        guard isIsolated, let source = pattern.member("Regex") else { return Part(step: step) }
        let text = try source.string()
        // Known alone, or possibly as part of a sequence, which is only known for isolated matches.
        return Part(
            step: step, isolated: behavior == .isolated || PieceScanner.known(pattern: text) != nil ? text : nil)
    }

    private static func expression(_ pattern: String) throws(TokenizerError) -> TextPattern {
        .expression(
            try Array(pattern.utf8).withBytes { text throws(TokenizerError) in try PatternMatcher(text) })
    }

    private static func behavior(_ place: JSONPlace) throws(TokenizerError) -> SplitBehavior {
        guard let behavior = SplitBehavior(rawValue: try place.string()) else {
            throw place.malformed("is no behavior")
        }
        return behavior
    }

    /// The scheme of a `Metaspace`, also in the spelling of old files (`add_prefix_space`).
    static func prependScheme(_ place: JSONPlace) throws(TokenizerError) -> PreTokenizer.PrependScheme {
        var scheme = PreTokenizer.PrependScheme.always
        if let declared = place.member("prepend_scheme") {
            guard let known = PreTokenizer.PrependScheme(rawValue: try declared.string()) else {
                throw declared.malformed("is no scheme")
            }
            scheme = known
        }
        guard try place.bool("add_prefix_space", default: true) else {
            // Files older than the schemes say only this; newer ones say both, and must agree.
            guard place.member("prepend_scheme") == nil || scheme == .never else {
                throw place.malformed("has an add_prefix_space that contradicts its prepend_scheme")
            }
            return .never
        }
        return scheme
    }
}
