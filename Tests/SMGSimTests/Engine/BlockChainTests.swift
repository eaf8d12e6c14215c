import SMGBase
import Testing

@testable import SMGSim

@Suite struct BlockChainTests {
    @Test func textIsFourBytesAToken() {
        #expect(BlockChain.text("").tokenCount == 0)
        #expect(BlockChain.text("abcd").tokenCount == 1)
        #expect(BlockChain.text("abcde").tokenCount == 2)
        #expect(BlockChain.text(String(repeating: "x", count: 640)).tokenCount == 160)
    }

    @Test func everySplitGivesTheSameChain() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
        let whole = BlockChain.bytes(bytes[...], blockSize: 4)
        #expect(whole.hashes.count == 300 / 16)
        for cut in 0...bytes.count {
            var chain = BlockChain.bytes(bytes[..<cut], blockSize: 4)
            chain.add(bytes[cut...])
            #expect(chain.hashes == whole.hashes && chain.digest == whole.digest && chain.tokenCount == 75)
        }
        var chain = BlockChain.text(blockSize: 4)
        for at in bytes.indices { chain.add(bytes[at...at]) }
        #expect(chain.hashes == whole.hashes && chain.digest == whole.digest)
    }

    @Test func aHashCoversAllBefore() {
        let a = BlockChain.text(String(repeating: "a", count: 128) + String(repeating: "c", count: 64))
        let b = BlockChain.text(String(repeating: "a", count: 128) + String(repeating: "d", count: 64))
        let other = BlockChain.text(String(repeating: "b", count: 128) + String(repeating: "c", count: 64))
        #expect(a.hashes.count == 3)
        #expect(a.hashes[..<2] == b.hashes[..<2] && a.hashes[2] != b.hashes[2])
        #expect(zip(a.hashes, other.hashes).allSatisfy { $0 != $1 })
    }

    @Test func idsAreTokens() {
        var chain = BlockChain.ids(blockSize: 16)
        for id in 0..<40 { chain.append(id: id) }
        #expect(chain.tokenCount == 40 && chain.hashes.count == 2)
        var negative = BlockChain.ids(blockSize: 1)
        negative.append(id: -1)
        var positive = BlockChain.ids(blockSize: 1)
        positive.append(id: 1)
        #expect(negative.hashes != positive.hashes)
    }

    @Test func lengthsTellZeroBytesApart() {
        #expect(BlockChain.bytes([0], blockSize: 16).digest != BlockChain.bytes([0, 0], blockSize: 16).digest)
    }
}

@Suite struct AnswerTokensTests {
    @Test func sameAnswerToTheSamePrompt() {
        let first = AnswerTokens(after: .text("what is a gateway?"))
        let second = AnswerTokens(after: .text("what is a gateway?"))
        let other = AnswerTokens(after: .text("what is a gateway!"))
        #expect((0..<50).map(first.id) == (0..<50).map(second.id))
        #expect((0..<50).map(first.id) != (0..<50).map(other.id))
        #expect((0..<1000).allSatisfy { (0..<AnswerTokens.vocabulary).contains(first.id($0)) })
    }

    @Test func aTokenIsASpaceAndThreeLetters() {
        let words = AnswerTokens(after: .text("x"))
        let out = ByteBuffer(capacity: 16)
        words.append(0..<5, leadingSpace: true, to: out)
        let text = out.readableString
        #expect(text.utf8.count == 20)
        #expect(text.split(separator: " ").allSatisfy { $0.count == 3 && $0.allSatisfy { ("a"..."z").contains($0) } })
        out.clear()
        words.append(0..<5, leadingSpace: false, to: out)
        #expect(" " + out.readableString == text)
    }

    @Test func anExtendedPromptIsThePromptOfTheNextTurn() {
        let prompt = BlockChain.text("Tell me something about the sea, please.")
        let words = AnswerTokens(after: prompt)
        let said = ByteBuffer(capacity: 16)
        words.append(0..<40, leadingSpace: true, to: said)
        let next = BlockChain.text("Tell me something about the sea, please." + said.readableString)
        let extended = words.extending(prompt, by: 40)
        #expect(extended.hashes == next.hashes && extended.digest == next.digest)

        var ids = BlockChain.ids(blockSize: 16)
        for id in 0..<10 { ids.append(id: id) }
        let answer = AnswerTokens(after: ids)
        var nextIDs = ids
        for index in 0..<40 { nextIDs.append(id: answer.id(index)) }
        #expect(answer.extending(ids, by: 40).hashes == nextIDs.hashes)
    }
}

extension BlockChain {
    /// A chain of one text.
    static func text(_ text: String, blockSize: Int = 16) -> BlockChain {
        bytes(Array(text.utf8)[...], blockSize: blockSize)
    }

    static func bytes(_ bytes: ArraySlice<UInt8>, blockSize: Int) -> BlockChain {
        var chain = BlockChain.text(blockSize: blockSize)
        chain.add(bytes)
        return chain
    }

    mutating func add(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { append($0) } }

    /// A chain of `blocks` full blocks made from one seed each, and `rest` tokens more.
    static func of(_ blocks: [Int], rest: Int = 0, blockSize: Int = 16) -> BlockChain {
        var chain = BlockChain.ids(blockSize: blockSize)
        for block in blocks { for token in 0..<blockSize { chain.append(id: block * 1000 + token) } }
        for token in 0..<rest { chain.append(id: 999_000 + token) }
        return chain
    }
}
