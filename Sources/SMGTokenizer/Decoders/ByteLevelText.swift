internal import SMGBase

/// Tokens in the byte alphabet and their bytes.
enum ByteLevelText {
    /// Appends the bytes that `token` spells; a token with any other character stands for itself.
    static func append(_ token: UnsafeRawBufferPointer, to out: ByteBuffer) {
        out.reserve(token.count)
        let room = out.writable.baseAddress!.assumingMemoryBound(to: UInt8.self)
        if let written = ByteAlphabet.shared.decode(token, to: room) {
            out.commit(written)
        } else {
            out.append(token)
        }
    }
}

extension DecodeStep {
    var isByteLevel: Bool {
        if case .byteLevel = self { return true }
        return false
    }
}
