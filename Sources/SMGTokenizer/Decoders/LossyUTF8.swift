package import SMGBase

/// Repairs UTF-8 that arrives in pieces cut anywhere: what is well-formed passes, every ill-formed sequence becomes one
/// U+FFFD (the longest start of a sequence that could have been one, at least one byte), and the start of a character at
/// the end of a piece waits for the next one.
package struct LossyUTF8: Sendable {
    /// The first bytes of a character that is not complete, the first lowest.
    private var pending: UInt32 = 0
    /// How many; at most 3.
    private var pendingCount = 0

    package init() {}

    /// Whether the start of a character waits.
    package var isHolding: Bool { pendingCount > 0 }

    /// Appends to `out` what of the text so far and `bytes` is certain.
    package mutating func append(_ bytes: UnsafeRawBufferPointer, into out: ByteBuffer) {
        guard let base = bytes.baseAddress else { return }
        var at = 0
        while pendingCount > 0 {
            guard at < bytes.count else { return }
            if take(base.load(fromByteOffset: at, as: UInt8.self), into: out) { at &+= 1 }
        }
        while at < bytes.count {
            let end = UTF8Text.wellFormedEnd(base, from: at, count: bytes.count)
            out.append(UnsafeRawBufferPointer(start: base + at, count: end - at))
            at = end
            if at == bytes.count { return }
            let length = UTF8Text.illFormedLength(base, at: at, count: bytes.count)
            if at + length == bytes.count, UTF8Text.incompleteTail(bytes) == length {
                hold(base, at, length)
                return
            }
            out.append(Self.replacement)
            at += length
        }
    }

    /// Appends U+FFFD for what was waiting. Then as new.
    package mutating func finish(into out: ByteBuffer) {
        if pendingCount > 0 { out.append(Self.replacement) }
        pendingCount = 0
        pending = 0
    }

    /// U+FFFD.
    package static let replacement: StaticString = "\u{fffd}"

    private mutating func hold(_ base: UnsafeRawPointer, _ start: Int, _ length: Int) {
        pending = 0
        pendingCount = length
        for i in 0..<length { pending |= UInt32(base.load(fromByteOffset: start + i, as: UInt8.self)) << UInt32(8 * i) }
    }

    /// Adds one byte to the character that waits; false when it does not belong to it, which then became U+FFFD.
    private mutating func take(_ byte: UInt8, into out: ByteBuffer) -> Bool {
        var word = pending | UInt32(byte) << UInt32(8 * pendingCount)
        let count = pendingCount + 1
        return withUnsafeBytes(of: &word) { bytes in
            let base = bytes.baseAddress!
            if UTF8Text.wellFormedEnd(base, from: 0, count: count) == count {
                out.append(UnsafeRawBufferPointer(start: base, count: count))
                pendingCount = 0
                return true
            }
            if UTF8Text.illFormedLength(base, at: 0, count: count) == count {
                hold(base, 0, count)
                return true
            }
            out.append(Self.replacement)
            pendingCount = 0
            return false
        }
    }
}
