internal import SMGBase
internal import SMGJSON
internal import SMGProtocols

/// What a simulated engine reads of an inference request. Valid as long as the body and its scan.
struct EngineRequest {
    /// Tokens of an answer whose request names no limit: the model then stops by itself.
    static let naturalAnswerTokens = 16

    let host: EngineHost
    let body: UnsafeRawBufferPointer
    let facts: RequestFacts

    var endpoint: Endpoint { facts.endpoint }
    var wantsStream: Bool { facts.stream }

    /// The member `key` unless it is absent or null.
    func value(_ key: StaticString) -> JSONSlice? {
        guard let value = host.scan.value(key, in: body), !value.isNull else { return nil }
        return value
    }

    /// The model as the request names it, or the one served.
    var model: String { facts.modelName(in: body) ?? host.options.model }

    /// The tokens of the prompt: ids where ids are given, else its text at four bytes a token.
    func prompt() -> BlockChain {
        let blockSize = host.options.engine.clamped.blockSize
        if let ids = tokenIDs, var cursor = Optional(ids.elements) {
            var chain = BlockChain.ids(blockSize: blockSize)
            while let element = cursor.next() { chain.append(id: Int(element.int64 ?? 0)) }
            return chain
        }
        var chain = BlockChain.text(blockSize: blockSize)
        host.scratch.clear()
        PromptText.append(endpoint, scan: host.scan, body: body, to: host.scratch, limit: EngineLimits.maximumBodyBytes)
        chain.append(host.scratch.readable)
        return chain
    }

    /// The prompt as a flat array of numbers, if it is one.
    private var tokenIDs: JSONSlice? {
        let given: JSONSlice? =
            switch endpoint {
            case .generate: value("text") == nil ? value("input_ids") : nil
            case .completions: value("prompt")
            default: nil
            }
        guard let given, given.kind == .array else { return nil }
        for element in given.elements { return element.kind == .number ? given : nil }
        return nil
    }

    /// The number of tokens to answer with, and whether the request's limit is the reason to stop there.
    func answerLength() throws(EngineFailure) -> (tokens: Int, isLimit: Bool) {
        for (name, limit) in limits {
            guard let limit, !limit.isNull else { continue }
            guard let tokens = limit.int64, tokens >= 0, tokens <= EngineLimits.maximumAnswerTokens else {
                throw EngineFailure(
                    status: 400,
                    message: "'\(name)' must be a whole number from 0 to \(EngineLimits.maximumAnswerTokens).",
                    parameter: "\(name)", code: "invalid_value")
            }
            return (Int(tokens), true)
        }
        return (Self.naturalAnswerTokens, false)
    }

    private var limits: [(StaticString, JSONSlice?)] {
        switch endpoint {
        case .chatCompletions:
            [("max_completion_tokens", value("max_completion_tokens")), ("max_tokens", value("max_tokens"))]
        case .generate: [("max_new_tokens", value("sampling_params")?["max_new_tokens"])]
        case .responses: [("max_output_tokens", value("max_output_tokens"))]
        default: [("max_tokens", value("max_tokens"))]
        }
    }

    /// Whether a stream shall end with a usage event.
    var includesUsage: Bool { value("stream_options")?["include_usage"]?.bool ?? false }
}
