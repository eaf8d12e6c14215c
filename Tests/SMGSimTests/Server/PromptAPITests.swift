import SMGBase
import Testing

@testable import SMGSim

@Suite struct PromptAPITests {
    @Test func embeddingsAreUnitVectors() async throws {
        try await withEngine { engine async throws in
            let answer = try await engine.post("/v1/embeddings", #"{"input":["one","two","one"],"dimensions":3}"#)
            #expect(answer["object"] == "list" && answer["data.2.index"] == "2" && answer["usage.prompt_tokens"] == "3")
            let values = (0..<3).compactMap { answer["data.0.embedding.\($0)"].flatMap(Double.init) }
            #expect(values.count == 3 && abs(values.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
            #expect(answer["data.0.embedding"] == answer["data.2.embedding"])
            #expect(answer["data.0.embedding"] != answer["data.1.embedding"])
            let packed = try await engine.post(
                "/v1/embeddings", #"{"input":"one","dimensions":3,"encoding_format":"base64"}"#)
            let bytes = try #require(packed["data.0.embedding"].flatMap(decodeBase64))
            let floats = (0..<3).map { place in
                Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[place * 4 + $1]) << UInt32(8 * $1) })
            }
            #expect(floats.map(Double.init) == values)
            #expect(try await engine.post("/v1/embeddings", #"{"input":[[1,2],[3]]}"#)["usage.prompt_tokens"] == "3")
            #expect(try await engine.post("/v1/embeddings", #"{"input":[1,2]}"#)["data.1"] == nil)
            #expect(try await engine.post("/v1/embeddings", #"{"input":[true]}"#).status == 400)
            #expect(try await engine.post("/v1/embeddings", #"{"input":"x","dimensions":0}"#).status == 400)
        }
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func base64(plain: String, coded: String) { #expect(Base64.text(Array(plain.utf8)) == coded) }

    @Test func classesHaveProbabilities() async throws {
        try await withEngine { engine async throws in
            let answer = try await engine.post("/v1/classify", #"{"input":["one","two"]}"#)
            let first = try #require(answer["data.1.probs.0"].flatMap(Double.init))
            let second = try #require(answer["data.1.probs.1"].flatMap(Double.init))
            #expect(abs(first + second - 1) < 1e-9 && answer["data.1.num_classes"] == "2")
        }
    }

    @Test(arguments: ["/rerank", "/v1/rerank"])
    func documentsAreSortedByScore(path: String) async throws {
        try await withEngine { engine async throws in
            let answer = try await engine.post(path, #"{"query":"q","documents":["a","b","c","d"]}"#)
            let scores = (0..<4).compactMap { answer["\($0).score"].flatMap(Double.init) }
            #expect(scores.count == 4 && scores == scores.sorted(by: >))
            for place in 0..<4 {
                let index = try #require(answer["\(place).index"].flatMap(Int.init))
                #expect(answer["\(place).document"] == ["a", "b", "c", "d"][index])
            }
            let bare = try await engine.post(path, #"{"query":"q","documents":["a"],"return_documents":false}"#)
            #expect(bare["0.score"] != nil && bare["0.document"] == nil)
        }
    }

    private func decodeBase64(_ text: String) -> [UInt8]? {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var bits = 0
        var count = 0
        var out: [UInt8] = []
        for byte in text.utf8 where byte != UInt8(ascii: "=") {
            guard let value = alphabet.firstIndex(of: byte) else { return nil }
            bits = bits << 6 | value
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            out.append(UInt8(truncatingIfNeeded: bits >> count))
        }
        return out
    }
}
