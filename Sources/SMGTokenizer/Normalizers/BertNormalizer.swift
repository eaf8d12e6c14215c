internal import SMGBase
internal import SMGUnicode

/// BERT's normalizer: removes what cannot be seen, sets CJK ideographs apart, takes accents away, lowers case.
struct BertNormalizer: Sendable {
    let cleansText: Bool
    let separatesIdeographs: Bool
    let stripsAccents: Bool
    let lowercases: Bool

    private static let decomposition = Normalizer(.nfd)

    /// Appends the normalised `text` to `out`; false, with nothing appended, when nothing changes. `inner` is scratch.
    func normalize(
        _ text: UnsafeRawBufferPointer, _ inner: ByteBuffer, into out: ByteBuffer, _ keepsLead: inout Bool
    ) -> Bool {
        guard let base = text.baseAddress else { return false }
        if UTF8Text.asciiEnd(base, from: 0, count: text.count) == text.count {
            return ascii(text, into: out, &keepsLead)
        }
        var current = text
        inner.clear()
        if clean(current, into: inner, &keepsLead) { current = inner.readable }
        var last = inner
        var free = out
        func step(_ body: (UnsafeRawBufferPointer, ByteBuffer) -> Bool) {
            free.clear()
            if body(current, free) {
                current = free.readable
                swap(&last, &free)
            }
        }
        if stripsAccents {
            step { Self.decomposition.normalize($0, into: $1) }
            step { CharacterEdits.filter($0, into: $1, &keepsLead) { !ScalarKinds.isNonspacingMark($0) } }
        }
        if lowercases { step { CharacterEdits.lowercase($0, into: $1) } }
        if current.baseAddress == text.baseAddress { return false }
        if last === inner {
            out.clear()
            out.append(current)
        }
        return true
    }

    /// The same for ASCII, in one pass.
    private func ascii(_ text: UnsafeRawBufferPointer, into out: ByteBuffer, _ keepsLead: inout Bool) -> Bool {
        out.reserve(text.count)
        var to = out.writable.baseAddress!.assumingMemoryBound(to: UInt8.self)
        let start = to
        for (i, byte) in text.enumerated() {
            var byte = byte
            if cleansText, byte < 0x20 || byte == 0x7f {
                if byte == 0x09 || byte == 0x0a || byte == 0x0d {
                    byte = 0x20
                } else {
                    if i == 0 { keepsLead = false }
                    continue
                }
            }
            to.pointee = lowercases ? ASCII.lowercased(byte) : byte
            to += 1
        }
        out.commit(to - start)
        return true
    }

    /// The first two parts: cleaning and spaces around ideographs.
    private func clean(_ text: UnsafeRawBufferPointer, into out: ByteBuffer, _ keepsLead: inout Bool) -> Bool {
        guard cleansText || separatesIdeographs else { return false }
        out.reserve(text.count)
        var at = 0
        while at < text.count {
            // What is printable in ASCII stays as it is.
            let start = at
            while at < text.count, text[at] &- 0x20 < 0x5f { at += 1 }
            if at > start { out.append(text.slice(start..<at)) }
            if at == text.count { break }
            let decoded = Scalars.at(text, at)
            let scalar = decoded.scalar
            defer { at += decoded.length }
            if cleansText {
                if scalar == 0 || scalar == 0xfffd || ScalarKinds.isBertControl(scalar) {
                    if at == 0 { keepsLead = false }
                    continue
                }
                if WhiteSpace.contains(scalar) {
                    out.append(0x20)
                    continue
                }
            }
            let isApart = separatesIdeographs && ScalarKinds.isBertIdeograph(scalar)
            if isApart { out.append(0x20) }
            out.append(text.slice(at..<at + decoded.length))
            if isApart { out.append(0x20) }
        }
        return true
    }
}
