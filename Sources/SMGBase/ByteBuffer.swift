internal import CLinux

/// A growable run of bytes with a read and a write cursor.
///
/// A class, because buffers move between connections and pools by reference. Not thread-safe: a buffer belongs to
/// one loop (or one thread) at a time.
public final class ByteBuffer {
    /// First byte of the storage. Moves when the buffer grows: never keep it across a mutation.
    public private(set) var base: UnsafeMutableRawPointer
    public private(set) var capacity: Int
    /// Offset of the first unread byte.
    public var readerIndex = 0
    /// Offset one past the last written byte.
    public var writerIndex = 0

    package init(capacity: Int) {
        self.capacity = max(capacity, 16)
        base = ByteBuffer.allocated(malloc(self.capacity))
    }

    package convenience init(_ bytes: some Collection<UInt8>) {
        self.init(capacity: bytes.count)
        append(contentsOf: bytes)
    }

    deinit { free(base) }

    /// Out of memory is not recoverable here: every size a peer can ask for is bounded before it comes to a buffer.
    private static func allocated(_ memory: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer {
        guard let memory else { fatalError("out of memory for a buffer") }
        return memory
    }

    @inlinable @inline(__always)
    public var readableCount: Int { writerIndex &- readerIndex }

    @inlinable @inline(__always)
    public var isEmpty: Bool { writerIndex == readerIndex }

    /// The unread bytes. Valid until the next mutation.
    @inlinable
    public var readable: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + readerIndex, count: writerIndex &- readerIndex)
    }

    /// The free space behind the write cursor. Valid until the next mutation.
    @inlinable
    public var writable: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: base + writerIndex, count: capacity &- writerIndex)
    }

    /// Bytes `range`, counted from the start of the storage.
    @inlinable
    public func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// Marks `count` bytes of `writable` as written.
    @inlinable
    public func commit(_ count: Int) {
        assert(writerIndex + count <= capacity)
        writerIndex &+= count
    }

    /// Marks `count` unread bytes as read; an emptied buffer starts over at offset 0.
    @inlinable
    public func consume(_ count: Int) {
        assert(readerIndex + count <= writerIndex)
        readerIndex &+= count
        if readerIndex == writerIndex { clear() }
    }

    @inlinable
    public func clear() {
        readerIndex = 0
        writerIndex = 0
    }

    /// Moves the unread bytes to the start of the storage.
    package func compact() {
        guard readerIndex > 0 else { return }
        let count = readableCount
        base.copyMemory(from: base + readerIndex, byteCount: count)
        readerIndex = 0
        writerIndex = count
    }

    /// Makes room for `count` more bytes behind the write cursor.
    @inlinable
    public func reserve(_ count: Int) {
        if capacity &- writerIndex >= count { return }
        grow(count)
    }

    @usableFromInline @inline(never)
    func grow(_ count: Int) {
        if capacity &- readableCount >= count && readerIndex >= capacity / 2 {
            compact()
            return
        }
        let wanted = max(capacity * 2, writerIndex + count)
        // realloc moves large blocks by remapping pages: a growing 16 MiB body is never held twice.
        base = ByteBuffer.allocated(realloc(base, wanted))
        capacity = wanted
    }
}

// MARK: - Appending

extension ByteBuffer {
    @inlinable
    public func append(_ byte: UInt8) {
        reserve(1)
        base.storeBytes(of: byte, toByteOffset: writerIndex, as: UInt8.self)
        writerIndex &+= 1
    }

    @inlinable
    public func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        (base + writerIndex).copyMemory(from: source, byteCount: bytes.count)
        writerIndex &+= bytes.count
    }

    @inlinable
    public func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package func append(string: String) {
        var text = string
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    package func append(contentsOf bytes: some Collection<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0)) }
        if done == nil { for byte in bytes { append(byte) } }
    }

    /// Appends `value` in decimal digits.
    package func append(decimal value: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(unsigned: value.magnitude)
    }

    private func append(unsigned value: UInt) {
        reserve(20)
        var digits = 1
        var rest = value
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        rest = value
        var at = writerIndex + digits
        writerIndex = at
        repeat {
            at -= 1
            base.storeBytes(
                of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10), toByteOffset: at, as: UInt8.self)
            rest /= 10
        } while rest > 0
    }

    /// Appends `value` in lower-case hexadecimal digits, without leading zeros.
    package func append(hex value: Int) {
        var shift = value == 0 ? 0 : (63 - value.leadingZeroBitCount) / 4 * 4
        while shift >= 0 {
            let nibble = UInt8(truncatingIfNeeded: (value >> shift) & 15)
            append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
            shift -= 4
        }
    }

    /// The unread bytes as text; invalid UTF-8 is repaired with U+FFFD.
    package var readableString: String { String(decoding: readable, as: UTF8.self) }
}
