internal import SMGBase
internal import SMGJSON

/// `/v1/classify`: two classes, their probabilities made from the input's hash.
struct ClassifyAPI {
    let inference: Inference

    func run() async throws(EngineFailure) {
        let inputs = try InputList(inference.request.value("input"), blockSize: inference.blockSize)
        let model = inference.request.model
        let prompt = inference.request.prompt()
        let chains = inputs.chains.isEmpty ? [prompt] : inputs.chains
        let tokens = inputs.chains.isEmpty ? prompt.tokenCount : inputs.tokenCount
        let id = inference.answerID("classify-", prompt)
        try await inference.readAndAnswer(prompt) { _, writer in
            writer.beginObject()
            writer.key("id")
            writer.string(id)
            writer.key("object")
            writer.string("list")
            writer.key("created")
            writer.int(Int(WallClock.seconds()))
            writer.key("model")
            writer.string(model)
            writer.key("data")
            writer.beginArray()
            for (index, chain) in chains.enumerated() { Self.write(index, chain.digest, to: &writer) }
            writer.endArray()
            inference.promptUsage(tokens, to: &writer)
            writer.endObject()
        }
    }

    private static func write(_ index: Int, _ seed: UInt64, to writer: inout JSONWriter) {
        var random = FastRandom(seed: seed)
        let first = random.unit()
        writer.beginObject()
        writer.key("index")
        writer.int(index)
        writer.key("label")
        writer.string(first >= 0.5 ? "LABEL_0" : "LABEL_1")
        writer.key("probs")
        writer.beginArray()
        writer.double(first)
        writer.double(1 - first)
        writer.endArray()
        writer.key("num_classes")
        writer.int(2)
        writer.endObject()
    }
}
