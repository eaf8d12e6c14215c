import SMGBase
import Testing

@testable import SMGRouting

@Suite struct PrefixIndexTests {
    /// Tenants A = 0 and B = 1, as in the specification's example.
    private func appleTree() -> PrefixIndex {
        let index = PrefixIndex(maxBytes: 1 << 20)
        index.insert("apple", tenant: 0)
        index.insert("apricot", tenant: 1)
        return index
    }

    @Test func splitsAtTheSharedPrefix() {
        let index = appleTree()
        #expect(index.statistics.nodes == 4 && index.statistics.labelBytes == 10)
        #expect(index.bytes(ofTenant: 0) == 5 && index.bytes(ofTenant: 1) == 7)
        #expect(index.match("ap") == (2, [0, 1]) && index.match("a") == (1, [0, 1]))
    }

    @Test func matchesInsideALabel() {
        let index = appleTree()
        #expect(index.match("april") == (4, [1]))
        #expect(index.match("apple pie") == (5, [0]))
        #expect(index.match("banana") == (0, []) && index.match("") == (0, []))
    }

    @Test func evictsTheOldestLeafFirst() {
        let index = appleTree()
        index.trim(labelBytes: 9)
        #expect(index.bytes(ofTenant: 0) == 2 && index.bytes(ofTenant: 1) == 7)
        #expect(index.match("apple") == (2, [0, 1]))
        index.trim(labelBytes: 2)
        #expect(index.bytes(ofTenant: 0) == 2 && index.bytes(ofTenant: 1) == 2)
        #expect(index.inconsistency() == nil)
    }

    @Test func aMatchedLeafOutlivesAnUnmatchedOne() {
        let index = PrefixIndex(maxBytes: 1 << 20)
        for text in ["one", "two", "three"] { index.insert(text, tenant: 0) }
        index.insert("one", tenant: 0)
        index.trim(labelBytes: 8)
        #expect(index.match("one").bytes == 3 && index.match("two").bytes < 3)
    }

    @Test func aRepeatedInsertChangesNothing() {
        let index = appleTree()
        let before = index.statistics
        for _ in 0..<3 { index.insert("apple", tenant: 0) }
        #expect(index.statistics == before && index.bytes(ofTenant: 0) == 5)
    }

    @Test func aConversationStaysOneNode() {
        let index = PrefixIndex(maxBytes: 1 << 20)
        var text = ""
        for turn in 0..<40 {
            text += "turn \(turn): some words. "
            index.insert(text, tenant: 2)
        }
        #expect(index.statistics.nodes == 2 && index.match(text).bytes == text.utf8.count)
        #expect(index.inconsistency() == nil)
    }

    @Test func chainsAreJoinedAfterRemovals() {
        let index = PrefixIndex(maxBytes: 1 << 20)
        let trunk = String(repeating: "0123456789", count: 100)
        index.insert(trunk, tenant: 0)
        for length in stride(from: 10, to: 1000, by: 10) { index.insert(trunk.prefix(length) + "x", tenant: 1) }
        #expect(index.statistics.nodes > 190)
        index.removeTenant(1)
        #expect(index.statistics.nodes == 2 && index.match(trunk) == (1000, [0]))
        #expect(index.inconsistency() == nil)
    }

    @Test func longPromptsAreCutAtTheLimit() {
        let index = PrefixIndex(maxBytes: 4 << 20, promptBytes: 10_000)
        let text = [UInt8](repeating: 7, count: 50_000)
        index.insert(text, tenant: 0)
        #expect(index.match(text).bytes == 10_000 && index.statistics.labelBytes == 10_000)
        #expect(index.statistics.nodes == 4, "three labels of at most \(RoutingLimits.labelBytes) bytes")
    }

