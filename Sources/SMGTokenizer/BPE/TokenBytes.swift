internal import SMGBase

/// The bytes that each token of a byte-pair model stands for. Immutable after `init`.
struct TokenBytes: ~Copyable {
    private let vocabulary: Vocabulary
    /// The decoded spellings of a `spelledBytes` vocabulary; the others need none.
    private let arena: UnsafeMutablePointer<UInt8>?
    /// Where each token begins in `arena`; the end is the next one's start. Top bit set: the token spells no bytes.
    private let starts: UnsafeMutablePointer<UInt32>?

    private static let hole: UInt32 = 1 << 31

    init(_ vocabulary: Vocabulary, alphabet: BytePairModel.Alphabet) {
        self.vocabulary = vocabulary
        guard alphabet == .spelledBytes else {
            arena = nil
            starts = nil
            return
        }
        var size = 0
        for id in 0..<UInt32(vocabulary.idLimit) { size += vocabulary.token(id)?.count ?? 0 }
        let arena = UnsafeMutablePointer<UInt8>.allocate(capacity: max(size, 1))
        let starts = UnsafeMutablePointer<UInt32>.allocate(capacity: vocabulary.idLimit + 1)
        var used = 0
        for id in 0..<vocabulary.idLimit {
            starts[id] = UInt32(used)
            if let token = vocabulary.token(UInt32(id)), let count = ByteAlphabet.shared.decode(token, to: arena + used)
            {
                used += count
            } else {
                starts[id] |= Self.hole
            }
        }
        starts[vocabulary.idLimit] = UInt32(used)
        self.arena = arena
        self.starts = starts
    }

    deinit {
        arena?.deallocate()
        starts?.deallocate()
    }

    /// The bytes of token `id`; nil where there are none.
    subscript(id: UInt32) -> UnsafeRawBufferPointer? {
        guard let arena, let starts else { return vocabulary.token(id) }
        guard id < vocabulary.idLimit, starts[Int(id)] & Self.hole == 0 else { return nil }
        let start = Int(starts[Int(id)])
        let end = Int(starts[Int(id) + 1] & ~Self.hole)
        return UnsafeRawBufferPointer(start: arena + start, count: end - start)
    }

    /// One more than the highest id.
    var idLimit: Int { vocabulary.idLimit }
}
