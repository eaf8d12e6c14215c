/// A set of byte strings with a 64-bit payload each, laid out as a double array: one step of a walk is one load and one
/// comparison. Immutable after it is built (`ByteTrieBuilder`).
///
/// The child of `node` for `byte` is at `base(node) ^ byte`, and is really one if its `check` names `node`. Units come
/// in blocks of 256 and every base lies in a block that exists, so no walk leaves the array.
final class ByteTrie: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): nothing is written after `init`.

    /// One node.
    struct Unit {
        /// Where the children are, in the low 31 bits; the highest bit says that a string ends here.
        var base: UInt32
        /// The parent's index; `free` for a unit that is no node.
        var check: UInt32
        /// What belongs to the string that ends here.
        var payload: UInt64

        static let terminal: UInt32 = 1 << 31
        static let free = UInt32.max
        /// The root's parent: nobody, not even the root, whose index is a possible child of its own.
        static let orphan = UInt32.max - 1

        @inline(__always) var isTerminal: Bool { base & Self.terminal != 0 }
    }

    /// Units of one trie: 16 times what the largest real vocabulary (262,000 tokens) needs, 256 MiB.
    static let maximumUnits = 1 << 24
    /// Index of the node of the empty string.
    static let root = 0

    let units: UnsafePointer<Unit>
    /// Units, a multiple of 256.
    let count: Int

    /// Takes over `units`, which `ByteTrieBuilder` allocated.
    init(units: UnsafeMutablePointer<Unit>, count: Int) {
        self.units = UnsafePointer(units)
        self.count = count
    }

    deinit { units.deallocate() }

    /// The child of `node` for `byte`; nil when no string goes on so.
    @inline(__always)
    static func child(_ units: UnsafePointer<Unit>, of node: Int, _ byte: UInt8) -> Int? {
        let next = Int(units[node].base & ~Unit.terminal) ^ Int(byte)
        return units[next].check == UInt32(truncatingIfNeeded: node) ? next : nil
    }

    /// The node that `bytes` lead to from `start`; nil when no string begins so.
    func node(of bytes: UnsafeRawBufferPointer, from start: Int = ByteTrie.root) -> Int? {
        var node = start
        for byte in bytes {
            guard let next = Self.child(units, of: node, byte) else { return nil }
            node = next
        }
        return node
    }

    /// Length of the longest string of the set that `bytes` begin with; 0 when there is none.
    func longestPrefix(of bytes: UnsafeRawBufferPointer) -> Int {
        var node = Self.root
        var longest = 0
        var at = 0
        while at < bytes.count, let next = Self.child(units, of: node, bytes[at]) {
            node = next
            at &+= 1
            if units[node].isTerminal { longest = at }
        }
        return longest
    }
}
