internal import SMGBase

/// The inference endpoints the gateway serves.
package enum Endpoint: UInt8, CaseIterable, Sendable {
    case generate, chatCompletions, completions, embeddings, classify, rerank, v1Rerank, responses, messages

    /// The endpoint a client's path names exactly, query excluded.
    package init?(path: UnsafeRawBufferPointer) {
        guard let endpoint = Endpoint.allCases.first(where: { path.equals($0.path) }) else { return nil }
        self = endpoint
    }

    /// The path clients use.
    package var path: StaticString {
        switch self {
        case .generate: "/generate"
        case .chatCompletions: "/v1/chat/completions"
        case .completions: "/v1/completions"
        case .embeddings: "/v1/embeddings"
        case .classify: "/v1/classify"
        case .rerank: "/rerank"
        case .v1Rerank: "/v1/rerank"
        case .responses: "/v1/responses"
        case .messages: "/v1/messages"
        }
    }

    /// The path workers use: the same, but both spellings of rerank go to `/v1/rerank`.
    package var upstreamPath: StaticString { self == .rerank ? Endpoint.v1Rerank.path : path }

    /// What a request id made by the gateway starts with.
    package var idPrefix: StaticString {
        switch self {
        case .generate: "gnt-"
        case .chatCompletions: "chatcmpl-"
        case .completions: "cmpl-"
        case .responses: "resp-"
        case .embeddings, .classify, .rerank, .v1Rerank, .messages: "req-"
        }
    }
}
