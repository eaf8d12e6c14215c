internal import SMGBase

/// The inference endpoints the gateway serves.
package enum Endpoint: UInt8, CaseIterable, Sendable {
    case generate, chatCompletions, completions, embeddings, classify, rerank, v1Rerank, responses, messages

    /// The endpoint a client's path names exactly, query excluded.
    package init?(path: UnsafeRawBufferPointer) {
        // The length tells almost all of them apart.
        let candidate: Endpoint
        switch path.count {
        case 7: candidate = .rerank
        case 9: candidate = .generate
        case 10: candidate = .v1Rerank
        case 12: candidate = path.hasPrefix("/v1/m") ? .messages : .classify
        case 13: candidate = .responses
        case 14: candidate = .embeddings
        case 15: candidate = .completions
        case 20: candidate = .chatCompletions
        default: return nil
        }
        guard path.equals(candidate.path) else { return nil }
        self = candidate
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
