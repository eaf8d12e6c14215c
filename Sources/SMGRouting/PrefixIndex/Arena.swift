/// Memory of one prefix index: blocks of 16-byte granules out of large chunks, named by 32-bit references.
///
/// A two-level segregated fit: free blocks hang in lists by size class (16 classes per power of two), two bitmaps find
/// the first list that fits, and a freed block is joined with its free neighbours. Allocating and freeing take
/// constant time and the joined blocks keep fragmentation low, which the hard cap needs. The arena never evicts; its
/// owner does.
///
/// A used block starts with its 4-byte header and leaves the other bytes to its owner. Reference 0 means "none".
struct Arena: ~Copyable {
    static let granule = 16
    /// Granules addressed by one chunk index: 1 MiB.
    static let chunkGranules = 1 << 16
    /// Granules of the largest block: 16 KiB, several times what a node or a set of all tenants needs.
    private static let largestBlock = 1 << 10
    /// A remainder of the cap below this is not worth a chunk.
    private static let smallestChunkBytes = 16 << 10
    private static let classesPerPower = 16
    private static let powers = 13

    private static let freeFlag: UInt32 = 1 << 31
    private static let previousFreeFlag: UInt32 = 1 << 30
    private static let sizeMask: UInt32 = 0xffff

    /// Bytes this arena may reserve at most, tables included.
    let maxBytes: Int
    /// Bytes reserved from the system, tables included.
    private(set) var reservedBytes: Int
    /// Bytes of the cap that chunks may not take, because the owner's tables will want them.
    private var tableBytes: Int
    /// Granules in used blocks.
    private(set) var usedGranules = 0
    private(set) var chunkCount = 0

    let chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>
    private let chunkCapacity: Int
    private let heads: UnsafeMutablePointer<UInt32>
    private let classes: UnsafeMutablePointer<UInt16>
    private var occupiedPowers: UInt32 = 0

    /// `tableBytes` of the cap are kept for tables of the owner.
    init(maxBytes: Int, tableBytes: Int) {
        self.tableBytes = tableBytes
        let limits = RoutingLimits.indexBytes
        self.maxBytes = min(max(maxBytes, limits.lowerBound), limits.upperBound)
        chunkCapacity = self.maxBytes / (Self.chunkGranules * Self.granule) + 1
        chunks = .allocate(capacity: chunkCapacity)
        heads = .allocate(capacity: Self.powers * Self.classesPerPower)
        heads.initialize(repeating: 0, count: Self.powers * Self.classesPerPower)
        classes = .allocate(capacity: Self.powers)
        classes.initialize(repeating: 0, count: Self.powers)
        reservedBytes = chunkCapacity * 8 + Self.powers * (Self.classesPerPower * 4 + 2)
    }

    deinit {
        for i in 0..<chunkCount { chunks[i].deallocate() }
        chunks.deallocate()
        heads.deallocate()
        classes.deallocate()
    }

    /// Bytes in used blocks, headers and rounding included.
    var usedBytes: Int { usedGranules * Self.granule }

    /// The address of block `reference`.
    @inline(__always)
    func at(_ reference: UInt32) -> UnsafeMutableRawPointer { Self.address(reference, in: chunks) }

    /// The same for a reader that only has the chunk table.
    @inline(__always)
    static func address(
        _ reference: UInt32, in chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>
    ) -> UnsafeMutableRawPointer {
        chunks[Int(reference >> 16)] + Int(reference & 0xffff) << 4
    }

    /// Granules of the used block `reference`.
    @inline(__always)
    func size(_ reference: UInt32) -> Int { Int(header(reference) & Self.sizeMask) }

    /// Counts a table that the owner keeps outside the chunks. False when the part of the cap for tables is spent.
    mutating func charge(bytes: Int) -> Bool {
        guard bytes <= tableBytes else { return false }
        tableBytes -= bytes
        reservedBytes += bytes
        return true
    }
}

// MARK: - Allocation

extension Arena {
    /// A block of at least `bytes`, header included, or 0. New chunks are reserved only when `growing`.
    mutating func allocate(bytes: Int, growing: Bool = true) -> UInt32 {
        let wanted = max(1, (bytes + Self.granule - 1) / Self.granule)
        guard wanted <= Self.largestBlock else { return 0 }
        while true {
            let found = findFree(wanted)
            if found != 0 {
                take(found, wanted)
                return found
            }
            guard growing, addChunk() else { return 0 }
        }
    }

    /// Gives a block back and joins it with its free neighbours.
    mutating func free(_ reference: UInt32) {
        var start = reference
        var count = size(reference)
        usedGranules -= count
        let next = start &+ UInt32(count)
        if header(next) & Self.freeFlag != 0 {
            unlink(next)
            count += size(next)
        }
        if header(start) & Self.previousFreeFlag != 0 {
            let before = Int(word(at(start), -4).pointee)
            start &-= UInt32(before)
            unlink(start)
            count += before
        }
        link(start, count)
    }

    /// Shrinks a used block to `bytes`, header included.
    mutating func trim(_ reference: UInt32, bytes: Int) {
        let wanted = max(1, (bytes + Self.granule - 1) / Self.granule)
        let count = size(reference)
        guard wanted < count else { return }
        setHeader(reference, wanted, header(reference) & Self.previousFreeFlag)
        let tail = reference &+ UInt32(wanted)
        setHeader(tail, count - wanted, 0)
        free(tail)
    }

