package import SMGJSON

/// Why the gateway refuses a request body itself instead of passing it on. Always the client's mistake: status 400.
package enum RequestError: Error, Hashable, Sendable {
    /// The body is not JSON, or not an object.
    case json(JSONError)
    /// A parameter is absent or null.
    case missing(RequestParameter)
    /// A parameter has a kind no engine accepts.
    case invalidType(RequestParameter, found: JSONKind)
    /// An array without elements, or a text of nothing but whitespace.
    case empty(RequestParameter)
}

/// A parameter an error can be about. The raw value is its name in the API.
package enum RequestParameter: String, Sendable, CaseIterable {
    case model, stream, messages, prompt, input, query, documents, text

    /// What the parameter has to be.
    package var expected: StaticString {
        switch self {
        case .model: "a string"
        case .stream: "a boolean"
        case .messages: "an array of messages"
        case .prompt: "a string or an array"
        case .input: "a string or an array"
        case .query: "a string"
        case .documents: "an array"
        case .text: "a string or an array of strings"
        }
    }
}

extension RequestError {
    /// The error object's `type`.
    package static let type: StaticString = "invalid_request_error"

    /// The stable code, safe as a metric label.
    package var code: StaticString {
        switch self {
        case .json: "json_parse_error"
        case .missing: "missing_required_parameter"
        case .invalidType: "invalid_type"
        case .empty(.messages): "empty_messages"
        case .empty(.documents): "empty_documents"
        case .empty(.query): "empty_query"
        case .empty: "empty_parameter"
        }
    }

    /// The parameter the error is about.
    package var parameter: RequestParameter? {
        switch self {
        case .json: nil
        case .missing(let parameter), .invalidType(let parameter, _), .empty(let parameter): parameter
        }
    }

    /// One line for the client. Never quotes the body.
    package var message: String {
        switch self {
        case .json(let error): "The request body is not valid JSON: \(error.message)."
        case .missing(.text): "The request needs one of 'text', 'input_ids' or 'input_embeds'."
        case .missing(let parameter): "The required parameter '\(parameter.rawValue)' is missing."
        case .invalidType(let parameter, let found):
            "The parameter '\(parameter.rawValue)' must be \(parameter.expected), not \(found.phrase)."
        case .empty(let parameter): "The parameter '\(parameter.rawValue)' must not be empty."
        }
    }
}
