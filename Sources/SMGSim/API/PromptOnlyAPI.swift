internal import SMGBase
internal import SMGJSON
internal import SMGNet
internal import SMGProtocols

/// The inputs of requests that only read prompts: one, or a list.
struct InputList {
    /// Inputs of one request; more would be one huge answer.
    private static let maximumInputs = 4096

    /// Of each input: its tokens, hashed.
    private(set) var chains: [BlockChain] = []

    /// Reads a string, an array of strings, an array of token ids or an array of those.
    init(_ value: JSONSlice?, blockSize: Int) throws(EngineFailure) {
        guard let value else { return }
        if value.kind == .array, value.elements.contains(where: { $0.kind != .number }) {
            for element in value.elements {
                guard chains.count < Self.maximumInputs else {
                    throw EngineFailure(
                        status: 400, message: "There are more than \(Self.maximumInputs) inputs.",
                        code: "too_many_inputs")
                }
                chains.append(try Self.chain(element, blockSize))
            }
        } else {
            chains.append(try Self.chain(value, blockSize))
        }
    }

    private static func chain(_ value: JSONSlice, _ blockSize: Int) throws(EngineFailure) -> BlockChain {
        if let text = value.text {
            let bytes = ByteBuffer(capacity: text.raw.count)
            text.append(to: bytes)
            var chain = BlockChain.text(blockSize: blockSize)
            chain.append(bytes.readable)
            return chain
        }
        var chain = BlockChain.ids(blockSize: blockSize)
        for element in value.elements {
            guard let id = element.int64 else { break }
            chain.append(id: Int(id))
        }
        guard value.kind == .array, chain.tokenCount > 0 else {
            throw EngineFailure(
                status: 400, message: "An input must be a string or an array of token ids.", code: "invalid_input")
        }
        return chain
    }

    var tokenCount: Int { chains.reduce(0) { $0 + $1.tokenCount } }
}

extension Inference {
    /// Lets the engine read the request's prompt, then answers with what `write` makes.
    func readAndAnswer(_ prompt: BlockChain, _ write: (Schedule, inout JSONWriter) -> Void) async throws(EngineFailure)
    {
        guard let ticket = try await admit(prompt, tokens: 0) else { return }
        while host.loop.now < ticket.schedule.firstTokenAt {
            guard await connection.pause(until: ticket.schedule.firstTokenAt) else {
                return conclude(ticket, made: 0)
            }
        }
        host.scratch.clear()
        var writer = JSONWriter(host.scratch)
        write(ticket.schedule, &writer)
        conclude(ticket, made: await send(host.scratch.readable) ? nil : 0)
    }

    var blockSize: Int { host.options.engine.clamped.blockSize }

    /// `usage` of answers without generated tokens.
    func promptUsage(_ tokens: Int, to writer: inout JSONWriter) {
        writer.key("usage")
        writer.beginObject()
        writer.key("prompt_tokens")
        writer.int(tokens)
        writer.key("total_tokens")
        writer.int(tokens)
        writer.endObject()
    }
}

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

/// The standard alphabet of RFC 4648 with padding.
enum Base64 {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    static func text(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = 0
            for byte in group { bits = bits << 8 | Int(byte) }
            bits <<= 8 * (3 - group.count)
            for place in 0..<4 {
                let digit = alphabet.utf8Start[bits >> (18 - 6 * place) & 63]
                out.append(place <= group.count ? digit : UInt8(ascii: "="))
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}

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
        let prompt = request.prompt()
        let returnsDocuments = request.value("return_documents")?.bool ?? true
        let inputs = try InputList(request.value("documents"), blockSize: inference.blockSize)
        var texts: [String?] = []
        if let documents = request.value("documents") {
            for document in documents.elements { texts.append(document.string) }
        }
        var scored: [Scored] = []
        for (index, chain) in inputs.chains.enumerated() {
            var random = FastRandom(seed: chain.digest ^ prompt.digest)
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
