internal import CSMG
internal import SMGBase
internal import SMGConfig
internal import SMGCore

/// What a call failed with, in the words of `smg.h`.
struct Failure: Error {
    let status: smg_status
    /// At least as exact as the status.
    let name: String
    let message: String
    let isRetryable: Bool
    /// Further members of the detail document.
    var details: [(key: String, value: ErrorDetail.Value)] = []

    init(_ status: smg_status, _ message: String, name: String? = nil, isRetryable: Bool = false) {
        self.status = status
        self.name = name ?? "\(StatusName.text(status))"
        self.message = message
        self.isRetryable = isRetryable
    }

    static func argument(_ message: String) -> Failure { Failure(SMG_E_ARGUMENT, message) }
}

// MARK: - From the gateway's errors

extension Failure {
    init(_ error: EmbeddingError) {
        switch error {
        case .configuration(let error): self.init(error)
        case .state(let fault): self.init(SMG_E_STATE, fault.message, name: fault.rawValue)
        case .start(let error): self.init(error)
        case .request(let error): self.init(error)
        }
    }

    private init(_ error: ConfigurationError) {
        let status =
            switch error.code {
            case .syntax: SMG_E_CONFIG_SYNTAX
            case .unknownOption, .unavailableOption: SMG_E_CONFIG_OPTION
            case .missingValue, .invalidValue, .outOfRange, .duplicate: SMG_E_CONFIG_VALUE
            case .conflict: SMG_E_CONFIG_CONFLICT
            case .unreadableFile: SMG_E_CONFIG_FILE
            }
        self.init(status, error.description, name: error.code.rawValue)
        if !error.option.isEmpty {
            details.append(("option", .text(error.option)))
            let origin = OptionOrigin.document(name: "", line: 0)
            let isUnknown = error.code == .unknownOption
            details.append(("key", .text(isUnknown ? error.option : origin.spelling(of: error.option))))
        }
        if case .document(_, let line) = error.origin, line > 0 { details.append(("line", .number(line))) }
    }

    private init(_ error: GatewayStartError) {
        let status =
            switch error.code {
            case "address_in_use": SMG_E_ADDRESS_IN_USE
            case "name_not_resolved": SMG_E_NAME_NOT_RESOLVED
            case "permission_denied": SMG_E_PERMISSION
            case "too_many_open_files", "no_thread", "log_thread_failed": SMG_E_LIMIT
            default: error.description.hasPrefix("TLS: ") ? SMG_E_TLS : SMG_E_NETWORK
            }
        let passes = [SMG_E_ADDRESS_IN_USE, SMG_E_NAME_NOT_RESOLVED, SMG_E_LIMIT].contains(status)
        self.init(status, error.description, name: error.code, isRetryable: passes)
    }

    private init(_ error: GatewayError) {
        let status =
            switch error.code {
            case .workerNotFound: SMG_E_WORKER_NOT_FOUND
            case .workerExists: SMG_E_WORKER_EXISTS
            case .jsonParseError, .missingParameter, .invalidRequest: SMG_E_WORKER_INVALID
            case .internalError: SMG_E_INTERNAL
            default: SMG_E_WORKER
            }
        self.init(
            status, error.message, name: error.publicCode, isRetryable: error.code.retryAfterSeconds != nil)
        if let param = error.param { details.append(("param", .text(param))) }
        details.append(("http_status", .number(error.code.status)))
    }
}

/// The stable names of statuses.
enum StatusName {
    static func text(_ status: smg_status) -> StaticString {
        switch status {
        case SMG_OK: "ok"
        case SMG_E_ARGUMENT: "argument"
        case SMG_E_STATE: "state"
        case SMG_E_FORKED: "forked"
        case SMG_E_CONFIG: "config"
        case SMG_E_CONFIG_SYNTAX: "config_syntax"
        case SMG_E_CONFIG_OPTION: "config_option"
        case SMG_E_CONFIG_VALUE: "config_value"
        case SMG_E_CONFIG_CONFLICT: "config_conflict"
        case SMG_E_CONFIG_FILE: "config_file"
        case SMG_E_NETWORK: "network"
        case SMG_E_ADDRESS_IN_USE: "address_in_use"
        case SMG_E_NAME_NOT_RESOLVED: "name_not_resolved"
        case SMG_E_PERMISSION: "permission"
        case SMG_E_TLS: "tls"
        case SMG_E_WORKER: "worker"
        case SMG_E_WORKER_NOT_FOUND: "worker_not_found"
        case SMG_E_WORKER_EXISTS: "worker_exists"
        case SMG_E_WORKER_INVALID: "worker_invalid"
        case SMG_E_LIMIT: "limit"
        case SMG_E_TIMEOUT: "timeout"
        case SMG_E_INTERNAL: "internal"
        case SMG_E_TOKENIZER: "tokenizer"
        case SMG_E_TOKENIZER_SOURCE: "tokenizer_source"
        case SMG_E_TOKENIZER_FORMAT: "tokenizer_format"
        case SMG_E_TOKEN_UNKNOWN: "token_unknown"
        case SMG_E_TEMPLATE: "template"
        case SMG_E_PARSER_UNKNOWN: "parser_unknown"
        default: "unknown"
        }
    }
}
