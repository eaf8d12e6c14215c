internal import SMGBase

/// A growing token sequence, as the prefix cache sees it: its length, and one hash for each full block that covers the
/// block and everything before it.
///
/// A token of text is four bytes; a token given as an id is the id. Both are runs of bytes here, of 4 or 8 a token.
package struct BlockChain: Sendable {
    /// Bytes of text that make up one token: what tokenizers average on English text.
    package static let textTokenBytes = 4
    private static let idTokenBytes = 8

    /// One hash for each full block, in order.
    package private(set) var hashes: ContiguousArray<UInt64> = []
    private var state: UInt64
    /// Bytes behind the last full block, in units of four; the last word may be incomplete.
    private var open: UInt32 = 0
    private var openBytes = 0
    private var wordsInBlock = 0
    private let wordsPerBlock: Int
    private let tokenBytes: Int
    private var byteCount = 0

    private init(blockSize: Int, tokenBytes: Int, seed: UInt64) {
        self.tokenBytes = tokenBytes
        wordsPerBlock = blockSize * tokenBytes / 4
        state = seed
    }

    /// An empty sequence of text. `blockSize` is in tokens.
    package static func text(blockSize: Int) -> BlockChain {
        BlockChain(blockSize: blockSize, tokenBytes: textTokenBytes, seed: 0x5851_f42d_4c95_7f2d)
    }

    /// An empty sequence of token ids.
    package static func ids(blockSize: Int) -> BlockChain {
        BlockChain(blockSize: blockSize, tokenBytes: idTokenBytes, seed: 0x1405_7b7e_f767_814f)
    }

    /// Whether the sequence is made of ids.
    package var holdsIDs: Bool { tokenBytes == Self.idTokenBytes }

    /// Tokens in the sequence; an incomplete token of text counts.
    package var tokenCount: Int { (byteCount + tokenBytes - 1) / tokenBytes }

    /// A hash of the whole sequence, its incomplete block included.
    package var digest: UInt64 {
        BlockChain.mixed(BlockChain.mixed(state, open), UInt32(truncatingIfNeeded: byteCount))
    }

    /// Adds text.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        byteCount += bytes.count
        var at = 0
        while openBytes != 0, at < bytes.count {
            appendByte(bytes[at])
            at += 1
        }
        while at + 4 <= bytes.count {
            appendWord(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
            at += 4
        }
        while at < bytes.count {
            appendByte(bytes[at])
            at += 1
        }
    }

    /// Adds one token id.
    package mutating func append(id: Int) {
        byteCount += Self.idTokenBytes
        let bits = UInt64(bitPattern: Int64(id))
        appendWord(UInt32(truncatingIfNeeded: bits))
        appendWord(UInt32(truncatingIfNeeded: bits >> 32))
    }

    private mutating func appendByte(_ byte: UInt8) {
        open |= UInt32(byte) << UInt32(8 * openBytes)
        openBytes += 1
        guard openBytes == 4 else { return }
        let word = open
        open = 0
        openBytes = 0
        appendWord(word)
    }

    private mutating func appendWord(_ word: UInt32) {
        state = BlockChain.mixed(state, word)
        wordsInBlock += 1
        guard wordsInBlock == wordsPerBlock else { return }
        wordsInBlock = 0
        hashes.append(state)
    }

    @inline(__always)
    private static func mixed(_ state: UInt64, _ word: UInt32) -> UInt64 {
        let product = (state ^ UInt64(word)) &* 0x9e37_79b9_7f4a_7c15
        return product ^ (product >> 32)
    }
}
