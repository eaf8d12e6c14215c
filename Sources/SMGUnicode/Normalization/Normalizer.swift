package import SMGBase

/// Brings text into a normal form, as the normalizers of Hugging Face's tokenizers do.
///
/// Text that is in the form already, which nearly all text is, is only looked at. Bytes that are no UTF-8 stay as they
/// are and part what is around them.
package struct Normalizer: Sendable {
    package let form: NormalizationForm
    private let data = NormalizationData()
    private let suspect: UInt16
    private let joined: UInt16
    /// Bytes below this begin or continue characters that are in the form whatever stands beside them.
    private let inertLimit: UInt8

    package init(_ form: NormalizationForm) {
        self.form = form
        suspect = NormalizationData.suspect(form)
        joined = NormalizationData.joined(form)
        inertLimit =
            switch form {
            case .nfc: 0xcc  // the marks begin at U+0300
            case .nfd: 0xc3  // À, U+00C0
            case .nfkc, .nfkd: 0x80  // U+00A0
            }
    }

    /// Appends `text` in the form to `out`, which does not hold it. False, with nothing appended, when it is in the form
    /// already. Takes time in proportion to the length, and memory to the longest run of marks.
    package func normalize(_ text: UnsafeRawBufferPointer, into out: ByteBuffer) -> Bool {
        guard let base = text.baseAddress else { return false }
        let count = text.count
        var start = firstSuspect(base, from: 0, count: count)
        guard start < count else { return false }
        var segment = NormalizationSegment(form)
        // What is before this is in `out`.
        var copied = 0
        var changed = false
        while start < count {
            let end = fill(&segment, base, from: start, count: count)
            segment.finish()
            if !segment.equals(base, start..<end) {
                out.append(UnsafeRawBufferPointer(start: base + copied, count: start - copied))
                segment.write(to: out)
                copied = end
                changed = true
            }
            start = firstSuspect(base, from: end, count: count)
        }
        if changed { out.append(UnsafeRawBufferPointer(start: base + copied, count: count - copied)) }
        return changed
    }

    /// Takes the scalar at `start` and all that are joined to it; returns where the next part begins.
    private func fill(
        _ segment: inout NormalizationSegment, _ base: UnsafeRawPointer, from start: Int, count: Int
    ) -> Int {
        segment.clear()
        var at = start
        while at < count {
            let next = NormalizationSegment.read(base, at: at, count: count)
            if at > start, data.properties(next.scalar).rawValue & joined == 0 { break }
            segment.append(next.scalar)
            at &+= next.length
        }
        return at
    }

    /// The start of the first part from `start` on, itself the start of a part, that may not be in the form; `count`
    /// when there is none.
    private func firstSuspect(_ base: UnsafeRawPointer, from start: Int, count: Int) -> Int {
        var at = start
        var part = start
        var lastClass: UInt16 = 0
        while at < count {
            let lead = base.load(fromByteOffset: at, as: UInt8.self)
            if lead < inertLimit {
                at = inertEnd(base, from: at, count: count)
                part = UTF8Text.previous(base, before: at, from: start)
                lastClass = 0
                continue
            }
            let next = UTF8Text.decode(base, at: at, count: count)
            let properties = data.properties(next.scalar)
            if properties.rawValue & (suspect | 0xff) == 0 {
                part = at
                lastClass = 0
            } else {
                let combiningClass = properties.combiningClass
                if properties.rawValue & suspect != 0 || combiningClass < lastClass {
                    return properties.rawValue & joined == 0 ? at : part
                }
                lastClass = combiningClass
            }
            at &+= next.length
        }
        return count
    }

    /// Where the first byte from `start` on that is not below `inertLimit` is; `count` when there is none.
    private func inertEnd(_ base: UnsafeRawPointer, from start: Int, count: Int) -> Int {
        let high: UInt64 = 0x8080_8080_8080_8080
        // Carries into a byte's highest bit when its other bits reach the limit's.
        let addend = 0x0101_0101_0101_0101 &* UInt64(0x100 &- UInt32(inertLimit))
        var at = start
        while at &+ 64 <= count {
            var found: UInt64 = 0
            for i in 0..<8 {
                let word = base.loadUnaligned(fromByteOffset: at &+ 8 &* i, as: UInt64.self)
                found |= ((word & ~high) &+ addend) & word
            }
            if found & high != 0 { break }
            at &+= 64
        }
        while at &+ 8 <= count {
            let word = base.loadUnaligned(fromByteOffset: at, as: UInt64.self).littleEndian
            let found = ((word & ~high) &+ addend) & word & high
            if found != 0 { return at &+ found.trailingZeroBitCount &>> 3 }
            at &+= 8
        }
        while at < count, base.load(fromByteOffset: at, as: UInt8.self) < inertLimit { at &+= 1 }
        return at
    }
}
