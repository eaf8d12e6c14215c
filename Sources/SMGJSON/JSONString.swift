package import SMGBase

/// A string as it is spelled in JSON: the bytes between its quotes. Valid as long as the bytes it points into.
///
/// Decoding never fails. A `\u` escape that is half of a surrogate pair without its other half becomes U+FFFD; so does
/// ill-formed UTF-8 in `string`. A malformed escape, which validated input does not have, stands for itself.
package struct JSONString {
    /// The bytes between the quotes.
    package let raw: UnsafeRawBufferPointer

    package init(raw: UnsafeRawBufferPointer) { self.raw = raw }

    /// Whether decoding changes anything.
    package var hasEscapes: Bool { raw.firstIndex(of: UInt8(ascii: "\\")) != nil }

    /// Compares the decoded text, whatever its spelling.
    package func isEqual(to text: StaticString) -> Bool {
        isEqual(toUTF8: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Compares the decoded text with `text`, which is UTF-8.
    package func isEqual(toUTF8 text: UnsafeRawBufferPointer) -> Bool {
        // An escape is never shorter than what it stands for.
        guard raw.count >= text.count else { return false }
        guard let base = raw.baseAddress, hasEscapes else {
            return raw.count == text.count && raw.elementsEqual(text)
        }
        var decoder = JSONUnescaper(base: base, count: raw.count)
        var at = 0
        while let piece = decoder.next() {
            switch piece {
            case .plain(let range):
                guard range.count <= text.count - at else { return false }
                for i in range {
                    if raw[i] != text[at] { return false }
                    at += 1
                }
            case .scalar(let scalar):
                var bytes: UInt32 = 0
                let width = UTF8Text.width(scalar)
                withUnsafeMutableBytes(of: &bytes) { UTF8Text.encode(scalar, to: $0.baseAddress!) }
                guard width <= text.count - at else { return false }
                for i in 0..<width where text[at + i] != UInt8(truncatingIfNeeded: bytes.littleEndian >> (8 * i)) {
                    return false
                }
                at += width
            }
        }
        return at == text.count
    }

    /// Appends the decoded text. Writes at most `limit` bytes, never part of a scalar; false when that was not all.
    @discardableResult
    package func append(to buffer: ByteBuffer, limit: Int = .max) -> Bool {
        let room = min(raw.count, max(limit, 0))
        buffer.reserve(room)
        let (written, complete) = decode(to: buffer.writable.baseAddress!, room: room)
        buffer.commit(written)
        return complete
    }

    /// The decoded text.
    package var string: String {
        guard hasEscapes else { return raw.string }
        return withUnsafeTemporaryAllocation(byteCount: raw.count, alignment: 1) { scratch in
            let (written, _) = decode(to: scratch.baseAddress!, room: raw.count)
            return UnsafeRawBufferPointer(start: scratch.baseAddress!, count: written).string
        }
    }

    /// Decodes into `room` bytes at `out`; `raw.count` bytes are always enough. Returns the bytes written and whether
    /// that was all of the text.
    package func decode(to out: UnsafeMutableRawPointer, room: Int) -> (written: Int, complete: Bool) {
        guard let base = raw.baseAddress, raw.count > 0 else { return (0, true) }
        var decoder = JSONUnescaper(base: base, count: raw.count)
        var written = 0
        while let piece = decoder.next() {
            switch piece {
            case .plain(let range):
                var end = range.upperBound
                if range.count > room - written {
                    end = UTF8Text.boundary(
                        base, at: range.lowerBound + room - written, count: raw.count, from: range.lowerBound)
                }
                copy(base, range.lowerBound..<end, to: out + written, room: room - written)
                written += end - range.lowerBound
                if end < range.upperBound { return (written, false) }
            case .scalar(let scalar):
                guard UTF8Text.width(scalar) <= room - written else { return (written, false) }
                UTF8Text.encode(scalar, to: out + written)
                written += UTF8Text.width(scalar)
            }
        }
        return (written, true)
    }

    /// Copies `range`. Text with many escapes has short pieces between them: those go as one block, which may write
    /// into the free `room` behind them.
    @inline(__always)
    private func copy(_ base: UnsafeRawPointer, _ range: Range<Int>, to out: UnsafeMutableRawPointer, room: Int) {
        if range.count <= 16, room >= 16, range.lowerBound &+ 16 <= raw.count {
            let block = base.loadUnaligned(fromByteOffset: range.lowerBound, as: SIMD16<UInt8>.self)
            out.storeBytes(of: block, as: SIMD16<UInt8>.self)
        } else {
            out.copyMemory(from: base + range.lowerBound, byteCount: range.count)
        }
    }
}
