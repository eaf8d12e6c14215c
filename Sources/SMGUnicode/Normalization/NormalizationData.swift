internal import CUnicodeTables

/// What the tables say of scalars for normalization; made from the `normalizers` of tokenizers 0.23, whose Unicode is
/// older than that of its patterns.
struct NormalizationData: Sendable {
    /// The combining class in the low eight bits, and bits that say:
    struct Properties {
        let rawValue: UInt16

        /// Its place among marks that follow a base: marks of different classes may be reordered. 0 is no such mark.
        @inline(__always)
        var combiningClass: UInt16 { rawValue & 0xff }
        /// That it may join what is before it.
        @inline(__always)
        var combines: Bool { rawValue & 1 &<< 14 != 0 }
    }

    private let properties = ScalarMap(
        stage: cunicode_normalization_properties(), count: cunicode_normalization_properties_count(),
        blocks: cunicode_normalization_properties_blocks())
    private let canonical = ScalarMap(
        stage: cunicode_normalization_canonical(), count: cunicode_normalization_canonical_count(),
        blocks: cunicode_normalization_canonical_blocks())
    private let compatible = ScalarMap(
        stage: cunicode_normalization_compatible(), count: cunicode_normalization_compatible_count(),
        blocks: cunicode_normalization_compatible_blocks())

    /// That a text with it may not be in the form.
    static func suspect(_ form: NormalizationForm) -> UInt16 {
        switch form {
        case .nfc: 1 << 8
        case .nfd: 1 << 9
        case .nfkc: 1 << 10
        case .nfkd: 1 << 11
        }
    }

    /// That it, or what it becomes, changes what is before it; other scalars begin a part that can be looked at alone.
    static func joined(_ form: NormalizationForm) -> UInt16 { form.isCompatible ? 1 << 13 : 1 << 12 }

    @inline(__always)
    func properties(_ scalar: UInt32) -> Properties { Properties(rawValue: properties[scalar]) }

    /// The whole decomposition as UTF-16; empty when there is none. Hangul syllables are not in the tables.
    @inline(__always)
    func decomposition(_ scalar: UInt32, compatible isCompatible: Bool) -> UnsafeBufferPointer<UInt16> {
        var offset = isCompatible ? compatible[scalar] : 0
        if offset == 0 { offset = canonical[scalar] }
        let pool = cunicode_normalization_pool() + Int(offset)
        return UnsafeBufferPointer(start: pool + 1, count: Int(pool[0]))
    }

    /// What `first` and `second` join to; nil when they do not.
    @inline(__always)
    func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if let syllable = Hangul.composite(first, second) { return syllable }
        let slots: UnsafePointer<UInt32> = cunicode_normalization_pairs()
        var slot = Int((first &* 0x9e37_79b1 ^ second &* 0x85eb_ca6b) &>> 21)
        while true {
            let entry = slots + 3 &* slot
            // More than half of the slots are free.
            if entry[2] == 0 { return nil }
            if entry[0] == first, entry[1] == second { return entry[2] }
            slot = (slot &+ 1) & 2047
        }
    }
}

/// Korean syllables, whose parts follow from their numbers (The Unicode Standard, section 3.12).
enum Hangul {
    private static let syllables: UInt32 = 0xac00
    private static let leads: UInt32 = 0x1100
    private static let vowels: UInt32 = 0x1161
    private static let trails: UInt32 = 0x11a7
    private static let leadCount: UInt32 = 19
    private static let vowelCount: UInt32 = 21
    /// One of them stands for "none".
    private static let trailCount: UInt32 = 28
    private static let count: UInt32 = 11_172

    /// Two or three jamo, the third 0 when there are two; nil when `scalar` is no syllable.
    @inline(__always)
    static func decomposed(_ scalar: UInt32) -> (UInt32, UInt32, UInt32)? {
        let index = scalar &- syllables
        guard index < count else { return nil }
        let trail = index % trailCount
        let pair = index / trailCount
        return (leads + pair / vowelCount, vowels + pair % vowelCount, trail == 0 ? 0 : trails + trail)
    }

    @inline(__always)
    static func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if first &- leads < leadCount, second &- vowels < vowelCount {
            return syllables + ((first - leads) * vowelCount + second - vowels) * trailCount
        }
        let index = first &- syllables
        let trail = second &- trails
        if index < count, index % trailCount == 0, trail > 0, trail < trailCount { return first + trail }
        return nil
    }
}
