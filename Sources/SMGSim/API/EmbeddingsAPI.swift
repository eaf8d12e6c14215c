internal import SMGBase
internal import SMGJSON

/// `/v1/embeddings`: unit vectors made from the input's hash.
struct EmbeddingsAPI {
    private static let naturalDimensions = 64
    private static let maximumDimensions = 8192

    let inference: Inference

    func run() async throws(EngineFailure) {
        let request = inference.request
        var dimensions = Self.naturalDimensions
        if let wanted = request.value("dimensions") {
            guard let number = wanted.int64, (1...Int64(Self.maximumDimensions)).contains(number) else {
                throw EngineFailure(
                    status: 400, message: "'dimensions' must be a whole number from 1 to \(Self.maximumDimensions).",
                    parameter: "dimensions", code: "invalid_value")
            }
            dimensions = Int(number)
        }
        let isBase64 = request.value("encoding_format")?.isEqual(to: "base64") ?? false
        let inputs = try InputList(request.value("input"), blockSize: inference.blockSize)
        let model = request.model
        let prompt = request.prompt()
        let chains = inputs.chains.isEmpty ? [prompt] : inputs.chains
        let tokens = inputs.chains.isEmpty ? prompt.tokenCount : inputs.tokenCount
        try await inference.readAndAnswer(prompt) { _, writer in
            writer.beginObject()
            writer.key("object")
            writer.string("list")
            writer.key("data")
            writer.beginArray()
            for (index, chain) in chains.enumerated() {
                writer.beginObject()
                writer.key("object")
                writer.string("embedding")
                writer.key("index")
                writer.int(index)
                writer.key("embedding")
                Self.write(Self.vector(chain.digest, dimensions), isBase64: isBase64, to: &writer)
                writer.endObject()
            }
            writer.endArray()
            writer.key("model")
            writer.string(model)
            inference.promptUsage(tokens, to: &writer)
            writer.endObject()
        }
    }

    /// A vector of length 1.
    private static func vector(_ seed: UInt64, _ dimensions: Int) -> [Float] {
        var random = FastRandom(seed: seed)
        let raw = (0..<dimensions).map { _ in random.unit() * 2 - 1 }
        let length = raw.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return raw.map { Float(length > 0 ? $0 / length : 0) }
    }

    private static func write(_ vector: [Float], isBase64: Bool, to writer: inout JSONWriter) {
        if isBase64 {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(vector.count * 4)
            for value in vector { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
            writer.string(Base64.text(bytes))
            return
        }
        writer.beginArray()
        for value in vector { writer.double(Double(value)) }
        writer.endArray()
    }
}
