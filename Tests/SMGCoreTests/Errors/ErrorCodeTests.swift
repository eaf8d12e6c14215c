import SMGBase
import SMGHTTP
import SMGNet
import Testing

@testable import SMGCore

@Suite struct ErrorCodeTests {
    struct Row: Equatable {
        let code: String
        let status: Int
        let type: String
        let retryAfter: Int?
        init(_ code: String, _ status: Int, _ type: String, _ retryAfter: Int? = nil) {
            (self.code, self.status, self.type, self.retryAfter) = (code, status, type, retryAfter)
        }
    }

    /// What clients and dashboards were told: changing a row breaks somebody.
    static let table = [
        Row("invalid_api_key", 401, "authentication_error"),
        Row("unknown_url", 404, "not_found_error"),
        Row("method_not_allowed", 405, "invalid_request_error"),
        Row("invalid_request", 400, "invalid_request_error"),
        Row("json_parse_error", 400, "invalid_request_error"),
        Row("missing_required_parameter", 400, "invalid_request_error"),
        Row("payload_too_large", 413, "invalid_request_error"),
        Row("request_body_timeout", 408, "invalid_request_error"),
        Row("request_body_incomplete", 400, "invalid_request_error"),
        Row("model_not_found", 404, "not_found_error"),
        Row("worker_not_found", 404, "not_found_error"),
        Row("worker_already_exists", 409, "invalid_request_error"),
        Row("tokenizer_not_found", 400, "invalid_request_error"),
        Row("unknown_tokenizer", 404, "not_found_error"),
        Row("tokenizer_already_exists", 409, "invalid_request_error"),
        Row("tokenizer_loading", 503, "service_unavailable_error", 1),
        Row("tokenization_failed", 400, "invalid_request_error"),
        Row("queue_full", 429, "rate_limit_error", 1),
        Row("queue_timeout", 408, "rate_limit_error"),
        Row("no_workers", 503, "service_unavailable_error", 1),
        Row("no_available_workers", 503, "service_unavailable_error", 1),
        Row("worker_connect_failed", 502, "server_error"),
        Row("worker_connection_reset", 502, "server_error"),
        Row("worker_timeout", 504, "server_error"),
        Row("worker_malformed_response", 502, "server_error"),
        Row("worker_stream_broken", 502, "server_error"),
        Row("worker_stream_stalled", 504, "server_error"),
        Row("worker_connections_exhausted", 503, "service_unavailable_error", 1),
        Row("internal_error", 500, "server_error"),
    ]

    @Test func everyCodeIsAsPublished() {
        let actual = ErrorCode.allCases.map { Row($0.rawValue, $0.status, "\($0.type)", $0.retryAfterSeconds) }
        #expect(actual.count == Self.table.count)
        for (is_, should) in zip(actual, Self.table) { #expect(is_ == should) }
    }

    @Test func everyFailureOfAWorkerHasACode() throws {
        let worker = try Fleet.worker("http://w:1")
        let expected: [(UpstreamError, ErrorCode)] = [
            (.connect(.connectTimeout), .workerTimeout), (.connect(.unresolved), .workerConnectFailed),
            (.connect(.closed), .workerConnectFailed), (.noAnswer(.closed), .workerReset),
            (.firstByteTimeout, .workerTimeout), (.poolExhausted, .workerBusy), (.stalled, .workerStreamStalled),
            (.malformed(.invalidStatusLine), .workerMalformedResponse), (.truncated, .workerMalformedResponse),
            (.tooLarge, .workerMalformedResponse), (.cancelled, .workerReset),
        ]
        for (failure, code) in expected {
            let error = GatewayError(upstream: failure, worker: worker)
            #expect(error.code == code)
            #expect(error.message.hasPrefix("The worker http://w:1 failed: "))
        }
    }

    @Test func bodyIsTheErrorObject() {
        let buffer = ByteBuffer(capacity: 16)
        ErrorBody.append(GatewayError(.missingParameter, "No \"url\".", param: "url"), to: buffer)
        #expect(
            buffer.readableString
                == #"{"error":{"message":"No \"url\".","type":"invalid_request_error","param":"url","#
                + #""code":"missing_required_parameter"}}"#)
        buffer.clear()
        ErrorBody.append(GatewayError(.invalidRequest, "Bad.", detailCode: "too_deep"), to: buffer)
        #expect(
            buffer.readableString
                == #"{"error":{"message":"Bad.","type":"invalid_request_error","param":null,"code":"too_deep"}}"#)
    }
}
