import SMGBase
import Testing

@testable import SMGParsers

@Suite struct StopStringsTests {
    /// What is passed on, and whether the text ended.
    private func run(_ stops: [String], _ text: [UInt8], pieces: Int) -> (String, Bool) {
        var matcher = StopStrings(stops)
        var out: [UInt8] = []
        var ended = false
        text.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: text.count, by: pieces) where !ended {
                ended = matcher.accept(bytes.slice(start..<min(start + pieces, text.count))) { out += $0 }
            }
        }
        return (String(decoding: out, as: UTF8.self), ended || matcher.hasMatch)
    }

    /// The text up to the end of the earliest, then longest match, found by looking everywhere.
    private func expected(_ stops: [String], _ text: [UInt8]) -> (String, Bool) {
        for start in text.indices {
            let fits = stops.map { Array($0.utf8) }.filter { !$0.isEmpty && text[start...].starts(with: $0) }
            guard let length = fits.map(\.count).max() else { continue }
            return (String(decoding: text[..<(start + length)], as: UTF8.self), true)
        }
        return (String(decoding: text, as: UTF8.self), false)
    }

    @Test func findsWhatLookingEverywhereFinds() {
        var random = FastRandom(seed: 7)
        func word(_ most: Int) -> String {
            String((0..<random.below(most + 1)).map { _ in "abc".randomElement(using: &random)! })
        }
        for _ in 0..<3000 {
            let stops = (0..<1 + random.below(3)).map { _ in word(4) }
            let text = Array(word(14).utf8)
            let (kept, found) = expected(stops, text)
            for pieces in [1, 3, 100] {
                let result = run(stops, text, pieces: pieces)
                #expect(result == (kept, found), "\(stops) in \(String(decoding: text, as: UTF8.self))")
            }
        }
    }

    @Test func aLateBetterMatchTakesThePlace() {
        #expect(run(["b", "abc"], Array("xabcd".utf8), pieces: 1) == ("xabc", true))
        #expect(run(["b", "abc"], Array("xabd".utf8), pieces: 1) == ("xab", true))
        #expect(run(["b", "abc"], Array("xab".utf8), pieces: 1) == ("xab", true))
        #expect(run([], Array("xab".utf8), pieces: 1) == ("xab", false))
    }
}
