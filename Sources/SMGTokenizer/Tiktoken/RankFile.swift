internal import SMGBase

/// Files of ranks (`*.tiktoken`, the original `tokenizer.model` of Llama 3 and 4): a line for each token with its bytes
/// in base64, a space, and its rank, which is its id.
package enum RankFile {
    /// The tokens of `bytes`. Fails with `malformed` naming the line, with `limit` above the bounds.
    package static func vocabulary(_ bytes: UnsafeRawBufferPointer) throws(TokenizerError) -> Vocabulary {
        // Real lines have about 17 bytes.
        var builder = Vocabulary.Builder(tokens: bytes.count / 16, bytes: bytes.count / 2)
        let token = ByteBuffer(capacity: 256)
        var at = 0
        var line = 0
        while at < bytes.count {
            let end = bytes.firstIndex(of: 0x0a, from: at) ?? bytes.count
            var content = bytes.slice(at..<end)
            at = end + 1
            line += 1
            if content.last == 0x0d { content = content.slice(0..<content.count - 1) }
            if content.isEmpty { continue }
            guard let space = content.firstIndex(of: 0x20), space > 0,
                let rank = rank(content.slice(space + 1..<content.count))
            else { throw TokenizerError(.malformed, "line \(line) of the rank file is no token and rank") }
            token.clear()
            guard Base64.decode(content.slice(0..<space), into: token) else {
                throw TokenizerError(.malformed, "line \(line) of the rank file has no base64")
            }
            try builder.add(token.readable, id: rank)
        }
        let vocabulary = Vocabulary(builder)
        guard vocabulary.count > 0 else { throw TokenizerError(.malformed, "the rank file has no tokens") }
        return vocabulary
    }

    /// Whether the first line of `bytes` has the form of a rank file.
    package static func isOne(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let end = bytes.firstIndex(of: 0x0a) ?? bytes.count
        var line = bytes.slice(0..<end)
        if line.last == 0x0d { line = line.slice(0..<line.count - 1) }
        guard let space = line.firstIndex(of: 0x20), space > 0 else { return false }
        return rank(line.slice(space + 1..<line.count)) != nil
            && Base64.decode(line.slice(0..<space), into: ByteBuffer(capacity: 64))
    }

    private static func rank(_ digits: UnsafeRawBufferPointer) -> UInt32? {
        guard (1...9).contains(digits.count) else { return nil }
        var value: UInt32 = 0
        for digit in digits {
            guard ASCII.isDigit(digit) else { return nil }
            value = value * 10 + UInt32(digit - 48)
        }
        return value
    }
}