    /// Prompts that each share one byte more make a node per byte; the walk is given up where it would take too long.
    @Test func deepTreesAreNotWalkedToTheEnd() throws {
        let index = PrefixIndex(maxBytes: 8 << 20)
        let trunk = [UInt8](repeating: 97, count: 3000)
        for length in 1..<trunk.count { index.insert(Array(trunk[..<length]) + [98], tenant: length % 3) }
        let limit = RoutingLimits.walkNodes
        #expect(index.match(trunk).bytes == limit && index.statistics.labelBytes > limit)
        let before = index.statistics.nodes
        index.insert(trunk + [99], tenant: 7)
        #expect(index.statistics.nodes == before && index.bytes(ofTenant: 7) == limit)
        try #require(index.inconsistency() == nil)
        index.removeTenant(0)
        index.removeTenant(1)
        #expect(index.inconsistency() == nil)
    }

    @Test func oneEvictionSparesOnlySoMany() {
        let index = PrefixIndex(maxBytes: 1 << 20)
        let texts = (0..<200).map { [UInt8(truncatingIfNeeded: $0), 1, 2, 3] }
        for _ in 0..<2 { for text in texts { index.insert(text, tenant: 0) } }
        index.trim(labelBytes: 799)
        let gone = texts.indices.filter { index.match(texts[$0]).bytes == 0 }
        #expect(gone == [RoutingLimits.sparedLeaves])
    }

    @Test func matchingChangesNothing() {
        let index = appleTree()
        let before = index.statistics
        text("apricots").withUnsafeBytes { bytes in
            index.matchAndInsert(bytes) { match in
                let levels = [match.nextLevel(), match.nextLevel(), match.nextLevel()]
                #expect(levels.map { $0?.matchedBytes } == [7, 2, nil])
                #expect(levels.map { $0?.holders.count } == [1, 2, nil])
                return nil
            }
        }
        #expect(index.statistics == before)
    }

    @Test func refusesTenantsBeyondTheLimit() {
        let index = appleTree()
        let before = index.statistics
        index.insert("apple", tenant: RoutingLimits.tenants)
        index.insert("apple", tenant: -1)
        index.removeTenant(-1)
        index.removeTenant(RoutingLimits.tenants + 5)
        #expect(index.statistics == before && index.bytes(ofTenant: -1) == 0)
        index.insert("apple", tenant: RoutingLimits.tenants - 1)
        #expect(index.match("apple").tenants == [0, RoutingLimits.tenants - 1] || index.match("apple").tenants == [0])
        #expect(index.inconsistency() == nil)
    }

    @Test func derivesTheCap() {
        #expect(PrefixIndex.maxBytes(maxTreeSize: 1 << 26) == 256 << 20)
        #expect(PrefixIndex.maxBytes(maxTreeSize: 0) == RoutingLimits.indexBytes.lowerBound)
        #expect(PrefixIndex.maxBytes(maxTreeSize: .max) == RoutingLimits.indexBytes.upperBound)
    }

    @Test(arguments: [1, 5, 6, 16, 17, 32, 33, 256]) func findsEveryChildOfAWideNode(width: Int) throws {
        let index = PrefixIndex(maxBytes: 1 << 20)
        let order = (0..<width).map { UInt8(truncatingIfNeeded: $0 &* 167) }
        for byte in order { index.insert([1, byte, byte], tenant: 0) }
        for byte in order { #expect(index.match([1, byte, byte, 9]).bytes == 3) }
        try #require(index.inconsistency() == nil)
        index.trim(labelBytes: 3)
        #expect(index.inconsistency() == nil && index.statistics.nodes <= 3)
    }

    @Test func eachByteOfALabelIsCompared() {
        var random = FastRandom(seed: 9)
        let text = random.text(length: 300, alphabet: 256)
        let index = PrefixIndex(maxBytes: 1 << 20)
        index.insert(text, tenant: 0)
        for at in text.indices {
            var other = text
            other[at] ^= 0x80
            #expect(index.match(other).bytes == at)
            #expect(index.match(Array(text[..<at])).bytes == at)
        }
    }

    private func text(_ string: String) -> [UInt8] { Array(string.utf8) }
}
