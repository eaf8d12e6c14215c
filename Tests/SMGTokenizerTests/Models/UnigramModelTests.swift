import SMGBase
import Testing

@testable import SMGTokenizer

@Suite struct UnigramModelTests {
    @Test(arguments: ["hf-unigram", "hf-unigram-bytes"])
    func givesTheReferencesIDs(_ name: String) throws {
        let model = try ModelFixtures.unigram("\(name).model")
        let scratch = UnigramModel.Scratch()
        let wanted = try ModelFixtures.ids("\(name).ids")
        // The second time short texts come from the cache.
        for _ in 0..<2 {
            for (text, ids) in zip(try ModelFixtures.rows("texts.bin"), wanted) {
                let out = TokenBuffer()
                try text.withUnsafeBytes { try model.encode($0, into: out, scratch: scratch) }
                #expect(out.array == ids, "\(String(decoding: text, as: UTF8.self))")
            }
        }
    }

    /// The best of all segmentations, found by trying them all.
    @Test func randomModelsFindTheBestSegmentation() throws {
        var random = FastRandom(seed: 11)
        for _ in 0..<100 {
            var builder = UnigramModel.Builder()
            try builder.add("<unk>", 0)
            var scores: [String: Double] = [:]
            for _ in 0..<10 {
                let piece = word(&random, 4)
                guard scores[piece] == nil else { continue }
                scores[piece] = -Double(1 + random.below(1000)) / 64 - Double(random.below(1000)) / 7e5
                try builder.add(piece, scores[piece] ?? 0)
            }
            let model = try builder.build(unknownID: 0, byteFallback: false)
            let unknown = (scores.values.min() ?? 0) - 10
            for _ in 0..<20 {
                let text = word(&random, 9)
                let out = TokenBuffer()
                try Array(text.utf8).withUnsafeBytes { try model.encode($0, into: out, scratch: .init()) }
                var best = -Double.infinity
                var pieces: [String] = []
                search(text[...], 0, [], scores, unknown, &best, &pieces)
                #expect(out.array == fused(pieces, model), "\(scores) \(text)")
            }
        }
    }

    private func search(
        _ rest: Substring, _ score: Double, _ path: [String], _ scores: [String: Double], _ unknown: Double,
        _ best: inout Double, _ bestPath: inout [String]
    ) {
        if rest.isEmpty {
            if score > best { (best, bestPath) = (score, path) }
            return
        }
        for length in 1...rest.count {
            let piece = String(rest.prefix(length))
            if let own = scores[piece] {
                search(rest.dropFirst(length), score + own, path + [piece], scores, unknown, &best, &bestPath)
            } else if length == 1 {
                search(rest.dropFirst(), score + unknown, path + ["?"], scores, unknown, &best, &bestPath)
            }
        }
    }

    private func fused(_ pieces: [String], _ model: UnigramModel) -> [UInt32] {
        var ids: [UInt32] = []
        for piece in pieces {
            let id = piece == "?" ? 0 : model.vocabulary.id(of: piece) ?? 0
            if id != 0 || ids.last != 0 { ids.append(id) }
        }
        return ids
    }

    private func word(_ random: inout FastRandom, _ longest: Int) -> String {
        String((0..<1 + random.below(longest)).map { _ in ["a", "b", "é", "日"][random.below(4)] as Character })
    }

    @Test func withoutAnUnknownPieceAStrangeCharacterFails() throws {
        var builder = UnigramModel.Builder()
        try builder.add("a", -1)
        let model = try builder.build(unknownID: nil, byteFallback: false)
        let out = TokenBuffer()
        try Array("aa".utf8).withUnsafeBytes { try model.encode($0, into: out, scratch: .init()) }
        #expect(out.array == [0, 0])
        #expect(throws: TokenizerError.self) {
            try Array("ab".utf8).withUnsafeBytes { try model.encode($0, into: out, scratch: .init()) }
        }
    }

    @Test func refusesWhatIsNoModel() throws {
        var builder = UnigramModel.Builder()
        #expect(throws: TokenizerError.self) { try builder.add("a", .nan) }
        #expect(throws: TokenizerError.self) { _ = try UnigramModel.Builder().build(unknownID: 0, byteFallback: false) }
    }

    @Test func aLongKnotIsDoneInLinearMemory() throws {
        var builder = UnigramModel.Builder()
        let pieces: [(String, Double)] = [("<unk>", 0), ("a", -3), ("aa", -5), ("aaa", -7)]
        for (piece, score) in pieces { try builder.add(piece, score) }
        let model = try builder.build(unknownID: 0, byteFallback: false)
        let out = TokenBuffer()
        let text = [UInt8](repeating: 0x61, count: 1 << 20)
        try text.withUnsafeBytes { try model.encode($0, into: out, scratch: .init()) }
        #expect(out.count == (1 << 20) / 3 + 1)
    }
}

extension UnigramModel.Builder {
    fileprivate mutating func add(_ piece: String, _ score: Double) throws {
        let bytes = Array(piece.utf8)
        try bytes.withUnsafeBytes { pointer in try add(pointer, score: score) }
    }
}
