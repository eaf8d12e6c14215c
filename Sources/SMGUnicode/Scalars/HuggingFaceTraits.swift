internal import CUnicodeTables

/// What the normalizers and pre-tokenizers of Hugging Face's tokenizers ask of a scalar beside patterns.
///
/// Made from tokenizers 0.23 itself: it draws on tables of several Unicode versions, and on some ranges with mistakes.
public struct HuggingFaceTraits: OptionSet, Hashable, Sendable {
    // Members are computed: a stored constant of another module costs a check for its first use each time.

    public let rawValue: UInt8

    @inlinable @inline(__always)
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// What `Digits` parts: Rust's `char::is_numeric`.
    @inlinable @inline(__always)
    public static var numeric: HuggingFaceTraits { HuggingFaceTraits(rawValue: 1 << 0) }
    /// What `Punctuation` and `BertPreTokenizer` part.
    @inlinable @inline(__always)
    public static var punctuation: HuggingFaceTraits { HuggingFaceTraits(rawValue: 1 << 1) }
    /// What `BertNormalizer` removes with `clean_text`. All `space` that it keeps becomes U+0020.
    @inlinable @inline(__always)
    public static var removedByCleaning: HuggingFaceTraits { HuggingFaceTraits(rawValue: 1 << 2) }
    /// What `BertNormalizer` puts between spaces with `handle_chinese_chars`.
    @inlinable @inline(__always)
    public static var chinese: HuggingFaceTraits { HuggingFaceTraits(rawValue: 1 << 3) }
    /// What `BertNormalizer` removes with `strip_accents`, after form D.
    @inlinable @inline(__always)
    public static var accent: HuggingFaceTraits { HuggingFaceTraits(rawValue: 1 << 4) }
    /// What `StripAccents` removes.
    @inlinable @inline(__always)
    public static var combiningMark: HuggingFaceTraits { HuggingFaceTraits(rawValue: 1 << 5) }
    /// What `Whitespace` takes for a part of a word: Rust's `\w`, which also decides on `single_word` of added tokens.
    @inlinable @inline(__always)
    public static var word: HuggingFaceTraits { HuggingFaceTraits(rawValue: 1 << 6) }

    /// The traits of `scalar`, which may be any number.
    package static func of(_ scalar: UInt32) -> HuggingFaceTraits {
        HuggingFaceTraits(rawValue: cunicode_record_hugging_face()[ScalarRecords.row(scalar)])
    }

    /// A number for the script of `scalar` as `UnicodeScripts` sees it (Kana and Han are one); 0 goes with any script.
    package static func scriptClass(_ scalar: UInt32) -> UInt8 {
        cunicode_record_script()[ScalarRecords.row(scalar)]
    }

    /// Rust's `char::is_whitespace`, which `WhitespaceSplit`, `Strip` and `BertPreTokenizer` go by.
    package static func isSpace(_ scalar: UInt32) -> Bool { ScalarTable.newest.traits(scalar).contains(.space) }
}
