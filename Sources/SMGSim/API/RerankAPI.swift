internal import SMGBase
internal import SMGJSON

/// `/v1/rerank` as SGLang answers it: an array, best score first.
struct RerankAPI {
    let inference: Inference

    private struct Scored {
        let index: Int
        let score: Double
        let text: String?
    }

    func run() async throws(EngineFailure) {
        let request = inference.request
        let query = request.prompt()
        let returnsDocuments = request.value("return_documents")?.bool ?? true
        let inputs = try InputList(request.value("documents"), blockSize: inference.blockSize)
        var texts: [String?] = []
        var prompt = query
        if let documents = request.value("documents") {
            for document in documents.elements {
                texts.append(document.string)
                prompt.append(document.bytes)
            }
        }
        var scored: [Scored] = []
        for (index, chain) in inputs.chains.enumerated() {
            var random = FastRandom(seed: chain.digest ^ query.digest)
            let text = returnsDocuments && index < texts.count ? texts[index] : nil
            scored.append(Scored(index: index, score: random.unit(), text: text))
        }
        scored.sort { ($1.score, $0.index) < ($0.score, $1.index) }
        let id = inference.answerID("rerank-", prompt)
        let ranking = scored
        try await inference.readAndAnswer(prompt) { schedule, writer in
            writer.beginArray()
            for entry in ranking { Self.write(entry, id, schedule, to: &writer) }
            writer.endArray()
        }
    }

    private static func write(_ entry: Scored, _ id: String, _ schedule: Schedule, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("score")
        writer.double(entry.score)
        if let text = entry.text {
            writer.key("document")
            writer.string(text)
        }
        writer.key("index")
        writer.int(entry.index)
        writer.key("meta_info")
        writer.beginObject()
        writer.key("id")
        writer.string(id)
        writer.key("prompt_tokens")
        writer.int(schedule.promptTokens)
        writer.key("cached_tokens")
        writer.int(schedule.cachedTokens)
        writer.endObject()
        writer.endObject()
    }
}
