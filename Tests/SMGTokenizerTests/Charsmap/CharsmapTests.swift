import SMGBase
import Testing

@testable import SMGTokenizer

@Suite struct CharsmapTests {
    @Test func normalizesLikeTheReference() throws {
        let charsmap = try ModelFixtures.bytes("rules.charsmap").withUnsafeBytes { try Charsmap($0) }
        for (text, wanted) in zip(try ModelFixtures.rows("texts.bin"), try ModelFixtures.rows("rules.normalized")) {
            let out = ByteBuffer(capacity: 64)
            text.withUnsafeBytes { charsmap.normalize($0, into: out) }
            #expect(Array(out.readable) == wanted, "\(String(decoding: text, as: UTF8.self))")
            if text.withUnsafeBytes({ charsmap.leavesUnchanged($0) }) { #expect(wanted == text) }
        }
    }

    @Test func refusesWhatIsNoCharsmap() {
        let blobs: [[UInt8]] = [
            [], [0, 0, 0, 0], [255, 255, 255, 255, 0], [4, 0, 0, 0, 1, 2], [4, 0, 0, 0, 0, 0, 0, 0, 0xff],
        ]
        for blob in blobs {
            #expect(throws: TokenizerError.self) { try blob.withUnsafeBytes { _ = try Charsmap($0) } }
        }
    }

    @Test func brokenCharsmapsNeverTrap() throws {
        let blob = try ModelFixtures.bytes("rules.charsmap")
        var random = FastRandom(seed: 5)
        for _ in 0..<300 {
            var broken = blob
            if random.below(3) == 0 { broken.removeLast(random.below(broken.count)) }
            for _ in 0..<8 where !broken.isEmpty {
                broken[random.below(min(broken.count, 2048))] = UInt8(random.below(256))
            }
            #expect(violatedCharsmapProperty(broken) == nil)
        }
    }
}

/// Reads `input` as a charsmap and normalizes with it; the property it violates, or nil.
func violatedCharsmapProperty(_ input: [UInt8]) -> String? {
    guard let charsmap = try? input.withUnsafeBytes({ try Charsmap($0) }) else { return nil }
    let texts = [
        "plain text", "Ä é e\u{301} ﬁ\r\n\u{3000}⑴ 👨\u{200d}👩 \u{fffd}",
        String(decoding: input.suffix(80), as: UTF8.self),
    ]
    for text in texts.map({ Array($0.utf8) }) {
        let once = ByteBuffer(capacity: 64)
        let twice = ByteBuffer(capacity: 64)
        text.withUnsafeBytes { charsmap.normalize($0, into: once) }
        text.withUnsafeBytes { charsmap.normalize($0, into: twice) }
        if !once.readable.elementsEqual(twice.readable) { return "a second pass differs" }
        if text.withUnsafeBytes({ charsmap.leavesUnchanged($0) }), !once.readable.elementsEqual(text) {
            return "a text that should stay is changed"
        }
    }
    return nil
}
