internal import CUnicodeTables

/// One to three scalars that a scalar becomes in another case.
package struct CaseMapping: Hashable, Sendable {
    package let first: UInt32
    /// 0 when there is none.
    package let second: UInt32
    /// 0 when there is none.
    package let third: UInt32
}

/// The full case mappings of single scalars, without rules that look around. Other scalars stay what they are.
package enum ScalarCase {
    /// Set in a table's number that is the place of several scalars; others are distances.
    private static let expanded: UInt32 = 1 << 31

    /// Rust's `char::to_lowercase`, and Python's but for the final sigma.
    package static func lower(_ scalar: UInt32) -> CaseMapping { mapping(scalar, cunicode_record_lower()) }

    /// Python's `str.upper` of one scalar.
    package static func upper(_ scalar: UInt32) -> CaseMapping { mapping(scalar, cunicode_record_upper()) }

    /// Python's `str.title` of one scalar.
    package static func title(_ scalar: UInt32) -> CaseMapping { mapping(scalar, cunicode_record_title()) }

    private static func mapping(_ scalar: UInt32, _ column: UnsafePointer<UInt32>) -> CaseMapping {
        let distance = column[ScalarRecords.row(scalar)]
        if distance & expanded == 0 {
            // 31 bits, so that distances back wrap around.
            let mapped = distance == 0 ? scalar : (scalar &+ distance) & ~expanded
            return CaseMapping(first: mapped, second: 0, third: 0)
        }
        let entry = cunicode_case_expansions() + Int(distance & ~expanded)
        return CaseMapping(first: entry[1], second: entry[2], third: entry[0] > 2 ? entry[3] : 0)
    }
}
