internal import CUnicodeTables

/// The traits of every scalar as one version of Unicode has them: two stages behind pointers to constant memory.
///
/// Tokenizers were trained through regex engines of a certain Unicode version; a scalar newer than that is no letter to
/// them. A scanner holds the table in a local and asks it for each scalar, or `ascii` directly for bytes below 128.
public struct ScalarTable: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): the memory is constant and lives as long as the process.

    /// The block of each run of 128 scalars; runs from `blockCount` on have no traits.
    @usableFromInline let stage: UnsafePointer<UInt16>
    @usableFromInline let blockCount: UInt32
    @usableFromInline let blocks: UnsafePointer<UInt8>

    /// Traits of the 128 scalars of ASCII, as raw values. The same in every table.
    public let ascii: UnsafePointer<UInt8>

    private init(stage: UnsafePointer<UInt16>, count: UInt32) {
        self.stage = stage
        blockCount = count
        blocks = cunicode_traits_blocks()
        // The generator lays the block of U+0000 first.
        ascii = blocks
    }

    /// What Oniguruma sees, the engine of patterns in a tokenizer.json (tokenizers 0.23: Unicode 16).
    package static var oniguruma: ScalarTable {
        ScalarTable(stage: cunicode_traits_engines(), count: cunicode_traits_engines_count())
    }

    /// What the Rust crates `regex` and `fancy-regex` see, the engines of tiktoken's patterns (tiktoken 0.14:
    /// Unicode 16, equal to `oniguruma` in every scalar; the generator checks it).
    package static var rust: ScalarTable { oniguruma }

    /// The newest Unicode the generator's libraries know.
    package static var newest: ScalarTable {
        ScalarTable(stage: cunicode_traits_newest(), count: cunicode_traits_newest_count())
    }

    /// The traits of `scalar`; none for numbers above U+10FFFF and for surrogates.
    @inlinable @inline(__always)
    public func traits(_ scalar: UInt32) -> ScalarTraits {
        let block = scalar &>> 7
        guard block < blockCount else { return [] }
        return ScalarTraits(rawValue: blocks[Int(stage[Int(block)]) &<< 7 &+ Int(scalar & 0x7f)])
    }
}
