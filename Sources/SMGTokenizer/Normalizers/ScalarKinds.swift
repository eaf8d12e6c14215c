internal import SMGBase
internal import SMGUnicode

/// Kinds of scalars as the reference's components ask for them.
enum ScalarKinds {
    @inline(__always)
    static func traits(_ scalar: UInt32) -> HuggingFaceTraits { HuggingFaceTraits.of(scalar) }

    /// What `StripAccents` takes away.
    static func isMark(_ scalar: UInt32) -> Bool { scalar >= 0x300 && traits(scalar).contains(.combiningMark) }

    /// What BERT's normalizer takes away as an accent.
    static func isNonspacingMark(_ scalar: UInt32) -> Bool { scalar >= 0x300 && traits(scalar).contains(.accent) }

    static func isNumeric(_ scalar: UInt32) -> Bool {
        scalar < 0x80 ? scalar &- 48 < 10 : traits(scalar).contains(.numeric)
    }

    @inline(__always)
    static func isPunctuation(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return scalar > 0x20 && scalar < 0x7f && !isASCIIWord(scalar) }
        return traits(scalar).contains(.punctuation)
    }

    /// What BERT's normalizer removes when it cleans.
    static func isBertControl(_ scalar: UInt32) -> Bool { traits(scalar).contains(.removedByCleaning) }

    /// What BERT's normalizer sets apart.
    static func isBertIdeograph(_ scalar: UInt32) -> Bool { scalar >= 0x3400 && traits(scalar).contains(.chinese) }

    /// Word characters as the reference's regex crate has them (`\w`).
    @inline(__always)
    static func isWord(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return scalar == 0x5f || isASCIIWord(scalar) }
        return traits(scalar).contains(.word)
    }

    /// A number for the script, 0 for scalars that go with any.
    static func script(_ scalar: UInt32) -> UInt8 { HuggingFaceTraits.scriptClass(scalar) }

    /// Appends the lower case of `scalar`; false, with nothing appended, when it is its own.
    static func appendLowercase(_ scalar: UInt32, to out: ByteBuffer) -> Bool {
        let lower = ScalarCase.lower(scalar)
        if lower.second == 0, lower.first == scalar { return false }
        for scalar in [lower.first, lower.second, lower.third] where scalar != 0 { append(scalar, to: out) }
        return true
    }

    private static func append(_ scalar: UInt32, to out: ByteBuffer) {
        let width = UTF8Text.width(scalar)
        out.reserve(width)
        UTF8Text.encode(scalar, to: out.writable.baseAddress!)
        out.commit(width)
    }

    /// ASCII letters and digits.
    @inline(__always)
    private static func isASCIIWord(_ scalar: UInt32) -> Bool { scalar &- 48 < 10 || (scalar | 0x20) &- 97 < 26 }
}
