internal import SMGBase

/// The tokens of one model: id to bytes and bytes to id, both without allocation. Immutable after `init`.
///
/// The bytes are those of the file: for byte-level models that is the mapped spelling ("Ġthe"), for SentencePiece-like
/// models the spelling with U+2581. Ids may have holes.
package final class Vocabulary: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): nothing is written after `init`.

    /// Tokens that are present.
    package let count: Int
    /// One more than the highest id; 0 for an empty vocabulary.
    package let idLimit: Int

    /// All tokens' bytes, one after the other in the order they were given.
    private let arena: UnsafeMutableRawPointer
    /// Where the token with this id begins and ends in `arena`; equal to `hole` where there is none.
    private let spans: UnsafeMutablePointer<Span>
    /// Open addressing: id + 1, or 0 for a free slot. Its length is a power of two and at least twice `count`.
    private let slots: UnsafeMutablePointer<UInt32>
    private let slotMask: Int

    fileprivate struct Span {
        var start: UInt32
        var end: UInt32
        static let hole = Span(start: .max, end: .max)
        var isHole: Bool { start == .max }
    }

    /// Collects tokens. Of two tokens with one id the later wins; of two with one spelling the higher id is found.
    package struct Builder: ~Copyable {
        fileprivate let bytes: ByteBuffer
        fileprivate var spans: [Span] = []

        /// `tokens` and `bytes` are expectations, not limits.
        package init(tokens: Int = 0, bytes: Int = 0) {
            self.bytes = ByteBuffer(capacity: bytes)
            spans.reserveCapacity(tokens)
        }

        /// Adds a token.
        package mutating func add(_ token: UnsafeRawBufferPointer, id: UInt32) throws(TokenizerError) {
            guard id < TokenizerLimits.maximumID else {
                throw TokenizerError(.limit, "token id \(id) is not below \(TokenizerLimits.maximumID)")
            }
            guard token.count <= TokenizerLimits.tokenBytes else {
                throw TokenizerError(.limit, "token \(id) has \(token.count) bytes")
            }
            guard bytes.writerIndex + token.count < Int(UInt32.max) else {
                throw TokenizerError(.limit, "the vocabulary has more than 4 GiB of text")
            }
            while spans.count <= Int(id) { spans.append(.hole) }
            let start = UInt32(bytes.writerIndex)
            bytes.append(token)
            spans[Int(id)] = Span(start: start, end: UInt32(bytes.writerIndex))
        }

        package mutating func add(_ token: String, id: UInt32) throws(TokenizerError) {
            var token = token
            let result: Result<Void, TokenizerError> = token.withUTF8 { text in
                do throws(TokenizerError) { return .success(try add(UnsafeRawBufferPointer(text), id: id)) } catch {
                    return .failure(error)
                }
            }
            try result.get()
        }
    }

    package init(_ builder: consuming Builder) {
        let used = builder.bytes.readable
        arena = .allocate(byteCount: max(used.count, 1), alignment: 1)
        if let base = used.baseAddress { arena.copyMemory(from: base, byteCount: used.count) }
        idLimit = builder.spans.count
        spans = .allocate(capacity: max(idLimit, 1))
        spans.initialize(from: builder.spans, count: idLimit)
        count = builder.spans.reduce(0) { $0 + ($1.isHole ? 0 : 1) }
        var size = 16
        while size < 2 * count { size *= 2 }
        slots = .allocate(capacity: size)
        slots.initialize(repeating: 0, count: size)
        slotMask = size - 1
        for id in 0..<idLimit where !spans[id].isHole { insert(UInt32(id)) }
    }

    deinit {
        arena.deallocate()
        spans.deallocate()
        slots.deallocate()
    }

    private func insert(_ id: UInt32) {
        let token = token(unchecked: id)
        var slot = Int(truncatingIfNeeded: ByteHash.hash(token)) & slotMask
        while slots[slot] != 0 {
            if self.token(unchecked: slots[slot] - 1).elementsEqual(token) { break }
            slot = (slot + 1) & slotMask
        }
        slots[slot] = id + 1
    }

    private func token(unchecked id: UInt32) -> UnsafeRawBufferPointer {
        let span = spans[Int(id)]
        return UnsafeRawBufferPointer(start: arena + Int(span.start), count: Int(span.end - span.start))
    }

    /// The bytes of token `id`; nil for an id that is not there. Valid as long as the vocabulary.
    package func token(_ id: UInt32) -> UnsafeRawBufferPointer? {
        guard id < idLimit, !spans[Int(id)].isHole else { return nil }
        return token(unchecked: id)
    }

    /// The id of the token spelled `bytes`.
    package func id(of bytes: UnsafeRawBufferPointer) -> UInt32? {
        var slot = Int(truncatingIfNeeded: ByteHash.hash(bytes)) & slotMask
        while slots[slot] != 0 {
            let id = slots[slot] - 1
            if token(unchecked: id).elementsEqual(bytes) { return id }
            slot = (slot + 1) & slotMask
        }
        return nil
    }

    /// The id of the token spelled `text`.
    package func id(of text: String) -> UInt32? {
        var text = text
        return text.withUTF8 { id(of: UnsafeRawBufferPointer($0)) }
    }
}
