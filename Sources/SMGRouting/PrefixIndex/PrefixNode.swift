/// Header of a node's block; the label's bytes follow it.
///
/// A leaf uses the two links for its place in the clock (the queue of eviction), an inner node for its child table.
struct PrefixNode {
    /// The arena's word. Not ours.
    private var block: UInt32
    var parent: UInt32
    /// Who has this prefix: see `TenantWord`.
    var tenants: TenantWord
    /// Leaf: the next more recent leaf of the clock. Inner node: its child table.
    var first: UInt32
    /// Leaf: the next less recent leaf of the clock. Inner node: the number of its children.
    var second: UInt32
    var labelLength: UInt16
    /// How the child table is laid out; `.none` for a leaf.
    var form: ChildForm
    var flags: UInt8
    private var reserved: UInt32

    static let headerBytes = 32
    /// The leaf was matched since the clock last passed it.
    static let referenced: UInt8 = 1
    /// The leaf is in the clock.
    static let queued: UInt8 = 2

    var isLeaf: Bool { form == .none }

    /// Turns fresh memory into a leaf without tenants; leaves the arena's word alone.
    mutating func initialize(parent: UInt32, labelLength: Int) {
        self.parent = parent
        tenants = TenantWord()
        first = 0
        second = 0
        self.labelLength = UInt16(labelLength)
        form = .none
        flags = 0
        reserved = 0
    }
}

/// Layouts of a child table, by how many children fit. Lists are sorted by the first byte of the child's label.
enum ChildForm: UInt8 {
    case none, five, sixteen, thirtyTwo, direct

    var capacity: Int {
        switch self {
        case .none: 0
        case .five: 5
        case .sixteen: 16
        case .thirtyTwo: 32
        case .direct: 256
        }
    }

    /// Offset of the keys in the block.
    var keys: Int { self == .five ? 4 : 16 }

    /// Offset of the child references in the block.
    var references: Int {
        switch self {
        case .none: 0
        case .five: 12
        case .sixteen: 32
        case .thirtyTwo: 48
        case .direct: 16
        }
    }

    var bytes: Int { references + capacity * 4 }

    var larger: ChildForm { ChildForm(rawValue: rawValue + 1) ?? .direct }

    /// The form to fall back to when only `count` children are left; some slack keeps a table from flapping.
    func shrunk(_ count: Int) -> ChildForm {
        switch self {
        case .direct where count <= 24: .thirtyTwo
        case .thirtyTwo where count <= 12: .sixteen
        case .sixteen where count <= 3: .five
        default: self
        }
    }
}
