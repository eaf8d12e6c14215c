internal import SMGJSON
internal import SMGTokenizer

/// Which tokenizer a request means.
struct TokenizerChoice {
    private let context: LoopContext

    init(_ context: LoopContext) { self.context = context }

    /// The tokenizer called `model`. Without a name, or with the name of a model that the workers serve, the configured
    /// one; without a name also the only one there is. Never a guess beyond that: wrong ids look like right ones.
    func tokenizer(for model: JSONSlice?) throws(GatewayError) -> CachedTokenizer {
        let service = context.shared.tokenizers
        let name = model?.string ?? ""
        if !name.isEmpty, let entry = service.registry.find(name) { return try ready(entry) }
        if name.isEmpty || context.snapshot.pools.contains(where: { $0.model == name }),
            let entry = service.configured
        {
            return try ready(entry)
        }
        let all = service.registry.all
        if name.isEmpty, all.count == 1 { return try ready(all[0]) }
        throw GatewayError(
            .tokenizerUnknown,
            all.isEmpty
                ? "No tokenizer is loaded: start with --tokenizer-path, or POST /v1/tokenizers."
                : name.isEmpty
                    ? "There are \(all.count) tokenizers: name one as 'model'." : "There is no tokenizer '\(name)'.",
            param: "model")
    }

    private func ready(_ entry: TokenizerRegistry.Entry) throws(GatewayError) -> CachedTokenizer {
        switch entry.state {
        case .ready(let tokenizer): return tokenizer
        case .loading: throw GatewayError(.tokenizerLoading, "The tokenizer '\(entry.name)' is still being loaded.")
        case .failed(let error):
            throw GatewayError(
                .tokenizerUnknown, "The tokenizer '\(entry.name)' could not be loaded: \(error.message)",
                param: "model")
        }
    }
}
