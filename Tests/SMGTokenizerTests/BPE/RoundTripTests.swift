import SMGBase
import Testing

@testable import SMGTokenizer

@Suite struct RoundTripTests {
    @Test func replaysTheCorpus() {
        let corpus = Corpus.files("roundtrip")
        #expect(corpus.count >= 15)
        for file in corpus {
            let violation = RoundTripProperties.violation(file)
            #expect(violation == nil, "\(violation ?? "") \(String(decoding: file, as: UTF8.self))")
        }
    }

    /// Pieces of the corpus in any order, cut anywhere.
    @Test func mixedTextsSurvive() {
        var random = FastRandom(seed: 21)
        let corpus = Corpus.files("roundtrip").filter { !$0.isEmpty }
        for _ in 0..<150 {
            var text: [UInt8] = []
            for _ in 0..<1 + random.below(4) {
                let file = corpus[random.below(corpus.count)]
                text += file.dropFirst(random.below(file.count)).prefix(1 + random.below(40))
            }
            let violation = RoundTripProperties.violation(text)
            #expect(violation == nil, "\(violation ?? "") \(String(decoding: text, as: UTF8.self))")
        }
    }
}
