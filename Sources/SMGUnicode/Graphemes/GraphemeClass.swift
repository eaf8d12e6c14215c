internal import CUnicodeTables

/// What the rules of grapheme clusters ask of a scalar (UAX #29), in one byte.
struct GraphemeClass: Equatable {
    let rawValue: UInt8

    /// The numbers of Grapheme_Cluster_Break; scripts/unicode/properties.py has them too.
    enum Break: UInt8 {
        case other, carriageReturn, lineFeed, control, extend, joiner, regionalIndicator, prepend, spacingMark
        case lead, vowel, trail, leadVowel, leadVowelTrail
    }

    static func of(_ scalar: UInt32) -> GraphemeClass {
        GraphemeClass(rawValue: cunicode_record_cluster()[ScalarRecords.row(scalar)])
    }

    @inline(__always)
    var clusterBreak: Break { Break(rawValue: rawValue & 0xf) ?? .other }
    @inline(__always)
    var isPictograph: Bool { rawValue & 0x10 != 0 }
    /// A consonant that may form a conjunct.
    @inline(__always)
    var isConsonant: Bool { rawValue &>> 5 == 1 }
    /// A virama, which links consonants.
    @inline(__always)
    var isLinker: Bool { rawValue &>> 5 == 2 }
    /// What may stand between consonants beside linkers.
    @inline(__always)
    var extendsConjunct: Bool { rawValue &>> 5 == 3 }
}
