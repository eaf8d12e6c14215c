import SMGBase
import Testing

@Suite struct FuzzCorpusTests {
    private static let folder: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(2).joined(separator: "/") + "/Fuzz/corpus/templates"
    }()

    private static func corpus() throws -> [(name: String, bytes: [UInt8])] {
        let names = try #require(try LocalFiles.names(in: folder, limit: 10_000))
        return try names.map { ($0, try LocalFiles.system.read("\(folder)/\($0)", 1 << 20)) }
    }

    @Test func corpusViolatesNothing() throws {
        let corpus = try Self.corpus()
        #expect(corpus.count >= 15)
        for (name, bytes) in corpus {
            let violation = TemplateProperties.violation(bytes)
            #expect(violation == nil, "\(name): \(violation ?? "")")
        }
    }

    /// A template cut anywhere, with changed bytes or with a part of another one in it.
    @Test func cutMixedAndChangedTemplatesViolateNothing() throws {
        var random = FastRandom(seed: 5)
        let corpus = try Self.corpus()
        for (name, bytes) in corpus where bytes.count < 4096 {
            for _ in 0..<12 {
                var changed = bytes
                let other = corpus[random.below(corpus.count)].bytes.prefix(4096)
                switch random.below(3) {
                case 0: changed.removeLast(random.below(changed.count + 1))
                case 1 where !other.isEmpty:
                    let from = random.below(other.count)
                    changed.insert(contentsOf: other.dropFirst(from).prefix(40), at: random.below(changed.count + 1))
                default:
                    for _ in 0..<3 where !changed.isEmpty {
                        changed[random.below(changed.count)] = UInt8(random.below(128))
                    }
                }
                let violation = TemplateProperties.violation(changed)
                #expect(violation == nil, "\(name): \(violation ?? "") \(String(decoding: changed, as: UTF8.self))")
            }
        }
    }
}
