/// Which patterns have a scanner.
extension PieceScanner {
    /// The scanner of one pattern that matches all of a text (`Split`, isolated, not inverted, or tiktoken's pattern);
    /// nil for patterns that have none.
    package static func known(pattern: String) -> PieceScanner? {
        for (family, patterns) in patterns where patterns.contains(pattern) { return PieceScanner(family) }
        return nil
    }

    /// The scanner of several splits (isolated, not inverted) applied one after the other.
    package static func known(patterns list: [String]) -> PieceScanner? {
        if list.count == 1 { return known(pattern: list[0]) }
        guard list.count == deepSeekV3Splits.count else { return nil }
        // Some copies of the file have escapes for its line ends.
        let spelled = list.map { $0.replacing(#"\r\n"#, with: "\r\n") }
        return spelled == deepSeekV3Splits ? PieceScanner(.deepSeekV3) : nil
    }

    private static let deepSeekV3Splits = [
        #"\p{N}{1,3}"#,
        "[一-龥\u{3040}-ゟ゠-ヿ]+",
        // The published file has line ends in the pattern themselves, not escapes.
        ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\##r\##n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"##
            + ##"| ?[\p{P}\p{S}]+[\##r\##n]*|\s*[\##r\##n]+|\s+(?!\S)|\s+"##,
    ]

    private static let tail = #"|\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
    private static let upperPart = #"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}"#
    private static let lowerPart = #"\p{Ll}\p{Lm}\p{Lo}\p{M}"#

    /// The two kinds of words of o200k and its kin.
    private static func mixedWords(except: String = "", contractions: String) -> String {
        let prefix = #"[^\r\n\p{L}\p{N}]?"#
        return prefix + "[\(upperPart)\(except)]*[\(lowerPart)\(except)]+\(contractions)|"
            + prefix + "[\(upperPart)\(except)]+[\(lowerPart)\(except)]*\(contractions)|"
    }

    private static let patterns: [(Family, [String])] = [
        (
            .gpt2,
            [
                #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
                #"'s|'t|'re|'ve|'m|'ll|'d| ?[\p{L}]+| ?[\p{N}]+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
                #"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
                #"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"#,
            ]
        ),
        (
            .cl100k,
            [
                contractions + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"# + tail,
                #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"# + tail,
                #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*"#
                    + #"|\s*[\r\n]|\s+(?!\S)|\s+"#,
            ]
        ),
        (
            .cl100kTiktoken,
            [
                #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"#
                    + #"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"#
            ]
        ),
        (
            .qwen2,
            [
                contractions + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"# + tail
            ]
        ),
        (
            .qwen35,
            [
                contractions + #"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"# + tail
            ]
        ),
        (
            .o200k,
            [
                mixedWords(contractions: contractions + "?") + #"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*"# + tail
            ]
        ),
        (
            .tekken,
            [
                mixedWords(contractions: "") + #"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*"# + tail
            ]
        ),
        (
            .kimi,
            [
                #"[\p{Han}]+|"# + mixedWords(except: #"&&[^\p{Han}]"#, contractions: contractions + "?")
                    + #"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"# + tail
            ]
        ),
    ]
}
