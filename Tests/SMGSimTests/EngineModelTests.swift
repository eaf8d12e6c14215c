import SMGBase
import Testing

@testable import SMGSim

@Suite struct AnswerTokensTests {
    @Test func sameAnswerToTheSamePrompt() {
        let prompt = BlockChain.text("what is a gateway?")
        let first = AnswerTokens(after: prompt)
        let second = AnswerTokens(after: BlockChain.text("what is a gateway?"))
        #expect((0..<50).map(first.id) == (0..<50).map(second.id))
        #expect((0..<50).map(first.id) != (0..<50).map(AnswerTokens(after: BlockChain.text("what is")).id))
    }
}

extension BlockChain {
    /// A chain of one text, 16 tokens a block.
    static func text(_ text: String, blockSize: Int = 16) -> BlockChain {
        var chain = BlockChain.text(blockSize: blockSize)
        Array(text.utf8).withUnsafeBytes { chain.append($0) }
        return chain
    }
}
