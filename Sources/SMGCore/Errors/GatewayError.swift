internal import SMGHTTP
internal import SMGNet
internal import SMGTokenizer

/// Every error the gateway answers or reports, in one table: code → HTTP status, OpenAI error type, retryability.
///
/// The code is what clients and dashboards match on (`error.code`, `X-SMG-Error-Code`, metric labels): never rename one.
package enum ErrorCode: String, CaseIterable, Sendable {
    // The client's request
    case invalidAPIKey = "invalid_api_key"
    case unknownURL = "unknown_url"
    case methodNotAllowed = "method_not_allowed"
    case invalidRequest = "invalid_request"
    case jsonParseError = "json_parse_error"
    case missingParameter = "missing_required_parameter"
    case payloadTooLarge = "payload_too_large"
    case requestBodyTimeout = "request_body_timeout"
    case requestBodyBroken = "request_body_incomplete"
    case modelNotFound = "model_not_found"
    case workerNotFound = "worker_not_found"
    case workerExists = "worker_already_exists"
    /// A request names a tokenizer that is not there.
    case tokenizerUnknown = "tokenizer_not_found"
    /// A path names a tokenizer that is not there.
    case tokenizerNotFound = "unknown_tokenizer"
    case tokenizerExists = "tokenizer_already_exists"
    case tokenizerLoading = "tokenizer_loading"
    case tokenizationFailed = "tokenization_failed"
    // Our limits
    case queueFull = "queue_full"
    case queueTimeout = "queue_timeout"
    // Workers
    case noWorkers = "no_workers"
    case noAvailableWorkers = "no_available_workers"
    case workerConnectFailed = "worker_connect_failed"
    case workerReset = "worker_connection_reset"
    case workerTimeout = "worker_timeout"
    case workerMalformedResponse = "worker_malformed_response"
    case workerStreamBroken = "worker_stream_broken"
    case workerStreamStalled = "worker_stream_stalled"
    case workerBusy = "worker_connections_exhausted"
    case internalError = "internal_error"

    /// The HTTP status it is answered with.
    package var status: Int {
        switch self {
        case .invalidRequest, .jsonParseError, .missingParameter, .requestBodyBroken, .tokenizerUnknown,
            .tokenizationFailed:
            400
        case .invalidAPIKey: 401
        case .unknownURL, .modelNotFound, .workerNotFound, .tokenizerNotFound: 404
        case .methodNotAllowed: 405
        case .requestBodyTimeout, .queueTimeout: 408
        case .workerExists, .tokenizerExists: 409
        case .payloadTooLarge: 413
        case .queueFull: 429
        case .internalError: 500
        case .workerConnectFailed, .workerReset, .workerMalformedResponse, .workerStreamBroken: 502
        case .noWorkers, .noAvailableWorkers, .workerBusy, .tokenizerLoading: 503
        case .workerTimeout, .workerStreamStalled: 504
        }
    }

    /// The `type` of the OpenAI error object.
    package var type: StaticString {
        switch self {
        case .invalidAPIKey: "authentication_error"
        case .queueFull, .queueTimeout: "rate_limit_error"
        case .modelNotFound, .workerNotFound, .tokenizerNotFound, .unknownURL: "not_found_error"
        default: status < 500 ? "invalid_request_error" : status == 503 ? "service_unavailable_error" : "server_error"
        }
    }

    /// Seconds a client is advised to wait, or nil.
    package var retryAfterSeconds: Int? {
        switch self {
        case .queueFull, .noAvailableWorkers, .noWorkers, .workerBusy, .tokenizerLoading: 1
        default: nil
        }
    }
}

/// An error on its way to a client.
package struct GatewayError: Error, Sendable {
    package let code: ErrorCode
    /// A sentence for people. Holds no prompts, tokens or keys.
    package let message: String
    /// The request field at fault.
    package let param: String?
    /// A code of a lower layer that says it more exactly than `code`, such as a JSON or HTTP parse error's.
    package let detailCode: String?

    package init(_ code: ErrorCode, _ message: String, param: String? = nil, detailCode: String? = nil) {
        self.code = code
        self.message = message
        self.param = param
        self.detailCode = detailCode
    }

    /// What `error.code` and `X-SMG-Error-Code` show.
    package var publicCode: String { detailCode ?? code.rawValue }
}

extension GatewayError {
    /// What a request body that could not be read means to the client.
    init(body error: RequestBodyError, limit: Int) {
        switch error {
        case .tooLarge: self.init(.payloadTooLarge, "The request body is larger than \(limit) bytes.")
        case .stalled: self.init(.requestBodyTimeout, "The request body stopped arriving.")
        case .broken: self.init(.requestBodyBroken, "The request body ended too early.")
        }
    }

    /// What a failed attempt at a worker means to the client.
    init(upstream error: UpstreamError, worker: Worker) {
        let code: ErrorCode =
            switch error {
            case .connect(.connectTimeout), .firstByteTimeout: .workerTimeout
            case .connect: .workerConnectFailed
            case .noAnswer, .cancelled: .workerReset
            case .poolExhausted: .workerBusy
            case .stalled: .workerStreamStalled
            case .malformed, .http2, .truncated, .tooLarge: .workerMalformedResponse
            }
        self.init(code, "The worker \(worker.url) failed: \(error).")
    }

    /// What a tokenizer's refusal means to the client.
    init(tokenizer error: TokenizerError) {
        self.init(
            error.code == .limit ? .payloadTooLarge : .tokenizationFailed, "The tokenizer refused: \(error.message)",
            detailCode: error.code.rawValue)
    }
}
