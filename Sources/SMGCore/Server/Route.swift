internal import SMGBase
internal import SMGHTTP
internal import SMGProtocols

/// The gateway's own paths, and the inference paths for the sake of their 405.
enum Route: Equatable {
    case liveness, readiness, healthGenerate, models
    /// Asked of a worker under this path.
    case modelInfo
    case serverInfo
    case loads, flushCache, workers
    /// `/workers/KEY`: the still encoded id or URL.
    case worker(Range<Int>)
    case tokenize, detokenize
    case tokenizers
    /// `/v1/tokenizers/KEY` and its status: the still encoded id or name.
    case tokenizer(Range<Int>)
    case tokenizerStatus(Range<Int>)
    case parseFunctionCall, parseReasoning
    case inference

    init?(path: UnsafeRawBufferPointer) {
        for (text, route) in Route.fixed where path.equals(text) {
            self = route
            return
        }
        let prefix: StaticString = "/workers/"
        if path.hasPrefix(prefix), path.count > prefix.utf8CodeUnitCount {
            self = .worker(prefix.utf8CodeUnitCount..<path.count)
            return
        }
        if let route = Route.tokenizer(path) {
            self = route
            return
        }
        guard Endpoint(path: path) != nil else { return nil }
        self = .inference
    }

    private static func tokenizer(_ path: UnsafeRawBufferPointer) -> Route? {
        let prefix: StaticString = "/v1/tokenizers/"
        let status: StaticString = "/status"
        let start = prefix.utf8CodeUnitCount
        guard path.hasPrefix(prefix), path.count > start else { return nil }
        let end = path.count - status.utf8CodeUnitCount
        if end > start, path.slice(end..<path.count).equals(status) { return .tokenizerStatus(start..<end) }
        return .tokenizer(start..<path.count)
    }

    private static let fixed: [(StaticString, Route)] = [
        ("/health", .liveness), ("/liveness", .liveness), ("/readiness", .readiness),
        ("/health_generate", .healthGenerate), ("/v1/models", .models), ("/get_model_info", .modelInfo),
        ("/model_info", .modelInfo), ("/get_server_info", .serverInfo), ("/server_info", .serverInfo),
        ("/get_loads", .loads), ("/flush_cache", .flushCache), ("/workers", .workers),
        ("/v1/tokenize", .tokenize), ("/v1/detokenize", .detokenize), ("/v1/tokenizers", .tokenizers),
        ("/parse/function_call", .parseFunctionCall), ("/parse/reasoning", .parseReasoning),
    ]

    func allows(_ method: HTTPMethod) -> Bool {
        switch self {
        case .liveness, .readiness, .healthGenerate, .models, .modelInfo, .serverInfo: method == .get || method == .head
        case .loads, .tokenizerStatus: method == .get
        case .flushCache, .inference, .tokenize, .detokenize, .parseFunctionCall, .parseReasoning: method == .post
        case .workers, .tokenizers: method == .get || method == .post
        case .worker, .tokenizer: method == .get || method == .delete
        }
    }

    /// For the Allow field.
    var methodList: String {
        switch self {
        case .liveness, .readiness, .healthGenerate, .models, .modelInfo, .serverInfo: "GET, HEAD"
        case .loads, .tokenizerStatus: "GET"
        case .flushCache, .inference, .tokenize, .detokenize, .parseFunctionCall, .parseReasoning: "POST"
        case .workers, .tokenizers: "GET, POST"
        case .worker, .tokenizer: "GET, DELETE"
        }
    }

    /// Which part of the gateway answers.
    enum Part {
        /// What the gateway is and how it is; no key is asked for.
        case info
        case fleet, tokenization, tokenizers, parsing, inference
    }

    var part: Part {
        switch self {
        case .loads, .flushCache, .workers, .worker: .fleet
        case .tokenize, .detokenize: .tokenization
        case .tokenizers, .tokenizer, .tokenizerStatus: .tokenizers
        case .parseFunctionCall, .parseReasoning: .parsing
        case .inference: .inference
        case .liveness, .readiness, .healthGenerate, .models, .modelInfo, .serverInfo: .info
        }
    }

    var needsKey: Bool { part != .info }
}
