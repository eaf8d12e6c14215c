internal import SMGBase
internal import SMGUnicode

/// Edits of texts scalar by scalar.
enum CharacterEdits {
    /// Appends the scalars for which `keeps` holds; false, with nothing appended, when those are all. Clears `keepsLead`
    /// when the first one goes.
    @inline(__always)
    static func filter(
        _ text: UnsafeRawBufferPointer, into out: ByteBuffer, _ keepsLead: inout Bool, _ keeps: (UInt32) -> Bool
    ) -> Bool {
        var at = 0
        var kept = 0
        var isChanged = false
        while at < text.count {
            let decoded = Scalars.at(text, at)
            if !keeps(decoded.scalar) {
                if at == 0 { keepsLead = false }
                out.append(text.slice(kept..<at))
                kept = at + decoded.length
                isChanged = true
            }
            at += decoded.length
        }
        if isChanged { out.append(text.slice(kept..<text.count)) }
        return isChanged
    }

    /// Appends `text` in lower case; false, with nothing appended, when it is.
    static func lowercase(_ text: UnsafeRawBufferPointer, into out: ByteBuffer) -> Bool {
        guard let base = text.baseAddress else { return false }
        var at = 0
        var isChanged = false
        out.reserve(text.count)
        while at < text.count {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte < 0x80 {
                if byte &- 65 < 26 { isChanged = true }
                out.append(ASCII.lowercased(byte))
                at &+= 1
                continue
            }
            let decoded = Scalars.at(text, at)
            if ScalarKinds.appendLowercase(decoded.scalar, to: out) {
                isChanged = true
            } else {
                out.append(text.slice(at..<at + decoded.length))
            }
            at += decoded.length
        }
        if !isChanged { out.clear() }
        return isChanged
    }

    /// Appends the characters that spell the bytes of `text` in the byte alphabet.
    static func spell(_ text: UnsafeRawBufferPointer, into out: ByteBuffer) {
        out.reserve(2 * text.count)
        let alphabet = ByteAlphabet.shared.scalars
        for byte in text {
            let scalar = alphabet[Int(byte)]
            if scalar < 0x80 {
                out.append(UInt8(truncatingIfNeeded: scalar))
            } else {
                out.append(0xc0 | UInt8(truncatingIfNeeded: scalar >> 6))
                out.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3f))
            }
        }
    }

    /// Appends `text` without control characters, with plain spaces for the white space that SentencePiece's "nmt" rules
    /// name; false, with nothing appended, when nothing changes.
    static func nmt(_ text: UnsafeRawBufferPointer, into out: ByteBuffer, _ keepsLead: inout Bool) -> Bool {
        var at = 0
        var isChanged = false
        out.reserve(text.count)
        while at < text.count {
            let decoded = Scalars.at(text, at)
            switch decoded.scalar {
            case 0x01...0x08, 0x0b, 0x0e...0x1f, 0x7f, 0x8f, 0x9f:
                if at == 0 { keepsLead = false }
                isChanged = true
            case 0x09, 0x0a, 0x0c, 0x0d, 0x1680, 0x200b...0x200f, 0x2028, 0x2029, 0x2581, 0xfeff, 0xfffd:
                out.append(0x20)
                isChanged = true
            default: out.append(text.slice(at..<at + decoded.length))
            }
            at += decoded.length
        }
        if !isChanged { out.clear() }
        return isChanged
    }
}
