internal import CLinux
internal import SMGBase

/// Memory for the values of one rendering or one program: handed out from large blocks, freed all at once.
///
/// Not thread-safe while it hands out memory.
final class Arena {
    /// The block that is being handed out.
    private var cursor: UnsafeMutableRawPointer
    private var room: Int
    private var blocks: [UnsafeMutableRawPointer] = []
    /// Bytes that may still be asked for.
    private var left: Int

    private static let firstBlock = 16 << 10
    private static let block = 256 << 10
    private static let alignment = 16

    /// An arena of at most about `limit` bytes.
    init(limit: Int) {
        left = limit
        cursor = .allocate(byteCount: Self.firstBlock, alignment: Self.alignment)
        room = Self.firstBlock
        blocks.append(cursor)
    }

    deinit { for block in blocks { block.deallocate() } }

    /// `count` bytes, aligned to 16; nil when the arena's bound is reached.
    @inline(__always)
    func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
        let rounded = (count &+ 15) & ~15
        guard count >= 0, rounded <= room else { return allocateSlowly(count) }
        let memory = cursor
        cursor += rounded
        room &-= rounded
        return memory
    }

    @inline(never)
    private func allocateSlowly(_ count: Int) -> UnsafeMutableRawPointer? {
        guard count >= 0, count <= left else { return nil }
        let rounded = (count &+ 15) & ~15
        if rounded > Self.block / 4 {
            // Large ones get a block of their own, so that what is left of the current one is not lost.
            left -= rounded
            let own = UnsafeMutableRawPointer.allocate(byteCount: rounded, alignment: Self.alignment)
            blocks.append(own)
            return own
        }
        left -= Self.block
        cursor = .allocate(byteCount: Self.block, alignment: Self.alignment)
        room = Self.block - rounded
        blocks.append(cursor)
        let memory = cursor
        cursor += rounded
        return memory
    }

    /// A copy of `text`.
    func copy(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard let base = text.baseAddress, text.count > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        guard let memory = allocate(text.count) else { return nil }
        memory.copyMemory(from: base, byteCount: text.count)
        return UnsafeRawBufferPointer(start: memory, count: text.count)
    }

    /// A copy of `text`.
    func copy(_ text: String) -> UnsafeRawBufferPointer? {
        var text = text
        return text.withUTF8 { copy(UnsafeRawBufferPointer($0)) }
    }

    /// Room for `count` values, not initialised.
    func values(_ count: Int) -> UnsafeMutablePointer<Value>? {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
        guard !overflow, let memory = allocate(bytes) else { return nil }
        return memory.bindMemory(to: Value.self, capacity: count)
    }

    /// A `T`, which must be plain data, in the arena.
    func make<T: BitwiseCopyable>(_ value: T) -> UnsafeMutablePointer<T>? {
        guard let memory = allocate(MemoryLayout<T>.stride) else { return nil }
        let pointer = memory.bindMemory(to: T.self, capacity: 1)
        pointer.initialize(to: value)
        return pointer
    }
}

extension UnsafeRawBufferPointer {
    /// Byte-for-byte equality.
    @inline(__always)
    func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard count > 0, let a = baseAddress, let b = other.baseAddress else { return true }
        return memcmp(a, b, count) == 0
    }

    /// Negative, zero or positive as the bytes come before, equal or follow `other`: the order of code points.
    func compare(to other: UnsafeRawBufferPointer) -> Int {
        let common = Swift.min(count, other.count)
        if common > 0, let a = baseAddress, let b = other.baseAddress {
            let order = memcmp(a, b, common)
            if order != 0 { return Int(order) }
        }
        return count - other.count
    }

    /// Offset of the first occurrence of `needle` at or after `start`.
    func firstRange(of needle: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
        guard start <= count else { return nil }
        guard needle.count > 0, let what = needle.baseAddress else { return start }
        guard needle.count <= count - start, let base = baseAddress else { return nil }
        guard let hit = clinux_memmem(base + start, count - start, what, needle.count) else { return nil }
        return hit - base
    }

    /// Offset of the last occurrence of `needle` that ends at or before `end`.
    func lastRange(of needle: UnsafeRawBufferPointer, upTo end: Int) -> Int? {
        guard needle.count <= end else { return nil }
        guard needle.count > 0, let base = baseAddress, let what = needle.baseAddress else { return end }
        guard needle.count <= Self.shortNeedle else { return lastRange(ofLong: needle, upTo: end) }
        var at = end - needle.count
        while at >= 0 {
            if self[at] == needle[0], memcmp(base + at, what, needle.count) == 0 { return at }
            at -= 1
        }
        return nil
    }

    /// Up to here, comparing at every offset is cheap whatever the bytes are.
    private static let shortNeedle = 16

    /// Knuth, Morris and Pratt's search, from the end: time that grows with the bytes alone.
    private func lastRange(ofLong needle: UnsafeRawBufferPointer, upTo end: Int) -> Int? {
        let last = needle.count - 1
        // For every number of matched bytes at the needle's end, how many of them still match when one more does not.
        var borders = [0, 0]
        borders.reserveCapacity(needle.count + 1)
        var matched = 0
        for count in 1..<needle.count {
            while matched > 0, needle[last - count] != needle[last - matched] { matched = borders[matched] }
            if needle[last - count] == needle[last - matched] { matched += 1 }
            borders.append(matched)
        }
        matched = 0
        for at in stride(from: end - 1, through: 0, by: -1) {
            while matched > 0, self[at] != needle[last - matched] { matched = borders[matched] }
            if self[at] == needle[last - matched] { matched += 1 }
            if matched == needle.count { return at }
        }
        return nil
    }

    /// Whether the bytes start with `other`.
    func starts(withBytes other: UnsafeRawBufferPointer) -> Bool {
        count >= other.count && slice(0..<other.count).isEqual(to: other)
    }

    /// Whether the bytes end with `other`.
    func ends(withBytes other: UnsafeRawBufferPointer) -> Bool {
        count >= other.count && slice(count - other.count..<count).isEqual(to: other)
    }
}
