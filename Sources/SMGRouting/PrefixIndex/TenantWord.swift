/// The tenants of one node in one word.
///
/// The top two bits tell the form: a mask of the tenants 0 to 61; a list of one to four 15-bit numbers; or a reference
/// to a block of the arena, a sorted table of numbers or a bit set, together with the number of members. A set that
/// fits the word is in the word.
struct TenantWord: Equatable {
    var bits: UInt64 = 0

    /// Tenants that fit the mask.
    static let maskTenants = 62
    static let listCapacity = 4
    /// Members of a table at most: a longer one is searched no faster than a bit set, and moves more.
    static let tableCapacity = 60
    private static let listTag: UInt64 = 1 << 62
    private static let tableTag: UInt64 = 2 << 62
    private static let bitSetTag: UInt64 = 3 << 62

    enum Form { case mask, list, table, bitSet }

    @inline(__always)
    var form: Form {
        switch bits >> 62 {
        case 0: .mask
        case 1: .list
        case 2: .table
        default: .bitSet
        }
    }

    /// Whether the members are in a block of the arena.
    var hasBlock: Bool { bits >> 63 != 0 }

    /// The empty set.
    init() {}

    /// The set of `tenant` alone.
    init(_ tenant: Int) {
        bits = tenant < Self.maskTenants ? 1 << UInt64(tenant) : Self.listTag | UInt64(tenant)
    }

    init(mask: UInt64) { bits = mask }

    /// The list of `count` (1…4) tenants that `member` names.
    init(count: Int, member: (Int) -> Int) {
        bits = Self.listTag | UInt64(count - 1) << 60
        for i in 0..<count { bits |= UInt64(member(i)) << UInt64(i * 15) }
    }

    init(table block: UInt32, count: Int) { bits = Self.tableTag | UInt64(count) << 32 | UInt64(block) }

    init(bitSet block: UInt32, count: Int) { bits = Self.bitSetTag | UInt64(count) << 32 | UInt64(block) }

    /// The arena block of a table or bit set.
    var block: UInt32 { UInt32(truncatingIfNeeded: bits) }

    @inline(__always)
    var count: Int {
        switch form {
        case .mask: bits.nonzeroBitCount
        case .list: Int((bits >> 60) & 3) + 1
        case .table, .bitSet: Int((bits >> 32) & 0xffff)
        }
    }

    /// Member `i` of a list.
    @inline(__always)
    func listed(_ i: Int) -> Int { Int((bits >> UInt64(i * 15)) & 0x7fff) }
}
