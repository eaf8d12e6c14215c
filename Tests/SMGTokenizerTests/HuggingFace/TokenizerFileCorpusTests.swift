import SMGBase
import Testing

@testable import SMGTokenizer

@Suite struct TokenizerFileCorpusTests {
    private static let folder = Fixtures.folder + "/../../Fuzz/corpus/tokenizer_json"

    @Test func corpusViolatesNothing() throws {
        let names = try #require(try LocalFiles.names(in: Self.folder, limit: 10_000))
        #expect(!names.isEmpty)
        for name in names {
            let bytes = try LocalFiles.system.read("\(Self.folder)/\(name)", 1 << 20)
            let violation = bytes.withUnsafeBytes { TokenizerFileProperties.violation($0) }
            #expect(violation == nil, "\(name): \(violation ?? "")")
        }
    }

    @Test func cutAndChangedFilesViolateNothing() throws {
        var random = FastRandom(seed: 11)
        let names = try #require(try LocalFiles.names(in: Self.folder, limit: 10_000))
        for name in names {
            let bytes = try LocalFiles.system.read("\(Self.folder)/\(name)", 1 << 20)
            for _ in 0..<30 {
                var changed = bytes
                for _ in 0..<1 + random.below(3) where !changed.isEmpty {
                    changed[random.below(changed.count)] = UInt8(random.below(128))
                }
                changed.removeLast(random.below(8) == 0 ? random.below(changed.count) : 0)
                let violation = changed.withUnsafeBytes { TokenizerFileProperties.violation($0) }
                #expect(violation == nil, "\(name): \(violation ?? "")")
            }
        }
    }
}