    private mutating func addChunk() -> Bool {
        let bytes = min(
            Self.chunkGranules * Self.granule, (maxBytes - reservedBytes - tableBytes) & ~(Self.granule - 1))
        guard bytes >= Self.smallestChunkBytes, chunkCount < chunkCapacity else { return false }
        // SAFETY: the chunk's last granule is a used block of size 0 that ends every walk and join; its first one is
        // left out so that no reference is 0.
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.granule)
        chunks[chunkCount] = memory
        let base = UInt32(chunkCount) << 16
        chunkCount += 1
        reservedBytes += bytes
        let end = UInt32(bytes / Self.granule - 1)
        setHeader(base, 1, 0)
        setHeader(base + end, 0, 0)
        link(base + 1, Int(end) - 1)
        return true
    }

    private mutating func take(_ reference: UInt32, _ wanted: Int) {
        let count = size(reference)
        unlink(reference)
        if count > wanted { link(reference &+ UInt32(wanted), count - wanted) }
        setHeader(reference, wanted, 0)
        let next = reference &+ UInt32(wanted)
        if count == wanted { word(at(next), 0).pointee &= ~Self.previousFreeFlag }
        usedGranules += wanted
    }
}

// MARK: - Free lists

extension Arena {
    @inline(__always)
    private func word(_ address: UnsafeMutableRawPointer, _ offset: Int) -> UnsafeMutablePointer<UInt32> {
        // SAFETY: blocks are 16-byte aligned and at least 16 bytes long, so their four words are in bounds and aligned.
        (address + offset).assumingMemoryBound(to: UInt32.self)
    }

    @inline(__always)
    private func header(_ reference: UInt32) -> UInt32 { word(at(reference), 0).pointee }

    @inline(__always)
    private func setHeader(_ reference: UInt32, _ count: Int, _ flags: UInt32) {
        word(at(reference), 0).pointee = UInt32(count) | flags
    }

    /// The size class of a block of `count` granules.
    @inline(__always)
    private static func sizeClass(_ count: Int) -> (power: Int, within: Int) {
        if count < classesPerPower { return (0, count) }
        let log = Int.bitWidth - 1 - count.leadingZeroBitCount
        return (log - 3, (count >> (log - 4)) & (classesPerPower - 1))
    }

    private func findFree(_ wanted: Int) -> UInt32 {
        // Rounded up to the next class, so that whatever hangs there fits without a search.
        var rounded = wanted
        if wanted >= Self.classesPerPower {
            rounded += 1 << (Int.bitWidth - 5 - wanted.leadingZeroBitCount) - 1
        }
        let (power, within) = Self.sizeClass(rounded)
        let here = UInt32(classes[power]) & (~0 << UInt32(within))
        if here != 0 { return heads[power * Self.classesPerPower + here.trailingZeroBitCount] }
        let above = occupiedPowers & (~0 << UInt32(power + 1))
        guard above != 0 else { return 0 }
        let other = above.trailingZeroBitCount
        return heads[other * Self.classesPerPower + classes[other].trailingZeroBitCount]
    }

    /// Makes `count` granules from `reference` on a free block whose neighbours are used.
    private mutating func link(_ reference: UInt32, _ count: Int) {
        let (power, within) = Self.sizeClass(count)
        let slot = power * Self.classesPerPower + within
        let address = at(reference)
        let head = heads[slot]
        setHeader(reference, count, Self.freeFlag)
        word(address, 4).pointee = 0
        word(address, 8).pointee = head
        word(address, count * Self.granule - 4).pointee = UInt32(count)
        if head != 0 { word(at(head), 4).pointee = reference }
        heads[slot] = reference
        classes[power] |= 1 << UInt16(within)
        occupiedPowers |= 1 << UInt32(power)
        word(address, count * Self.granule).pointee |= Self.previousFreeFlag
    }

    private mutating func unlink(_ reference: UInt32) {
        let address = at(reference)
        let previous = word(address, 4).pointee
        let next = word(address, 8).pointee
        if next != 0 { word(at(next), 4).pointee = previous }
        guard previous == 0 else {
            word(at(previous), 8).pointee = next
            return
        }
        let (power, within) = Self.sizeClass(size(reference))
        heads[power * Self.classesPerPower + within] = next
        guard next == 0 else { return }
        classes[power] &= ~(1 << UInt16(within))
        if classes[power] == 0 { occupiedPowers &= ~(1 << UInt32(power)) }
    }
}

// MARK: - Self-check

extension Arena {
    /// Walks every chunk and free list; a sentence about the first thing that is wrong, or nil. For tests.
    func inconsistency() -> String? {
        var used = 0
        var free = 0
        for chunk in 0..<chunkCount {
            var reference = UInt32(chunk) << 16 + 1
            var previousFree = false
            while size(reference) != 0 {
                let isFree = header(reference) & Self.freeFlag != 0
                let saysPrevious = header(reference) & Self.previousFreeFlag != 0
                if saysPrevious != previousFree { return "block \(reference) is wrong about its predecessor" }
                if isFree && previousFree { return "free blocks before \(reference) were not joined" }
                if isFree { free += size(reference) } else { used += size(reference) }
                previousFree = isFree
                reference += UInt32(size(reference))
            }
        }
        if used != usedGranules { return "\(used) granules are used, \(usedGranules) counted" }
        var listed = 0
        for slot in 0..<Self.powers * Self.classesPerPower {
            var reference = heads[slot]
            while reference != 0 {
                if header(reference) & Self.freeFlag == 0 { return "used block \(reference) in a free list" }
                listed += size(reference)
                reference = word(at(reference), 8).pointee
            }
        }
        if listed != free { return "\(free) granules are free, \(listed) listed" }
        return reservedBytes <= maxBytes ? nil : "\(reservedBytes) bytes reserved of \(maxBytes)"
    }
}
