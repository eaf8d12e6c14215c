internal import CLinux

/// Questions about bytes that every parser asks. All work on raw memory, without copies.
extension UnsafeRawBufferPointer {
    /// Offset of the first `byte` at or after `start`.
    package func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        guard start < count, let base = baseAddress else { return nil }
        guard let hit = clinux_memchr(base + start, Int32(byte), count - start) else { return nil }
        return hit - base
    }

    /// Offset of the first occurrence of `needle` at or after `start`.
    package func firstIndex(of needle: StaticString, from start: Int = 0) -> Int? {
        guard start <= count, let base = baseAddress else { return nil }
        guard let hit = clinux_memmem(base + start, count - start, needle.utf8Start, needle.utf8CodeUnitCount)
        else { return nil }
        return hit - base
    }

    /// Offset of the first occurrence of `needle` at or after `start`.
    package func firstIndex(of needle: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
        guard start <= count else { return nil }
        guard let base = baseAddress, let wanted = needle.baseAddress else { return needle.isEmpty ? start : nil }
        guard let hit = clinux_memmem(base + start, count - start, wanted, needle.count) else { return nil }
        return hit - base
    }

    package func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }

    /// Byte-for-byte equality with `text`.
    package func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        guard count > 0, let base = baseAddress else { return true }
        return memcmp(base, text.utf8Start, count) == 0
    }

    /// Equality with `text`, ASCII letters compared without case. `text` must be lower-case.
    package func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for i in 0..<count where ASCII.lowercased(self[i]) != text.utf8Start[i] { return false }
        return true
    }

    package func hasPrefix(_ text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount, let base = baseAddress else { return text.utf8CodeUnitCount == 0 }
        return memcmp(base, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    /// The bytes as text; invalid UTF-8 is repaired with U+FFFD.
    package var string: String { String(decoding: self, as: UTF8.self) }
}

/// ASCII letter and digit rules.
public enum ASCII {
    @inlinable @inline(__always)
    public static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 0x20 : byte }

    @inlinable @inline(__always)
    public static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

    /// The value of a hexadecimal digit.
    @inlinable @inline(__always)
    public static func hexValue(_ byte: UInt8) -> Int? {
        if byte &- 48 < 10 { return Int(byte) - 48 }
        let lower = byte | 0x20
        return lower &- 97 < 6 ? Int(lower) - 87 : nil
    }
}

/// Comparison of secrets in time that depends on their lengths only.
package func constantTimeEquals(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count else { return false }
    var difference: UInt8 = 0
    for i in 0..<a.count { difference |= a[i] ^ b[i] }
    return difference == 0
}
