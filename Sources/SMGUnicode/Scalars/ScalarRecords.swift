internal import CUnicodeTables

/// The record of every scalar: its row in the columns of properties that patterns do not ask for.
enum ScalarRecords {
    private static var numbers: ScalarMap<UInt16> {
        ScalarMap(stage: cunicode_records(), count: cunicode_records_count(), blocks: cunicode_record_blocks())
    }

    /// The row of `scalar`, which may be any number; row 0 has no property at all.
    @inline(__always)
    static func row(_ scalar: UInt32) -> Int { Int(numbers[scalar]) }
}
