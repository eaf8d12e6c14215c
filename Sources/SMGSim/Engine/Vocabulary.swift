package import SMGBase

/// What a simulated model says: token ids, each a word of three lower-case letters. With the space before it a word is
/// four bytes, one token by the rule for prompts, so an answer that comes back in the next prompt counts the same.
package struct AnswerTokens: Sendable {
    /// Number of different tokens.
    package static let vocabulary = 26 * 26 * 26

    private let seed: UInt64

    /// The tokens that follow a prompt: the same for the same prompt.
    package init(after prompt: BlockChain) { seed = prompt.digest }

    /// The id of token `index` of the answer.
    package func id(_ index: Int) -> Int {
        var random = FastRandom(seed: seed &+ UInt64(truncatingIfNeeded: index) &* 0xd6e8_feb8_6659_fd93)
        return random.below(AnswerTokens.vocabulary)
    }

    /// Appends the word of token `index`, without its space.
    package func appendWord(_ index: Int, to buffer: ByteBuffer) {
        var rest = id(index)
        for _ in 0..<3 {
            buffer.append(UInt8(ascii: "a") + UInt8(truncatingIfNeeded: rest % 26))
            rest /= 26
        }
    }

    /// Appends the words of tokens `range`, a space before each, except that the first token of the answer has one
    /// only if `leadingSpace`.
    package func append(_ range: Range<Int>, leadingSpace: Bool, to buffer: ByteBuffer) {
        for index in range {
            if index > 0 || leadingSpace { buffer.append(UInt8(ascii: " ")) }
            appendWord(index, to: buffer)
        }
    }

    /// `prompt` with the first `count` tokens of the answer behind it, as the cache will see it in a later prompt.
    package func extending(_ prompt: BlockChain, by count: Int) -> BlockChain {
        var chain = prompt
        if chain.holdsIDs {
            for index in 0..<count { chain.append(id: id(index)) }
        } else {
            let text = ByteBuffer(capacity: count * BlockChain.textTokenBytes)
            append(0..<count, leadingSpace: true, to: text)
            chain.append(text.readable)
        }
        return chain
    }
}
