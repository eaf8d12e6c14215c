internal import SMGBase
internal import SMGJSON

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
