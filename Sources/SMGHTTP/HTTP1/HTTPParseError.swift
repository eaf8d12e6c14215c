/// Why bytes are not an HTTP/1 message we accept. After any of these the connection cannot be used again: where the
/// next message starts is unknown. The raw value is the stable label for metrics and `X-SMG-Error-Code`.
package enum HTTPParseError: String, Error, Sendable, CaseIterable {
    // Start line
    case invalidRequestLine = "invalid_request_line"
    case invalidMethod = "invalid_method"
    case invalidTarget = "invalid_target"
    case targetTooLong = "target_too_long"
    case connectNotSupported = "connect_not_supported"
    case unsupportedVersion = "unsupported_http_version"
    case invalidStatusLine = "invalid_status_line"
    // Line discipline
    case bareLineFeed = "bare_line_feed"
    case bareCarriageReturn = "bare_carriage_return"
    case controlCharacter = "control_character"
    // Fields
    case headTooLarge = "head_too_large"
    case tooManyFields = "too_many_fields"
    case fieldNameTooLong = "field_name_too_long"
    case invalidFieldName = "invalid_field_name"
    case missingColon = "missing_colon"
    case whitespaceBeforeColon = "whitespace_before_colon"
    case foldedLine = "folded_line"
    case missingHost = "missing_host"
    case duplicateHost = "duplicate_host"
    case invalidHost = "invalid_host"
    case unsupportedExpectation = "unsupported_expectation"
    // Framing
    case invalidContentLength = "invalid_content_length"
    case duplicateContentLength = "duplicate_content_length"
    case contentLengthWithTransferEncoding = "content_length_with_transfer_encoding"
    case unsupportedTransferEncoding = "unsupported_transfer_encoding"
    case duplicateTransferEncoding = "duplicate_transfer_encoding"
    case transferEncodingInHTTP10 = "transfer_encoding_in_http_1_0"
    // Chunked bodies
    case invalidChunkSize = "invalid_chunk_size"
    case chunkSizeTooLong = "chunk_size_too_long"
    case invalidChunkExtension = "invalid_chunk_extension"
    case chunkExtensionTooLong = "chunk_extension_too_long"
    case invalidChunkEnd = "invalid_chunk_end"
    case invalidTrailer = "invalid_trailer"
    case forbiddenTrailer = "forbidden_trailer"
    case trailersTooLarge = "trailers_too_large"

    /// Stable snake_case label.
    package var code: String { rawValue }

    /// The status to answer a client's message with. The same error in an upstream answer is a 502.
    package var status: Int {
        switch self {
        case .targetTooLong: 414
        case .unsupportedExpectation: 417
        case .headTooLarge, .tooManyFields, .fieldNameTooLong, .trailersTooLarge: 431
        case .connectNotSupported, .unsupportedTransferEncoding: 501
        case .unsupportedVersion: 505
        default: 400
        }
    }
}
