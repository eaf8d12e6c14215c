import Foundation
import SMGBase
import Testing

@testable import SMGConfig

@Suite struct ConfigurationCorpusTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fuzz/corpus/config")

    private static func corpus() throws -> [[UInt8]] {
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.sorted { $0.path < $1.path }.map { Array(try Data(contentsOf: $0)) }
    }

    @Test func everyInputKeepsTheProperty() throws {
        let corpus = try Self.corpus()
        #expect(corpus.count >= 10)
        for input in corpus {
            let violation = ConfigurationProperty.violation(input)
            #expect(violation == nil, "\(violation ?? "")")
        }
    }

    /// A little fuzzing in every run: bytes of the corpus changed, dropped and doubled, with a fixed seed.
    @Test func changedInputsKeepTheProperty() throws {
        var random = FastRandom(seed: 20)
        for input in try Self.corpus() where !input.isEmpty && input.count < 4096 {
            for _ in 0..<40 {
                var changed = input
                for _ in 0...random.below(3) where !changed.isEmpty {
                    let index = random.below(changed.count)
                    switch random.below(3) {
                    case 0: changed[index] = UInt8(truncatingIfNeeded: random.next())
                    case 1: changed.remove(at: index)
                    default: changed.insert(changed[index], at: index)
                    }
                }
                let violation = ConfigurationProperty.violation(changed)
                #expect(violation == nil, "\(violation ?? "")")
            }
        }
    }
}
