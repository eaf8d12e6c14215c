import SMGBase
import Testing

@testable import SMGTokenizer

/// Small tokenizers with the pipelines of real families, against what the reference makes of texts.
@Suite struct FamilyTests {
    @Test func thereAreFixtures() { #expect(Fixtures.families.count >= 20) }

    @Test(arguments: Fixtures.families) func encodesAsTheReference(_ name: String) throws {
        let (tokenizer, cases) = try Fixtures.family(name)
        #expect(!cases.isEmpty)
        for item in cases {
            #expect(try tokenizer.encode(item.text) == item.ids, "\(item.text.debugDescription)")
            #expect(try tokenizer.encode(item.text, addSpecialTokens: false) == item.plainIDs)
            let count = try Array(item.text.utf8).withUnsafeBytes {
                try tokenizer.countTokens($0, addSpecialTokens: true)
            }
            #expect(count == item.ids.count)
        }
    }

    @Test(arguments: Fixtures.families) func decodesAsTheReference(_ name: String) throws {
        let (tokenizer, cases) = try Fixtures.family(name)
        for item in cases {
            #expect(try tokenizer.decode(item.ids, skipSpecialTokens: false) == item.decoded)
            #expect(try tokenizer.decode(item.ids) == item.decodedWithoutSpecial)
            #expect(try streamed(tokenizer, item.ids, skip: false) == item.decoded)
            #expect(try streamed(tokenizer, item.ids, skip: true) == item.decodedWithoutSpecial)
        }
    }

    @Test(arguments: Fixtures.families) func namesItsTokens(_ name: String) throws {
        let (tokenizer, _) = try Fixtures.family(name)
        var listed = 0
        tokenizer.forEachToken { id, spelling, isAdded in
            listed += 1
            let text = String(decoding: spelling, as: UTF8.self)
            #expect(tokenizer.token(id) == text)
            #expect(tokenizer.id(of: text) == id)
            if !isAdded {
                #expect(!tokenizer.isSpecial(id) || tokenizer.specialTokens.additional.contains { $0.id == id })
            }
        }
        #expect(listed >= tokenizer.vocabularySize)
        #expect(tokenizer.token(UInt32(tokenizer.idLimit)) == nil)
    }

    @Test func readsWhatIsNoTextAsReplacementCharacters() throws {
        let (tokenizer, _) = try Fixtures.family("llama3")
        let ids = TokenBuffer()
        let bytes: [UInt8] = [0x61, 0xff, 0xe4, 0xbd, 0x62]
        try bytes.withUnsafeBytes { try tokenizer.encode($0, addSpecialTokens: false, into: ids) }
        #expect(ids.array == (try tokenizer.encode("a\u{fffd}\u{fffd}b", addSpecialTokens: false)))
    }

    @Test func manyThreadsEncodeTheSame() async throws {
        let (tokenizer, cases) = try Fixtures.family("gemma")
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { cases.allSatisfy { (try? tokenizer.encode($0.text)) == $0.ids } }
            }
            for await isEqual in group { #expect(isEqual) }
        }
    }
}
