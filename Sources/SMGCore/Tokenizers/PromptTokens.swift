internal import SMGBase
internal import SMGJSON
internal import SMGProtocols
internal import SMGRouting
internal import SMGTokenizer

/// The prompt of a request as the ids that the engine will see: what cache_aware compares with `--routing-tokens`.
struct PromptTokens: @unchecked Sendable {
    // SAFETY (@unchecked Sendable): the slice points into the request's body, which stays as it is until answered.
    private let request: JSONSlice
    private let endpoint: Endpoint
    private let tokenizer: CachedTokenizer

    /// Nil for endpoints whose prompt is no single text.
    init?(_ endpoint: Endpoint, _ request: JSONSlice, _ tokenizer: CachedTokenizer) {
        switch endpoint {
        case .chatCompletions, .completions, .generate: break
        default: return nil
        }
        self.request = request
        self.endpoint = endpoint
        self.tokenizer = tokenizer
    }

    /// The ids, four bytes each; as many as the prefix index takes. Nil when there is no text.
    /// - Throws: what the chat template has against the messages; the engine may see it differently.
    func bytes() throws(TokenizerError) -> ByteBuffer? {
        let ids = TokenBuffer(capacity: request.bytes.count / 4)
        switch endpoint {
        case .chatCompletions:
            let prompt = try ChatRequest(request).render(with: tokenizer.tokenizer)
            try tokenizer.encode(prompt.readable, addSpecialTokens: false, into: ids)
        default:
            guard let text = request[endpoint == .generate ? "text" : "prompt"]?.text else { return nil }
            let decoded = ByteBuffer(capacity: text.raw.count)
            text.append(to: decoded)
            try tokenizer.encode(decoded.readable, addSpecialTokens: true, into: ids)
        }
        let bytes = UnsafeRawBufferPointer(ids.ids)
        let kept = ByteBuffer(capacity: min(bytes.count, RoutingLimits.promptBytes))
        // Whole ids only.
        kept.append(bytes.slice(0..<min(bytes.count, RoutingLimits.promptBytes & ~3)))
        return kept
    }
}
