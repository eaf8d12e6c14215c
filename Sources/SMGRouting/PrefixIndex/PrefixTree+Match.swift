/// Where a walk down the tree ended.
struct MatchEnd {
    /// The deepest node of which at least one label byte matched; the root when there is none.
    var node: UInt32
    /// Matched bytes of that node's label.
    var partial: Int
    /// Matched bytes of the prompt.
    var matched: Int
    /// The walk was given up at `RoutingLimits.walkNodes`; the tree may know more.
    var isCut = false
}

extension PrefixTree {
    /// Walks down as far as `prompt` goes, inside the last label too.
    func match(_ prompt: UnsafeRawBufferPointer) -> MatchEnd {
        var end = MatchEnd(node: root, partial: 0, matched: 0)
        guard let bytes = prompt.baseAddress else { return end }
        var passed = 0
        while end.matched < prompt.count {
            let next = child(of: end.node, key: bytes.load(fromByteOffset: end.matched, as: UInt8.self))
            if next == 0 { break }
            if passed == RoutingLimits.walkNodes {
                end.isCut = true
                break
            }
            passed += 1
            let length = Int(node(next).pointee.labelLength)
            let comparable = min(length, prompt.count - end.matched)
            let common = Self.commonPrefix(UnsafeRawPointer(label(next)), bytes + end.matched, comparable)
            end = MatchEnd(node: next, partial: common, matched: end.matched + common)
            if common < length { break }
        }
        return end
    }

    /// Number of equal bytes at the start of `a` and `b`, at most `count`.
    @inline(__always)
    static func commonPrefix(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Int {
        var at = 0
        while at &+ 64 <= count {
            // Four vectors of the width every x86-64 and arm64 has, one branch.
            let first = difference(a + at, b + at) | difference(a + at + 16, b + at + 16)
            let second = difference(a + at + 32, b + at + 32) | difference(a + at + 48, b + at + 48)
            let all = first | second
            if all[0] | all[1] != 0 { break }
            at &+= 64
        }
        while at &+ 8 <= count {
            let x = (a + at).loadUnaligned(as: UInt64.self)
            let y = (b + at).loadUnaligned(as: UInt64.self)
            if x != y { return at &+ (UInt64(littleEndian: x ^ y).trailingZeroBitCount >> 3) }
            at &+= 8
        }
        while at < count && a.load(fromByteOffset: at, as: UInt8.self) == b.load(fromByteOffset: at, as: UInt8.self) {
            at &+= 1
        }
        return at
    }
}

@inline(__always)
private func difference(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer) -> SIMD2<UInt64> {
    a.loadUnaligned(as: SIMD2<UInt64>.self) ^ b.loadUnaligned(as: SIMD2<UInt64>.self)
}

/// The result of a walk, offered to the code that chooses the tenant. Valid inside that call only.
package struct PrefixMatch {
    /// Bytes of the prompt that are compared and indexed at most.
    package let promptBytes: Int
    /// Leading bytes of the prompt that some tenant has.
    package let matchedBytes: Int

    private let chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>
    private var node: UInt32
    private var depth: Int
    private var partial: Int
    private var steps = 0
    private var levels = 0
    private var lastCount = 0

    init(_ end: MatchEnd, promptBytes: Int, in tree: borrowing PrefixTree) {
        self.promptBytes = promptBytes
        matchedBytes = end.matched
        chunks = tree.arena.chunks
        node = end.node
        depth = end.matched
        partial = end.partial
    }

    /// One set of holders and how much of the prompt all of them have.
    package struct Level {
        /// Bytes of the prompt that every holder has.
        package let matchedBytes: Int
        /// The tenants that have them.
        package let holders: TenantSet
    }

    /// The holders of the longest match first, then each larger set that holds a shorter part. Nil at the root, or
    /// after `RoutingLimits.holderLevels` sets or `holderSteps` nodes.
    package mutating func nextLevel() -> Level? {
        while depth > 0, steps < RoutingLimits.holderSteps, levels < RoutingLimits.holderLevels {
            let header = Self.header(node, chunks)
            let level = Level(matchedBytes: depth, holders: TenantSet(header.pointee.tenants, in: chunks))
            depth -= partial
            node = header.pointee.parent
            partial = Int(Self.header(node, chunks).pointee.labelLength)
            steps += 1
            // A parent's set includes the child's: the same count is the same set, which was looked at already.
            if level.holders.count == lastCount { continue }
            lastCount = level.holders.count
            levels += 1
            return level
        }
        return nil
    }

    private static func header(
        _ reference: UInt32, _ chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>
    ) -> UnsafeMutablePointer<PrefixNode> {
        // SAFETY: as in `PrefixTree.node`; the index stays locked while a `PrefixMatch` is in use.
        Arena.address(reference, in: chunks).assumingMemoryBound(to: PrefixNode.self)
    }
}
