import SMGBase
import Testing

@testable import SMGTokenizer

@Suite struct ByteTrieTests {
    /// Sets of random strings over few and over all bytes: what is in is found with its payload, what is not is not.
    @Test(arguments: [2, 5, 256]) func findsExactlyWhatIsIn(_ alphabet: Int) throws {
        var random = FastRandom(seed: UInt64(alphabet))
        for _ in 0..<40 {
            let strings = Set((0..<1 + random.below(300)).map { _ in string(&random, alphabet) })
            var vocabulary = Vocabulary.Builder()
            for (id, string) in strings.enumerated() {
                try string.withUnsafeBytes { try vocabulary.add($0, id: UInt32(id)) }
            }
            let tokens = Vocabulary(vocabulary)
            var builder = ByteTrieBuilder(tokens)
            for id in 0..<UInt32(strings.count) { builder.add(id) }
            let trie = try builder.build { UInt64($0) * 3 }
            for _ in 0..<300 {
                let probe = string(&random, alphabet)
                let node = probe.withUnsafeBytes { trie.node(of: $0) }
                let payload = node.flatMap { trie.units[$0].isTerminal ? trie.units[$0].payload : nil }
                let id = probe.withUnsafeBytes { tokens.id(of: $0) }
                #expect(payload == id.map { UInt64($0) * 3 })
                #expect((node != nil) == strings.contains { $0.starts(with: probe) })
                let longest = (1...probe.count).last { strings.contains(Array(probe.prefix($0))) } ?? 0
                #expect(probe.withUnsafeBytes { trie.longestPrefix(of: $0) } == longest)
            }
        }
    }

    /// Every single byte that begins no string leads nowhere, whatever base the root has.
    @Test func theRootIsNobodysChild() throws {
        for byte in UInt8.min...UInt8.max {
            var vocabulary = Vocabulary.Builder()
            try [byte, 1].withUnsafeBytes { try vocabulary.add($0, id: 0) }
            var builder = ByteTrieBuilder(Vocabulary(vocabulary))
            builder.add(0)
            let trie = try builder.build { UInt64($0) }
            for other in UInt8.min...UInt8.max {
                #expect((ByteTrie.child(trie.units, of: ByteTrie.root, other) != nil) == (other == byte))
            }
        }
    }

    private func string(_ random: inout FastRandom, _ alphabet: Int) -> [UInt8] {
        (0..<1 + random.below(9)).map { _ in UInt8(random.below(alphabet)) }
    }
}
